"""How a call of a model failed, in words for operators. Pure."""

from collections.abc import Mapping
from typing import get_args

from assistant.llm.port import NOT_MADE, FailureKind

# What becomes of calls that are made, as rows, metrics and logs name it.
OUTCOMES = ("ok", "cancelled", *(kind for kind in get_args(FailureKind) if kind not in NOT_MADE))
_WORDS: Mapping[str, str] = {
    "connect": "the server could not be reached, or the connection broke",
    "timeout": "no answer within the time",
    "rate_limit": "too many calls for the server",
    "overloaded": "the server failed",
    "denied": "the key or the model was refused",
    "refused": "the request was refused",
    "malformed": "the answer could not be read",
    "empty": "an answer without text",
    "filtered": "the server withheld the answer",
    "cut": "the answer was longer than it may be",
    "repeated": "the text went round in circles",
    "deadline": "no time was left for it",
    "cancelled": "left before it ended",
    "open": "its last calls had failed",
    "busy": "enough calls of it were under way",
    "resting": "its server had asked for a pause",
    "spent": "no more calls, or costs, were allowed",
}
_STATUSES: Mapping[int, str] = {
    401: "the key was refused",
    402: "the account has no credit",
    403: "the server forbids it",
    404: "the model or the address is not known there",
}


def failure_words(outcome: str, status: int | None = None) -> str:
    """What an outcome other than "ok" means, with the status of HTTP where the server gave one."""
    words = _WORDS.get(outcome, outcome)
    return words if status is None else f"HTTP {status}: {_STATUSES.get(status, words)}"
