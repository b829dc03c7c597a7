"""What was found for each of a message's questions, as one, and whether they are answered apart. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from assistant.answering.readings import Found, FoundPart
from assistant.llm.extracts import Reading
from knowledge.retrieval import Passage


def stand_apart(parts: Sequence[FoundPart]) -> bool:
    """Whether the questions are answered one by one: some of them can be, and not all from the same passage.

    What is not found counts by its article: it may be of what is. Otherwise the message is looked up as a whole, as if
    it held one question; so is one in which all but one question are doubtful and find nothing.
    """
    if sum(part.reading.answerable or not part.doubtful for part in parts) < 2:
        return False
    best = [(part.reading.answerable, part.found.passages[0]) for part in parts if part.found.passages]
    articles = {passage.article for _, passage in best}
    answering = {passage.chunk_id for answerable, passage in best if answerable}
    return bool(answering) and (len(articles) > 1 or len(answering) > 1)


def least_sure(parts: Sequence[FoundPart]) -> FoundPart:
    """Of the parts that are answered the one with the lowest confidence.

    Its confidence is the whole answer's: an answer is as sure as the part that a reader may be misled by, and a mean
    would let a sure part hide an unsure one. What was not found is said, and misleads nobody.
    """
    return min((part for part in parts if part.reading.answerable), key=lambda part: part.reading.confidence)


def joined(parts: Sequence[FoundPart], limit: int) -> Found:
    """All that was found, with at most so many passages of the answered parts: the best of each first."""
    answered = [part.found for part in parts if part.reading.answerable]
    kept = list(_in_turn(answered))[:limit]
    passages = tuple(passage for passage, _ in kept)
    retrieval = least_sure(parts).found.retrieval
    degraded = dict.fromkeys(missing for part in parts for missing in part.found.retrieval.degraded)
    return Found(
        lookup=" ".join(part.found.lookup for part in parts),
        retrieval=replace(retrieval, passages=passages, candidates=(), degraded=tuple(degraded)),
        passages=passages,
        readings=tuple(reading for _, reading in kept),
        withheld=tuple(dict.fromkeys(each for part in parts for each in part.found.withheld)),
        parts=tuple(parts),
    )


def _in_turn(answered: Sequence[Found]) -> Iterator[tuple[Passage, Reading]]:
    """The best passage of each, then the second best of each, and so on; each chunk once."""
    seen = set[int]()
    for rank in zip_longest(*(zip(found.passages, found.readings, strict=True) for found in answered)):
        for pair in rank:
            if pair is not None and pair[0].chunk_id not in seen:
                seen.add(pair[0].chunk_id)
                yield pair
