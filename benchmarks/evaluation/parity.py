"""`python -m benchmarks.evaluation.parity`: whether the same question in other words gets the same answer.

Compared with the clean wording's outcome, never with what is right: that a typo changes an answer is unfair either way.
Starts services of its own. Set EVALUATION_DATA.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.evaluation import sets
from benchmarks.evaluation.injection import run
from benchmarks.evaluation.intervals import share
from benchmarks.evaluation.wordings import WORDINGS

SEED = 20_240_502
QUESTIONS = 60
# Of techqa only articles up to this length are stored, with the questions that they answer.
LONGEST_CHARACTERS = 6_000
NOISES = ("en_noise_keyboard", "en_noise_asr", "en_noise_mt_from_de")


class Outcome(NamedTuple):
    """What a question brought: the decision and the cited articles, first one first."""

    decision: str
    sources: tuple[str, ...]


class Pair(NamedTuple):
    """A question's clean outcome and that of another wording of a kind."""

    kind: str
    clean: Outcome
    other: Outcome
    texts: tuple[str, str]


def section(data: Path) -> str:
    """The figures as Markdown. Django is set up and its database reachable."""
    os.environ["EVALUATION_DATA"] = str(data)
    groups = [
        ("Typed, spoken, machine-translated (XQuAD, NoiseQA), holdout half", list(_noisy())),
        ("The clean ones of these, altered", list(_altered_xquad())),
        ("Questions to IBM support, altered, holdout half", list(_altered_techqa())),
        ("The golden questions of the own help centre, altered", list(_altered_help())),
    ]
    return "\n".join(["## The same question in other words", "", *(_table(*group) for group in groups)])


def _noisy() -> Iterator[Pair]:
    clean = [question for question in sets.xquad("en") if question.part == "holdout"][: 2 * QUESTIONS]
    others = {noise: {question.id: question.text for question in sets.xquad(noise)} for noise in NOISES}
    with _stored(sets.folder() / "xquad_noise/corpus.jsonl") as slug:
        for question in clean:
            outcome = ask(question.text, slug)
            for noise in NOISES:
                other = others[noise][question.id]
                yield Pair(noise.removeprefix("en_noise_"), outcome, ask(other, slug), (question.text, other))


def _altered_xquad() -> Iterator[Pair]:
    asked = [question.text for question in sets.xquad("en") if question.part == "holdout"][:QUESTIONS]
    with _stored(sets.folder() / "xquad_noise/corpus.jsonl") as slug:
        yield from _altered(asked, slug)


def _altered_techqa() -> Iterator[Pair]:
    short = {r["_id"]: r for r in sets.rows("techqa/corpus.jsonl.gz") if len(r["text"]) <= LONGEST_CHARACTERS}
    asked = [q for q in sets.techqa() if q.part == "holdout" and q.articles and q.articles[0] in short][:QUESTIONS]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        held = dict.fromkeys(question.articles[0] for question in asked)
        corpus.write_text("\n".join(json.dumps(short[article]) for article in held), encoding="utf-8")
        with _stored(corpus) as slug:
            yield from _altered([question.text for question in asked], slug)


def _altered_help() -> Iterator[Pair]:
    root = Path(__file__).parents[2]
    lines = (root / "tests/evals/help_centre.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [row["question"] for row in map(json.loads, lines) if not row.get("history")]
    with _stored(root / "docs/help") as slug:
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


@contextlib.contextmanager
def _stored(corpus: Path) -> Iterator[str]:
    from knowledge.evaluation import scratch_collection
    from knowledge.ingestion import ingest

    with scratch_collection() as slug:
        ingest([str(corpus)], slug, None)
        yield slug


def _table(name: str, pairs: Sequence[Pair]) -> str:
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    lines = [f"### {name}", "", "| wording | same decision | same first source | any same source |"]
    lines += ["| --- | --- | --- | --- |", *(_row(kind, [p for p in pairs if p.kind == kind]) for kind in kinds)]
    return "\n".join([*lines, _row("**all**", pairs), ""])


def _row(kind: str, pairs: Sequence[Pair]) -> str:
    """Sources are compared where both wordings were answered from articles."""
    decided = sum(pair.clean.decision == pair.other.decision for pair in pairs)
    both = [pair for pair in pairs if pair.clean.sources and pair.other.sources]
    first = sum(pair.clean.sources[0] == pair.other.sources[0] for pair in both)
    common = sum(bool(set(pair.clean.sources) & set(pair.other.sources)) for pair in both)
    cells = (share(decided, len(pairs)), share(first, len(both)), share(common, len(both)))
    return f"| {kind} | {' | '.join(cells)} |"


if __name__ == "__main__":
    run(lambda: section(sets.folder()))
