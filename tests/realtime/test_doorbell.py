"""What web processes tell each other of the answers that they show."""

import asyncio
import math
import multiprocessing
import threading
import uuid
from typing import Any

import pytest
from channels.layers import get_channel_layer

from assistant.events.catalogue import AnswerDelta, Envelope
from assistant.events.doorbell import (
    EVERY_PROCESS,
    Ringer,
    conversation_group,
    hub,
    origin,
    ring,
    ringer,
    say_that_we_are_here,
)
from assistant.events.others import GONE_SECONDS, UNKNOWN_SECONDS, Others
from assistant.events.publish import progress
from assistant.events.receiver import Receiver

PATIENCE_SECONDS = 20
pytestmark = pytest.mark.usefixtures("embedded_services")


@pytest.fixture(autouse=True)
def company(monkeypatch: pytest.MonkeyPatch) -> Others:
    """What this process knows of others: nothing, so that there may be some."""
    known = Others()
    for module in ("doorbell", "receiver"):
        monkeypatch.setattr(f"assistant.events.{module}.others", known)
    return known


async def test_what_is_told_of_many_conversations_is_one_message():
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(EVERY_PROCESS, channel)
    frame, conversations = AnswerDelta("turn", 0, "Press."), [uuid.uuid4(), uuid.uuid4()]
    for conversation in conversations:
        progress(conversation, frame, attempt=3, after=2, follows=1, here=False, later=True)
    expected = [Envelope(frame.frame(), 3, origin(), 2, 1).message(conversation_group(each)) for each in conversations]
    rings: list[dict[str, Any]] = []
    while expected[0] not in rings:  # other tests' conversations may be told of before
        rings = (await asyncio.wait_for(layer.receive(channel), PATIENCE_SECONDS))["rings"]
    assert rings[-2:] == expected


async def test_every_process_hears_what_concerns_its_own_sockets():
    layer: Any = get_channel_layer()
    receiver, heard = Receiver(lambda: None), asyncio.Queue[Envelope]()
    group, frame = conversation_group(uuid.uuid4()), AnswerDelta("turn", 0, "Press.").frame()
    hub.listen(group, heard.put_nowait)
    try:
        await receiver.renew()
        listening = asyncio.create_task(receiver.run())
        told = [Envelope(frame, 1, origin()).message(group), Envelope(frame, 2, "another").message("conversation.none")]
        told.append(Envelope(frame, 3, "another", 2, 1).message(group))
        of_before_an_upgrade = {"group": group, "frame": frame, "attempt": 4, "origin": "another"}
        told.append(of_before_an_upgrade)
        await layer.group_send(EVERY_PROCESS, {"type": "relay_all", "rings": told})
        assert await asyncio.wait_for(heard.get(), PATIENCE_SECONDS) == Envelope(frame, 3, "another", 2, 1)
        assert heard.get_nowait() == Envelope(frame, 4, "another")
        listening.cancel()
    finally:
        hub.leave(group, heard.put_nowait)


async def test_a_process_that_begins_before_the_broker_answers_hears_it_later_and_reads_what_it_missed(monkeypatch):
    layer: Any = get_channel_layer()
    add, refused, missed = layer.group_add, [], asyncio.Event()

    async def late(group: str, channel: str) -> None:
        if not refused:
            refused.append(group)
            raise TimeoutError
        await add(group, channel)

    monkeypatch.setattr(layer, "group_add", late)
    group, heard = conversation_group(uuid.uuid4()), asyncio.Queue[Envelope]()
    hub.listen(group, heard.put_nowait)
    listening = asyncio.create_task(Receiver(missed.set).run())
    try:
        await asyncio.wait_for(missed.wait(), PATIENCE_SECONDS)
        assert refused == [EVERY_PROCESS]
        told = Envelope(AnswerDelta("turn", 0, "Press.").frame(), 1, "another")
        await layer.group_send(EVERY_PROCESS, {"type": "relay_all", "rings": [told.message(group)]})
        assert await asyncio.wait_for(heard.get(), PATIENCE_SECONDS) == told
    finally:
        listening.cancel()
        hub.leave(group, heard.put_nowait)


