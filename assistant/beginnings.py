"""What people did with a new system, told apart from what its first start made to show it."""

import uuid

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet

from assistant.models import Conversation, User
from knowledge.models import Document, ImportRun

# How the first start marks what it makes: who asked for the import, the client id of each customer's first message,
# and the agent's name and display name, which changes when somebody makes the account theirs.
FIRST_START = "the first start"
DEMO_CLIENT_ID = uuid.UUID("6f1d3c52-8a0e-4f5b-9d27-0c4e1b7a9d10")
DEMO_AGENT = ("agent", "Kim")

TRIED = "Try a question"


def has_own_articles() -> bool:
    """True when an article is published that the first start did not bring."""
    demo = ImportRun.objects.filter(requested_by=FIRST_START).values("source")
    return Document.objects.filter(status=Document.Status.PUBLISHED).exclude(source__in=demo).exists()


def has_own_agent() -> bool:
    """True when there is an active agent besides the first start's, or that one was renamed."""
    name, display_name = DEMO_AGENT
    agents = User.objects.filter(role=User.Role.AGENT, is_active=True)
    return agents.exclude(username=name, display_name=display_name).exists()


def question_was_tried() -> bool:
    """True when somebody asked on the page for it, or as a customer."""
    asked = Conversation.objects.filter(seq__gt=0).exclude(messages__client_id=DEMO_CLIENT_ID)
    return _trials().exists() or asked.exists()


def note_trial(username: str) -> None:
    """Remember that a question was tried: the first time, and not which."""
    if not _trials().exists():
        LogEntry.objects.create(user=User.objects.get(username=username), action_flag=CHANGE, object_repr=TRIED)


def _trials() -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(content_type=None, object_repr=TRIED)
