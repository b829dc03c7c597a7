"""A word in every question that no other has, which a faithful model repeats: whose answer it is can be read off it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

# Of letters alone: a word that the model's server may add to a sentence without making another claim of it.
MARKS = "zq[b-t]{8}"
_MARK = re.compile(rf"\b{MARKS}\b")
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")


def mark_of(client_id: str) -> str:
    """The word of the message with this id."""
    return "zq" + client_id[:8].translate(_LETTERS)


def marks_in(text: str) -> set[str]:
    """Every mark that a text holds."""
    return set(_MARK.findall(text))


def marks_of(events: Iterable[dict[str, Any]]) -> dict[str | None, set[str]]:
    """The marks of each turn's questions; those that no turn answers are under None."""
    asked: dict[str | None, set[str]] = defaultdict(set)
    for message in _messages(events):
        if message["role"] == "customer":
            asked[message["turn"]] |= marks_in(message["text"])
    return asked


def strays(events: Iterable[dict[str, Any]]) -> list[str]:
    """Texts with a mark of somebody else's question, or of another one of theirs; passages hold none at all.

    An answer to nothing but greetings has nothing to quote.
    """
    events = list(events)
    asked, found = marks_of(events), []
    for message in _messages(events):
        by_customer = message["role"] == "customer"
        own = {mark_of(message["client_id"])} if by_customer else asked[message["turn"]]
        quoted = message.get("sources") or []
        unasked = quoted and message["role"] == "assistant" and not own
        if unasked or marks_in(message["text"]) - own or marks_in(json.dumps(quoted)):
            found.append(message["text"])
    return found


def _messages(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event["message"] for event in events if event["type"] == "message.created"]
