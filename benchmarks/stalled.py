"""`python -m benchmarks.stalled`: what others notice while hundreds of a model's streams hang.

The whole product with its demo help centre; a model that falls silent in mid-answer, and budgets so long that nobody
gives it up. Once all hang, other customers write: how soon are they acknowledged, and what does the database hold?
"""

import argparse
import asyncio
import contextlib
import os
import tempfile
from pathlib import Path

import numpy as np
import psycopg
import uvloop

from benchmarks.load import Customer, Figures, opened, titles
from benchmarks.streaming import SETTINGS
from tests.model_server.running import running
from tests.product import Product, started

STALL = {"first": 0.2, "fault": "stall", "after": 3}
ASKED_A_SECOND = 10.0
LOOK_SECONDS = 0.25
ACTIVITY = """
SELECT count(*), count(*) FILTER (
    WHERE state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '1 s'
) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def main() -> None:
    """Print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--others", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="answerdesk-stalled-", dir="/var/tmp") as place, running() as server:
        folder = Path(place) / "product"
        folder.mkdir()
        model = {"OPENAI_BASE_URL": server.base_url, "LLM_MODEL": "echo"}
        with started(folder, **{**os.environ, **SETTINGS, **model}) as product:
            server.set(**STALL)
            print(uvloop.run(_measured(product, asked.streams, asked.others)))


async def _measured(product: Product, streams: int, others: int) -> str:
    looks: list[tuple[int, int]] = []
    watching = asyncio.create_task(_watch(product, looks))
    customers = await opened(product, streams + others)
    hanging = await _ask(customers[:streams], Figures())
    await asyncio.sleep(5)
    figures, looked = Figures(), len(looks)
    noticed = await _ask(customers[streams:], figures)
    await asyncio.sleep(2)
    ended = sum(task.done() for task in hanging)
    for task in (*hanging, *noticed, watching):
        task.cancel()
    await asyncio.gather(*hanging, *noticed, watching, return_exceptions=True)
    kept = " / ".join(f"{1000 * value:.0f}" for value in np.percentile(figures.kept, [50, 95]))
    most, idle = max(count for count, _ in looks), sum(idle for _, idle in looks)
    return (
        f"{streams - ended} streams hang, {len(figures.kept)} of {others} others acknowledged within {kept} ms "
        f"(p50 / p95). Connections to the database: at most {most}, and {max(c for c, _ in looks[looked:])} while all "
        f"hang; idle in a transaction for over 1 s: {idle} in {len(looks)} looks."
    )


async def _ask(customers: list[Customer], figures: Figures) -> list[asyncio.Task[None]]:
    """Each asks in turn; their questions go on."""
    questions, asking = titles(), []
    for number, customer in enumerate(customers):
        asking.append(asyncio.create_task(customer.ask(questions[number % len(questions)], figures)))
        await asyncio.sleep(1 / ASKED_A_SECOND)
    return asking


async def _watch(product: Product, looks: list[tuple[int, int]]) -> None:
    """Note how many connections there are, and how many are idle within a transaction."""
    async with await psycopg.AsyncConnection.connect(product.database_url, autocommit=True) as database:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                row = await (await database.execute(ACTIVITY)).fetchone()
                looks.append(row or (0, 0))
                await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
