"""What an answer is not to be read without: the headings that say for which case it is, and its exceptions. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from assistant.llm.blocks import Block, blocks
from assistant.llm.cues import cues
from assistant.llm.extracts import MAX_CHARACTERS, Extract, Reading
from assistant.llm.portions import portions
from assistant.llm.sections import heading_words, headings_over, size
from assistant.llm.wanted import Wanted

# In log-odds: a section so near to the best may answer for another case. One that only denies is short, and 1.4 to 2.9
# below it; beyond 1.5 hardly a heading more is shown.
RIVAL_BELOW = 3.0


def case_headings(text: str, extract: Extract, ranked: Sequence[Extract], wanted: Wanted) -> tuple[Block, ...]:
    """The headings over a stretch that tell it apart from a rival section, in words that it does not say itself.

    None where the customer named the case, and not the rival's too; nor lines of capitals, which mostly name a part.
    """
    own = headings_over(text, extract.start, marked=True)
    said = wanted.terms(" ".join(block.of(text) for block in extract.blocks))
    telling: set[Block] = set()
    for rival in _rivals(text, extract, ranked):
        theirs, ours = _topic(text, rival, wanted), _topic(text, own, wanted)
        if ours - theirs <= wanted.asked and not (theirs - ours) & wanted.asked:
            continue
        telling |= {heading for heading in own if _topic(text, [heading], wanted) - theirs - said}
    return tuple(heading for heading in own if heading in telling - set(extract.blocks))


def with_exceptions(reading: Reading, extract: Extract) -> Extract:
    """The stretch with the section that comes next where its heading says that it holds the exceptions.

    Of long ones what is as short as an answer.
    """
    said = cues(reading.language)
    behind = [block for block in blocks(reading.text) if block.start >= extract.end]
    heading = next((block for block in behind if block.kind == "heading"), None)
    if heading is None or not said.excepts(heading_words(heading.of(reading.text))):
        return extract
    after = behind[behind.index(heading) + 1 :]
    body = list(takewhile(lambda block: block.kind != "heading", after))
    kept: list[Block] = []
    for portion in portions(reading.text, body, reading.language):
        if kept and size([*kept, *portion]) > MAX_CHARACTERS:
            break
        kept += portion
    return replace(extract, blocks=(*extract.blocks, heading, *kept)) if kept else extract


def _rivals(text: str, extract: Extract, ranked: Sequence[Extract]) -> Iterator[tuple[Block, ...]]:
    """The headings over each other section of the article that is as deep and nearly as likely an answer."""
    own = headings_over(text, extract.start, marked=True)
    seen = {own}
    for other in ranked:
        if other.article != extract.article or other.score < extract.score - RIVAL_BELOW:
            continue
        over = headings_over(text, other.start, marked=True)
        if over and over not in seen and len(over) == len(own):
            yield over
        seen.add(over)


def _topic(text: str, headings: Sequence[Block], wanted: Wanted) -> frozenset[str]:
    said = cues(wanted.language)
    return wanted.terms(" ".join(said.topic_words(heading_words(heading.of(text))) for heading in headings))
