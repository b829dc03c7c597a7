"""What figures came from: the code, what it was set to, and hashes of the data."""

import gzip
import hashlib
import subprocess
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from knowledge.embedding import EmbeddingUnavailable
from knowledge.embedding.served import address_of
from knowledge.indexing.generations import active_generation
from knowledge.models import IndexGeneration
from knowledge.retrieval import reranking
from knowledge.retrieval.fusion import LEARNED

GZIP = b"\x1f\x8b"
BLOCK_BYTES = 1 << 20
# Written section by section, after each measurement.
REPORT = "docs/evaluation.md"


def commit() -> str | None:
    """The checked-out commit, with "+changes" where more than the report differs from it.

    None without git or a checkout of ours.
    """
    try:
        if Path(_git("rev-parse", "--show-toplevel")) != settings.BASE_DIR:
            return None  # installed somewhere within another project's checkout
        changes = _git("status", "--porcelain", "-uno", "--", ".", f":!{REPORT}")
        return _git("rev-parse", "--short=12", "HEAD") + ("+changes" if changes else "")
    except (OSError, subprocess.SubprocessError):
        return None


def retrieval_settings() -> dict[str, str | int | None]:
    """What a ranking depends on besides the code; without an index while the model that makes one is away."""
    generation = _generation()
    return {
        "embedding": generation.recipe if generation else None,
        "chunker": generation.chunker if generation else None,
        "fusion": hash_of(LEARNED)[:12],
        "reranker": hash_of(dict(reranking.weights(embedding_model())))[:12],
        "reranking server": address_of(settings.RERANK_BASE_URL) if settings.RERANK_BASE_URL else None,
        "reranking model": settings.RERANK_MODEL or None if settings.RERANK_BASE_URL else None,
    }


def embedding_model() -> str:
    """The model that questions are looked up with: what was fitted with it counts; the configured one at first."""
    generation = _generation()
    return generation.embedding_model if generation else str(settings.EMBEDDING_MODEL)


def _generation() -> IndexGeneration | None:
    """The one that answers; None while there is none and the model that makes one is away."""
    try:
        return active_generation()
    except EmbeddingUnavailable:
        return None


def hash_of(value: Any) -> str:
    """SHA-256 of what JSON can hold."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def hash_of_file(path: Path) -> str:
    """SHA-256 of a file's content; packed or not, it is the same."""
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
    with gzip.open(path) if packed else path.open("rb") as content:
        hashed = hashlib.sha256()
        while block := content.read(BLOCK_BYTES):
            hashed.update(block)
    return hashed.hexdigest()


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
