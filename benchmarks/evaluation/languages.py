"""The report's section on languages: questions about English articles in others, with `local-multilingual`."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.evaluation import sets
from benchmarks.evaluation.intervals import estimated
from benchmarks.evaluation.rankings import FUSED, MEANING, SHOWN, WHOLE, WORDS, measured
from benchmarks.evaluation.tables import cell, change, share, table
from knowledge.evaluation.resampling import Columns, difference, mean_of

MODEL = "local-multilingual"
# Of xquad's questions, so that the section takes minutes: all of gnome's are asked.
EVERY = 3
WAYS = (WORDS, MEANING, FUSED, WHOLE)
_GNOME = (*sets.GNOME_LANGUAGES, "en_summary")
_XQUAD = (*sets.XQUAD_LANGUAGES, "en")


def section(data: Path) -> str:
    """Markdown. Within a set-up Django; embeds what is indexed with the model, and anew with its own afterwards."""
    from django.test import override_settings

    from knowledge.indexing import renew_index

    os.environ["EVALUATION_DATA"] = str(data)
    try:
        with override_settings(EMBEDDING_MODEL=MODEL):
            renew_index()
            gnome = _measured(data / "gnome_help/corpus.jsonl.gz", {form: sets.gnome(form) for form in _GNOME}, 1)
            xquad = _measured(data / "xquad_noise/corpus.jsonl", {form: sets.xquad(form) for form in _XQUAD}, EVERY)
    finally:
        renew_index()
    return "\n\n".join(
        [
            "## Languages",
            f"Holdout questions put to English articles, with `EMBEDDING_MODEL={MODEL}`; recall@5 / nDCG@10 with 95 % "
            "intervals over articles. Dense is the cosine of an article's best chunk. Goals: never below dense; a mean "
            "nDCG of .88 for gnome_help.",
            "Titles of help pages (gnome_help):",
            _table(gnome),
            "Questions about paragraphs (xquad):",
            _table(xquad),
        ]
    )


# By form of the questions: columns by ranking, and the article that each question is about.
Measured = Mapping[str, tuple[Mapping[str, Columns], Sequence[str]]]


def _measured(corpus: Path, asked: Mapping[str, Sequence[sets.Question]], every: int) -> Measured:
    """Rankings of the holdout questions, one in `every`, over a scratch collection of the corpus."""
    from knowledge.evaluation import scratch_collection
    from knowledge.ingestion import ingest

    with scratch_collection() as slug:
        ingest([str(corpus)], slug, None)
        held = {form: [q for q in questions if q.part == "holdout"][::every] for form, questions in asked.items()}
        return {form: (measured(few, slug), [q.articles[0] for q in few]) for form, few in held.items()}


def _table(of: Measured) -> str:
    """A row a language, and their mean but for English."""
    rows = [
        *_rows(of),
        ("mean but English", *_means([columns for form, (columns, _) in of.items() if form[:2] != "en"])),
    ]
    return table(("questions", *WAYS, f"{WHOLE}, less dense"), rows)


def _rows(of: Measured) -> Iterator[tuple[str, ...]]:
    for form, (columns, articles) in of.items():
        figures = [mean_of(shown) for shown in SHOWN]
        ways = [" / ".join(cell(estimated(figure, columns[way], articles)) for figure in figures) for way in WAYS]
        gains = [change(difference(figure, columns[MEANING], columns[WHOLE], articles)) for figure in figures]
        yield f"{form} ({len(articles)})", *ways, " / ".join(gains)


def _means(of: Sequence[Mapping[str, Columns]]) -> list[str]:
    """Of all languages, each counting the same."""
    means = {way: [float(np.mean([columns[way][shown].mean() for columns in of])) for shown in SHOWN] for way in WAYS}
    gains = [share(whole - dense, signed=True) for whole, dense in zip(means[WHOLE], means[MEANING], strict=True)]
    return [*(" / ".join(map(share, means[way])) for way in WAYS), " / ".join(gains)]
