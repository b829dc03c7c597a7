"""The report's section on answers from articles in other languages than English, asked in their own, quoted verbatim.

Pages of gnome_help are translations of each other, block by block: what the English page answers with is the yardstick
of what is quoted in another language. Customers' browsers speak English here: the message alone tells its language.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from assistant.answering import wording
from assistant.answering.evaluation import Case, run
from assistant.answers import Answer
from assistant.llm.blocks import blocks
from assistant.states import Decision
from benchmarks.evaluation import mallard, sets
from benchmarks.evaluation.intervals import estimated
from benchmarks.evaluation.languages import MODEL
from benchmarks.evaluation.tables import cell, table
from knowledge.evaluation import scratch_collection
from knowledge.evaluation.resampling import mean_of
from knowledge.ingestion import ingest
from knowledge.models import Document

ENGLISH = "en"
# Of the archive's languages, with how somebody asks how to do what a title names.
LANGUAGES = {
    ENGLISH: "How do I do this: {}?",
    "de": "Wie geht das: {}?",
    "es": "¿Cómo se hace esto: {}?",
    "fr": "Comment faire : {} ?",
    "pt_BR": "Como fazer isto: {}?",
}
# So that the section takes minutes.
INGESTED, LEFT_OUT, ELSEWHERE = 40, 25, 25
KINDS = ("summary", "title", "how")
FIGURES = (
    "answered",
    "of these its page cited",
    "blocks shared with the English answer",
    "said to be in another language",
    "characters, median",
)


class Asked(NamedTuple):
    """A question about a page, what was said, and the indices of the page's blocks that it shows."""

    page: str
    kind: str
    answer: Answer
    shown: frozenset[int]

    @property
    def answered(self) -> bool:
        return self.answer.decision == Decision.ANSWER


def section(data: Path) -> str:
    """Markdown. Within a set-up Django; embeds what is indexed with the model, and anew with its own afterwards."""
    from django.test import override_settings

    from knowledge.indexing import renew_index

    os.environ["EVALUATION_DATA"] = str(data)
    try:
        with override_settings(EMBEDDING_MODEL=MODEL):
            renew_index()
            pages = _pages(data)
            asked = {language: _asked(language, held) for language, held in pages.items()}
            of_english = _asked_of_english(pages)
    finally:
        renew_index()
    told = (
        f"Holdout pages of gnome_help in five languages, the same of each, {INGESTED} of them ingested, with "
        f"`EMBEDDING_MODEL={MODEL}`; each asked by its one-line summary, which is no part of its text, by its title "
        "alone, and by that in a question how. The browser speaks English. Others are the summaries of pages that were "
        f"left out (at most {LEFT_OUT}), and about {ELSEWHERE} of xquad's questions in that language. Blocks shared: "
        "of those that the answer or the English one shows the share that both do, where both cite the page. 95 % "
        "intervals by resampling pages."
    )
    rows = [_row(code, kind, asked[code], asked[ENGLISH]) for kind in KINDS for code in LANGUAGES]
    others = [_others(language, of) for language, of in asked.items()]
    translated = [_row(language, "how", of, asked[ENGLISH])[1:-1] for language, of in of_english.items()]
    head = ("asked by", "language", *FIGURES)
    return "\n\n".join(
        [
            "## Answers in other languages",
            told,
            table(head, rows),
            table(("language", "pages left out, answered", "other topics, answered"), others),
            "The same questions how, put to the English pages alone; an answer is to say that it was found in English "
            "only, so the last column is wanted here.",
            table(("language", *FIGURES[:-1]), translated),
        ]
    )


def _pages(data: Path) -> dict[str, dict[str, mallard.Page]]:
    """By language its holdout pages with a summary that are translated in all of them, in an order of no meaning."""
    every = {language: dict(mallard.pages(data, language)) for language in LANGUAGES}
    english = every[ENGLISH]
    common = [
        key
        for key, page in english.items()
        if page.summary
        and sets.part_of(key) == "holdout"
        and all(_is_translated(every[language].get(key), page) for language in LANGUAGES if language != ENGLISH)
    ]
    ordered = sorted(common, key=lambda key: sha256(key.encode()).hexdigest())
    return {language: {key: pages[key] for key in ordered} for language, pages in every.items()}


def _is_translated(page: mallard.Page | None, english: mallard.Page) -> bool:
    return page is not None and page.title != english.title and page.summary not in ("", english.summary)


