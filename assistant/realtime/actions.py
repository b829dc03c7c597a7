"""What each frame of a customer does, after hello: a service call and its acknowledgement."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.answering import dispatch, runner
from assistant.conversations import services
from assistant.conversations.intake import Opened, take_action
from assistant.events import catalogue
from assistant.events.background import in_background
from assistant.events.catalogue import Envelope
from assistant.events.publish import progress
from assistant.models import Event
from assistant.realtime.relay import FAILED, Relay
from assistant.states import Role

if TYPE_CHECKING:
    from assistant.realtime.consumers import ChatSocket

__all__ = ["ACTIONS", "FAILED", "OpenChat"]

PRESENCE_SECONDS = 1.0


@dataclass
class OpenChat:
    """A connection past its hello: its right to a conversation, and what it has been shown."""

    opened: Opened
    relay: Relay
    presence_at: float = 0.0
    read_seq: int = 0


async def send_message(socket: "ChatSocket", chat: OpenChat, frame: catalogue.MessageSend) -> None:
    """Accept a message; its stored event is the acknowledgement, for a repeat too."""
    with dispatch.slots.place() as owner:
        accepted = await socket.attempt(frame.client_id, dispatch.take, chat.opened, frame, socket.address, owner)
    if not isinstance(accepted, services.Accepted):
        return
    event = accepted.message_event
    if accepted.repeated and event.seq <= chat.relay.cursor:
        socket.outbox.put(event.frame)
    else:
        chat.opened.conversation = event.conversation
        await chat.relay.catch_up(event.seq)
    if accepted.turn_id is not None and accepted.begun is None and not accepted.repeated:
        dispatch.say_searching(event.conversation_id, accepted.turn_id, accepted.attempt, event.seq)
    elif accepted.turn_id is not None and chat.relay.has_seen_nothing_of(accepted.turn_id):
        # It was said before this connection had caught up with the message.
        chat.relay.hear(Envelope(dispatch.searching(accepted.turn_id).frame(), attempt=accepted.attempt))


async def request_handoff(socket: "ChatSocket", chat: OpenChat, frame: catalogue.HandoffRequest) -> None:
    """Ask for a person."""
    await _handoff(socket, chat, frame.client_id, services.request_handoff, frame.client_id, frame.reason)


async def cancel_handoff(socket: "ChatSocket", chat: OpenChat, frame: catalogue.HandoffCancel) -> None:
    """Go back to the assistant."""
    await _handoff(socket, chat, frame.client_id, services.cancel_handoff, frame.client_id)


async def _handoff(
    socket: "ChatSocket", chat: OpenChat, client_id: str, service: Callable[..., Event], *arguments: Any
) -> None:
    event = await socket.attempt(client_id, take_action, chat.opened, socket.address, service, *arguments)
    if isinstance(event, Event):
        chat.opened.conversation = event.conversation
        await chat.relay.catch_up(event.seq)


async def send_contact(socket: "ChatSocket", chat: OpenChat, frame: catalogue.ContactSend) -> None:
    """Keep an e-mail address."""
    service, arguments = services.save_contact, (frame.client_id, frame.email, frame.page)
    saved = await socket.attempt(frame.client_id, take_action, chat.opened, socket.address, service, *arguments)
    if isinstance(saved, str):
        socket.send(catalogue.ContactSaved(frame.client_id, saved))


async def send_feedback(socket: "ChatSocket", chat: OpenChat, frame: catalogue.FeedbackSend) -> None:
    """Rate an answer."""
    service, arguments = services.rate_message, (frame.message, frame.rating, frame.comment)
    saved = await socket.attempt(None, take_action, chat.opened, socket.address, service, *arguments)
    if getattr(saved, "rating", None) == frame.rating:
        socket.send(catalogue.FeedbackSaved(frame.message, frame.rating))


async def stop_answer(socket: "ChatSocket", chat: OpenChat, frame: catalogue.AnswerStop) -> None:
    """End the running turn with what this connection has shown of it."""
    turn = chat.relay.turn
    seen = turn is not None and turn.id == frame.turn
    shown = turn.text if turn is not None and seen else None
    sources = runner.shown_sources(frame.turn, turn.attempt) if turn is not None and seen else None
    event = await socket.attempt(None, services.stop_turn, chat.opened.conversation, frame.turn, shown, sources)
    if isinstance(event, Event):
        await chat.relay.catch_up(event.seq)


async def typing(socket: "ChatSocket", chat: OpenChat, frame: catalogue.TypingNow) -> None:
    """Show the desk that the customer writes, at most once a second."""
    now = time.monotonic()
    if now - chat.presence_at >= PRESENCE_SECONDS:
        chat.presence_at = now
        progress(chat.opened.conversation.id, catalogue.Typing(Role.CUSTOMER))


async def read(socket: "ChatSocket", chat: OpenChat, frame: catalogue.ReadUpTo) -> None:
    """Note how far the customer has read; only what this connection was sent counts. No message waits for it."""
    seq = min(frame.seq, chat.relay.cursor)
    if seq > chat.read_seq:
        chat.read_seq = seq
        in_background(_mark_read(socket, chat, seq))


async def _mark_read(socket: "ChatSocket", chat: OpenChat, seq: int) -> None:
    conversation = chat.opened.conversation
    if await socket.attempt(None, services.mark_read_by_customer, conversation, seq, quiet=True) is FAILED:
        chat.read_seq = 0  # what is said again is tried again; a mark never goes back
    else:
        progress(conversation.id, catalogue.Read(Role.CUSTOMER, seq))


Action = Callable[["ChatSocket", OpenChat, Any], Awaitable[None]]
ACTIONS: dict[type, Action] = {
    catalogue.MessageSend: send_message,
    catalogue.HandoffRequest: request_handoff,
    catalogue.HandoffCancel: cancel_handoff,
    catalogue.ContactSend: send_contact,
    catalogue.FeedbackSend: send_feedback,
    catalogue.AnswerStop: stop_answer,
    catalogue.TypingNow: typing,
    catalogue.ReadUpTo: read,
}
