"""`python -m benchmarks.overload`: how many questions a second the product bears with a slow model, and past that.

The whole product with its demo help centre; a model whose first word comes after 3 s. New customers come at a
steady rate, whatever becomes of those before, for RATE_SECONDS at each rate; each asks once and waits for the outcome.
In the end the model writes so slowly that slots and queue are full: how soon is a person asked for, and how long after
the rush is all as before?
"""

import asyncio
import json
import os
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import connect

from tests.model_server.running import RunningModelServer, running
from tests.product import Product, started

FIRST_SECONDS, TOKEN_SECONDS, SLOW_TOKEN_SECONDS = 3.0, 0.02, 0.5
QUESTION = "How do I leave my e-mail address?"
RATES = (1, 2, 4, 8, 16, 32)
RATE_SECONDS = 20
RUSH_RATE, RUSH_SECONDS = 30, 40
# After the rush one asks each second; as before is so many times what eight of ten took at the first rate.
PROBE_SECONDS, AS_BEFORE = 90, 1.5
LONGEST_SECONDS = 120


@dataclass(frozen=True)
class Asked:
    """One customer: seconds from the message to its acknowledgement, to the first sign, to the outcome."""

    kept: float
    sign: float
    outcome: float
    kind: str


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="answerdesk-overload-", dir="/var/tmp") as place, running() as server:
        folder = Path(place) / "product"
        folder.mkdir()
        knobs = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "none", "LLM_MODEL": "echo", **os.environ}
        with started(folder, RATE_LIMIT_VISITOR="0", RATE_LIMIT_ADDRESS="0", **knobs) as product:
            asyncio.run(_all_rates(product, server))


async def _all_rates(product: Product, server: RunningModelServer) -> None:
    server.set(first=FIRST_SECONDS, token=TOKEN_SECONDS)
    await asyncio.gather(*(_customer(product) for _ in range(8)))  # loads what is loaded at first use
    print("| questions a second | kept p95 | first sign p95 | outcome p50 / p95 | answered | to a person |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    normal = 0.0
    for rate in RATES:
        asked = await asyncio.gather(*await _at(product, rate, RATE_SECONDS))
        normal = normal or AS_BEFORE * float(np.percentile([each.outcome for each in asked], 80))
        print(_row(str(rate), asked), flush=True)
    server.set(token=SLOW_TOKEN_SECONDS)
    rush = await _at(product, RUSH_RATE, RUSH_SECONDS)
    server.set(token=TOKEN_SECONDS)
    after = await asyncio.gather(*await _at(product, 1, PROBE_SECONDS))
    asked = await asyncio.gather(*rush)
    print(_row(f"{RUSH_RATE}, slow answers", asked), flush=True)
    persons = [each.outcome for each in asked if each.kind == "person"]
    if persons:
        print(f"A person was asked for within {np.percentile(persons, 95):.1f} s (p95).")
    late = [second for second, each in enumerate(after) if each.kind != "answered" or each.outcome > normal]
    print(f"After the rush, outcomes within {normal:.1f} s again for whoever asks {max(late, default=-1) + 1} s later.")


async def _at(product: Product, rate: int, seconds: int) -> list["asyncio.Task[Asked]"]:
    """Customers who come at this rate for so long; what becomes of them is awaited by the caller."""
    asked = []
    for _ in range(rate * seconds):
        asked.append(asyncio.create_task(_customer(product)))
        await asyncio.sleep(1 / rate)
    return asked


async def _customer(product: Product) -> Asked:
    async with asyncio.timeout(LONGEST_SECONDS), connect(product.chat_url, open_timeout=None) as socket:
        hello = {"widget": product.widget, "session": None, "conversation": None, "after": 0, "identity": None}
        await socket.send(json.dumps({"type": "hello", **hello, "locale": "en"}))
        await socket.recv()
        began = time.monotonic()
        await socket.send(json.dumps({"type": "message.send", "client_id": str(uuid.uuid4()), "text": QUESTION}))
        kept = sign = None
        while True:
            frame = json.loads(await socket.recv())
            passed = time.monotonic() - began
            if frame["type"] == "message.created" and frame["message"]["role"] == "customer":
                kept = passed
            elif frame["type"].startswith("answer.") and sign is None:
                sign = passed
            if kind := _outcome(frame):
                return Asked(kept or passed, sign or passed, passed, kind)


def _outcome(frame: dict[str, Any]) -> str | None:
    if frame["type"] == "conversation.updated" and frame["turn"]:
        return "person"
    if frame["type"] == "message.created" and frame["message"]["role"] == "assistant":
        return "answered"
    return None


def _row(rate: str, asked: Sequence[Asked]) -> str:
    kinds = Counter(each.kind for each in asked)
    kept, sign = (np.percentile([getattr(each, name) for each in asked], 95) for name in ("kept", "sign"))
    whole = np.percentile([each.outcome for each in asked], [50, 95])
    times = f"{kept:.2f} s | {sign:.2f} s | {whole[0]:.1f} / {whole[1]:.1f} s"
    return f"| {rate} | {times} | {kinds['answered']} | {kinds['person']} |"


if __name__ == "__main__":
    main()
