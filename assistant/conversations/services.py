"""The door to every write of a conversation: check, lock, transition, publish; one transaction each."""

from assistant.conversations.desk import (
    add_note,
    hand_back,
    mark_read_by_agent,
    reply,
    resolve,
    save_draft,
    take_over,
)
from assistant.conversations.errors import (
    AlreadyTaken,
    ConversationError,
    IllegalTransition,
    InvalidText,
    NotFound,
    NotYours,
    RateLimited,
    TooLong,
)
from assistant.conversations.feedback import mark_read_by_customer, rate_message, save_contact
from assistant.conversations.handoff import cancel_handoff, request_handoff
from assistant.conversations.messages import Accepted, accept_message
from assistant.conversations.outcomes import give_up, record_answer, stop_turn, turn_away

__all__ = [
    "Accepted",
    "AlreadyTaken",
    "ConversationError",
    "IllegalTransition",
    "InvalidText",
    "NotFound",
    "NotYours",
    "RateLimited",
    "TooLong",
    "accept_message",
    "add_note",
    "cancel_handoff",
    "give_up",
    "hand_back",
    "mark_read_by_agent",
    "mark_read_by_customer",
    "rate_message",
    "record_answer",
    "reply",
    "request_handoff",
    "resolve",
    "save_contact",
    "save_draft",
    "stop_turn",
    "take_over",
    "turn_away",
]
