"""How well retrieval finds what people judged to be right: the real ingestion and search over a scratch collection."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import orjson
from django.db import connection
from django.utils import timezone

from knowledge.ingestion import SAME_ID, Progress, ingest
from knowledge.models import Chunk, Collection, CollectionStatistic, Document, TermStatistic
from knowledge.retrieval import Candidate, Query, retrieve
from knowledge.sources.beir import NO_TEXT

LINES_LEFT_OUT = (NO_TEXT, SAME_ID)
SCRATCH_PREFIX = "evaluation-"
# A scratch collection this old was left by a killed run.
ABANDONED_AFTER = timedelta(days=1)
RUN_TAG = "answerdesk"
# The measures look at the first ten documents, however short a run is wanted.
MEASURED_DEPTH = 10
ROLES = ("customer", "assistant", "agent")

Rewrite = Callable[[str, Sequence[tuple[str, str]]], str]
Ranking = list[tuple[str, float]]


class UnusableInput(ValueError):
    """A file of the evaluation is missing or not what it should be; the message names it and the line."""


class CorpusNotIngested(Exception):
    """The corpus could not be imported, or not all of it, so figures would be about another corpus."""


@dataclass(frozen=True)
class EvaluationQuery:
    """A question to ask; `history` holds (role, text), oldest first; roles are those of ROLES."""

    id: str
    text: str
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RetrievalFigures:
    """What one evaluation found; rankings by query id, best first, one row a document by its best chunk."""

    measures: dict[str, float]
    latency_ms: dict[str, float]
    documents_per_second: float
    queries: int
    judged: int
    rankings: dict[str, Ranking]

    def as_dict(self) -> dict[str, Any]:
        """The keys of `evaluate retrieval --json`."""
        return self.measures | {
            "latency_ms": self.latency_ms,
            "documents_per_second": self.documents_per_second,
            "queries": self.queries,
            "judged": self.judged,
        }


def evaluate_retrieval(
    corpus: Path,
    queries: Sequence[EvaluationQuery],
    qrels: Mapping[str, Mapping[str, int]],
    *,
    rewrite: Rewrite,
    depth: int = 10,
    progress: Callable[[Progress], None] | None = None,
) -> RetrievalFigures:
    """Ingests the corpus into a scratch collection, asks every query, and takes the collection away again.

    Lines without text or with another's id, as some public sets have, are left out with a warning. Raises
    CorpusNotIngested when any other document is missing. Live collections are neither read nor changed.
    """
    with scratch_collection() as slug:
        report = ingest([str(corpus)], slug, progress)
        stored = report.documents.added
        missing = [failure for failure in report.failures if not failure["reason"].startswith(LINES_LEFT_OUT)]
        if missing or not stored:
            raise CorpusNotIngested(_reason(missing or report.failures))
        articles = dict(Document.objects.filter(collection__slug=slug).values_list("pk", "article"))
        rankings: dict[str, Ranking] = {}
        latencies: list[float] = []
        for query in queries:
            started = time.perf_counter()
            text = rewrite(query.text, query.history) if query.history else query.text
            candidates = retrieve(Query(text, slug, limit=max(depth, MEASURED_DEPTH))).candidates
            latencies.append((time.perf_counter() - started) * 1000)
            rankings[query.id] = by_document(candidates, articles, max(depth, MEASURED_DEPTH))
    judged = judged_queries(queries, qrels)
    return RetrievalFigures(
        measures=measure(judged, rankings),
        latency_ms={"p50": _percentile(latencies, 50), "p95": _percentile(latencies, 95)},
        documents_per_second=round(stored / max(report.seconds, 1e-3), 2),
        queries=len(queries),
        judged=len(judged),
        rankings={query: ranking[:depth] for query, ranking in rankings.items()},
    )


def by_document(candidates: Sequence[Candidate], articles: Mapping[int, str], depth: int) -> Ranking:
    """Up to `depth` articles by their best chunk; scores fall strictly, so that every reader keeps the order."""
    ranking: Ranking = []
    seen: set[int] = set()
    for candidate in candidates:
        if len(ranking) == depth:
            break
        if candidate.document_id in seen:
            continue
        seen.add(candidate.document_id)
        above = ranking[-1][1] if ranking else float("inf")
        ranking.append((articles[candidate.document_id], min(candidate.score, above - 1e-6)))
    return ranking


def judged_queries(
    queries: Sequence[EvaluationQuery], qrels: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    """The judgements of those queries that have a right document at all."""
    return {
        query.id: dict(qrels[query.id])
        for query in queries
        if any(relevance > 0 for relevance in qrels.get(query.id, {}).values())
    }


def measure(qrels: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Ranking]) -> dict[str, float]:
    """Means over the judged queries, by the keys of `--json`; 0 where nothing was judged."""
    import ir_measures
    from ir_measures import RR, R, nDCG

    named = {"recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}
    if not qrels:
        return dict.fromkeys(named, 0.0)
    run = {query: dict(rankings[query]) for query in qrels}
    found = ir_measures.calc_aggregate(named.values(), qrels, run)
    return {name: round(float(found[wanted]), 4) for name, wanted in named.items()}


def write_run(rankings: Mapping[str, Ranking], out: TextIO) -> None:
    """A TREC run: qid Q0 docid rank score tag."""
    for query, ranking in rankings.items():
        for rank, (article, score) in enumerate(ranking, start=1):
            out.write(f"{query} Q0 {article} {rank} {score:.6f} {RUN_TAG}\n")


def read_queries(path: Path) -> list[EvaluationQuery]:
    """JSON lines of `_id`, `text` and perhaps `history`. Raises UnusableInput."""
    return [_query(row, path, number) for number, row in _json_lines(path)]


def _query(row: Any, path: Path, number: int) -> EvaluationQuery:
    try:
        history = tuple((said["role"], said["text"]) for said in row.get("history") or ())
        query = EvaluationQuery(str(row["_id"]), row["text"], history)
    except (AttributeError, KeyError, TypeError) as error:
        raise UnusableInput(f"{path}:{number}: is not a query: {error!r}") from error
    if not all(isinstance(text, str) for text in (query.text, *(text for _, text in history))):
        raise UnusableInput(f"{path}:{number}: a text is not a string")
    if unknown := {role for role, _ in history} - set(ROLES):
        raise UnusableInput(f"{path}:{number}: unknown roles {sorted(map(str, unknown))}, known are {', '.join(ROLES)}")
    return query


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Lines end at a line feed alone: other line breaks may stand within a text."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, orjson.loads(line)
    except OSError as error:
        raise UnusableInput(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise UnusableInput(f"{path}:{number}: is not JSON: {error}") from error


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Tab-separated `query-id corpus-id score` under a header. Raises UnusableInput."""
    qrels: dict[str, dict[str, int]] = {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{path}: {error}") from error
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        try:
            query, document, score = line.rstrip("\r").split("\t")
            qrels.setdefault(query, {})[document] = int(float(score))
        except ValueError as error:
            raise UnusableInput(f"{path}:{number}: expected query-id, corpus-id and score, with tabs") from error
    return qrels


@contextmanager
def scratch_collection() -> Iterator[str]:
    """The slug of a collection that is gone afterwards, however the evaluation ends."""
    old = Collection.objects.filter(
        slug__startswith=SCRATCH_PREFIX, created_at__lt=timezone.now() - ABANDONED_AFTER
    ).values_list("slug", flat=True)
    for abandoned in old:
        remove_collection(abandoned)
    slug = f"{SCRATCH_PREFIX}{uuid.uuid4().hex}"
    try:
        yield slug
    finally:
        # An interruption may have left this thread's connection in the middle of anything: another thread has its own.
        with ThreadPoolExecutor(1) as cleaner:
            cleaner.submit(_remove_and_disconnect, slug).result()


def _remove_and_disconnect(slug: str) -> None:
    try:
        remove_collection(slug)
    finally:
        connection.close()


def remove_collection(slug: str) -> None:
    """Take a collection away. Statistics first, or each chunk's going would count down rows that go with it."""
    for collection in Collection.objects.filter(slug=slug):
        CollectionStatistic.objects.filter(collection=collection).delete()
        TermStatistic.objects.filter(collection=collection).delete()
        Chunk.objects.filter(collection=collection).delete()
        collection.delete()


def _reason(failures: Sequence[Mapping[str, str]]) -> str:
    if not failures:
        return "the corpus holds no document"
    return f"the corpus could not be imported: {failures[0]['path']}: {failures[0]['reason']}"


def _percentile(values: Sequence[float], percent: int) -> float:
    return round(float(np.percentile(values, percent)), 2) if values else 0.0
