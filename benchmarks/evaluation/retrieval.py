"""Rankings of the real search on the holdout parts of the English sets."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.evaluation import sets
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.rankings import SHOWN, WHOLE, measured
from benchmarks.evaluation.tables import cell, change, table
from knowledge.evaluation.resampling import Columns, difference, estimate, mean_of


class Asked(NamedTuple):
    """Questions to one corpus; `goal` is recall@5 / nDCG@10."""

    name: str
    corpus: str
    questions: Sequence[sets.Question]
    goal: str = ""


def section(data: Path) -> str:
    """The table of every set's rankings, and what the whole gains over the best of the others."""
    rows = [row for asked in _sets() for row in _rows(asked, ingested(data, asked.corpus))]
    told = (
        "Holdout parts. 95 % intervals and paired differences by resampling articles, or conversations where a "
        "question comes of one. All four rankings are orders of the same candidates of one search by the product. "
        "Where a history is given, the message is rewritten from it as the product does without a generative model."
    )
    head = ("set", "ranking", "recall@5", "nDCG@10", "goal")
    return f"## Retrieval\n\n{told}\n\n{table(head, rows)}"


def _sets() -> list[Asked]:
    return [
        Asked("techqa", "techqa", sets.techqa(), ".95 / .90"),
        Asked("mtrag_cloud, rewritten by a person", "mtrag_cloud", sets.mtrag("rewrite"), ".50 / .50"),
        Asked("mtrag_cloud, last turn alone", "mtrag_cloud", sets.mtrag("last turn")),
        Asked("mtrag_cloud, rewritten by us", "mtrag_cloud", sets.mtrag("history"), "as by a person"),
        Asked("gnome_help, summaries", "gnome_help", sets.gnome("en_summary")),
        Asked("xquad_noise, clean", "xquad_noise", sets.xquad("en")),
        Asked("xquad_noise, typing errors", "xquad_noise", sets.xquad("en_noise_keyboard"), "-.02 nDCG"),
        Asked("xquad_noise, translated from German", "xquad_noise", sets.xquad("en_noise_mt_from_de"), "-.02 nDCG"),
        Asked("xquad_noise, spoken and transcribed", "xquad_noise", sets.xquad("en_noise_asr"), "-.04 nDCG"),
    ]


def _rows(asked: Asked, slug: str) -> Iterator[tuple[str, ...]]:
    """One row a ranking, and one of the difference."""
    questions = [q for q in asked.questions if q.part == "holdout" and q.articles]
    groups = [sets.group_of(question) for question in questions]
    rankings = measured(questions, slug)
    name = f"{asked.name} ({len(questions)})"
    for ranking, columns in rankings.items():
        figures = [cell(estimate(mean_of(shown), columns, groups)) for shown in SHOWN]
        yield name, ranking, *figures, asked.goal if ranking == WHOLE else ""
        name = ""
    yield "", "gain over the best other", *(_gain(rankings, shown, groups) for shown in SHOWN), ""


def _gain(rankings: Mapping[str, Columns], shown: str, groups: Sequence[str]) -> str:
    figure = mean_of(shown)
    best = max((name for name in rankings if name != WHOLE), key=lambda name: figure(rankings[name]))
    return change(difference(figure, rankings[best], rankings[WHOLE], groups))
