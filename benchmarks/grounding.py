"""`python -m benchmarks.grounding [tuning|holdout]`: what a model may say that the passages it cites do not.

Over techqa: for each answerable question a "model" answers with sentences of the passages that were found, cited;
one in five is altered. The real check decides what is shown. Set EVALUATION_DATA. Thresholds are chosen on the tuning
part; figures are reported of the holdout part. Starts services of its own in a temporary folder.
"""

import os
import re
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from functools import partial
from random import Random
from typing import Any, NamedTuple

import django
import numpy as np

from benchmarks.evaluation import sets
from benchmarks.evaluation.alterations import FURTHER, KINDS, Altered, altered, rephrased
from benchmarks.evaluation.shortenings import DROPPED, GRANTED, HONEST, is_told, premise, shortened
from tests import services

QUESTIONS = 150
PASSAGES = 6
SEED = 20_240_501
ALTERED = 0.2
REPHRASED = 0.5
# Answers to each question, of other sentences and with other changes.
ROUNDS = 5
# Sentences of each further kind for a question.
FURTHER_EACH = 3
# What the check takes out of every text, so that the sentence would not be the passage's own any more.
_MARKUP = re.compile(r"\]\s?[\[(]|<")
_CITATION = re.compile(r"\s*\[\d{1,3}\]")


class Said(NamedTuple):
    """A sentence of the model: as it stands or reworded, altered in a way or not; `mark` tells it in what is shown.

    `cut`: what it was honestly shortened by, "" for nothing.
    """

    text: str
    cited: int
    reworded: bool
    kind: str
    mark: str
    cut: str = ""
    premise: str = ""  # what the customer says besides the question


class Outcome(NamedTuple):
    """What became of a sentence of one question."""

    question: int
    said: Said
    shown: bool
    why: str
    quoted: bool  # instead of the whole answer, since what was dropped belongs to the rest


def main() -> None:
    """Print the figures."""
    part = sys.argv[1] if len(sys.argv) > 1 else "holdout"
    services.prepare_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    try:
        with services.running():
            report(measure(list(_found_in_scratch(part))))
    finally:
        services.remove_data()


def _found_in_scratch(part: str) -> Iterator[tuple[str, Sequence[Any]]]:
    from django.core.management import call_command

    from knowledge.evaluation import scratch_collection
    from knowledge.ingestion import ingest

    call_command("migrate", verbosity=0)
    with scratch_collection() as slug:
        ingest([str(sets.folder() / "techqa/corpus.jsonl.gz")], slug, None)
        yield from found(part, slug)


def found(part: str, slug: str) -> Iterator[tuple[str, Sequence[Any]]]:
    """The part's first questions with their passages, from a collection that holds techqa's articles."""
    from assistant.answering.readings import look_up

    for question in [q for q in sets.techqa() if q.articles and q.part == part][:QUESTIONS]:
        yield question.text, look_up(question.text, slug, "en", PASSAGES).passages


def measure(looked_up: Sequence[tuple[str, Sequence[Any]]]) -> list[Outcome]:
    """What the check did with each sentence of each question's answer."""
    from assistant.answering.release import Evidence

    random = Random(SEED)
    sentences = [[list(_sentences(passage.text)) for passage in passages] for _, passages in looked_up]
    outcomes: list[Outcome] = []
    for index, (question, passages) in enumerate(looked_up):
        titles = {passage.article for passage in passages}
        others = [
            s
            for held, (_, theirs) in zip(sentences, looked_up, strict=True)
            for own, p in zip(held, theirs, strict=True)
            if p.article not in titles
            for s in own
        ]
        evidence = Evidence(question, passages)
        for _ in range(ROUNDS):
            outcomes += _judged(index, evidence, list(_answer(sentences[index], passages, others, random)))
        for said in _further(sentences[index], question, passages, Random(SEED + index)):
            beside = Evidence(f"{said.premise} {question}", passages) if said.premise else evidence
            outcomes += _judged(index, beside, [said])
    return outcomes


def _sentences(text: str) -> Iterator[str]:
    from assistant.llm.blocks import blocks, sentences

    for block in blocks(text):
        if block.kind in ("paragraph", "list", "steps"):
            for unit in block.parts or (block,):
                for span in sentences(text, unit):
                    sentence = " ".join(re.sub(r"^\s*(?:[-*+•]|\d+[.)])\s+", "", span.of(text)).split())
                    if 6 <= len(sentence.split()) <= 40 and not _MARKUP.search(sentence):
                        yield sentence


def _answer(
    sentences: Sequence[Sequence[str]], passages: Sequence[Any], others: Sequence[str], random: Random
) -> Iterator[Said]:
    """Three to five sentences of the passages, each with its citation, about one in five altered."""
    pool = [(sentence, number) for number, own in enumerate(sentences, start=1) for sentence in own]
    near = [passage.text for passage in passages]
    for sentence, number in random.sample(pool, min(len(pool), random.randint(3, 5))):
        reworded = rephrased(sentence) if random.random() < REPHRASED else sentence
        changed, kind = None, ""
        if random.random() < ALTERED:
            changed, kind = _changed(reworded, passages[number - 1].text, near, others, random)
        text, mark = changed or Altered(reworded, reworded)
        yield Said(text, number, reworded != sentence, kind if changed else "", mark)


