"""`python -m benchmarks.beside_imports`: what customers notice while hundreds of imports are queued.

The whole product with its demo help centre, limits off; open chats of which ever another asks, at a steady rate, for
as long with no import, while the uploads of an admin are imported one after another, and once they are done.
"""

import argparse
import asyncio
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import numpy as np
import psycopg
import uvloop

from benchmarks.load import WARMING, Customer, Figures, asked_steadily, opened, titles, unlimited
from tests.faults.library import COLLECTION
from tests.product import Product, eventually

MODEL = "echo+first:0.2+token:0.02"
SOCKETS = 100
UPLOADING_SECONDS, IMPORTED_SECONDS = 60.0, 1_800.0
TEXT = "Under glass number {0} cacti of kind {0} stand in sand, and who waters number {0} does it by hand. " * 12
LEFT = "SELECT count(*) FROM knowledge_importrun WHERE state IN ('queued', 'running')"
PARTS = (("kept", "acknowledged"), ("sign", "first sign"), ("word", "first word"), ("outcome", "whole answer"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=500)
    parser.add_argument("--articles", type=int, default=5, help="of each upload")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--a-second", type=float, default=3)
    asked = parser.parse_args()
    with unlimited("beside", LLM_MODEL=MODEL) as (product, _):
        print(uvloop.run(_measured(product, asked.uploads, asked.articles, asked.seconds, asked.a_second)))


async def _measured(product: Product, uploads: int, articles: int, seconds: float, a_second: float) -> str:
    customers = await opened(product, SOCKETS)
    await asyncio.gather(*(customer.ask(titles()[0], Figures()) for customer in customers[:WARMING]))
    rows = ["| | " + " | ".join(f"{words}, ms" for _, words in PARTS) + " |", "| --- |" + " ---: |" * len(PARTS)]
    rows.append(_row("no import", await _asked(customers, seconds, a_second)))
    collection = _number(product, COLLECTION)
    with _desk(product) as pages:
        for number in range(uploads):
            await asyncio.to_thread(_upload, pages, collection, number, articles)
    queued = _left(product)
    rows.append(_row(f"{queued} imports queued", await _asked(customers, seconds, a_second)))
    left = _left(product)
    assert left, "the imports were over before the customers were: upload more"
    await asyncio.to_thread(eventually, lambda: _left(product) == 0, "all are imported", IMPORTED_SECONDS)
    rows.append(_row("no import again", await _asked(customers, seconds, a_second)))
    return "\n".join(
        [*rows, "", f"{queued - left} of {articles} articles each were imported meanwhile; {left} were left."]
    )


async def _asked(customers: list[Customer], seconds: float, a_second: float) -> Figures:
    figures = Figures()
    await asyncio.gather(*await asked_steadily(customers, titles(), round(seconds * a_second), a_second, figures))
    return figures


@contextmanager
def _desk(product: Product) -> Iterator[httpx.Client]:
    """An admin's browser."""
    with httpx.Client(base_url=product.base_url, timeout=UPLOADING_SECONDS) as pages:
        username, password = product.admin
        login = pages.get("/admin/", follow_redirects=True).url
        pages.post(login, data={"username": username, "password": password}, headers=_token(pages))
        yield pages


def _token(pages: httpx.Client) -> dict[str, str]:
    return {"X-CSRFToken": pages.cookies.get("csrftoken") or ""}


def _upload(pages: httpx.Client, collection: int, number: int, articles: int) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for article in range(number * articles, (number + 1) * articles):
            file.writestr(f"{article}.md", f"# Glass {article}\n\n{TEXT.format(article)}")
    answer = pages.post(
        "/admin/knowledge/importrun/upload/",
        data={"collection": str(collection)},
        files={"uploads": (f"{number}.zip", archive.getvalue())},
        headers=_token(pages),
    )
    assert "location" in answer.headers, answer.text[-2000:]


def _left(product: Product) -> int:
    return _number(product, LEFT)


def _number(product: Product, query: str) -> int:
    with psycopg.connect(product.database_url) as database:
        (number,) = database.execute(query).fetchone() or (0,)
        return int(number)


def _row(what: str, figures: Figures) -> str:
    cells = [np.percentile([1000 * value for value in getattr(figures, name)], [50, 95]) for name, _ in PARTS]
    kinds = ", ".join(f"{kind} {count}" for kind, count in figures.kinds.most_common())
    return f"| {what} ({kinds}) | " + " | ".join(f"{p50:.0f} / {p95:.0f}" for p50, p95 in cells) + " |"


if __name__ == "__main__":
    main()
