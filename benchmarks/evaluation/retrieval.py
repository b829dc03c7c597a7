"""Rankings of the real search on the holdout parts of the English sets."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.evaluation import sets
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.intervals import estimated
from benchmarks.evaluation.rankings import SHOWN, WHOLE, measured
from benchmarks.evaluation.tables import cell, change, table
from knowledge.evaluation.resampling import Columns, difference, mean_of


class Asked(NamedTuple):
    """Questions to one corpus; `goal` is recall@5 / nDCG@10.

    `less` names the set of the same questions in other words, which is asked before: the goal is then the difference.
    """

    name: str
    corpus: str
    questions: Sequence[sets.Question]
    goal: str = ""
    less: str = ""


class Measured(NamedTuple):
    """The columns of each ranking, one number a question, in the order of `ids`; which are drawn together."""

    ids: Sequence[str]
    groups: Sequence[str]
    rankings: Mapping[str, Columns]


def section(data: Path) -> str:
    """The table of every set's rankings, and what the whole gains over the best of the others."""
    done: dict[str, Measured] = {}
    rows: list[tuple[str, ...]] = []
    for asked in _sets():
        done[asked.name] = _measured(asked, ingested(data, asked.corpus))
        rows += _rows(asked, done)
    told = (
        "Holdout parts. 95 % intervals and paired differences by resampling articles, or conversations where a "
        "question comes of one. All four rankings are orders of the same candidates of one search by the product. "
        "Where a history is given, the message is rewritten from it as the product does without a generative model. "
        "All of a set's articles are searched."
    )
    head = ("set", "ranking", "recall@5", "nDCG@10", "goal")
    return f"## Retrieval\n\n{told}\n\n{table(head, rows)}"


def _sets() -> list[Asked]:
    return [
        Asked("techqa", "techqa", sets.techqa(), ".95 / .90"),
        Asked("mtrag_cloud, rewritten by a person", "mtrag_cloud", sets.mtrag("rewrite"), ".50 / .50"),
        Asked("mtrag_cloud, last turn alone", "mtrag_cloud", sets.mtrag("last turn")),
        Asked("mtrag_cloud, all turns as one message", "mtrag_cloud", sets.mtrag("as one")),
        Asked(
            "mtrag_cloud, rewritten by us",
            "mtrag_cloud",
            sets.mtrag("history"),
            "at least .000",
            "mtrag_cloud, rewritten by a person",
        ),
        Asked("gnome_help, summaries", "gnome_help", sets.gnome("en_summary")),
        Asked("xquad_noise, clean", "xquad_noise", sets.xquad("en")),
        _noisy("typing errors", "en_noise_keyboard", "at least -.02 nDCG"),
        _noisy("translated from German", "en_noise_mt_from_de", "at least -.02 nDCG"),
        _noisy("spoken and transcribed", "en_noise_asr", "at least -.04 nDCG"),
    ]


def _noisy(name: str, form: str, goal: str) -> Asked:
    return Asked(f"xquad_noise, {name}", "xquad_noise", sets.xquad(form), goal, "xquad_noise, clean")


def _measured(asked: Asked, slug: str) -> Measured:
    questions = [q for q in asked.questions if q.part == "holdout" and q.articles]
    return Measured([q.id for q in questions], list(map(sets.group_of, questions)), measured(questions, slug))


def _rows(asked: Asked, done: Mapping[str, Measured]) -> Iterator[tuple[str, ...]]:
    """One row a ranking, and one of each difference."""
    ids, groups, rankings = done[asked.name]
    name = f"{asked.name} ({len(ids)})"
    for ranking, columns in rankings.items():
        figures = [cell(estimated(mean_of(shown), columns, groups)) for shown in SHOWN]
        yield name, ranking, *figures, asked.goal if ranking == WHOLE and not asked.less else ""
        name = ""
    yield "", "gain over the best other", *(_gain(rankings, shown, groups) for shown in SHOWN), ""
    if asked.less:
        change_of_words = _less(done[asked.less], done[asked.name])
        yield "", f"{WHOLE}, less {asked.less.rpartition(', ')[2]}", *change_of_words, asked.goal


def _less(first: Measured, second: Measured) -> list[str]:
    """Of the whole on the same questions in two wordings, paired, the second less the first."""
    if first.ids != second.ids:
        raise ValueError("two wordings of one set do not hold the same questions")
    before, after = first.rankings[WHOLE], second.rankings[WHOLE]
    return [change(difference(mean_of(shown), before, after, first.groups)) for shown in SHOWN]


def _gain(rankings: Mapping[str, Columns], shown: str, groups: Sequence[str]) -> str:
    figure = mean_of(shown)
    best = max((name for name in rankings if name != WHOLE), key=lambda name: figure(rankings[name]))
    return change(difference(figure, rankings[best], rankings[WHOLE], groups))
