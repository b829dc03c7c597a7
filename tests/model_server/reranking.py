"""A `/rerank` address: texts that share more of the question's words come first; told in the forms that servers use."""

import re
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
FAULTS: dict[str, Callable[[list[Row]], Any]] = {
    "short": lambda rows: rows[:-1],
    "twice": lambda rows: [*rows[:-1], rows[0]],
    "beyond": lambda rows: [{**rows[0], "index": len(rows)}, *rows[1:]],
    "negative": lambda rows: [{**rows[0], "index": -1}, *rows[1:]],
    "words": lambda rows: [{**rows[0], "relevance_score": "high"}, *rows[1:]],
    "boolean": lambda rows: [{**row, "index": bool(row["index"])} for row in rows],
    "nothing": lambda rows: None,
    "strings": lambda rows: [str(row) for row in rows],
    "unscored": lambda rows: [{"index": row["index"]} for row in rows],
}
FORMS: dict[str, Callable[[Any], Any]] = {
    "results": lambda rows: {"id": "1", "results": rows, "meta": {}},  # Cohere, Jina, vLLM, llama.cpp
    "data": lambda rows: {"object": "list", "data": rows, "usage": {"total_tokens": 1}},  # Voyage
    "list": lambda rows: rows,  # Text Embeddings Inference
}


def answer(request: dict[str, Any], fault: str = "", form: str = "results") -> Any:
    """The body for a request, best text first; spoiled as the fault says."""
    texts = request.get("documents") or request["texts"]
    asked = _words(request["query"])
    scores = [len(asked & _words(text)) / (1 + len(asked)) for text in texts]
    best_first = sorted(range(len(texts)), key=lambda index: -scores[index])
    name = "score" if "texts" in request else "relevance_score"
    rows: list[Row] = [{"index": index, name: scores[index]} for index in best_first]
    return FORMS[form](FAULTS[fault](rows) if fault in FAULTS else rows)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
