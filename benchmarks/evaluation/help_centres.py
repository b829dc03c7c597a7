"""Whether answers without a generative model quote the right section of two help centres, and whole procedures."""

from pathlib import Path

import numpy as np

from assistant.answering.evaluation import Case, run
from assistant.answers import Answer
from assistant.llm.blocks import Span
from benchmarks.evaluation import labelled, procedures
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.tables import cell, table
from knowledge.evaluation.resampling import estimate, mean_of
from knowledge.models import Document


def section(data: Path) -> str:
    """The tables, a row for each help centre."""
    rows = []
    for name, told in (("arduino", "Arduino (Markdown)"), ("gnome", "GNOME (HTML)")):
        slug = ingested(data, name)
        asked = [q for q in labelled.questions() if q.collection == name and q.part == "holdout"]
        answers = [result.answer for result in run([Case(str(i), q.text) for i, q in enumerate(asked)], slug)]
        shown = [_shown(q, answer, slug) for q, answer in zip(asked, answers, strict=True)]
        columns = {"article": np.array([s[0] for s in shown]), "section": np.array([s[1] for s in shown])}
        groups = [q.article for q in asked]
        with_steps = [index for index, q in enumerate(asked) if q.steps]
        steps = {"steps": np.array([shown[index][2] for index in with_steps])}
        rows.append(
            (
                f"{told}, {len(asked)} questions, {len(with_steps)} of them for steps",
                *(cell(estimate(mean_of(figure), columns, groups)) for figure in columns),
                cell(estimate(mean_of("steps"), steps, [groups[index] for index in with_steps])),
            )
        )
    told = (
        "Questions to two help centres whose right section is known (`benchmarks/labelled/sections.jsonl`), holdout "
        "part; what is not answered counts as not quoted. 95 % intervals by resampling articles."
    )
    head = ("help centre", "right article cited", "right section quoted", "steps shown")
    return f"## Sections quoted\n\n{told}\n\n{table(head, rows)}\n\n{procedures.section(data)}"


def _shown(asked: labelled.Labelled, answer: Answer | None, slug: str) -> tuple[float, float, float]:
    """Whether its article is cited, its section quoted, and the steps of that shown."""
    cited = [s for s in answer.sources if labelled.is_article(asked, s.article)] if answer else []
    if not cited:
        return 0.0, 0.0, 0.0
    text = Document.objects.values_list("text", flat=True).get(collection__slug=slug, article=cited[0].article)
    places = labelled.places(text, asked.sections)
    spans = [Span(*span) for source in cited for span in source.spans]
    return 1.0, float(labelled.shows(text, places, spans)), float(labelled.shows_steps(text, places, spans))
