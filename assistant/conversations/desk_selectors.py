"""Reads of the agents' socket."""

import uuid

from assistant.conversations.errors import NotFound
from assistant.models import Conversation, User
from assistant.states import ConversationStatus


def standing(conversation_id: uuid.UUID) -> tuple[int, str]:
    """The conversation's head and status. Raises NotFound."""
    found = Conversation.objects.filter(pk=conversation_id).values_list("seq", "status").first()
    if found is None:
        raise NotFound
    return found


def speaks_in(agent: User, conversation_id: uuid.UUID) -> bool:
    """True while the agent is the one who talks with the customer."""
    rows = Conversation.objects.filter(pk=conversation_id, status=ConversationStatus.AGENT, agent=agent)
    return rows.exists()
