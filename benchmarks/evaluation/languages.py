"""The report's section on languages: questions about English articles in others, with `local-multilingual`."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.evaluation import sets
from benchmarks.evaluation.ranking import Floats, figures, interval

MODEL = "local-multilingual"
DEPTH = 10
# Of xquad's questions, so that the section takes minutes: all of gnome's are asked.
EVERY = 3
WAYS = ("BM25", "dense", "whole")


def section(data: Path) -> str:
    """Markdown. Within a set-up Django; embeds what is indexed with the model, and anew with its own afterwards."""
    from django.test import override_settings

    from knowledge.indexing import renew_index

    os.environ["EVALUATION_DATA"] = str(data)
    try:
        with override_settings(EMBEDDING_MODEL=MODEL):
            renew_index()
            gnome = measure("gnome_help/corpus.jsonl.gz", {form: sets.gnome(form) for form in _GNOME}, 1)
            xquad = measure("xquad_noise/corpus.jsonl", {form: sets.xquad(form) for form in _XQUAD}, EVERY)
    finally:
        renew_index()
    return "\n\n".join(
        [
            "## Languages",
            f"Holdout questions put to English articles, with `EMBEDDING_MODEL={MODEL}`; recall@5 / nDCG@10 with 95 % "
            "intervals over articles. Dense is the cosine of an article's best chunk, whole is what the product does.",
            "Titles of help pages (gnome_help):",
            table(gnome),
            "Questions about paragraphs (xquad):",
            table(xquad),
        ]
    )


_GNOME = (*sets.GNOME_LANGUAGES, "en_summary")
_XQUAD = (*sets.XQUAD_LANGUAGES, "en")
# By form of the questions: rows of recall and nDCG for each way in turn, with the article that each row is about.
Measured = Mapping[str, tuple[Floats, Sequence[str]]]


def measure(corpus: str, asked: Mapping[str, Sequence[sets.Question]], every: int) -> Measured:
    """Figures of the holdout questions, one in `every`, over a scratch collection of the corpus."""
    from knowledge.evaluation import scratch_collection
    from knowledge.ingestion import ingest

    with scratch_collection() as slug:
        ingest([str(sets.folder() / corpus)], slug, None)
        return {form: _measured(slug, questions, every) for form, questions in asked.items()}


def _measured(slug: str, questions: Sequence[sets.Question], every: int) -> tuple[Floats, Sequence[str]]:
    holdout = [question for question in questions if question.part == "holdout"][::every]
    rows = [[figure for ranking in _rankings(slug, q.text) for figure in figures(ranking, q.articles)] for q in holdout]
    return np.array(rows), [question.articles[0] for question in holdout]


def _rankings(slug: str, text: str) -> Iterator[list[str]]:
    """The articles as BM25, the cosine, and the product order the same candidates."""
    from knowledge.models import Document
    from knowledge.retrieval import Query, retrieve

    found = retrieve(Query(text, slug, limit=DEPTH)).candidates
    articles = dict(
        Document.objects.filter(pk__in={c.document_id for c in found}).values_list("pk", "article"),
    )
    shared = [candidate for candidate in found if candidate.lexical]
    by_words = sorted(shared, key=lambda candidate: -(candidate.lexical or 0.0))
    by_meaning = sorted(found, key=lambda candidate: -(candidate.dense or 0.0))
    for order in (by_words, by_meaning, found):
        yield [articles[candidate.document_id] for candidate in order]


def table(measured: Measured) -> str:
    """A row a language, and their mean but for English."""
    lines = [f"| questions | {' | '.join(WAYS)} | whole less dense |", "| --- " * (len(WAYS) + 2) + "|"]
    for form, (rows, keys) in measured.items():
        low, high = interval(rows, keys)
        cells = [_cell(rows[:, way : way + 2], low[way : way + 2], high[way : way + 2]) for way in (0, 2, 4)]
        gain = rows[:, 4:] - rows[:, 2:4]
        lines.append(f"| {form} ({len(rows)}) | {' | '.join(cells)} | {_cell(gain, *interval(gain, keys), sign='+')} |")
    means = np.mean([rows.mean(axis=0) for form, (rows, _) in measured.items() if not form.startswith("en")], axis=0)
    cells = [f"{means[way]:.3f} / {means[way + 1]:.3f}" for way in (0, 2, 4)]
    gained = means[4:] - means[2:4]
    return "\n".join([*lines, f"| mean but English | {' | '.join(cells)} | {gained[0]:+.3f} / {gained[1]:+.3f} |"])


def _cell(rows: Floats, low: Floats, high: Floats, sign: str = "") -> str:
    bounds = zip(rows.mean(axis=0), low, high, strict=True)
    return " / ".join(f"{mean:{sign}.3f} [{least:{sign}.3f}, {most:{sign}.3f}]" for mean, least, most in bounds)