async def test_who_subscribes_again_meanwhile_hears_once_and_who_leaves_is_rung_no_more(monkeypatch):
    layer: Any = get_channel_layer()
    receiver = Receiver(lambda: None)
    held = layer.connection(layer.consistent_hash(EVERY_PROCESS))
    key = layer._group_key(EVERY_PROCESS)
    subscribed, add = set[str](), layer.group_add

    async def noted(group: str, channel: str) -> None:
        subscribed.add(channel)
        await add(group, channel)

    monkeypatch.setattr(layer, "group_add", noted)
    assert await asyncio.gather(receiver.renew(), receiver.renew()) == [True, True]
    assert subscribed == {receiver.channel}
    assert await held.zscore(key, receiver.channel) is not None
    await receiver.leave()
    assert await held.zscore(key, receiver.channel) is None


async def test_what_is_rung_while_a_message_is_under_way_is_the_next_one(monkeypatch):
    layer: Any = get_channel_layer()
    send, sent, began, go_on = layer.group_send, [], threading.Event(), threading.Event()

    async def slow(group: str, message: dict[str, Any]) -> None:
        sent.append(len(message.get("rings", ())))
        began.set()
        while not go_on.is_set():  # noqa: ASYNC110 - of another thread's loop
            await asyncio.sleep(0.01)
        await send(group, message)

    monkeypatch.setattr(layer, "group_send", slow)
    monkeypatch.setattr("assistant.events.doorbell.SEND_TIMEOUT_SECONDS", PATIENCE_SECONDS)
    channel, group = await layer.new_channel(), conversation_group(uuid.uuid4())
    await layer.group_add(EVERY_PROCESS, channel)
    envelopes = [Envelope(AnswerDelta("turn", offset, "Press.").frame(), offset, origin()) for offset in range(20)]
    bell = Ringer()
    bell.ring(envelopes[0].message(group))
    assert began.wait(PATIENCE_SECONDS)
    for envelope in envelopes[1:]:
        bell.ring(envelope.message(group), later=envelope.attempt % 3 == 0)
    go_on.set()
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(heard) < len(envelopes):
            heard += (await layer.receive(channel))["rings"]
    assert heard == [each.message(group) for each in envelopes]
    assert sent == [1, 19]


def test_where_no_other_web_process_was_heard_for_long_there_is_none(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("assistant.events.others.time.monotonic", lambda: now)
    others = Others()
    assert others.may_be_there()  # who serves nobody hears nobody
    others.listen()
    assert others.may_be_there()  # they may not have said so yet
    now += UNKNOWN_SECONDS
    assert not others.may_be_there()
    others.hear()
    now += GONE_SECONDS - 1
    assert others.may_be_there()
    now += 1
    assert not others.may_be_there()
    others.deafen()
    assert others.may_be_there()
    others.listen()
    assert others.may_be_there()


async def test_who_is_alone_sends_nothing_and_another_that_begins_is_told_from_then_on(monkeypatch, company):
    layer: Any = get_channel_layer()
    channel, group, hears = await layer.new_channel(), conversation_group(uuid.uuid4()), asyncio.Event()
    await layer.group_add(EVERY_PROCESS, channel)
    listening = asyncio.create_task(Receiver(hears.set).run())
    await asyncio.wait_for(hears.wait(), PATIENCE_SECONDS)
    monkeypatch.setattr(company, "_listening_since", -UNKNOWN_SECONDS)
    frames = [AnswerDelta("turn", offset, "Press.").frame() for offset in (0, 6)]
    ring(group, Envelope(frames[0], origin=origin()))
    await layer.group_send(EVERY_PROCESS, {"type": "here", "origin": origin()})  # oneself is no other
    await layer.group_send(EVERY_PROCESS, {"type": "here", "origin": "another"})
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not company.may_be_there():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        ring(group, Envelope(frames[1], origin=origin()))
        rings: list[dict[str, Any]] = []
        while not rings:
            told = (await layer.receive(channel)).get("rings", ())
            rings = [each for each in told if each["group"] == group]
    assert [each["frame"] for each in rings] == frames[1:]
    listening.cancel()


async def test_who_is_here_says_so_even_while_the_bell_is_silent(monkeypatch):
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(EVERY_PROCESS, channel)
    monkeypatch.setattr(ringer, "paused_until", math.inf)
    await say_that_we_are_here()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await layer.receive(channel))["type"] != "here":
            pass


def test_a_fork_is_another():
    with multiprocessing.get_context("fork").Pool(1) as forks:
        assert forks.apply(origin) != origin() == origin()