def _further(
    sentences: Sequence[Sequence[str]], question: str, passages: Sequence[Any], random: Random
) -> Iterator[Said]:
    """For each further kind, and each honest cut, some sentences that it applies to, each an answer of its own."""
    pool = [(sentence, number) for number, own in enumerate(sentences, start=1) for sentence in own]
    near = [passage.text for passage in passages]
    own = {_plain(sentence) for sentence, _ in pool}
    for kind in FURTHER:
        changed = (
            (altered(sentence, kind, random, near, ()), number)
            for sentence, number in pool
            if not (kind in DROPPED and is_told(question, sentence))
        )
        held = [(each, n) for each, n in changed if each and not _stands(each.text, kind, own, passages[n - 1].text)]
        for each, number in random.sample(held, min(len(held), FURTHER_EACH)):
            yield Said(each.text, number, False, kind, each.mark)
    for kind in HONEST:
        cut = ((sentence, shortened(sentence, kind, random), number) for sentence, number in pool)
        left = [(sentence, each, n) for sentence, each, n in cut if each and _plain(each) not in own]
        for sentence, text, number in random.sample(left, min(len(left), FURTHER_EACH)):
            yield Said(text, number, False, "", text, kind, (premise(sentence) or "") if kind == GRANTED else "")


def _stands(said: str, kind: str, sentences: Container[str], cited: str) -> bool:
    """Whether an altered sentence happens to stand in its passage; the end of a longer one says something else."""
    return _plain(said) in (sentences if kind in DROPPED else _plain(cited))


def _changed(
    sentence: str, cited: str, near: Sequence[str], others: Sequence[str], random: Random
) -> tuple[Altered | None, str]:
    """By the first kind, in a random order, that applies and does not happen to stand in the cited passage."""
    for kind in random.sample(KINDS, len(KINDS)):
        changed = altered(sentence, kind, random, near, others)
        if changed and _plain(changed.text) not in _plain(cited):
            return changed, kind
    return None, ""


def _judged(index: int, evidence: Any, answer: Sequence[Said]) -> Iterator[Outcome]:
    from assistant.answering.grounding import ground

    text = "\n\n".join(f"{said.text} [{said.cited}]" for said in answer)
    grounded = ground(text, evidence)
    shown = _plain(grounded.text)
    for said in answer:
        own = _plain(evidence.sanitiser.clean(said.text))
        checks = [check for check in grounded.checks if _plain(check.sentence) in own]
        whole = _plain(evidence.sanitiser.clean(said.mark)) in shown
        whole_words = [check for check in checks if len(check.sentence.split()) > 2]
        part = said.kind == "another document" and any(check.shown for check in whole_words)
        why = next((check.why for check in checks if not check.shown), checks[0].why if checks else "?")
        yield Outcome(index, said, whole or part, why, grounded.incomplete)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*_`]", "", _CITATION.sub("", text)).lower().split())


def report(outcomes: Sequence[Outcome]) -> None:
    """The figures with 95 % intervals over resampled questions."""
    print(f"{len({o.question for o in outcomes})} questions, {len(outcomes)} sentences")
    for name, estimated, count in figures(outcomes):
        bounds = f"({estimated.low or 0:.1%} to {estimated.high or 0:.1%})"
        print(f"{name:40} {estimated.value or 0:6.1%} {bounds} of {count}")


def figures(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, Any, int]]:
    """Each figure's name, its estimate, and of how many sentences it is a share."""
    usual = [outcome for outcome in outcomes if outcome.said.kind not in FURTHER and not outcome.said.cut]
    yield _figure("altered among shown", usual, lambda o: o.shown, lambda o: bool(o.said.kind))
    yield _figure("own sentences that pass", usual, _own, lambda o: o.shown)
    yield _figure("reworded ones that pass", usual, _only_reworded, lambda o: o.shown)
    yield _figure("honestly shortened ones that pass", outcomes, lambda o: bool(o.said.cut), lambda o: o.shown)
    for cut in HONEST:
        yield _figure(f"shortened by: {cut}", outcomes, partial(_cut_by, cut), lambda o: o.shown)
    yield _figure("own or reworded, in an answer that is quoted instead", usual, lambda o: not o.said.kind, _quoted)
    for kind in (*KINDS, *FURTHER):
        altered_so = partial(_altered_by, kind)
        yield _figure(f"shown though altered: {kind}", outcomes, altered_so, lambda o: o.shown)


def _own(outcome: Outcome) -> bool:
    return not outcome.said.kind and not outcome.said.reworded


def _only_reworded(outcome: Outcome) -> bool:
    return not outcome.said.kind and outcome.said.reworded


def _quoted(outcome: Outcome) -> bool:
    return outcome.quoted


def _altered_by(kind: str, outcome: Outcome) -> bool:
    return outcome.said.kind == kind


def _cut_by(cut: str, outcome: Outcome) -> bool:
    return outcome.said.cut == cut


def _figure(
    name: str, outcomes: Sequence[Outcome], of: Callable[[Outcome], bool], share: Callable[[Outcome], bool]
) -> tuple[str, Any, int]:
    from knowledge.evaluation.resampling import estimate, mean_of

    whole = [outcome for outcome in outcomes if of(outcome)]
    held = np.array([share(outcome) for outcome in whole], dtype=float)
    return name, estimate(mean_of("held"), {"held": held}, [str(o.question) for o in whole]), len(whole)


if __name__ == "__main__":
    main()
