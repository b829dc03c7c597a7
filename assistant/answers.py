"""What goes into and comes out of answering: plain frozen shapes that every part may import."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.states import Decision, Grounding, Role

# [n] in an answer's text; not the name of a link.
CITATION = re.compile(r"\[(\d{1,3})\](?!\()")
# The reasons of an escalation that cannot wait its turn, and of one that says nothing of the articles.
SAFETY, LEGAL, ASKED = "safety", "legal", "asked for a person"


class AnswerUnavailable(Exception):
    """No answer could be made: the knowledge base could not be read. The message is for operators."""


@dataclass(frozen=True)
class Said:
    """One earlier message of the conversation, oldest first in a history."""

    role: Role
    text: str


@dataclass(frozen=True)
class Rule:
    """An admin's rule: a message with any of the phrases, or with every one, goes to a person.

    Without a `message` the customer is told in the usual words.
    """

    name: str
    phrases: tuple[str, ...]
    every: bool = False
    message: str = ""


@dataclass(frozen=True)
class Question:
    """A customer's message with what is needed to understand it.

    `second_failure` says that the turn before was not answered either: a third try helps nobody. `grounding` says when
    a model's sentences are checked. `wrong_answer_cost` is in unneeded handoffs, None as recommended.
    """

    text: str
    collection: str
    locale: str = "en"
    history: tuple[Said, ...] = ()
    second_failure: bool = False
    grounding: Grounding = Grounding.BEFORE
    rules: tuple[Rule, ...] = ()
    wrong_answer_cost: float | None = None


@dataclass(frozen=True)
class Source:
    """A cited passage; `quote` stands verbatim in the revision's text, `n` matches [n] in the answer.

    The quote is code points [start, end) of that text, None while it is not chosen yet. `spans` are all of it that a
    quotation shows, in the same way; none where a model wrote the answer.
    """

    n: int
    article: str
    title: str
    url: str
    heading: str
    quote: str
    score: float
    document_id: int
    revision: int
    start: int | None = None
    end: int | None = None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class CompletionRecord:
    """One call of a model, whatever came of it. `outcome` is "ok" or the kind of failure; `text` is all it wrote.

    `kind` says why it was made: first, retry, hedge, fallback. `provider` is the server's host. `estimated`: the tokens
    are, since the server did not count them. `cost_usd` is None without a known price, and the most that it may be of a
    call that a server took on and neither ended nor counted. `scope` is what a call that was not made was refused for,
    and `status` that of HTTP with which one was refused, as in llm.port.ModelFailure.
    """

    purpose: str
    model: str
    outcome: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    first_token_ms: float | None = None
    total_ms: float | None = None
    text: str = ""
    kind: str = "first"
    provider: str = ""
    cost_usd: float | None = None
    estimated: bool = False
    scope: str = ""
    status: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the assistant says, why, and from what. `text` is Markdown; times are milliseconds.

    `offers_person`: it ends by asking whether a person is wanted.
    """

    decision: Decision
    reason: str
    text: str
    confidence: float
    sources: tuple[Source, ...] = ()
    model: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    question: str = ""
    explanation: Mapping[str, Any] = field(default_factory=dict)
    prompt_version: str = ""
    completions: tuple[CompletionRecord, ...] = ()
    offers_person: bool = False


@dataclass(frozen=True)
class Status:
    """Progress of a turn: what the assistant is doing now."""

    status: Literal["searching", "writing"]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Delta:
    """A piece of the answer's text. Offset 0 after others starts the text anew: another attempt.

    `sources` are those that the text cites up to here.
    """

    offset: int
    text: str
    sources: tuple[Source, ...] = ()
