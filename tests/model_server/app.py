"""An OpenAI-compatible model server with knobs, as an ASGI application.

A request's behaviour is named in its model: `echo`, `obey`, `embellish`, `misquote`, `unknown`, and faults and delays
after `+`, as in `echo+429`, `echo+stall:3`, `echo+first:0.2+token:0.02`. `POST /control` changes the defaults of every
request.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Coroutine
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from tests.model_server import behaviours, reranking
from tests.model_server.faults import CONTENT_TYPES, STATUSES, STREAMS, Reset
from tests.model_server.weather import draw

BEHAVIOURS = tuple(behaviours.BEHAVIOURS)
# Before a fault that strikes within a text: its role, then two words.
MIDWAY_CHUNKS = 3


@dataclass(frozen=True)
class Knobs:
    """How a request is served. Times in seconds; `after` counts chunks before a fault of the stream."""

    behaviour: str = "echo"
    fault: str = ""
    after: int = 0
    connect: float = 0.0
    first: float = 0.0
    token: float = 0.0
    dimension: int = behaviours.DIMENSION  # of embeddings
    tokens: int = 0  # of filler instead of an answer; 0: the behaviour's own text
    thoughts: int = 0  # told before the text, as reasoning models do
    unseen: int = 0  # tokens of thinking that are counted and not told
    times: int = 0  # the fault strikes that many requests, then no more; 0: always
    retry_after: str = ""
    weather: str = ""  # of weather.py: draws a fault, and how many times `first` is waited, for each request
    seed: int = 0
    form: str = "results"  # of a reranking's answer
    orders: tuple[str, ...] = ()  # what "obey" obeys wherever a prompt shows it
    rewrites: str = ""  # said where a prompt asks for a question that stands alone; "": as to any other prompt
    denies: str | None = None  # a check of a sentence with this in it says no, of others yes; None: as to any other
    marks: str = ""  # what fits this pattern in the question that is asked is said in each sentence of the answer
    checks: str = ""  # said where a prompt asks for a check of a sentence, whatever the sentence


@dataclass
class Recorded:
    """One request as it came, for tests that read prompts."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """Every message's text."""
        return "\n".join(str(message["content"]) for message in self.body.get("messages", []))


@dataclass
class ModelServer:
    """The application. `requests` holds what came, oldest first."""

    knobs: Knobs = field(default_factory=Knobs)
    requests: list[Recorded] = field(default_factory=list)
    struck: int = 0
    open_streams: int = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        body = await _body(receive)
        path = scope["path"].removeprefix("/v1")
        if path == "/control":
            await self._control(scope["method"], body, send)
        elif path == "/models":
            await _json(send, 200, {"object": "list", "data": [{"id": name, "object": "model"} for name in BEHAVIOURS]})
        elif path in ("/chat/completions", "/embeddings", "/rerank"):
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            recorded = Recorded(path, headers, json.loads(body))
            self.requests.append(recorded)
            await _until_left(self._answer(recorded, send), receive)
        else:
            await _json(send, 404, {"error": {"message": "no such address"}})

    def knobs_for(self, model: str) -> Knobs:
        """The defaults, changed by what the model's name says."""
        return named(model, self.knobs)

    async def _control(self, method: str, body: bytes, send: Any) -> None:
        if method == "DELETE":
            self.knobs, self.requests, self.struck = Knobs(), [], 0
        elif method == "POST":
            self.knobs = replace(self.knobs, **json.loads(body))
        state = {"knobs": asdict(self.knobs), "requests": [asdict(each) for each in self.requests]}
        await _json(send, 200, state)

    async def _answer(self, recorded: Recorded, send: Any) -> None:
        knobs = self.knobs_for(str(recorded.body.get("model", "")))
        if knobs.weather:
            knobs = _in_weather(knobs, len(self.requests))
        if knobs.fault and knobs.times:
            self.struck += 1
            if self.struck > knobs.times:
                knobs = replace(knobs, fault="")
        await asyncio.sleep(knobs.connect)
        if knobs.fault in STATUSES:
            headers = {"retry-after": knobs.retry_after} if knobs.retry_after else {}
            await _json(send, STATUSES[knobs.fault], {"error": {"message": "no luck", "type": knobs.fault}}, headers)
        elif recorded.path == "/embeddings":
            await _json(send, 200, behaviours.embeddings(recorded.body, knobs.fault, knobs.dimension))
        elif recorded.path == "/rerank":
            await _json(send, 200, reranking.answer(recorded.body, knobs.fault, knobs.form))
        elif recorded.body.get("stream"):
            await self._stream(recorded, knobs, send)
        else:
            text = _text(recorded.prompt, knobs)
            await _json(send, 200, behaviours.completion(recorded.body, text))

    async def _stream(self, recorded: Recorded, knobs: Knobs, send: Any) -> None:
        text = _text(recorded.prompt, knobs)
        model = str(recorded.body["model"])
        said = behaviours.chunks(model, text, thought=knobs.thoughts + knobs.unseen)
        chunks = [*behaviours.thoughts(model, knobs.thoughts), *said]
        stream = STREAMS[knobs.fault](chunks, knobs.after)
        kind = CONTENT_TYPES.get(knobs.fault, b"text/event-stream")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        self.open_streams += 1
        try:
            await _send_paced(stream, knobs, send)
        except Reset:
            # Leaving without the end of the body closes the connection in the middle.
            return
        finally:
            self.open_streams -= 1


