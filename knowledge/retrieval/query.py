"""What is asked of the knowledge base, and what it answers; only a passage is checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Query:
    """One self-contained question to one collection; `limit` is the most passages wanted."""

    text: str
    collection: str
    locale: str | None = None
    limit: int = 8


@dataclass(frozen=True)
class Place:
    """Where a chunk stands: code points start..end of its article's `revision`."""

    article: str
    title: str
    heading_path: tuple[str, ...]
    revision: int
    start: int
    end: int


@dataclass(frozen=True)
class Candidate:
    """A chunk that may answer. `score` ranks, 0..1; `dense` is a cosine; `lexical` a BM25 score.

    `features` are what the reranker saw of it, and `log_odds` how far that puts it below the best candidate (0 for
    that); both are None of candidates that it did not look at. `place` is where it stands; None of candidates that
    were not read or may not be shown.
    """

    chunk_id: int
    document_id: int
    score: float
    dense: float | None
    lexical: float | None
    features: Mapping[str, float] | None = None
    log_odds: float | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Passage:
    """Published text of the collection asked: `text` is code points start..end of the document's `revision`.

    `url` is absolute or site-relative, and leads to the section. `log_odds` is its candidate's; `cover` and `named` are
    shares of the rarity of the question's words: that it holds, and that its title or its headings do. None where the
    reranker did not look at it.
    """

    chunk_id: int
    document_id: int
    revision: int
    article: str
    title: str
    url: str
    heading_path: tuple[str, ...]
    anchor: str
    text: str
    start: int
    end: int
    score: float
    dense: float | None
    lexical: float | None
    log_odds: float | None = None
    locale: str = "en"
    cover: float | None = None
    named: float | None = None


@dataclass(frozen=True)
class Understood:
    """The question as it was looked up, and by mistyped word, in lower case, what stands for it there."""

    text: str
    corrections: Mapping[str, str]


@dataclass(frozen=True)
class Retrieval:
    """Passages and all candidates, best first. `degraded` names what was away: "embedding" is lexical search alone,
    "reranking" our own order.

    `embedding_model` is the one whose cosines these are, as EMBEDDING_MODEL named it, empty when nothing is indexed;
    `recipe` names how the index generation's vectors were made.
    """

    query: Query
    passages: tuple[Passage, ...]
    candidates: tuple[Candidate, ...]
    generation: int
    timings_ms: dict[str, float]
    degraded: tuple[str, ...]
    understood: Understood
    embedding_model: str = ""
    recipe: str = ""
