"""Writes chunks with their vectors and terms, a document's old ones replaced by its new ones at once."""

from collections.abc import Mapping, Sequence

import structlog
from django.db import transaction
from django.db.models import Manager, QuerySet
from django.utils import timezone
from pgvector import SparseVector

from knowledge import planted_kept
from knowledge.bm25 import chunk_weights
from knowledge.embedding import EmbeddingUnavailable, InvalidEmbedding, Vectors
from knowledge.indexing import attempts
from knowledge.indexing.generations import generations_to_write
from knowledge.indexing.making import Threads, VectorsByHash, begin
from knowledge.indexing.plan import Plan, PlannedChunk, PlannedDocument, batches, plan, version_of
from knowledge.models import LEXICAL_DIMENSIONS, Chunk, ChunkTerms, Document, IndexedDocument, IndexGeneration
from knowledge.spelling import words_of
from knowledge.terms import TERMS, term_id, terms_of

log = structlog.get_logger(__name__)

CHUNKS_PER_BATCH = 64
REASON_LENGTH = 500


class Indexing:
    """Documents on their way into the index: their first batch is with the model as soon as this exists.

    So whoever has many can do other work meanwhile, with two of these under way at once. Finish each, or leave it.
    """

    def __init__(
        self, documents: Sequence[Document], threads: Threads, generation: IndexGeneration | None = None
    ) -> None:
        self._documents, self._threads, self._given = documents, threads, generation
        wanted = [generation] if generation else generations_to_write()
        plans = [(held, _planned(held, documents)) for held in wanted]
        self._counted = list({document.pk: document for _, planned in plans for document in planned.stale}.values())
        attempts.count(self._counted)
        with attempts.taken_back_unless_done(self._counted):
            self._begun = {held.pk: _Begun(held, planned, threads) for held, planned in plans}

    def finish(self) -> int:
        """Write what the model has made, and all else; see index_documents."""
        try:
            with attempts.taken_back_unless_done(self._counted):
                return self._into_all() if self._given is None else self._begun[self._given.pk].write()
        except InvalidEmbedding as error:
            if len(self._documents) == 1:
                refusal = str(error)[:REASON_LENGTH]
                Document.objects.filter(pk=self._documents[0].pk).update(refusal=refusal)
            raise

    def leave(self) -> None:
        """Not wanted any more: nothing is written."""
        attempts.take_back(self._counted)

    def _into_all(self) -> int:
        done: dict[int, int] = {}
        # Asked again afterwards: a generation that was begun meanwhile may have passed over the old version.
        while waiting := [held for held in generations_to_write() if held.pk not in done]:
            for held in waiting:
                begun = self._begun.get(held.pk) or _Begun(held, _planned(held, self._documents), self._threads)
                done[held.pk] = begun.write() if not done else begun.write_tolerantly()
        return max(done.values())


def index_documents(documents: Sequence[Document], generation: IndexGeneration | None = None) -> int:
    """Brings the index up to date with these documents; returns how many chunks were written.

    Without `generation` into the one that answers and one that is being built. A document that is indexed as it
    stands costs one small update. Raises EmbeddingUnavailable: what was written before it stays, whole documents.
    One that is alone and cannot be embedded keeps the reason.
    """
    with Threads() as threads:
        return Indexing(documents, threads, generation).finish()


def unindex_documents(documents: Sequence[Document]) -> None:
    """Takes documents out of every generation: nothing is answered from them any more."""
    ids = [document.pk for document in documents]
    with transaction.atomic():
        locked(ids)
        Chunk.objects.filter(document_id__in=ids).delete()
        IndexedDocument.objects.filter(document_id__in=ids).delete()
        Document.objects.filter(pk__in=ids).update(answerable_at=None)


def _planned(generation: IndexGeneration, documents: Sequence[Document]) -> Plan:
    rows = IndexedDocument.objects.filter(generation=generation, document__in=documents)
    return plan(documents, {row.document_id: (row.content_hash, row.locale) for row in rows})


class _Begun:
    """The way into one generation, a batch at a time, each with the model while the one before is written."""

    def __init__(self, generation: IndexGeneration, planned: Plan, threads: Threads) -> None:
        self._generation, self._fresh = generation, planned.fresh
        self._batches = (begin(generation, batch, threads) for batch in batches(planned.stale, CHUNKS_PER_BATCH))
        self._first = next(self._batches, None)

    def write(self) -> int:
        """How many chunks were written. Raises EmbeddingUnavailable."""
        standing = _standing(Document.objects, [document.pk for document in self._fresh])
        _synchronise_filters(self._generation, [each for each in self._fresh if _still_stands(each, standing)])
        written, batch = 0, self._first
        while batch:
            following = next(self._batches, None)
            try:
                vectors, planted = batch.vectors.result(), batch.planted.result()
                written += _write(self._generation, batch.documents, vectors, planted)
            except Exception:
                if following:
                    following.leave()
                raise
            batch = following
        return written

    def write_tolerantly(self) -> int:
        """An outgoing generation whose model is gone must not keep documents out of the incoming one."""
        try:
            return self.write()
        except EmbeddingUnavailable:
            log.warning("outgoing_generation_not_updated", generation=self._generation.pk)
            return 0


def _write(
    generation: IndexGeneration,
    batch: Sequence[PlannedDocument],
    vectors: VectorsByHash,
    planted: Sequence[Document],
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
        Document.objects.filter(pk__in=ids).update(answerable_at=now, refusal="", indexing_attempts=0)
        planted_kept.keep([document for document in planted if document.pk in ids])
        _synchronise_filters(generation, [planned.document for planned in current])
    return len(chunks)


def locked(ids: Sequence[int]) -> dict[int, Document]:
    """The rows as they stand, locked in the order of their ids, as every writer of several does."""
    return _standing(Document.objects.select_for_update(no_key=True).order_by("pk"), ids)


def _standing(rows: "Manager[Document] | QuerySet[Document]", ids: Sequence[int]) -> dict[int, Document]:
    return {row.pk: row for row in rows.filter(pk__in=ids).only("content_hash", "locale", "status")}


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
