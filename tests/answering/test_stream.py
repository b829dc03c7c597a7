import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.answering.stream import Stream
from assistant.answers import Delta
from assistant.events.catalogue import Envelope
from assistant.events.checksums import checksum
from assistant.events.doorbell import conversation_group, hub
from tests.llm import clock


@contextmanager
def listeners(conversation: uuid.UUID, number: int) -> Iterator[None]:
    """As many connections of this process hear the conversation; the first is the turn's own."""
    hearing = [lambda envelope, n=n: None for n in range(number)]
    for listener in hearing:
        hub.listen(conversation_group(conversation), listener)
    try:
        yield
    finally:
        for listener in hearing:
            hub.leave(conversation_group(conversation), listener)


def sent_at_once(number: int) -> list[str]:
    """What is passed on of a first piece before anything else is done, here and to other processes."""
    conversation = uuid.uuid4()
    with listeners(conversation, number):
        stream = Stream(uuid.uuid4(), conversation, 1, 1)
        stream.add(Delta(0, "Press the button."))
        stream.close()
        return [stream.text[: outlet.sent] for outlet in stream.outlets]


async def test_the_first_piece_goes_first_to_the_socket_of_this_process():
    assert sent_at_once(2) == ["Press the button.", ""]


async def test_the_first_piece_goes_everywhere_at_once_when_nobody_listens_here():
    assert sent_at_once(1) == ["Press the button.", "Press the button."]


def test_what_comes_soon_after_a_piece_is_bundled_and_what_comes_later_waits_for_nothing():
    conversation = uuid.uuid4()
    heard: list[tuple[float, str]] = []
    belongs: list[tuple[int, int, int | None]] = []

    async def told() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with listeners(conversation, 1):

            def hear(envelope: Envelope) -> None:
                heard.append((round(loop.time() - began, 3), envelope.frame["text"]))
                belongs.append((envelope.attempt, envelope.after, envelope.follows))

            hub.listen(conversation_group(conversation), hear)
            stream = Stream(uuid.uuid4(), conversation, 2, 7)
            for pause, text in ((0, "Press"), (0.01, " the"), (0.01, " red"), (1, " button."), (1, " Twice.")):
                await asyncio.sleep(pause)
                stream.add(Delta(len(stream.text), text))
            await asyncio.sleep(0)
            stream.close()

    clock.run(told())
    assert heard == [(0, "Press"), (0.04, " the red"), (1.02, " button."), (2.02, " Twice.")]
    before = ("", "Press", "Press the red", "Press the red button.")
    assert belongs == [(2, 7, checksum(text)) for text in before]
