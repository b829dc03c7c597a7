"""A cross-encoder behind a `/rerank` address: asked for the order of the best candidates, and for nothing else.

Cohere, Jina, vLLM and llama.cpp answer in one form, Voyage in another, Text Embeddings Inference in a third. None is
told how many results are wanted: all of them give all, and one refuses to be told.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings

from knowledge.indexing.plan import embedded_text
from knowledge.retrieval.passages import Shown
from knowledge.retrieval.query import Candidate

if TYPE_CHECKING:
    from httpx import Client

# A read that hangs ends with its own timeout, but may go on for longer than the deadline: others are still served.
_threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="reranking")
MAX_ANSWER_BYTES = 1_000_000
# Candidates sent: those that our own ranking puts further down seldom hold the answer, and each costs time there.
SENT = 20


class EndpointFailed(Exception):
    """The endpoint gave no usable order in time; the message says why, for operators."""


def configured() -> bool:
    """Whether there is an endpoint to ask."""
    return bool(settings.RERANK_BASE_URL)


def reorder(question: str, candidates: Sequence[Candidate], shown: Mapping[int, Shown]) -> list[Candidate]:
    """The best SENT candidates that may be shown in the endpoint's order, then the others. Raises EndpointFailed.

    The endpoint's scores stay outside, as their scale is its own: the candidates' scores and odds are given out anew in
    the new order, highest first, so that their level goes on meaning the same.
    """
    sent = [candidate for candidate in candidates if candidate.chunk_id in shown][:SENT]
    chunks = [shown[candidate.chunk_id] for candidate in sent]
    best_first = order(question, [embedded_text(chunk.title, chunk.heading_path, chunk.text) for chunk in chunks])
    ordered = [
        replace(sent[index], score=own.score, log_odds=own.log_odds)
        for index, own in zip(best_first, sent, strict=True)
    ]
    placed = {candidate.chunk_id for candidate in sent}
    return [*ordered, *(candidate for candidate in candidates if candidate.chunk_id not in placed)]


def order(question: str, texts: Sequence[str]) -> list[int]:
    """The texts' indexes, best first; ties keep their order. Raises EndpointFailed, at the deadline at the latest.

    Waits for a server: hold no database connection.
    """
    asked = _threads.submit(_scores, question, list(texts))
    try:
        scores = asked.result(settings.RERANK_DEADLINE_SECONDS)
    except TooLate as error:
        asked.cancel()
        raise EndpointFailed("no answer in time") from error
    return sorted(range(len(texts)), key=lambda index: -scores[index])


def _scores(question: str, texts: list[str]) -> list[float]:
    import httpx

    address = f"{settings.RERANK_BASE_URL.rstrip('/')}/rerank"
    try:
        client = _client(settings.RERANK_API_KEY, settings.RERANK_DEADLINE_SECONDS)
        with client.stream("POST", address, json=_request(question, texts)) as response:
            if response.status_code != 200:
                raise EndpointFailed(f"HTTP {response.status_code}")
            body = b""
            for piece in response.iter_bytes():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise EndpointFailed("the answer is too long")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a key or question that has no bytes
        raise EndpointFailed(type(error).__name__) from error
    return read_scores(body, len(texts))


def _request(question: str, texts: list[str]) -> dict[str, Any]:
    """Text Embeddings Inference serves one model, so that it is given no name, and calls the documents texts."""
    if not settings.RERANK_MODEL:
        return {"query": question, "texts": texts, "truncate": True}
    return {"model": settings.RERANK_MODEL, "query": question, "documents": texts}


def read_scores(body: bytes, count: int) -> list[float]:
    """The scores of `count` documents by their index. Raises EndpointFailed unless each has exactly one."""
    try:
        answer = orjson.loads(body)
        rows = answer if isinstance(answer, list) else answer.get("results", answer.get("data"))
        scores = {row["index"]: row["relevance_score" if "relevance_score" in row else "score"] for row in rows}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise EndpointFailed("the answer is not one of a reranker") from error
    wanted = list(range(count))
    numbers = all(type(index) is int for index in scores) and all(type(s) in (int, float) for s in scores.values())
    if len(rows) != count or not numbers or sorted(scores) != wanted or not all(map(math.isfinite, scores.values())):
        raise EndpointFailed(f"the answer does not score each of {count} documents once")
    return [float(scores[index]) for index in wanted]


@cache
def _client(api_key: str, deadline_seconds: float) -> "Client":
    """One a process, so that connections are kept; redirects are not followed, as they would take the key along."""
    import httpx

    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    return httpx.Client(headers=headers, timeout=deadline_seconds)
