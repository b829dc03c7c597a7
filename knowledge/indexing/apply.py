"""Writes chunks with their vectors and terms, a document's old ones replaced by its new ones at once."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.db import transaction
from django.utils import timezone
from pgvector import SparseVector

from knowledge import planted_kept
from knowledge.bm25 import chunk_weights
from knowledge.embedding import EmbeddingUnavailable, InvalidEmbedding, Vectors, embedder_of
from knowledge.indexing.generations import generations_to_write
from knowledge.indexing.plan import PlannedChunk, PlannedDocument, batches, plan, version_of
from knowledge.models import LEXICAL_DIMENSIONS, Chunk, ChunkTerms, Document, IndexedDocument, IndexGeneration
from knowledge.spelling import words_of
from knowledge.terms import TERMS, term_id, terms_of

log = structlog.get_logger(__name__)

CHUNKS_PER_BATCH = 64
REASON_LENGTH = 500
VectorsByHash = Mapping[str, Vectors]


def index_documents(documents: Sequence[Document], generation: IndexGeneration | None = None) -> int:
    """Brings the index up to date with these documents; returns how many chunks were written.

    Without `generation` into the one that answers and one that is being built. A document that is indexed as it
    stands costs one small update. Raises EmbeddingUnavailable: what was written before it stays, whole documents.
    One that is alone and cannot be embedded keeps the reason.
    """
    try:
        return _index_into(generation, documents) if generation else _index_into_all(documents)
    except InvalidEmbedding as error:
        if len(documents) == 1:
            Document.objects.filter(pk=documents[0].pk).update(refusal=str(error)[:REASON_LENGTH])
        raise


def _index_into_all(documents: Sequence[Document]) -> int:
    done: dict[int, int] = {}
    # Asked again afterwards: a generation that was begun meanwhile may have passed over the old version.
    while waiting := [held for held in generations_to_write() if held.pk not in done]:
        for held in waiting:
            done[held.pk] = _index_tolerantly(held, documents, newest=not done)
    return max(done.values())


def unindex_documents(documents: Sequence[Document]) -> None:
    """Takes documents out of every generation: nothing is answered from them any more."""
    ids = [document.pk for document in documents]
    with transaction.atomic():
        locked(ids)
        Chunk.objects.filter(document_id__in=ids).delete()
        IndexedDocument.objects.filter(document_id__in=ids).delete()
        Document.objects.filter(pk__in=ids).update(answerable_at=None)


def _index_tolerantly(generation: IndexGeneration, documents: Sequence[Document], *, newest: bool) -> int:
    """An outgoing generation whose model is gone must not keep documents out of the incoming one."""
    try:
        return _index_into(generation, documents)
    except EmbeddingUnavailable:
        if newest:
            raise
        log.warning("outgoing_generation_not_updated", generation=generation.pk, documents=len(documents))
        return 0


def _index_into(generation: IndexGeneration, documents: Sequence[Document]) -> int:
    rows = IndexedDocument.objects.filter(generation=generation, document__in=documents)
    indexed = {row.document_id: (row.content_hash, row.locale) for row in rows}
    planned = plan(documents, indexed)
    _synchronise_filters(generation, planned.fresh)
    written = 0
    for batch in batches(planned.stale, CHUNKS_PER_BATCH):
        # What the articles hold for an assistant to obey is looked for while the model embeds them.
        with ThreadPoolExecutor(1, thread_name_prefix="planted") as beside:
            found = beside.submit(planted_kept.find, [planned.document for planned in batch])
            vectors = _vectors(generation, batch)
        written += _write(generation, batch, vectors, found.result())
    return written


def _vectors(generation: IndexGeneration, batch: Sequence[PlannedDocument]) -> VectorsByHash:
    """A vector for each content hash, of chunks and titles; those that are held already are not computed again."""
    found: dict[str, Vectors] = {}
    for planned in batch:
        found |= _held_vectors(generation, planned)
    wanted = {chunk.content_hash: chunk.embedded_text for planned in batch for chunk in planned.chunks}
    wanted |= {planned.title_hash: planned.title for planned in batch if planned.title}
    missing = {content_hash: text for content_hash, text in wanted.items() if content_hash not in found}
    if missing:
        embedder = embedder_of(generation.embedding_model, generation.recipe)
        if not embedder.makes(generation.recipe):
            raise EmbeddingUnavailable(f"{generation.recipe} is not what is configured")
        computed = embedder.embed_passages(list(missing.values()))
        found |= dict(zip(missing, computed, strict=True))
    return found


def _held_vectors(generation: IndexGeneration, planned: PlannedDocument) -> dict[str, Vectors]:
    hashes = [chunk.content_hash for chunk in planned.chunks]
    rows = Chunk.objects.filter(
        generation=generation, collection_id=planned.document.collection_id, content_hash__in=hashes
    )
    indexed = IndexedDocument.objects.filter(generation=generation, document=planned.document)
    titles = indexed.filter(title_hash=planned.title_hash, title_embedding__isnull=False)
    return dict([*rows.values_list("content_hash", "embedding"), *titles.values_list("title_hash", "title_embedding")])


def _write(
    generation: IndexGeneration,
    batch: Sequence[PlannedDocument],
    vectors: VectorsByHash,
    found: list[Document],
) -> int:
    """One transaction. A document that changed again meanwhile is left to whoever changed it."""
    now = timezone.now()
    with transaction.atomic():
        standing = locked([planned.document.pk for planned in batch])
        current = [planned for planned in batch if _still_stands(planned.document, standing)]
        ids = [planned.document.pk for planned in current]
        Chunk.objects.filter(generation=generation, document_id__in=ids).delete()
        drafts = [(planned.document, chunk) for planned in current for chunk in planned.chunks]
        chunks = Chunk.objects.bulk_create(
            _row(generation, document, chunk, vectors[chunk.content_hash]) for document, chunk in drafts
        )
        ChunkTerms.objects.bulk_create(
            terms_row(generation, row, chunk.embedded_text) for row, (_, chunk) in zip(chunks, drafts, strict=True)
        )
        _remember(generation, current, vectors)
        Document.objects.filter(pk__in=ids).update(answerable_at=now, refusal="")
        planted_kept.keep([document for document in found if document.pk in ids])
        _synchronise_filters(generation, [planned.document for planned in current])
    return len(chunks)


def locked(ids: Sequence[int]) -> dict[int, Document]:
    """The rows as they stand, locked in the order of their ids, as every writer of several does."""
    rows = Document.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.only("content_hash", "locale", "status")}


def _still_stands(document: Document, standing: Mapping[int, Document]) -> bool:
    row = standing.get(document.pk)
    return row is not None and row.status != Document.Status.REMOVED and version_of(row) == version_of(document)


def _remember(generation: IndexGeneration, indexed: Sequence[PlannedDocument], vectors: VectorsByHash) -> None:
    IndexedDocument.objects.bulk_create(
        [
            IndexedDocument(
                generation=generation,
                document=planned.document,
                content_hash=planned.document.content_hash,
                locale=planned.document.locale,
                title_hash=planned.title_hash,
                title_embedding=vectors[planned.title_hash] if planned.title else None,
                terms_of=terms_mark(planned.document.content_hash),
                words=sorted(words_of("\n".join(chunk.embedded_text for chunk in planned.chunks))),
            )
            for planned in indexed
        ],
        update_conflicts=True,
        unique_fields=["generation", "document"],
        update_fields=["content_hash", "locale", "title_hash", "title_embedding", "terms_of", "words"],
    )


def _row(generation: IndexGeneration, document: Document, chunk: PlannedChunk, vector: Vectors) -> Chunk:
    draft = chunk.draft
    return Chunk(
        document=document,
        generation=generation,
        collection_id=document.collection_id,
        locale=document.locale,
        published=document.status == Document.Status.PUBLISHED,
        ordinal=draft.ordinal,
        heading_path=list(draft.heading_path),
        anchor=draft.anchor,
        start=draft.start,
        end=draft.end,
        text=draft.text,
        revision=document.revision,
        content_hash=chunk.content_hash,
        embedding=vector,
    )


def terms_mark(content_hash: str) -> str:
    """Says how the words of which text were cut into terms; an older version that writes anew leaves another text's."""
    return f"{TERMS}:{content_hash}"


def terms_row(generation: IndexGeneration, chunk: Chunk, embedded_text: str) -> ChunkTerms:
    """What words find the chunk by, unsaved."""
    terms = [term_id(term) for term in terms_of(embedded_text, chunk.locale)]
    return ChunkTerms(
        chunk=chunk,
        generation=generation,
        collection_id=chunk.collection_id,
        published=chunk.published,
        terms=terms,
        weights=SparseVector(chunk_weights(terms, generation.average_length), LEXICAL_DIMENSIONS),
    )


def _synchronise_filters(generation: IndexGeneration, documents: Sequence[Document]) -> None:
    """Chunks are as public as their documents are, and the documents ready to be answered from."""
    ids = [document.pk for document in documents]
    documents_held = Document.objects.filter(pk__in=ids)
    published = documents_held.filter(status=Document.Status.PUBLISHED)
    chunks = Chunk.objects.filter(generation=generation, document_id__in=ids)
    chunks.filter(published=False, document__in=published).update(published=True)
    chunks.filter(published=True).exclude(document__in=published).update(published=False)
    documents_held.filter(answerable_at=None).update(answerable_at=timezone.now())
