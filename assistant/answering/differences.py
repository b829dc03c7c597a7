"""How two answers to one question differ: JSON, empty where they do not. Pure."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.answering.record import MOST_SPANS
from assistant.answers import Answer, Source


def between(was: Answer, now: Answer) -> dict[str, Any]:
    """What differs, by name: a pair of figures or words, sources that came, went or moved, and a diff of the texts."""
    differing = _pairs(_given(was), _given(now))
    sources, text = _sources(was.sources, now.sources), _text(was.text, now.text)
    return {**differing, **({"sources": sources} if sources else {}), **({"text": text} if text else {})}


def of_versions(was: Answer, now: Answer) -> dict[str, Any]:
    """Which of the things that both answers were made with have changed."""
    return _pairs(_versions(was), _versions(now))


def _pairs(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"was": was[name], "is": now[name]} for name in was if was[name] != now[name]}


def _given(answer: Answer) -> dict[str, Any]:
    return {
        "decision": str(answer.decision),
        "reason": answer.reason,
        "confidence": answer.confidence,
        "threshold": answer.explanation.get("confidence", {}).get("threshold"),
        "looked_up": answer.question,
        "model": answer.model,
    }


def _versions(answer: Answer) -> dict[str, Any]:
    record = answer.explanation
    retrieval = record.get("retrieval", {})
    return {
        "prompt": answer.prompt_version,
        "rewriting_prompt": record.get("rewriting", {}).get("version"),
        "embeddings": retrieval.get("recipe"),
        "index_generation": retrieval.get("generation"),
        "reranker": retrieval.get("reranker", {}).get("version"),
        "quotation": record.get("quotation", {}).get("version"),
        "calibration": record.get("confidence", {}).get("calibration", {}).get("version"),
    }


def _sources(was: Sequence[Source], now: Sequence[Source]) -> dict[str, Any]:
    """By article: `moved` is one that is cited with another number, from another place or with other words."""
    before, after = _by_article(was), _by_article(now)
    found = {
        "added": [_named(source) for article, source in after.items() if article not in before],
        "lost": [_named(source) for article, source in before.items() if article not in after],
        "moved": [
            {"article": article, "was": _place(source, after[article]), "is": _place(after[article], source)}
            for article, source in before.items()
            if article in after and _place(source, after[article]) != _place(after[article], source)
        ],
    }
    return {kind: listed for kind, listed in found.items() if listed}


def _by_article(sources: Sequence[Source]) -> Mapping[str, Source]:
    """The first source of each article."""
    return {source.article: source for source in reversed(sources)}


def _named(source: Source) -> dict[str, Any]:
    return {"n": source.n, "article": source.article, "title": source.title}


def _place(source: Source, other: Source) -> dict[str, Any]:
    """Where a source is cited from; with all that is shown of it where both answers tell."""
    spans = {"spans": [list(span) for span in source.spans[:MOST_SPANS]]} if source.spans and other.spans else {}
    return {"n": source.n, "revision": source.revision, "start": source.start, "quote": source.quote, **spans}


def _text(was: str, now: str) -> list[str]:
    """A unified diff of the lines, without its header; one line when only their ends differ."""
    if was == now:
        return []
    lines = list(difflib.unified_diff(was.splitlines(), now.splitlines(), lineterm="", n=1))[2:]
    return lines or ["only white space differs"]
