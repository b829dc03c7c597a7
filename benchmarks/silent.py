"""`python -m benchmarks.silent`: how long a customer waits whose first model says nothing, with the usual budgets.

The whole product with its demo help centre, a silent model and a fallback that writes at once. Asked is one after the
other, before and after a worker has answered anything; and once more while no worker takes work, so that the web
process asks the fallback itself. Two minutes.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import uvloop

from benchmarks.load import Customer, Figures, opened, titles
from benchmarks.streaming import FIRST_START_SECONDS
from tests.model_server.running import running
from tests.product import Product, started

MODELS = {"LLM_MODEL": "echo+stall:0", "LLM_FALLBACK_MODELS": "echo", "OPENAI_API_KEY": "none"}
SETTINGS = {"RATE_LIMIT_VISITOR": "0", "RATE_LIMIT_ADDRESS": "0", "WORKER_STALLED_SECONDS": "600"}
HANDED_OVER = "SELECT count(*) FROM assistant_turn WHERE attempt = 2 AND decision = 'answer'"
# A breaker opens at the third silent call, and nothing is silent from then on.
QUESTIONS = 2
# Until everything that is loaded after a start is, and until a worker that takes nothing is not counted on any more.
REST_SECONDS = 20


def main() -> None:
    """Print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with running() as server:
        for line in _measured(server.base_url):
            print(line, flush=True)


def _measured(base_url: str) -> Iterator[str]:
    yield "| | answered after, s | by a worker |\n| --- | --- | --- |"
    for name, frozen in (("a worker goes on", False), ("no worker takes work", True)):
        with tempfile.TemporaryDirectory(prefix="answerdesk-silent-", dir="/var/tmp") as place:
            folder = Path(place) / "product"
            folder.mkdir()
            knobs = {**os.environ, **SETTINGS, **MODELS, "OPENAI_BASE_URL": base_url}
            with started(folder, FIRST_START_SECONDS, **knobs) as it:
                yield f"| {name} | {_answered(it, frozen)} |"


def _answered(product: Product, frozen: bool) -> str:
    if not frozen:
        return uvloop.run(_ask(product))
    with product.frozen("answers"):
        return uvloop.run(_ask(product))


async def _ask(product: Product) -> str:
    await asyncio.sleep(REST_SECONDS)
    figures = Figures()
    customers: list[Customer] = await opened(product, QUESTIONS)
    for customer, question in zip(customers, titles(), strict=False):
        await customer.ask(question, figures)
    async with await psycopg.AsyncConnection.connect(product.database_url) as database:
        row = await (await database.execute(HANDED_OVER)).fetchone()
    return f"{', '.join(f'{seconds:.1f}' for seconds in figures.outcome)} | {row[0] if row else 0} of {QUESTIONS}"


if __name__ == "__main__":
    main()
