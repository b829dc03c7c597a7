"""Conversation and turn states and the transitions between them. Pure: no Django, no clock."""

from enum import StrEnum


class ConversationStatus(StrEnum):
    """Who speaks with the customer now; the `status` of the chat protocol."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    AGENT = "agent"
    RESOLVED = "resolved"


class TurnStatus(StrEnum):
    """Life of one turn: the answer owed to one or more customer messages."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Decision(StrEnum):
    """What the assistant did with a turn; the `decision` of the chat protocol."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ABSTAIN = "abstain"
    ESCALATE = "escalate"


class Role(StrEnum):
    """Author kind of a message."""

    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"
    SYSTEM = "system"


class Grounding(StrEnum):
    """When a model's sentences are held against the articles: before they are shown, or after."""

    BEFORE = "before"
    AFTER = "after"


class IllegalTransition(Exception):
    """The move is not in the transition table; nothing was changed."""


CONVERSATION_TRANSITIONS: dict[ConversationStatus, frozenset[ConversationStatus]] = {
    ConversationStatus.ASSISTANT: frozenset(
        {ConversationStatus.WAITING, ConversationStatus.AGENT, ConversationStatus.RESOLVED}
    ),
    ConversationStatus.WAITING: frozenset(
        {ConversationStatus.ASSISTANT, ConversationStatus.AGENT, ConversationStatus.RESOLVED}
    ),
    ConversationStatus.AGENT: frozenset(
        {ConversationStatus.ASSISTANT, ConversationStatus.WAITING, ConversationStatus.RESOLVED}
    ),
    ConversationStatus.RESOLVED: frozenset({ConversationStatus.ASSISTANT, ConversationStatus.AGENT}),
}

TURN_TRANSITIONS: dict[TurnStatus, frozenset[TurnStatus]] = {
    TurnStatus.QUEUED: frozenset({TurnStatus.RUNNING, TurnStatus.FAILED, TurnStatus.CANCELLED}),
    TurnStatus.RUNNING: frozenset({TurnStatus.QUEUED, TurnStatus.DONE, TurnStatus.FAILED, TurnStatus.CANCELLED}),
    TurnStatus.DONE: frozenset(),
    TurnStatus.FAILED: frozenset(),
    TurnStatus.CANCELLED: frozenset(),
}

OPEN_TURN_STATUSES = (TurnStatus.QUEUED, TurnStatus.RUNNING)


def check_conversation(current: str, target: str) -> ConversationStatus:
    """The target status, if the move is allowed.

    Raises IllegalTransition naming both states otherwise.
    """
    source, wanted = ConversationStatus(current), ConversationStatus(target)
    if wanted not in CONVERSATION_TRANSITIONS[source]:
        raise IllegalTransition(f"a conversation cannot go from {source} to {wanted}")
    return wanted


def check_turn(current: str, target: str) -> TurnStatus:
    """The target status, if the move is allowed. Raises IllegalTransition otherwise."""
    source, wanted = TurnStatus(current), TurnStatus(target)
    if wanted not in TURN_TRANSITIONS[source]:
        raise IllegalTransition(f"a turn cannot go from {source} to {wanted}")
    return wanted
