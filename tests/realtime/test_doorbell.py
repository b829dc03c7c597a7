"""What web processes tell each other of the answers that they show."""

import asyncio
import uuid
from typing import Any

import pytest
from channels.layers import get_channel_layer

from assistant.events.catalogue import AnswerDelta, Envelope
from assistant.events.doorbell import ORIGIN, PROGRESS_GROUP, conversation_group, hub
from assistant.events.publish import progress_elsewhere
from assistant.events.receiver import Receiver

PATIENCE_SECONDS = 20
pytestmark = pytest.mark.usefixtures("embedded_services")


async def test_what_is_told_of_many_conversations_is_one_message():
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(PROGRESS_GROUP, channel)
    frame, conversations = AnswerDelta("turn", 0, "Press."), [uuid.uuid4(), uuid.uuid4()]
    for conversation in conversations:
        progress_elsewhere(conversation, frame, 3)
    expected = [Envelope(frame.frame(), 3, ORIGIN).message(conversation_group(each)) for each in conversations]
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
        told = [Envelope(frame, 1, ORIGIN).message(group), Envelope(frame, 2, "another").message("conversation.none")]
        told.append(Envelope(frame, 3, "another").message(group))
        await layer.group_send(PROGRESS_GROUP, {"type": "relay_all", "rings": told})
        assert (await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)).attempt == 3
        listening.cancel()
    finally:
        hub.leave(group, heard.put_nowait)
