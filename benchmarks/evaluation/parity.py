"""`python -m benchmarks.evaluation.parity`: whether the same question in other words gets the same answer.

Compared with the clean wording's outcome, never with what is right: that a typo changes an answer is unfair either way.
Starts services of its own. Set EVALUATION_DATA.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.evaluation import sets
from benchmarks.evaluation.injection import run
from benchmarks.evaluation.intervals import clustered
from benchmarks.evaluation.wordings import WORDINGS

SEED = 20_240_502
QUESTIONS = 60
COUNTED = (
    "Each wording's outcome against that of the clean question, never against what is right. Decisions are of all "
    "pairs. Sources are of the pairs whose clean question was answered from articles: whether the first one cited is "
    "the same, or any; a wording that is not answered has none of them. The last column is of the pairs alone that "
    "were both answered. 95 % intervals: a kind has one wording of a question; under **all** the wordings of a "
    "question are drawn together."
)
NOISES = ("en_noise_keyboard", "en_noise_asr", "en_noise_mt_from_de")


class Outcome(NamedTuple):
    """What a question brought: the decision and the cited articles, first one first."""

    decision: str
    sources: tuple[str, ...]


class Pair(NamedTuple):
    """A question's clean outcome and that of another wording of a kind; `texts` are both wordings."""

    kind: str
    clean: Outcome
    other: Outcome
    texts: tuple[str, str]

    @property
    def same_first(self) -> bool:
        return bool(self.clean.sources) and self.clean.sources[:1] == self.other.sources[:1]

    @property
    def any_same(self) -> bool:
        return bool(set(self.clean.sources) & set(self.other.sources))


def section(data: Path) -> str:
    """The figures as Markdown. Django is set up and its database reachable."""
    os.environ["EVALUATION_DATA"] = str(data)
    groups = [
        ("Typed, spoken, machine-translated (XQuAD, NoiseQA), holdout half", list(_noisy(data))),
        ("The clean ones of these, altered", list(_altered_xquad(data))),
        (
            "Questions to IBM support, altered, holdout half, asked of all of techqa's articles",
            list(_altered_techqa(data)),
        ),
        ("The golden questions of the own help centre, altered", list(_altered_help())),
    ]
    return "\n".join(["## The same question in other words", "", COUNTED, "", *(_table(*group) for group in groups)])


def _noisy(data: Path) -> Iterator[Pair]:
    clean = [question for question in sets.xquad("en") if question.part == "holdout"][: 2 * QUESTIONS]
    others = {noise: {question.id: question.text for question in sets.xquad(noise)} for noise in NOISES}
    slug = _ingested(data, "xquad_noise")
    for question in clean:
        outcome = ask(question.text, slug)
        for noise in NOISES:
            other = others[noise][question.id]
            yield Pair(noise.removeprefix("en_noise_"), outcome, ask(other, slug), (question.text, other))


def _altered_xquad(data: Path) -> Iterator[Pair]:
    asked = [question.text for question in sets.xquad("en") if question.part == "holdout"][:QUESTIONS]
    yield from _altered(asked, _ingested(data, "xquad_noise"))


def _altered_techqa(data: Path) -> Iterator[Pair]:
    asked = [question.text for question in sets.techqa() if question.part == "holdout" and question.articles]
    yield from _altered(asked[:QUESTIONS], _ingested(data, "techqa"))


def _altered_help() -> Iterator[Pair]:
    from knowledge.evaluation import scratch_collection
    from knowledge.ingestion import ingest

    root = Path(__file__).parents[2]
    lines = (root / "tests/evals/help_centre.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [row["question"] for row in map(json.loads, lines) if not row.get("history")]
    with scratch_collection() as slug:
        ingest([str(root / "docs/help")], slug, None)
        yield from _altered(texts[:QUESTIONS], slug)


def _altered(texts: Iterable[str], slug: str) -> Iterator[Pair]:
    for text in texts:
        outcome = ask(text, slug)
        for kind, alter in WORDINGS.items():
            other = alter(text, Random(f"{SEED} {kind} {text}"))
            if other != text:
                yield Pair(kind, outcome, ask(other, slug), (text, other))


def ask(text: str, collection: str) -> Outcome:
    """What passages mode does with a question."""
    from asgiref.sync import async_to_sync
    from django.test.utils import override_settings

    from assistant.answering.asking import answer_once
    from assistant.answers import Question

    with override_settings(GENERATIVE=False):
        answer = async_to_sync(answer_once)(Question(text, collection))
    return Outcome(str(answer.decision), tuple(source.article for source in answer.sources))


def _ingested(data: Path, name: str) -> str:
    from benchmarks.evaluation.corpora import ingested  # wants Django set up

    return ingested(data, name)


def _table(name: str, pairs: Sequence[Pair]) -> str:
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    columns = ("wording", "same decision", "same first source", "any same source", "same first source, both answered")
    lines = [f"### {name}", "", f"| {' | '.join(columns)} |"]
    lines += ["| --- | --- | --- | --- | --- |", *(_row(kind, [p for p in pairs if p.kind == kind]) for kind in kinds)]
    return "\n".join([*lines, _row("**all**", pairs), ""])


def _row(kind: str, pairs: Sequence[Pair]) -> str:
    answered = [pair for pair in pairs if pair.clean.sources]
    counted: list[tuple[Sequence[Pair], Callable[[Pair], bool]]] = [
        (pairs, lambda pair: pair.clean.decision == pair.other.decision),
        (answered, lambda pair: pair.same_first),
        (answered, lambda pair: pair.any_same),
        ([pair for pair in answered if pair.other.sources], lambda pair: pair.same_first),
    ]
    cells = (clustered([same(pair) for pair in of], [pair.texts[0] for pair in of]) for of, same in counted)
    return f"| {kind} | {' | '.join(cells)} |"


if __name__ == "__main__":
    run(lambda: section(sets.folder()))
