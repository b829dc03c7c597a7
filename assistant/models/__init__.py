from assistant.models.conversation import (
    Citation,
    Conversation,
    Customer,
    EscalationRule,
    Event,
    Feedback,
    Message,
    Session,
    Widget,
)
from assistant.models.desk import ApiKey, Draft, Note, User
from assistant.models.outgoing import Outgoing
from assistant.models.turn import Completion, Spend, Turn

__all__ = [
    "ApiKey",
    "Citation",
    "Completion",
    "Conversation",
    "Customer",
    "Draft",
    "EscalationRule",
    "Event",
    "Feedback",
    "Message",
    "Note",
    "Outgoing",
    "Session",
    "Spend",
    "Turn",
    "User",
    "Widget",
]
