"""What a document's chunks are made of, and which documents need new ones. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from knowledge.chunking import ChunkDraft, chunk
from knowledge.markdown import readable
from knowledge.models import Document

Version = tuple[str, str]
_MARKS = "#*_>-+ "
_START_LENGTH = 100


@dataclass(frozen=True)
class PlannedChunk:
    """A chunk before it has a vector."""

    draft: ChunkDraft
    embedded_text: str
    content_hash: str


@dataclass(frozen=True)
class PlannedDocument:
    """A document before it is indexed. Its title gets a vector of its own, unless it is only how the text begins."""

    document: Document
    chunks: tuple[PlannedChunk, ...]
    title: str | None
    title_hash: str


@dataclass(frozen=True)
class Plan:
    """`stale` are chunked and written anew; of `fresh` ones only the filters are brought up to date."""

    stale: tuple[Document, ...]
    fresh: tuple[Document, ...]


def version_of(document: Document) -> Version:
    """All that a document's chunks depend on: title and text by their hash, and the language."""
    return document.content_hash, document.locale


def plan(documents: Sequence[Document], indexed: Mapping[int, Version]) -> Plan:
    """`indexed` tells of which version a document's chunks were made, by its id."""
    stale = tuple(document for document in documents if indexed.get(document.pk) != version_of(document))
    fresh = tuple(document for document in documents if indexed.get(document.pk) == version_of(document))
    return Plan(stale, fresh)


def plan_document(document: Document) -> PlannedDocument:
    """Its chunks, each with the text that stands for it in a search."""
    chunks = tuple(_planned(document, draft) for draft in chunk(document.text, document.title))
    title = own_title(document)
    return PlannedDocument(document, chunks, title, _hash(title) if title else "")


def own_title(document: Document) -> str | None:
    """The title, when it says something that the text does not begin with: untitled texts are named by their start."""
    title = " ".join(document.title.split()).lstrip(_MARKS)
    start = " ".join(document.text[: _START_LENGTH + len(document.title)].lstrip(_MARKS + "\n\t").split())
    return None if start.startswith(title) else title


def batches(documents: Sequence[Document], chunks_per_batch: int) -> Iterator[list[PlannedDocument]]:
    """The documents in order, gathered until a batch holds that many chunks; bounds memory and transactions."""
    batch: list[PlannedDocument] = []
    count = 0
    for document in documents:
        batch.append(plan_document(document))
        count += len(batch[-1].chunks)
        if count >= chunks_per_batch:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _planned(document: Document, draft: ChunkDraft) -> PlannedChunk:
    text = embedded_text(document.title, draft.heading_path, draft.text)
    return PlannedChunk(draft, text, _hash(text))


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def embedded_text(title: str, heading_path: Sequence[str], text: str) -> str:
    """A chunk in its context: a paragraph under "On Windows" is about what title and headings say.

    The addresses of links are left out: they say little and fill the model's window.
    """
    return "\n".join([" > ".join([title, *heading_path]), readable(text)])
