import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.answering.stream import Stream
from assistant.answers import Delta
from assistant.events.doorbell import conversation_group, hub


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
        stream = Stream(uuid.uuid4(), conversation, 1)
        stream.add(Delta(0, "Press the button."))
        stream.close()
        return [stream.text[: outlet.sent] for outlet in stream.outlets]


async def test_the_first_piece_goes_first_to_the_socket_of_this_process():
    assert sent_at_once(2) == ["Press the button.", ""]


async def test_the_first_piece_goes_everywhere_at_once_when_nobody_listens_here():
    assert sent_at_once(1) == ["Press the button.", "Press the button."]
