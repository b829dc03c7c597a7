"""`python -m benchmarks.chunking`: what size of chunk, and what context in the text that is indexed of it, find most.

techqa, and the pages of gnome_help with their sections, which the corpus of that set leaves out, are indexed by each
way of chunking and asked through the whole search. Set EVALUATION_DATA; some ten minutes. The first row is the
product's own way, the others are told by what is different.
"""

import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

import django
import numpy as np

from benchmarks.evaluation import sets
from benchmarks.evaluation.ranking import Floats, changed, figures

if TYPE_CHECKING:
    from knowledge.chunking import ChunkDraft
    from knowledge.models import Document

SIZES = (120, 170, 300, 400)
_MALLARD = "{http://projectmallard.org/1.0/}"
Context = Callable[["Document", "ChunkDraft"], str]


class Way(NamedTuple):
    """A way of chunking: tokens a chunk may hold, and the text that stands for it in a search."""

    name: str
    size: int
    context: Context


class Corpus(NamedTuple):
    """Articles as (id, title, Markdown), and the questions to them."""

    name: str
    articles: list[tuple[str, str, str]]
    questions: list[sets.Question]


def main() -> None:
    """Print the table, row by row."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    print("| way | corpus, part | chunks | recall@5 | nDCG@10, from the present way |")
    print("| --- | --- | ---: | ---: | --- |")
    ways = list(_ways())
    for corpus in (_techqa(), _gnome()):
        documents = _documents(corpus)
        own: Floats | None = None
        for way in ways:
            chunks, found = _measured(way, corpus, documents)
            own = found if own is None else own
            for part in ("tuning", "holdout"):
                _row(way, corpus, part, chunks, own, found)


def _row(way: Way, corpus: Corpus, part: str, chunks: int, own: Floats, found: Floats) -> None:
    chosen = np.array([question.part == part for question in corpus.questions])
    groups = [sets.group_of(question) for question in corpus.questions if question.part == part]
    recall, told = found[chosen, 0].mean(), changed(own[chosen, 1], found[chosen, 1], groups)
    print(f"| {way.name} | {corpus.name}, {part} | {chunks} | {recall:.3f} | {told} |", flush=True)


# Ways


def _ways() -> Iterator[Way]:
    from knowledge.chunking import BUDGET_TOKENS as SIZE

    yield Way(f"{SIZE} tokens, title and headings", SIZE, _own)
    yield Way("title without headings", SIZE, lambda document, draft: _own(document, replace(draft, heading_path=())))
    yield Way("neither title nor headings", SIZE, lambda document, draft: draft.text)
    yield Way("and a sentence of each neighbour", SIZE, _with_neighbours)
    for size in SIZES:
        yield Way(f"{size} tokens", size, _own)


def _own(document: "Document", draft: "ChunkDraft") -> str:
    from knowledge.indexing.plan import embedded_text

    return embedded_text(document.title, draft.heading_path, draft.text)


def _with_neighbours(document: "Document", draft: "ChunkDraft") -> str:
    """With the sentence before and the one after, where the text has them."""
    from assistant.llm.blocks import Span, sentences

    spans = [(0, 0), *((s.start, s.end) for s in sentences(document.text, Span(0, len(document.text))))]
    start = max((start for start, end in spans if end <= draft.start), default=draft.start)
    end = min((end for start, end in spans if start >= draft.end), default=draft.end)
    return _own(document, replace(draft, text=document.text[start:end]))


# Corpora


def _techqa() -> Corpus:
    articles = [(str(row["_id"]), row["title"], row["text"]) for row in sets.rows("techqa/corpus.jsonl.gz")]
    return Corpus("techqa", articles, [question for question in sets.techqa() if question.articles])


def _gnome() -> Corpus:
    pages: list[tuple[str, str, str]] = []
    with tarfile.open(sets.folder() / "gnome_help" / "gnome-help-mallard.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and "/en/" in member.name and member.name.endswith(".page"):
                page = ElementTree.parse(content).getroot()
                pages.append(
                    (page.get("id", ""), _words(page.find(f"{_MALLARD}title")), "\n\n".join(_markdown(page, 1)))
                )
    held = {article for article, _, text in pages if text}
    return Corpus("gnome pages", pages, [q for q in sets.gnome("en_summary") if set(q.articles) <= held])


def _markdown(part: ElementTree.Element, level: int) -> Iterator[str]:
    """Headings, paragraphs and items of a page or of one of its parts."""
    for child in part:
        kind = child.tag.removeprefix(_MALLARD)
        if kind == "title" and level > 1:
            yield f"{'#' * level} {_words(child)}"
        elif kind == "p":
            yield _words(child)
        elif kind not in ("info", "title"):
            yield from _markdown(child, level + (kind == "section"))


def _words(element: ElementTree.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


# Measuring


def _documents(corpus: Corpus) -> list["Document"]:
    """The articles in a collection of their own, made anew."""
    from knowledge.evaluation.scratch import SCRATCH_PREFIX, remove_collection
    from knowledge.models import Collection, Document, Source

    slug = SCRATCH_PREFIX + corpus.name.partition(" ")[0]
    remove_collection(slug)
    collection = Collection.objects.create(slug=slug, name=slug)
    source = Source.objects.create(collection=collection, kind=Source.Kind.FOLDER, location=slug)
    return Document.objects.bulk_create(
        Document(
            collection=collection, source=source, locale="en", article=article, title=title, text=text, markup=text,
            content_hash=article, metadata_hash="",
        )
        for article, title, text in corpus.articles
    )  # fmt: skip


def _measured(way: Way, corpus: Corpus, documents: Sequence["Document"]) -> tuple[int, Floats]:
    """How many chunks, and recall@5 and nDCG@10 of each question."""
    from knowledge import chunking
    from knowledge.indexing import index_documents, plan
    from knowledge.markdown import readable
    from knowledge.models import IndexedDocument
    from knowledge.retrieval import Query, retrieve

    def planned(document: "Document", draft: "ChunkDraft") -> plan.PlannedChunk:
        text = readable(way.context(document, draft))
        return plan.PlannedChunk(draft, text, plan._hash(text))

    chunking.BUDGET_TOKENS = way.size
    chunking._splitter.cache_clear()
    plan._planned = planned
    IndexedDocument.objects.filter(document__in=[document.pk for document in documents]).delete()
    chunks = index_documents(documents)
    article_of = {document.pk: document.article for document in documents}
    slug = documents[0].collection.slug
    ranked = [retrieve(Query(question.text, slug)).candidates for question in corpus.questions]
    orders = [[article_of[candidate.document_id] for candidate in candidates] for candidates in ranked]
    return chunks, np.array([figures(order, q.articles) for order, q in zip(orders, corpus.questions, strict=True)])


if __name__ == "__main__":
    main()
