"""`python -m benchmarks.first_token`: what the product adds to the time until a customer sees a model's first words.

The whole product with 300 Markdown pages on one core, asked over its WebSocket from another, in turns with direct
calls of the same model server: first token after 200 ms, then one each 20 ms. Local embedding, everything stored. The
time in which the model wrote more than its first token of what was shown first, by the server's own clock, is taken
off: checked before, a sentence. The direct calls are of one client, which keeps its connection. Set EVALUATION_DATA.
What the openai client as shipped adds to one tells how quick the machine is just now.

`--apart` leaves the one core to the web process; database and workers are with the customer on the other.
`--tutorial` asks the chat of benchmarks/tutorial in turns, too, on the same core and with the same database: so
what the product takes can be told on any machine.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import openai
import psutil
from websockets.sync.client import connect

from benchmarks.evaluation import sets
from tests.model_server.app import Knobs, ModelServer
from tests.model_server.running import RunningModelServer, running
from tests.product import CHECKOUT, Product, eventually, free_port, started

PAGES = 300
QUESTIONS = 50  # of each way of grounding
WARMING = 9
MODEL = "echo+first:0.2+token:0.02"
GROUNDINGS = ("after", "before")
TUTORIAL = "tutorial"


class Answered(NamedTuple):
    """Milliseconds of one question, by the `way` it was asked: with a grounding, or of the tutorial's chat.

    `added` to a direct call made just before; `release` from when the model had written what was shown first until the
    customer had it; `direct` until the direct call's first token; `client` added to it by the openai client.
    """

    way: str
    added: float
    release: float
    direct: float
    client: float


class TimedServer(ModelServer):
    """A model server that remembers when it sent each piece of the latest text, on this process's clock."""

    sent: list[tuple[float, str]]

    async def _stream(self, recorded: Any, knobs: Knobs, send: Any) -> None:
        self.sent = []

        async def noted(message: dict[str, Any]) -> None:
            await send(message)
            if content := content_of(message.get("body", b"")):
                self.sent.append((time.perf_counter(), content))

        await super()._stream(recorded, knobs, noted)

    def written(self, words: int) -> tuple[float, float]:
        """When the latest text's first token, and so many of its words, were sent: one a token."""
        return self.sent[0][0], self.sent[min(words, len(self.sent)) - 1][0]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--apart", action="store_true", help="the web process alone on its core")
    parser.add_argument("--tutorial", action="store_true", help="the tutorial's chat, too")
    asked = parser.parse_args()
    if asked.apart and asked.tutorial:
        parser.error("apart and the tutorial's chat: it would have the database and the customer on its core")
    print(table(measure(alone=asked.apart, tutorial=asked.tutorial)))


def measure(*, alone: bool = False, tutorial: bool = False) -> list[Answered]:
    """Start everything, ask, and stop everything; the web process is `alone` on its core, or the product is on it."""
    sets.folder()
    with tempfile.TemporaryDirectory(prefix="answerdesk-latency-", dir="/var/tmp") as place:
        app = TimedServer()
        with running(app=app) as server, _product(Path(place) / "product", server) as product:
            questions = _pages(product, Path(place) / "pages")
            ways = _widgets(product)
            with _tutorial(product, Path(place)) if tutorial else nullcontext() as chat:
                if chat is not None:
                    ways.append((TUTORIAL, chat))
                with _apart(product, alone):
                    return list(_asked(ways, server, app, questions))


@contextmanager
def _apart(product: Product, alone: bool) -> Iterator[None]:
    """The product on one core and this process on another, where the machine has two; `alone`: the web process is."""
    cores, web = sorted(os.sched_getaffinity(0)), product.pid("web")
    for process in product.processes():
        for thread in process.threads():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(thread.id, cores[-1:] if alone and process.pid != web else cores[:1])
    own = [thread.id for thread in psutil.Process().threads()]
    for thread_id in own:
        os.sched_setaffinity(thread_id, cores[-1:])
    try:
        yield
    finally:
        for thread_id in own:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(thread_id, cores)


@contextmanager
def _product(folder: Path, server: RunningModelServer) -> Iterator[Product]:
    settings = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "none", "LLM_MODEL": MODEL}
    folder.mkdir()
    with started(folder, RATE_LIMIT_VISITOR="0", RATE_LIMIT_ADDRESS="0", **settings) as product:
        yield product


