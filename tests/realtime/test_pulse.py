"""What was not rung is found at the next pulse: by customers, in the list of agents, and in the thread they read."""

import asyncio
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from assistant.conversations import services
from assistant.events import threads
from assistant.models import User, Widget
from assistant.realtime import desk_consumer
from assistant.realtime import sockets as realtime_sockets
from assistant.realtime.outbox import Outbox
from assistant.realtime.sockets import sockets
from tests.desk import scenes
from tests.realtime_clients import Visit, desk_of, rings_lost

# So many, and the first of them that began after something happened is surely over.
PULSES = 4
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk_pulses_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_consumer, "PULSE_SECONDS", 0.1)


def pulse_now() -> None:
    """The customers' next pulse, without the seconds until it is due."""
    assert sockets.loop is not None
    asyncio.run_coroutine_threadsafe(sockets.pulse(), sockets.loop).result(20)


def test_what_was_not_rung_is_shown_at_the_next_pulse(site: str, widget: Widget, alice: User) -> None:
    visit = Visit(site, widget)
    visit.ask("Hello?")
    visit.ask_for_a_person()
    with rings_lost():
        services.take_over(visit.conversation, alice)
    visit.heard.clear()
    pulse_now()
    head = visit.hear("head", lambda frame: frame["position"] is None)
    shown = [frame for frame in visit.heard if frame["type"] == "conversation.updated"]
    assert [(frame["status"], frame["seq"]) for frame in shown] == [("agent", head["seq"])]


def test_a_head_is_said_while_every_thread_waits_for_the_database(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To whoever waits to catch up, too, and with the place that was told before."""
    monkeypatch.setattr(realtime_sockets, "PULSE_READ_SECONDS", 0.5)
    monkeypatch.setattr(threads, "_threads", ThreadPoolExecutor(max_workers=1))
    monkeypatch.setattr(threads, "_front_threads", ThreadPoolExecutor(max_workers=1))
    visit = Visit(site, widget)
    visit.ask_for_a_person()
    pulse_now()
    known, over = visit.hear("head", lambda frame: frame["position"] is not None), Event()
    standing_still = [threads._threads.submit(over.wait), threads._front_threads.submit(over.wait)]
    try:
        for socket in sockets.open:
            sockets.loop.call_soon_threadsafe(socket.on_lost_rings)
        visit.heard.clear()
        pulse_now()
        assert visit.hear("head") == known
        assert not any(thread.done() for thread in standing_still)
    finally:
        over.set()


@pytest.mark.usefixtures("desk_pulses_often")
def test_an_agent_is_told_that_a_queue_changed_which_did_not_ring(site: str, widget: Widget, alice: User) -> None:
    """Also of the very first that happens, and once for what happened."""
    speaker = desk_of(site, alice)
    speaker.hear("head")
    with rings_lost():
        scenes.waiting(widget)
    for _ in range(PULSES):
        speaker.hear("head")
    told = [frame["type"] for frame in speaker.heard]
    assert told.count("queue.changed") == 1
    assert "conversation.changed" not in told


@pytest.mark.usefixtures("desk_pulses_often")
def test_the_open_thread_is_caught_up_too(site: str, widget: Widget, alice: User) -> None:
    conversation = scenes.waiting(widget)
    speaker = desk_of(site, alice, conversation.pk, after=conversation.seq)
    with rings_lost():
        services.take_over(conversation.pk, alice)
    heads = [speaker.hear("head")["seq"] for _ in range(PULSES)]
    shown = [frame["seq"] for frame in speaker.heard if frame["type"] == "conversation.updated"]
    assert (shown, heads[-1]) == ([conversation.seq + 1], conversation.seq + 1)


async def test_the_head_of_a_conversation_that_was_left_meanwhile_is_not_said() -> None:
    """Only that the connection lives is: the thread that is open by now would take it for its own."""

    async def send(frame: object) -> None: ...

    outbox = Outbox(send)
    socket = desk_consumer.DeskSocket("a session", outbox)
    left = desk_consumer.DeskRelay(uuid.uuid4(), outbox, socket.read)
    left.live, left.cursor, socket.relay = True, 7, left

    def standing(conversation_id: uuid.UUID) -> tuple[int, str]:
        socket.close_conversation()
        return 7, "waiting"

    socket.standing = standing  # type: ignore[method-assign]
    await socket.say_head()
    assert [json.loads(frame)["seq"] for frame in outbox.waiting] == [0]
