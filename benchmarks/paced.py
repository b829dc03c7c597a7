"""Many streamed completions at an exact pace, and the customers who read what becomes of them; one loop serves both.

tests/model_server sleeps and sends for each token of each stream, which would take a core before the product does.
Here one loop writes ready-made chunks, and a request is silent until its stream is paced.
"""

import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_SECONDS = 120.0
ASKED_SECONDS = 0.005
# A wait that is shorter is not worth a turn of the loop; nor may the loop keep readers waiting for more writes.
LEAST_WAIT_SECONDS = 0.001
WRITES_A_TURN = 40

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
# Where there is too little to say: a refusal would be one of a model that fails, which is asked no more for a while.
_TOO_LITTLE = ["That ", "is ", "not ", "known."]
_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
_PASSAGE = re.compile(r'<passage n="(\d+)"[^>]*>\n(.*?)\n</passage>', re.S)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PLAIN = re.compile(r"[A-Z][^\[\](){}<>|`*_#]{30,200}[a-z]\.")
_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.S)


@dataclass
class Written:
    """A completion: its words, the chunks that carry them, and when each was sent, on this process's clock."""

    transport: asyncio.WriteTransport
    words: list[str]
    chunks: list[bytes]
    sent: list[float] = field(default_factory=list)

    def write(self) -> None:
        """Send the next word."""
        self.transport.write(self.chunks[len(self.sent)])
        self.sent.append(time.perf_counter())

    def end(self, words: int) -> None:
        """Send so many words and the end of the completion, all at once."""
        for _ in range(words):
            self.write()
        last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        self.transport.write(_chunked(b"data: " + orjson.dumps(last) + b"\n\n"))
        self.transport.write(_chunked(b"data: [DONE]\n\n") + b"0\r\n\r\n")


class PacedServer:
    """An OpenAI-compatible server whose completions wait under their questions until somebody takes them."""

    def __init__(self, words: int) -> None:
        self.words = words
        self.waiting: dict[str, Written] = {}
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def asked(self, body: bytes, transport: asyncio.WriteTransport) -> None:
        """Begin a completion, of which nothing goes out yet; one with too little to say is over at once."""
        prompt = "\n".join(str(message["content"]) for message in json.loads(body)["messages"])
        words = words_for(prompt, self.words)
        written = Written(transport, words or _TOO_LITTLE, [_chunk(word) for word in words or _TOO_LITTLE])
        transport.write(_HEAD)
        if words:
            self.waiting[_QUESTION.findall(prompt)[-1]] = written
        else:
            written.end(len(_TOO_LITTLE))


class _Connection(asyncio.Protocol):
    """One connection; requests come one after another."""

    def __init__(self, server: PacedServer) -> None:
        self.server, self.received = server, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or len(body) < (int(length[1]) if length else 0):
            return
        self.received = b""
        if b"/chat/completions" in head:
            self.server.asked(body, self.transport)
        else:
            self.transport.write(_NOT_FOUND)


def words_for(prompt: str, many: int) -> list[str]:
    """So many words, or none, of the passages, a sentence a paragraph, each with its citation: a faithful model.

    No sentence comes again: the product shows none twice.
    """
    found = [
        re.findall(r"\S+\s*", f"{sentence} [{number}]\n\n")
        for sentence, number in {
            sentence: number
            for number, text in _PASSAGE.findall(prompt)
            for line in text.splitlines()
            for sentence in _SENTENCE.split(line)
            if _PLAIN.fullmatch(sentence)
        }.items()
    ]
    words = [word for sentence in found for word in sentence]
    return words[:many] if len(words) >= many else []


