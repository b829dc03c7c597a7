"""A large collection recombined from the sentences of the evaluation sets, indexed in the form of the real indexing.

Articles of eight sections take their sentences from two neighbourhoods of the sets, so that they have topics. Chunks,
terms, term weights, statistics and vector index are the product's own work. Only the vectors are not all computed:
at some forty passages a second that would take the better part of an hour. The sentences are embedded, once each; a
chunk gets the normalised mean of its sentences' vectors with a little noise, an article's title that of its words.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluation import sets

if TYPE_CHECKING:
    from knowledge.models import Collection, Document, IndexGeneration

SETS = (
    "techqa/corpus.jsonl.gz",
    "mtrag_cloud/corpus.jsonl.gz",
    "gnome_help/corpus.jsonl.gz",
    "xquad_noise/corpus.jsonl",
)
SEED = 20_240_501
SENTENCES = 8_000
SECTIONS = 8
SENTENCES_A_SECTION = (4, 9)
NEIGHBOURHOOD = 40
NOISE = 0.15
DOCUMENTS_A_BATCH = 64
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_MARKUP = re.compile(r"[#|<>`*\[\]_]")


def build(collection: "Collection", chunks: int, embed: Callable[[list[str]], NDArray[np.float32]]) -> int:
    """Fill an empty collection up to that many chunks; how many there are. `embed` gives normalised vectors."""
    from django.db import connection

    from assistant.events.connection import waiting
    from knowledge.indexing.generations import active_generation, create_vector_index, drop_vector_index

    sentences = pool()
    vectors = embed(sentences)
    generation = active_generation()
    drop_vector_index(generation)  # adding to it row by row takes five times as long as making it at the end
    written = 0
    for number, batch in enumerate(_batches(sentences)):
        if written >= chunks:
            break
        written += _write(collection, generation, number * DOCUMENTS_A_BATCH, batch, vectors)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '512MB'")  # the whole graph in memory takes a third of the time
    with waiting(seconds=math.inf), connection.cursor() as cursor:
        create_vector_index(generation)
        cursor.execute("VACUUM ANALYZE")
    return written


def pool() -> list[str]:
    """The sentences, in the order of the sets so that neighbours are about the same."""
    found = dict.fromkeys(
        sentence
        for path in SETS
        for row in sets.rows(path)
        for sentence in map(str.strip, _SENTENCE_END.split(str(row["text"])))
        if 5 <= len(sentence.split()) <= 40 and not _MARKUP.search(sentence)
    )
    every = list(found)
    chosen = sorted(Random(SEED).sample(range(len(every)), min(SENTENCES, len(every))))
    return [every[index] for index in chosen]


Article = tuple[list[int], list[list[int]]]


def articles(sentences: list[str], sections: int = SECTIONS) -> Iterator[tuple[str, str, Article]]:
    """Titles and texts without end, with the sentences they are made of: of the title, and of each section."""
    random = Random(SEED)
    while True:
        yield _article(sentences, sections, random)


def _batches(sentences: list[str]) -> Iterator[list[tuple[str, str, Article]]]:
    without_end = articles(sentences)
    while True:
        yield list(islice(without_end, DOCUMENTS_A_BATCH))


def _article(sentences: list[str], count: int, random: Random) -> tuple[str, str, Article]:
    places = [random.randrange(len(sentences)) for _ in range(2)]

    def draw(count: int) -> list[int]:
        near = (random.choice(places) + random.randint(-NEIGHBOURHOOD, NEIGHBOURHOOD) for _ in range(count))
        return [index % len(sentences) for index in near]

    title = draw(1)
    sections = [draw(random.randint(*SENTENCES_A_SECTION)) for _ in range(count)]
    text = "\n\n".join(
        f"## {number}. {_start(sentences[section[0]])}\n\n{' '.join(sentences[index] for index in section)}"
        for number, section in enumerate(sections, start=1)
    )
    return _start(sentences[title[0]]), text, (title, sections)


def _start(sentence: str) -> str:
    return " ".join(sentence.split()[:8])


def _write(
    collection: "Collection",
    generation: "IndexGeneration",
    first: int,
    batch: list[tuple[str, str, Article]],
    vectors: NDArray[np.float32],
) -> int:
    """One batch by the indexing's own transaction, with the vectors handed to it."""
    from knowledge.indexing.apply import _write as write
    from knowledge.indexing.plan import plan_document

    planned, by_hash = [], {}
    noise = np.random.default_rng(SEED + first)
    for document, (_, text, (title, sections)) in zip(_documents(collection, first, batch), batch, strict=True):
        plan = plan_document(document)
        planned.append(plan)
        starts = [match.start() for match in re.finditer(r"^## ", text, re.MULTILINE)]
        by_hash[plan.title_hash] = _mean(vectors[title], noise)
        for chunk in plan.chunks:
            section = sections[bisect_right(starts, chunk.draft.start) - 1]
            by_hash[chunk.content_hash] = _mean(vectors[section], noise)
    return write(generation, planned, by_hash, [])


def _documents(collection: "Collection", first: int, batch: list[tuple[str, str, Article]]) -> list["Document"]:
    from knowledge.models import Document, Source

    source, _ = Source.objects.get_or_create(collection=collection, kind=Source.Kind.FOLDER, location="recombined")
    common: dict[str, Any] = {"collection": collection, "source": source, "locale": "en"}
    return Document.objects.bulk_create(
        Document(
            article=f"article-{first + index}",
            title=title,
            text=text,
            markup=text,
            content_hash=sha256(f"{title}\n{text}".encode()).hexdigest(),
            metadata_hash="",
            **common,
        )
        for index, (title, text, _) in enumerate(batch)
    )


def _mean(vectors: NDArray[np.float32], noise: np.random.Generator) -> NDArray[np.float32]:
    mean = vectors.mean(axis=0)
    drawn = noise.standard_normal(mean.shape)
    mixed = mean / np.linalg.norm(mean) + NOISE * drawn / np.linalg.norm(drawn)
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)
