"""What a turn's record keeps of the stretches of articles that could have been quoted, the likeliest first. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from assistant.answering.readings import Found
from assistant.llm.extracts import Extract, weights

MOST_KEPT = 5
TEXT_CHARACTERS = 160
TITLE_CHARACTERS = 200
DIGITS = 3


def stretches_of(considered: Sequence[Extract], found: Found) -> list[dict[str, Any]]:
    """The likeliest that have nothing in common: where each stands in its article's revision, and all its figures."""
    kept: list[Extract] = []
    for extract in considered:
        if len(kept) == MOST_KEPT:
            break
        if not any(extract.article == other.article and _meet(extract, other) for other in kept):
            kept.append(extract)
    return [_stretch(extract, found) for extract in kept]


def quotation(stretches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The stretches with what they were weighed by."""
    return {"version": version(), "weights": dict(weights()), "stretches": list(stretches)}


@lru_cache(maxsize=1)
def version() -> str:
    """The first digits of the hash of what was learned: changes with any weight."""
    return hashlib.sha256(json.dumps(dict(weights()), sort_keys=True).encode()).hexdigest()[:12]


def _meet(one: Extract, other: Extract) -> bool:
    return one.start < other.end and other.start < one.end


def _stretch(extract: Extract, found: Found) -> dict[str, Any]:
    passage, reading = found.passages[extract.reading], found.readings[extract.reading]
    ahead = passage.start - reading.start
    return {
        "article": passage.article[:TITLE_CHARACTERS],
        "title": passage.title[:TITLE_CHARACTERS],
        "revision": passage.revision,
        "start": extract.start + ahead,
        "end": extract.end + ahead,
        "text": reading.text[extract.start : extract.end][:TEXT_CHARACTERS],
        "score": round(extract.score, DIGITS),
        "features": {name: round(value, DIGITS) for name, value in extract.features.items()},
    }
