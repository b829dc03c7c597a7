"""A ping is answered, and typing keeps nobody waiting, however long a frame is worked on."""

import asyncio
import json
from typing import Any

import pytest

from assistant.realtime import listening

PING = {"type": "websocket.receive", "text": json.dumps({"type": "ping"})}
TYPING = {"type": "websocket.receive", "text": json.dumps({"type": "typing"})}
GONE = {"type": "websocket.disconnect"}


def message(number: int) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": json.dumps({"type": "message.send", "text": str(number)})}


async def test_a_ping_behind_a_slow_frame_and_a_minute_of_typing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PONG_SECONDS", 0.05)
    said, done, over, answered = asyncio.Queue[dict[str, Any]](), list[Any](), asyncio.Event(), asyncio.Event()

    async def take(event: dict[str, Any]) -> None:
        if event == message(1):
            await over.wait()
        done.append(event)

    listener = asyncio.create_task(listening.listen(said.get, take, answered.set))
    for event in (message(1), *[TYPING] * 20, message(2), message(3), PING):
        said.put_nowait(event)
    await asyncio.wait_for(answered.wait(), 20)
    assert done == []
    over.set()
    said.put_nowait(GONE)
    await asyncio.wait_for(listener, 20)
    assert [event for event in done if event != TYPING] == [message(1), message(2), message(3)]
    assert done.count(TYPING) <= 1


async def test_in_its_turn_a_ping_is_answered_after_what_was_said_before() -> None:
    said, heard = asyncio.Queue[dict[str, Any]](), list[Any]()

    async def take(event: dict[str, Any]) -> None:
        await asyncio.sleep(0.01)
        heard.append(event)

    for event in (message(1), PING, message(2), GONE):
        said.put_nowait(event)
    await asyncio.wait_for(listening.listen(said.get, take, lambda: heard.append("pong")), 20)
    assert heard == [message(1), "pong", message(2)]
