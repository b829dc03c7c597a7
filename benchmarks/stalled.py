"""`python -m benchmarks.stalled`: what others notice while hundreds of a model's streams hang.

The whole product with its demo help centre; a model that falls silent in mid-answer, and budgets so long that nobody
gives it up. Once all hang, other customers write: how soon are they acknowledged, and what does the database hold?
`make prove` counts what it comes to among its promises.
"""

import argparse
import asyncio
import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import uvloop

from benchmarks.load import Customer, Figures, opened, titles
from benchmarks.streaming import SETTINGS
from tests.model_server.running import RunningModelServer, running
from tests.product import Product, started

STALL = {"first": 0.2, "fault": "stall", "after": 3}
ASKED_A_SECOND = 10.0
# Until the last that was asked hangs, or was answered without a model, as some are: so many more are asked, at most.
SETTLING_SECONDS, SPARE = 5.0, 0.1
LOOK_SECONDS = 0.25
ACTIVITY = """
SELECT count(*), count(*) FILTER (
    WHERE state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '1 s'
) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def main() -> None:
    """Tell what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--others", type=int, default=60)
    parser.add_argument("--out", type=Path, help="write the figures there as JSON instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="answerdesk-stalled-", dir="/var/tmp") as place, running() as server:
        folder = Path(place) / "product"
        folder.mkdir()
        model = {"OPENAI_BASE_URL": server.base_url, "LLM_MODEL": "echo"}
        with started(folder, **{**os.environ, **SETTINGS, **model}) as product:
            server.set(**STALL)
            came_to = uvloop.run(_measured(product, server, asked.streams, asked.others))
    asked.out.write_text(json.dumps(came_to)) if asked.out else print(said(came_to))


async def _measured(product: Product, server: RunningModelServer, streams: int, others: int) -> dict[str, Any]:
    """The figures, which `said` puts into words; milliseconds, None where nobody was acknowledged."""
    looks: list[tuple[int, int]] = []
    watching = asyncio.create_task(_watch(product, looks))
    spare = await opened(product, round(streams * (1 + SPARE)))
    customers = await opened(product, others)
    asking: list[asyncio.Task[None]] = []
    while spare and (missing := streams - server.app.open_streams) > 0:
        asked, spare = spare[:missing], spare[missing:]
        asking += await _ask(asked, Figures())
        await asyncio.sleep(SETTLING_SECONDS)
    hanging, looked, figures = server.app.open_streams, len(looks), Figures()
    asking += await _ask(customers, figures)
    await asyncio.sleep(2)
    for task in (*asking, watching):
        task.cancel()
    await asyncio.gather(*asking, watching, return_exceptions=True)
    p50, p95 = (
        (round(1000 * each, 1) for each in np.percentile(figures.kept, [50, 95])) if figures.kept else (None, None)
    )
    return {
        "streams": streams,
        "hanging": hanging,
        "others": others,
        "acknowledged": len(figures.kept),
        "p50_ms": p50,
        "p95_ms": p95,
        "most_connections": max(count for count, _ in looks),
        "most_while_all_hang": max(count for count, _ in looks[looked:]),
        "idle": sum(idle for _, idle in looks),
        "looks": len(looks),
    }


def said(came_to: dict[str, Any]) -> str:
    """The figures of a run in words."""
    return (
        f"{came_to['hanging']} streams hang, {came_to['acknowledged']} of {came_to['others']} others are acknowledged "
        f"within {came_to['p50_ms']} / {came_to['p95_ms']} ms (p50 / p95). Connections to the database: at most "
        f"{came_to['most_connections']}, and {came_to['most_while_all_hang']} while all hang; idle within a "
        f"transaction for over 1 s: {came_to['idle']} in {came_to['looks']} looks."
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