def _asked(language: str, pages: Mapping[str, mallard.Page]) -> list[Asked]:
    """The answers to the questions of a language."""
    held, out = list(pages)[:INGESTED], list(pages)[INGESTED : INGESTED + LEFT_OUT]
    questions = [(key, "summary", pages[key].summary) for key in held]
    questions += [(key, "title", pages[key].title) for key in held]
    questions += [(key, "how", LANGUAGES[language].format(pages[key].title)) for key in held]
    questions += [(key, "left out", pages[key].summary) for key in out]
    questions += [(key, "elsewhere", text) for key, text in _elsewhere(language)]
    with scratch_collection() as slug, _ingested(slug, {key: pages[key] for key in held}) as texts:
        return _answered(slug, texts, questions)


def _asked_of_english(pages: Mapping[str, Mapping[str, mallard.Page]]) -> dict[str, list[Asked]]:
    """By language the answers to its questions how, where the pages are there in English alone."""
    held = list(pages[ENGLISH])[:INGESTED]
    with scratch_collection() as slug, _ingested(slug, {key: pages[ENGLISH][key] for key in held}) as texts:
        return {
            language: _answered(
                slug, texts, [(key, "how", LANGUAGES[language].format(pages[language][key].title)) for key in held]
            )
            for language in LANGUAGES
            if language != ENGLISH
        }


@contextmanager
def _ingested(slug: str, pages: Mapping[str, mallard.Page]) -> Iterator[dict[str, str]]:
    """The collection with the pages; their texts by article."""
    with tempfile.TemporaryDirectory() as folder:
        for key, page in pages.items():
            (Path(folder) / f"{key}.html").write_text(page.html, encoding="utf-8")
        ingest([folder], slug, None)
        yield dict(Document.objects.filter(collection__slug=slug).values_list("article", "text"))


def _answered(slug: str, texts: Mapping[str, str], questions: Sequence[tuple[str, str, str]]) -> list[Asked]:
    """The answers to questions, given with their page and kind."""
    results = run([Case(str(number), text) for number, (_, _, text) in enumerate(questions)], slug)
    return [
        Asked(key, kind, result.answer, _shown(key, result.answer, texts))
        for (key, kind, _), result in zip(questions, results, strict=True)
        if result.answer
    ]


def _elsewhere(language: str) -> list[tuple[str, str]]:
    if language not in (ENGLISH, *sets.XQUAD_LANGUAGES):
        return []
    held = [question for question in sets.xquad(language) if question.part == "holdout"]
    return [(question.articles[0], question.text) for question in held[:: max(1, len(held) // ELSEWHERE)]]


def _shown(page: str, answer: Answer, texts: Mapping[str, str]) -> frozenset[int]:
    """Which blocks of the page an answer shows."""
    cited = [source for source in answer.sources if Path(source.article).stem == page]
    spans = [span for source in cited for span in source.spans]
    text = next((texts[source.article] for source in cited), "")
    places = enumerate(blocks(text))
    return frozenset(at for at, b in places if any(b.start < end and start < b.end for start, end in spans))


def _row(language: str, kind: str, asked: Sequence[Asked], english: Sequence[Asked]) -> tuple[str, ...]:
    of = [each for each in asked if each.kind == kind]
    answered = [each for each in of if each.answered]
    theirs = {each.page: each.shown for each in english if each.kind == kind and each.answered and each.shown}
    both = [each for each in answered if each.shown and each.page in theirs]
    notices = (*wording.said_in_any("found_in"), *wording.said_in_any("found_in_english"))
    opening = tuple(said.partition("{")[0] for said in notices)
    cells = (
        _cell(of, [each.answered for each in of]),
        _cell(answered, [bool(each.shown) for each in answered]),
        _cell(both, [len(e.shown & theirs[e.page]) / len(e.shown | theirs[e.page]) for e in both]),
        _cell(answered, [each.answer.text.startswith(opening) for each in answered]),
    )
    return kind, language, *cells, f"{np.median([len(each.answer.text) for each in answered]):.0f}"


def _others(language: str, asked: Sequence[Asked]) -> tuple[str, ...]:
    kinds = [[each for each in asked if each.kind == kind] for kind in ("left out", "elsewhere")]
    return language, *(_cell(of, [each.answered for each in of]) if of else "-" for of in kinds)


def _cell(asked: Sequence[Asked], values: Sequence[float]) -> str:
    pages = [each.page for each in asked]
    return f"{cell(estimated(mean_of('value'), {'value': np.array(values, dtype=float)}, pages))} of {len(asked)}"
