"""What models make of documents, in threads beside whoever writes the batch before."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

from knowledge import planted_kept
from knowledge.embedding import EmbeddingUnavailable, Vectors, embedder_of
from knowledge.indexing.plan import PlannedDocument
from knowledge.models import Chunk, Document, IndexedDocument, IndexGeneration

VectorsByHash = Mapping[str, Vectors]


class Threads:
    """One for the model that embeds, one that looks meanwhile for what is planted; neither asks the database."""

    def __init__(self) -> None:
        self.embedding = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        self.looking = ThreadPoolExecutor(1, thread_name_prefix="planted")

    def __enter__(self) -> "Threads":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for threads in (self.embedding, self.looking):
            threads.shutdown(wait=kind is None, cancel_futures=True)  # a server that hangs keeps nobody else waiting


@dataclass(frozen=True)
class Making:
    """Documents, a vector for each content hash of their chunks and titles, and those in which something is planted."""

    documents: Sequence[PlannedDocument]
    vectors: "Future[VectorsByHash]"
    planted: "Future[list[Document]]"

    def leave(self) -> None:
        """Not needed any more, where it has not begun."""
        self.vectors.cancel()
        self.planted.cancel()


def begin(generation: IndexGeneration, documents: Sequence[PlannedDocument], threads: Threads) -> Making:
    """Have the vectors made that are not held already. The future raises EmbeddingUnavailable."""
    held: dict[str, Vectors] = {}
    for planned in documents:
        held |= _held(generation, planned)
    wanted = {chunk.content_hash: chunk.embedded_text for planned in documents for chunk in planned.chunks}
    wanted |= {planned.title_hash: planned.title for planned in documents if planned.title}
    missing = {content_hash: text for content_hash, text in wanted.items() if content_hash not in held}
    return Making(
        documents,
        threads.embedding.submit(_vectors, generation, held, missing),
        threads.looking.submit(planted_kept.find, [planned.document for planned in documents]),
    )


def _held(generation: IndexGeneration, planned: PlannedDocument) -> dict[str, Vectors]:
    hashes = [chunk.content_hash for chunk in planned.chunks]
    rows = Chunk.objects.filter(
        generation=generation, collection_id=planned.document.collection_id, content_hash__in=hashes
    )
    indexed = IndexedDocument.objects.filter(generation=generation, document=planned.document)
    titles = indexed.filter(title_hash=planned.title_hash, title_embedding__isnull=False)
    return dict([*rows.values_list("content_hash", "embedding"), *titles.values_list("title_hash", "title_embedding")])


def _vectors(generation: IndexGeneration, held: VectorsByHash, missing: Mapping[str, str]) -> VectorsByHash:
    if not missing:
        return held
    embedder = embedder_of(generation.embedding_model, generation.recipe)
    if not embedder.makes(generation.recipe):
        raise EmbeddingUnavailable(f"{generation.recipe} is not what is configured")
    return {**held, **dict(zip(missing, embedder.embed_passages(list(missing.values())), strict=True))}
