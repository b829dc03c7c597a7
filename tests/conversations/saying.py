"""What a customer says, and what everybody sees of it."""

from assistant.conversations import services
from assistant.models import Event
from tests.cast import client_id


def ask(visitor, conversation=None, text="How do I open the settings?"):
    """The accepted message and its conversation."""
    accepted = services.accept_message(conversation, visitor.session, client_id(), text)
    return accepted, accepted.message_event.conversation


def frames(conversation):
    """The durable events, in order."""
    return list(Event.objects.filter(conversation=conversation).order_by("seq").values_list("frame", flat=True))
