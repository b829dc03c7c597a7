"""Words and shapes of the desk's pages."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

from assistant.models import Conversation, User
from assistant.states import ConversationStatus, Decision

register = template.Library()

DECISIONS = {
    Decision.ANSWER: "Answered",
    Decision.CLARIFY: "Asked back",
    Decision.ABSTAIN: "Not known",
    Decision.ESCALATE: "Called a person",
}


@register.filter
def initials(name: str) -> str:
    """At most two letters that stand for `name`; "?" when it has none."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper() or "?"


@register.filter
def waited(since: datetime) -> str:
    """How long ago in one short unit; static/desk/times.js says it the same way."""
    return span(timezone.now() - since)


def span(length: timedelta) -> str:
    """`length` rounded down: "now", "4 min", "2 h" or "3 d"."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


@register.filter
def decision_words(decision: str) -> str:
    """A decision in an agent's words."""
    return DECISIONS[Decision(decision)] if decision else "Stopped"


@register.simple_tag
def status_words(conversation: Conversation, agent: User) -> str:
    """Who has the conversation now, as `agent` would say it."""
    match ConversationStatus(conversation.status):
        case ConversationStatus.WAITING:
            return "Waiting for a person"
        case ConversationStatus.ASSISTANT:
            return "Opened again" if conversation.resolved_at else "With the assistant"
        case ConversationStatus.RESOLVED:
            return "Resolved"
        case ConversationStatus.AGENT:
            if conversation.agent is None:
                return "With a person"
            return "With you" if conversation.agent == agent else f"With {conversation.agent.public_name}"
