"""Words and shapes of the desk's pages."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from assistant.answers import LEGAL, SAFETY
from assistant.conversations.channel import is_channel
from assistant.conversations.rendering import escape_text, render_markdown
from assistant.models import Conversation, Message, Outgoing, User
from assistant.states import ConversationStatus, Decision, Role

register = template.Library()

REASONS = {SAFETY: "Safety: someone may be in danger", LEGAL: "Legal: a matter of law"}
DECISIONS = {
    Decision.ANSWER: "Answered",
    Decision.CLARIFY: "Asked back",
    Decision.ABSTAIN: "Not known",
    Decision.ESCALATE: "Called a person",
}


@register.filter
def mail_advice(mail: Outgoing) -> str:
    """What an admin can do about a mail that was not sent; empty for any other."""
    if mail.state == Outgoing.State.HELD:
        return "If the address is the customer's own, send it again later in the list of e-mails."
    if mail.state != Outgoing.State.FAILED:
        return ""
    if mail.error.startswith("SMTPRecipientsRefused"):
        return "The mail server takes nothing for this address. The customer finds the answer in the chat."
    return "Check EMAIL_URL and the mail server, then send it again in the list of e-mails."


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


@register.filter
def message_html(message: Message) -> SafeString:
    """What was said as sanitised HTML; a customer's words are plain text."""
    render = escape_text if message.role == Role.CUSTOMER else render_markdown
    return mark_safe(render(message.text))  # noqa: S308


@register.filter
def reason_words(conversation: Conversation) -> str:
    """Why a conversation waits for a person."""
    reason = conversation.handoff_reason
    return REASONS.get(reason) or capfirst(reason) or "Asked for a person"


@register.filter
def by_api(conversation: Conversation) -> bool:
    """Whether a program asked, or somebody on the command line: then nobody is connected."""
    return is_channel(conversation.widget)


@register.simple_tag
def status_words(conversation: Conversation, agent: User | None = None) -> str:
    """Who has the conversation now, as `agent` would say it; as anybody would, without one."""
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
