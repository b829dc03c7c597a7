"""What happens while a connection opens: after the head was read, before and during the replay."""

import asyncio
import json
from typing import Any

import pytest

from assistant.conversations import selectors, services
from assistant.events.catalogue import AnswerStatus, Envelope, Typing
from assistant.events.threads import in_thread
from assistant.models import Conversation
from assistant.realtime.outbox import Outbox
from assistant.realtime.relay import Relay
from assistant.states import Role
from tests.cast import client_id, make_visitor, make_widget

pytestmark = pytest.mark.django_db(transaction=True)


def waiting_conversation() -> Conversation:
    """One whose customer waits for a person: its events are the message, the update and what is said then."""
    accepted = services.accept_message(None, make_visitor(make_widget()).session, client_id(), "Hello")
    services.request_handoff(accepted.message_event.conversation, client_id())
    return Conversation.objects.get(pk=accepted.message_event.conversation_id)


async def sent_by(outbox: Outbox) -> list[dict[str, Any]]:
    """Everything that is queued for the client."""
    frames: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            frames.append(json.loads(message["text"]))

    outbox.send = send
    outbox.close(1000)
    await outbox.run()
    return frames


async def test_an_event_between_head_and_replay_is_not_left_to_the_next_pulse() -> None:
    conversation = await in_thread(waiting_conversation)
    head = conversation.seq
    relay = Relay(conversation.pk, Outbox(print), in_thread)
    event = await in_thread(services.cancel_handoff, conversation, client_id())
    relay.hear(Envelope(event.frame))
    await relay.resume(0, head)
    stored = await in_thread(selectors.events_after, conversation.pk, 0)
    assert [frame["seq"] for frame in await sent_by(relay.outbox)] == [frame["seq"] for frame in stored]
    assert len(stored) > head


async def test_a_turn_opened_since_the_replay_is_announced_after_its_message() -> None:
    visitor = await in_thread(lambda: make_visitor(make_widget()))
    accepted = await in_thread(services.accept_message, None, visitor.session, client_id(), "Hello")
    conversation = accepted.message_event.conversation
    await in_thread(services.stop_turn, conversation, str(accepted.turn_id))
    head = (await in_thread(selectors.conversation_of, conversation)).seq
    await in_thread(services.accept_message, conversation, visitor.session, client_id(), "Hello again")
    relay = Relay(conversation.pk, Outbox(print), in_thread)
    await relay.resume(head, head)
    types = [frame["type"] for frame in await sent_by(relay.outbox)]
    assert types == ["message.created", "answer.started", "answer.delta"]


async def test_nobody_is_seen_to_write_within_the_replay() -> None:
    conversation = await in_thread(waiting_conversation)
    reading, may_read = asyncio.Event(), asyncio.Event()

    async def read(*arguments: Any) -> Any:
        reading.set()
        await may_read.wait()
        return await in_thread(*arguments)

    relay = Relay(conversation.pk, Outbox(print), read)
    replay = asyncio.create_task(relay.resume(0, conversation.seq))
    await reading.wait()
    relay.hear(Envelope(Typing(Role.AGENT).frame()))
    may_read.set()
    await replay
    relay.hear(Envelope(Typing(Role.AGENT).frame()))
    types = [frame["type"] for frame in await sent_by(relay.outbox)]
    assert types.index("typing") == conversation.seq
    assert types.count("typing") == 1


async def test_progress_of_a_turn_whose_message_is_yet_to_come_is_known_to_be_missing() -> None:
    visitor = await in_thread(lambda: make_visitor(make_widget()))
    accepted = await in_thread(services.accept_message, None, visitor.session, client_id(), "Hello")
    turn = accepted.turn_id
    relay = Relay(accepted.message_event.conversation_id, Outbox(print), in_thread)
    await relay.resume(0, 0)
    sign = Envelope(AnswerStatus(str(turn), "searching").frame(), attempt=1)
    relay.hear(sign)
    assert not relay.has_seen_nothing_of(turn)
    await relay.catch_up(1)
    assert relay.has_seen_nothing_of(turn)
    relay.hear(sign)
    assert not relay.has_seen_nothing_of(turn)
    assert [frame["type"] for frame in await sent_by(relay.outbox)] == ["message.created", "answer.status"]
