"""What a connection is sent that opens in the middle of things, or misses some: events first, then their progress."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.answering import runner
from assistant.conversations import selectors, services
from assistant.events.catalogue import AnswerDelta, AnswerStatus, Envelope, Typing
from assistant.events.checksums import checksum
from assistant.events.threads import in_thread
from assistant.models import Conversation, Turn
from assistant.realtime import relay as relay_module
from assistant.realtime.outbox import Outbox
from assistant.realtime.relay import FAILED, Relay
from assistant.states import Role
from tests.cast import client_id, make_visitor, make_widget

pytestmark = pytest.mark.django_db(transaction=True)


ANNOUNCED = ["message.created", "answer.started", "answer.delta"]


def first_message() -> services.Accepted:
    """A customer's, whose turn nobody works on."""
    return services.accept_message(None, make_visitor(make_widget()).session, client_id(), "Hello")


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
    assert [frame["type"] for frame in await sent_by(relay.outbox)] == ANNOUNCED


async def test_a_first_turn_opened_while_its_conversation_was_read_is_announced_too() -> None:
    accepted = await in_thread(first_message)
    relay = Relay(accepted.message_event.conversation_id, Outbox(print), in_thread)
    relay.hear(Envelope(accepted.message_event.frame))
    await relay.resume(0, 0)
    assert [frame["type"] for frame in await sent_by(relay.outbox)] == ANNOUNCED


async def never(*asked: Any) -> Any:
    raise AssertionError(f"read again: {asked}")


@pytest.mark.parametrize("stopped", [False, True])
async def test_what_an_opening_has_read_is_not_read_again(stopped: bool) -> None:
    accepted = await in_thread(first_message)
    conversation = accepted.message_event.conversation
    if stopped:
        await in_thread(services.stop_turn, conversation, str(accepted.turn_id))
    opening = await in_thread(selectors.opening_of, conversation, 0)
    relay = Relay(conversation.pk, Outbox(print), never)
    await relay.resume(0, opening.conversation.seq, opening)
    shown = ["message.created"] * 2 if stopped else ANNOUNCED
    assert [frame["type"] for frame in await sent_by(relay.outbox)] == shown


@pytest.mark.parametrize("after", [0, 1, 7])
async def test_a_turn_opened_since_the_opening_was_read_is_announced(after: int) -> None:
    visitor = await in_thread(lambda: make_visitor(make_widget()))
    accepted = await in_thread(services.accept_message, None, visitor.session, client_id(), "Hello")
    conversation = accepted.message_event.conversation
    await in_thread(services.stop_turn, conversation, str(accepted.turn_id))
    opening = await in_thread(selectors.opening_of, conversation, after)
    relay = Relay(conversation.pk, Outbox(print), in_thread)
    since = await in_thread(services.accept_message, conversation, visitor.session, client_id(), "Hello again")
    relay.hear(Envelope(since.message_event.frame))
    await relay.resume(after, opening.conversation.seq, opening)
    frames = await sent_by(relay.outbox)
    first = after % 7 + 1
    assert [frame["seq"] for frame in frames if "seq" in frame] == list(range(first, since.message_event.seq + 1))
    assert [frame["type"] for frame in frames][-3:] == ANNOUNCED


async def test_a_turn_that_ended_while_it_was_read_is_not_announced_and_the_next_one_is() -> None:
    visitor = await in_thread(lambda: make_visitor(make_widget()))
    accepted = await in_thread(services.accept_message, None, visitor.session, client_id(), "Hello")
    conversation = accepted.message_event.conversation
    read_before = []

    async def read(function: Any, *arguments: Any) -> Any:
        found = await in_thread(function, *arguments)
        if function is selectors.open_turn_of and not read_before:
            read_before.append(found)
            relay.hear(Envelope((await in_thread(services.stop_turn, conversation, found.id)).frame))
            await in_thread(services.accept_message, conversation, visitor.session, client_id(), "Hello again")
        return found

    relay = Relay(conversation.pk, Outbox(print), read)
    await relay.resume(1, 1)
    frames = await sent_by(relay.outbox)
    assert [frame["type"] for frame in frames] == ["message.created", *ANNOUNCED]
    assert frames[2]["turn"] == frames[1]["message"]["turn"] != read_before[0].id


async def test_a_turn_is_announced_once_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = await in_thread(first_message)
    monkeypatch.setattr(relay_module, "RETRY_SECONDS", 0)
    refused = []

    async def read(function: Any, *arguments: Any) -> Any:
        if function is selectors.open_turn_of and len(refused) < 2:
            refused.append(function)
            return FAILED
        return await in_thread(function, *arguments)

    relay = Relay(accepted.message_event.conversation_id, Outbox(print), read)
    await relay.resume(1, 1)
    assert [frame["type"] for frame in await sent_by(relay.outbox)] == ANNOUNCED[1:]


async def test_an_older_attempt_of_this_process_is_not_taken_for_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = await in_thread(first_message)
    turn = str(accepted.turn_id)
    await in_thread(lambda: Turn.objects.filter(pk=turn).update(attempt=2, partial_text="The newer"))
    working = SimpleNamespace(held=SimpleNamespace(attempt=1), stream=SimpleNamespace(text="The older"))
    monkeypatch.setitem(runner.running, turn, working)
    relay = Relay(accepted.message_event.conversation_id, Outbox(print), in_thread)
    await relay.resume(1, 1)
    assert (await sent_by(relay.outbox))[-1]["text"] == "The newer"


async def test_a_text_that_was_begun_anew_unheard_is_shown_once_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = await in_thread(first_message)
    turn = str(accepted.turn_id)

    def kept(text: str) -> None:
        Turn.objects.filter(pk=turn).update(attempt=1, partial_text=text)

    await in_thread(kept, "A. Beginning of sent")
    monkeypatch.setattr(relay_module, "GAP_SECONDS", 0.01)
    relay = Relay(accepted.message_event.conversation_id, Outbox(print), in_thread)
    await relay.resume(1, 1)
    other = "A. Other sentence."
    await in_thread(kept, other)
    relay.filling = True  # by the test
    relay.hear(Envelope(AnswerDelta(turn, len(other), " More.").frame(), 1, after=1, follows=checksum(other)))
    assert relay.turn is not None
    assert relay.turn.text == "A. Beginning of sent"
    await relay.fill_gap(relay.turn)
    assert (await sent_by(relay.outbox))[-1] == AnswerDelta(turn, 0, other + " More.").frame()


async def test_progress_of_what_answers_a_message_waits_for_the_message() -> None:
    visitor = await in_thread(lambda: make_visitor(make_widget()))
    accepted = await in_thread(services.accept_message, None, visitor.session, client_id(), "Hello")
    conversation, turn = accepted.message_event.conversation, str(accepted.turn_id)
    relay = Relay(conversation.pk, Outbox(print), in_thread)
    await relay.resume(1, 1)
    await in_thread(services.accept_message, conversation, visitor.session, client_id(), "And how?")  # and no ring
    relay.hear(Envelope(AnswerDelta(turn, 0, "So.").frame(), 2, after=2, follows=checksum("")))
    assert relay.wanted == 2
    await relay.catch_up(0)  # or what it began waits for this
    relay.hear(Envelope(AnswerDelta(turn, 0, "So it is.").frame(), 2, after=2, follows=checksum("")))
    frames = await sent_by(relay.outbox)
    assert [frame["type"] for frame in frames] == [*ANNOUNCED[1:], "message.created", "answer.delta"]
    assert frames[-1]["text"] == "So it is."


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