def _pages(product: Product, folder: Path) -> list[str]:
    """Import the pages; their titles, which are the questions."""
    with tarfile.open(sets.folder() / "arduino_help_center/arduino-help-center.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    pages = sorted(path for path in folder.rglob("*.md") if path.stat().st_size > 500)
    for page in pages[PAGES:]:
        page.unlink()
    command = [sys.executable, "manage.py", "ingest", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, env=product.environment, check=True, capture_output=True)
    return [page.stem.replace("-", " ") for page in pages[:PAGES]]


def _widgets(product: Product) -> list[tuple[str, Product]]:
    """The product as seen from a widget of each way of grounding."""
    code = "from assistant.models import Widget\nwidget = Widget.objects.first()\n" + "\n".join(
        f"widget.pk, widget.key, widget.grounding = None, 'latency-{name}', '{name}'; widget.save(force_insert=True)"
        for name in GROUNDINGS
    )
    made = product.manage("shell", "-v", "0", "-c", code)
    assert made.returncode == 0, made.stderr
    return [(name, replace(product, printed={**product.printed, "widget": f"latency-{name}"})) for name in GROUNDINGS]


@contextmanager
def _tutorial(product: Product, place: Path) -> Iterator[Product]:
    """The tutorial's chat as seen from outside. It has the product's DATA_DIR in its environment: it counts as its."""
    settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.tutorial.settings", "TUTORIAL_DATABASE": product.database_url}
    environment = {**product.environment, **settings}
    prepare = [sys.executable, "-m", "benchmarks.tutorial"]
    subprocess.run(prepare, cwd=CHECKOUT, env=environment, check=True, capture_output=True)
    port = free_port()
    # The product's frames are not compressed, either.
    how = f"--port={port} --lifespan=off --ws-per-message-deflate=false"
    serve = [sys.executable, "-m", "uvicorn", "benchmarks.tutorial.asgi:application", *how.split()]
    with (place / "tutorial.log").open("wb") as log:
        serving = subprocess.Popen(serve, cwd=CHECKOUT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            seen = replace(product, base_url=f"http://127.0.0.1:{port}")
            eventually(lambda: seen.get("/")[0], "the tutorial's chat is served")
            yield seen
        finally:
            serving.terminate()
            serving.wait(30)


def _asked(
    ways: list[tuple[str, Product]], server: RunningModelServer, app: TimedServer, questions: list[str]
) -> Iterator[Answered]:
    """All ways in turns, each question after a direct call with the prompt that its way had before."""
    client = httpx.Client(base_url=server.base_url, timeout=60)
    shipped = openai.OpenAI(base_url=server.base_url, api_key="none", max_retries=0)
    prompts: dict[str, dict[str, Any]] = {}
    counted = -WARMING
    for number, question in enumerate(questions):
        if counted == QUESTIONS * len(ways):
            return
        way, seen_from = ways[number % len(ways)]
        prompt = prompts.get(way)
        by_client = _by_client(shipped, prompt) if prompt else None
        direct = _direct(client, prompt) if prompt else None
        app.requests.clear()
        waited, shown, words = _first_words(seen_from, question)
        if not app.requests or not words:  # no model was asked, or nothing of its text was backed
            continue
        prompts[way] = app.requests[-1].body
        counted += 1
        if counted > 0 and direct is not None and by_client is not None:
            first, end = app.written(words)
            added = waited - (end - first) - direct
            seconds = (added, shown - end, direct, by_client - direct)
            yield Answered(way, *(each * 1000 for each in seconds))


def _first_words(product: Product, question: str) -> tuple[float, float, int]:
    """Seconds until a question's first words, when they came, and how many (0: none); waits for the whole answer."""
    with connect(product.chat_url, max_size=None) as socket:
        hello = {"session": None, "conversation": None, "after": 0, "identity": None, "locale": "en"}
        socket.send(json.dumps({"type": "hello", "widget": product.widget, **hello}))
        assert json.loads(socket.recv(timeout=60))["type"] == "welcome"
        socket.send(json.dumps({"type": "message.send", "client_id": str(uuid.uuid4()), "text": question}))
        began = time.perf_counter()
        shown, words = 0.0, 0
        while True:
            frame = json.loads(socket.recv(timeout=60))
            if frame["type"] == "answer.delta" and not shown:
                shown, words = time.perf_counter(), len(frame["text"].split())
            if frame["type"] == "message.created" and frame["message"]["role"] == "assistant":
                return shown - began, shown, words


def _direct(client: httpx.Client, prompt: dict[str, Any]) -> float:
    """Seconds until a plain client has the first token; reads on to the end, so that the connection is kept."""
    began, first = time.perf_counter(), 0.0
    with client.stream("POST", "/chat/completions", json=prompt) as response:
        for line in response.iter_lines():
            if not first and content_of(line.encode()):
                first = time.perf_counter() - began
    assert first, "the model server gave no text"
    return first


def _by_client(client: openai.OpenAI, prompt: dict[str, Any]) -> float:
    """As `_direct`, through the openai client."""
    began, first = time.perf_counter(), 0.0
    for chunk in client.chat.completions.create(**prompt):
        if not first and chunk.choices and chunk.choices[0].delta.content:
            first = time.perf_counter() - began
    assert first, "the model server gave no text"
    return first


def content_of(event: bytes) -> str:
    """The text in a server-sent chunk of a completion; empty for others."""
    if not event.startswith(b"data: {"):
        return ""
    choices = json.loads(event[6:]).get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")


def table(answered: Sequence[Answered]) -> str:
    """Markdown: p50 / p95 in milliseconds."""
    lines = [
        "| ms, p50 / p95 | added | from writing to screen | direct call | added by the openai client alone |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for way in dict.fromkeys(row.way for row in sorted(answered)):
        rows = [row for row in answered if row.way == way]
        columns = [[getattr(row, name) for row in rows] for name in ("added", "release", "direct", "client")]
        cells = (" / ".join(f"{value:.0f}" for value in np.percentile(column, [50, 95])) for column in columns)
        name = f"grounding `{way}`" if way in GROUNDINGS else f"the {way}'s chat"
        lines.append(f"| {name} ({len(rows)}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
