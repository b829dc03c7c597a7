"""How well retrieval finds what people judged to be right: the real ingestion and search over a scratch collection."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from knowledge.evaluation.files import EvaluationQuery
from knowledge.evaluation.resampling import Columns, Figure, mean_of, percentile_of
from knowledge.evaluation.scratch import scratch_collection
from knowledge.importing import SAME_ID, Progress
from knowledge.ingestion import ingest
from knowledge.models import Document
from knowledge.retrieval import Candidate, Query, retrieve
from knowledge.sources.beir import NO_TEXT

LINES_LEFT_OUT = (NO_TEXT, SAME_ID)
RUN_TAG = "answerdesk"
# The measures look at the first ten documents, however short a run is wanted.
MEASURED_DEPTH = 10
MEASURES = ("recall@5", "recall@10", "mrr@10", "ndcg@10")
FIGURES: Mapping[str, Figure] = {
    **{name: mean_of(name) for name in MEASURES},
    "latency_ms.p50": percentile_of("latency_ms", 50),
    "latency_ms.p95": percentile_of("latency_ms", 95),
}

Rewrite = Callable[[str, Sequence[tuple[str, str]]], str]
Ranking = list[tuple[str, float]]


class CorpusNotIngested(Exception):
    """The corpus could not be imported, or not all of it, so figures would be about another corpus."""


@dataclass(frozen=True)
class RetrievalFigures:
    """What one evaluation found.

    `columns` hold each measure and `latency_ms` of every query, in the order of `ids`; the measures are nan where
    nothing was judged. Rankings by query id, best first, one row a document by its best chunk.
    """

    ids: Sequence[str]
    columns: Columns
    documents_per_second: float
    judged: int
    rankings: Mapping[str, Ranking]

    def as_dict(self) -> dict[str, Any]:
        """The keys of `evaluate retrieval --json`; 0 where nothing was judged."""
        return {
            **{name: _rounded(FIGURES[name](self.columns), 4) for name in MEASURES},
            "latency_ms": {name: _rounded(FIGURES[f"latency_ms.{name}"](self.columns), 2) for name in ("p50", "p95")},
            "documents_per_second": self.documents_per_second,
            "queries": len(self.ids),
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
        ids=[query.id for query in queries],
        columns={**_columns(queries, measure(judged, rankings)), "latency_ms": np.array(latencies)},
        documents_per_second=round(stored / max(report.seconds, 1e-3), 2),
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


def measure(qrels: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Ranking]) -> dict[str, dict[str, float]]:
    """By judged query each of MEASURES, as trec_eval computes them."""
    import ir_measures
    from ir_measures import RR, R, nDCG

    if not qrels:
        return {}
    named = dict(zip((R @ 5, R @ 10, RR @ 10, nDCG @ 10), MEASURES, strict=True))
    run = {query: dict(rankings[query]) for query in qrels}
    # A query without a single document in the run is left out by the library.
    found: dict[str, dict[str, float]] = {query: dict.fromkeys(MEASURES, 0.0) for query in qrels}
    for metric in ir_measures.iter_calc(named, qrels, run):
        found[metric.query_id][named[metric.measure]] = float(metric.value)
    return found


def _columns(queries: Sequence[EvaluationQuery], measured: Mapping[str, Mapping[str, float]]) -> Columns:
    nothing = dict.fromkeys(MEASURES, math.nan)
    return {name: np.array([measured.get(query.id, nothing)[name] for query in queries]) for name in MEASURES}


def write_run(rankings: Mapping[str, Ranking], out: TextIO) -> None:
    """A TREC run: qid Q0 docid rank score tag."""
    for query, ranking in rankings.items():
        for rank, (article, score) in enumerate(ranking, start=1):
            out.write(f"{query} Q0 {article} {rank} {score:.6f} {RUN_TAG}\n")


def _reason(failures: Sequence[Mapping[str, str]]) -> str:
    if not failures:
        return "the corpus holds no document"
    return f"the corpus could not be imported: {failures[0]['path']}: {failures[0]['reason']}"


def _rounded(value: float, digits: int) -> float:
    return 0.0 if math.isnan(value) else round(value, digits)