def _chunk(word: str) -> bytes:
    value = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "paced",
        "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}],
    }
    return _chunked(b"data: " + orjson.dumps(value) + b"\n\n")


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def pace(written: Sequence[Written], rate: float, seconds: float, seed: int) -> int:
    """Send `rate` words a second of each, from a moment of its own within the first interval; how many in all."""
    drawn = random.Random(seed)
    phases = sorted((drawn.uniform(0, 1 / rate), place) for place in range(len(written)))
    began, writes = time.perf_counter(), 0
    for tick in range(round(rate * seconds)):
        for phase, place in phases:
            left = began + tick / rate + phase - time.perf_counter()
            writes += 1
            if left > LEAST_WAIT_SECONDS or writes % WRITES_A_TURN == 0:
                await asyncio.sleep(max(left, 0))
            written[place].write()
    return writes


class Customer:
    """One conversation over the product's own WebSocket; remembers when each piece of the answer came."""

    def __init__(self, question: str) -> None:
        self.question = question
        self.written: Written | None = None
        self.pieces: list[tuple[float, str]] = []
        self.answered = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, url: str, widget: str, server: PacedServer) -> None:
        """Connect, ask and wait until the model is asked, or has no part in it; nobody else may ask the same now."""
        self._socket = await connect(url, max_size=None, compression=None, open_timeout=PATIENCE_SECONDS)
        hello = {"session": None, "conversation": None, "after": 0, "identity": None, "locale": "en"}
        await self._socket.send(json.dumps({"type": "hello", "widget": widget, **hello}))
        message = {"type": "message.send", "client_id": str(uuid.uuid4()), "text": self.question}
        await self._socket.send(json.dumps(message))
        self._reading = asyncio.create_task(self._read(self._socket))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.question not in server.waiting and not self.answered.is_set():  # noqa: ASYNC110
                await asyncio.sleep(ASKED_SECONDS)
        self.written = server.waiting.pop(self.question, None)

    def was_shown_all(self) -> bool:
        """Whether every word of the sentences that another word follows has come: until then none is let through."""
        if self.written is None:
            return True
        words = self.written.words[: max(len(self.written.sent) - 1, 0)]
        whole = max((place for place, word in enumerate(words, 1) if word.endswith("\n")), default=0)
        return _spoken(words[:whole]) <= _spoken(word for _, text in self.pieces for word in text.split())

    async def leave_answered(self) -> None:
        """Close the connection once the answer is whole."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.answered.wait()
        if self._reading is not None and self._socket is not None:
            self._reading.cancel()
            await self._socket.close()

    async def _read(self, socket: ClientConnection) -> None:
        async for data in socket:
            now, frame = time.perf_counter(), orjson.loads(data)
            if frame["type"] == "answer.delta":
                self.pieces.append((now, frame["text"]))
            elif frame["type"] == "message.created" and frame["message"]["role"] == "assistant":
                self.answered.set()


def _spoken(words: Iterable[str]) -> int:
    """How many there are besides citations."""
    return sum(not word.startswith("[") for word in words)


class Shown(NamedTuple):
    """When a word was sent by the model, when it could be let through, and when the customer had it.

    That is with the last word of its sentence, or at once where it came before that.
    """

    sent: float
    ended: float
    came: float


def shown(written: Written, pieces: Sequence[tuple[float, str]]) -> list[Shown]:
    """Every word that a customer was shown. Citations are numbered anew on the way and do not count."""
    found, place = list[Shown](), 0
    words, ends = [word.strip() for word in written.words], _sentence_ends(written.words)
    for came, text in pieces:
        for word in text.split():
            if not word.startswith("["):
                place = words.index(word, place)  # words that the product did not let through are passed over
                end = ends[place]
                waited = end < len(written.sent) and written.sent[end] <= came
                found.append(Shown(written.sent[place], written.sent[end if waited else place], came))
                place += 1
    return found


def _sentence_ends(words: Sequence[str]) -> list[int]:
    """For each word the place of its paragraph's last one."""
    ends, end = [0] * len(words), len(words) - 1
    for place in reversed(range(len(words))):
        if words[place].endswith("\n"):
            end = place
        ends[place] = end
    return ends