def _in_weather(knobs: Knobs, number: int) -> Knobs:
    drawn = draw(knobs.weather, knobs.seed, number)
    after = MIDWAY_CHUNKS if drawn.midway else 0
    return replace(knobs, fault=drawn.fault, after=after, first=knobs.first * drawn.factor)


def _text(prompt: str, knobs: Knobs) -> str:
    if knobs.rewrites and "<history>\n" in prompt:
        return knobs.rewrites
    sentence = re.search(r"<sentence>\n(.*)\n</sentence>", prompt, re.S)
    if sentence and (knobs.checks or knobs.denies is not None):
        return knobs.checks or behaviours.opinion(sentence[1], str(knobs.denies))
    said = behaviours.text_for(knobs.behaviour, prompt, knobs.tokens, knobs.orders)
    return behaviours.marked(said, prompt, knobs.marks) if knobs.marks else said


def named(model: str, knobs: Knobs) -> Knobs:
    """Knobs from a model's name: a behaviour, then `fault`, `fault:AFTER` or `knob:VALUE` after each `+`."""
    kinds = {f.name: f.type for f in fields(Knobs)}
    for part in re.split(r"\+", model.rsplit("/", 1)[-1]):
        name, _, value = part.partition(":")
        if name in BEHAVIOURS:
            knobs = replace(knobs, behaviour=name)
        elif name in STATUSES or (name in STREAMS and name):
            knobs = replace(knobs, fault=name, after=int(value or 0))
        elif name in kinds:
            kind = {"int": int, "float": float}.get(str(kinds[name]).removeprefix("<class '").removesuffix("'>"), str)
            knobs = replace(knobs, **{name: kind(value)})
    return knobs


async def _send_paced(stream: AsyncIterator[bytes], knobs: Knobs, send: Any) -> None:
    """A pause before each token, the end of the text among them; what is said of the text follows at once."""
    pause, ended = knobs.first, False
    async for piece in stream:
        await asyncio.sleep(pause)
        ended = ended or b'"finish_reason": "stop"' in piece
        pause = 0.0 if ended else knobs.token
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_left(served: Coroutine[Any, Any, None], receive: Any) -> None:
    """Serve until done, or until the client has left."""
    tasks = [asyncio.ensure_future(served), asyncio.ensure_future(receive())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _json(send: Any, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
    sent = [(b"content-type", b"application/json"), *((k.encode(), v.encode()) for k, v in (headers or {}).items())]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
