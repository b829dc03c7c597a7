"""Whether the procedures of two help centres are quoted whole, or it is said that the article has more of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.answering import wording
from assistant.answering.evaluation import Case, run
from assistant.answers import Answer
from assistant.llm.blocks import Block, Span, blocks
from assistant.llm.cues import cues
from assistant.llm.sections import announces, heading_words, headings_over
from benchmarks.evaluation import labelled
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.sets import part_of
from benchmarks.evaluation.tables import cell, table
from knowledge.evaluation.resampling import estimate, mean_of
from knowledge.models import Document

FIGURES = ("every list shown", "or said that there is more", "neither")
# Of a list's characters, for it to count as shown: images and links within it are not.
SHOWN_SHARE = 0.5


def measured(data: Path, name: str, told: str) -> tuple[str, ...]:
    """A row of the table: the help centre, its holdout articles with lists of steps, and the share of each outcome."""
    slug = ingested(data, name)
    articles = {
        article: (title, text)
        for article, title, text in Document.objects.filter(collection__slug=slug).values_list(
            "article", "title", "text"
        )
        if part_of(article) == "holdout" and lists_of_steps(text)
    }
    results = run([Case(article, asked(title)) for article, (title, _) in articles.items()], slug)
    pairs = zip(articles.items(), results, strict=True)
    outcomes = [_outcome(article, text, result.answer) for (article, (_, text)), result in pairs]
    counted = [outcome for outcome in outcomes if outcome]
    columns = {figure: np.array([float(outcome == figure) for outcome in counted]) for figure in FIGURES}
    groups = [str(index) for index in range(len(counted))]
    head = f"{told}, {len(articles)} articles, {len(counted)} answers"
    return head, *(cell(estimate(mean_of(figure), columns, groups)) for figure in FIGURES)


def section(data: Path) -> str:
    """The table, a row for each help centre."""
    rows = [measured(data, name, told) for name, told in (("arduino", "Arduino"), ("gnome", "GNOME"))]
    told = (
        'Each holdout article with numbered steps, asked for by its title ("How do I ..."): of the answers that show a '
        "list of its steps the share that shows all of them; that does not, and says that the article has more; that "
        "says nothing of it. Lists under asides and under what to do when the steps fail do not count. 95 % intervals."
    )
    return f"### Procedures\n\n{told}\n\n{table(('help centre', *FIGURES), rows)}"


def asked(title: str) -> str:
    """The question that an article's title answers."""
    return title if title.lower().startswith("how") else f"How do I {title[:1].lower()}{title[1:]}?"


def lists_of_steps(text: str) -> list[Block]:
    """The lists of steps of an article; neither those beside its procedures nor a table of contents."""
    said = cues("en")
    found: list[Block] = []
    for block in blocks(text):
        over = [heading_words(heading.of(text)) for heading in headings_over(text, block.start)]
        beside = any(said.heading_class(words) == "aside" or said.is_in_vain(words) for words in over)
        if block.kind == "steps" and not beside and not announces(text, block, "en"):
            found.append(block)
    return found


def _outcome(article: str, text: str, answer: Answer | None) -> str | None:
    """What an answer makes of the article's lists; None where it shows none."""
    spans = [
        Span(*span)
        for source in (answer.sources if answer else ())
        if source.article == article
        for span in source.spans
    ]
    lists = lists_of_steps(text)
    shown = [block for block in lists if _shown(block, spans)]
    if not answer or not shown:
        return None
    if len(shown) == len(lists):
        return FIGURES[0]
    more = any(wording.said(f"more_{what}", "en") in answer.text for what in ("steps", "ways"))
    return FIGURES[1] if more else FIGURES[2]


def _shown(block: Block, spans: Sequence[Span]) -> bool:
    return sum(labelled.shared(block, span) for span in spans) >= SHOWN_SHARE * (block.end - block.start)
