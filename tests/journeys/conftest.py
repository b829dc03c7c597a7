"""What every journey shares: articles of an invented company, and callers of the product from outside."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.product import Product

ARTICLES = {
    "start/charging.md": "# Charging the Zorblatt\n\nWhat you need.\n\n## With the blue cable\n\n"
    "The Zorblatt charges in 42 minutes with the blue cable.\n\n## With the red cable\n\n"
    "The red cable takes 3 hours, because it carries less current.\n",
    "returns.md": "---\nid: return-a-zorblatt\ntitle: Returning a Zorblatt\n---\n\n"
    "You may return a Zorblatt within 77 days. Pack it in its crate.\n",
    "colours.html": "<title>Colours</title><h1>Colours</h1><p>The Zorblatt comes in mauve and in teal.</p>",
    "warranty.txt": "The warranty of a Zorblatt lasts nine years from the day of purchase.",
}
CHARGING = "How long does the Zorblatt take to charge with the blue cable?"


@pytest.fixture(scope="session")
def articles() -> dict[str, str]:
    """A help centre by path: a folder, front matter with an id, HTML and plain text."""
    return ARTICLES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The help centre on disk, in a folder whose name holds a space."""
    return write(tmp_path / "help centre", ARTICLES)


def write(folder: Path, files: dict[str, str]) -> Path:
    """The folder, with the files in it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(scope="session")
def zorblatt(product: Product, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A collection of the running product that holds the help centre; its slug."""
    folder = write(tmp_path_factory.mktemp("zorblatt"), ARTICLES)
    done = product.manage("ingest", str(folder), "--collection", "zorblatt", "--json")
    assert done.returncode == 0, done.stderr
    return "zorblatt"


@pytest.fixture(scope="session")
def command(product: Product) -> Callable[..., Any]:
    """Runs `manage.py` with `--json` beside the product: the object it printed, and nothing but that."""

    def run(*arguments: str, status: int = 0) -> Any:
        done = product.manage(*arguments, "--json")
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def site(product: Product) -> Iterator[httpx.Client]:
    """An anonymous visitor."""
    with httpx.Client(base_url=product.base_url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def api(product: Product) -> Iterator[httpx.Client]:
    """A program that holds the API key."""
    headers = {"Authorization": f"Bearer {product.api_key}"}
    with httpx.Client(base_url=f"{product.base_url}/api/v1/", headers=headers, timeout=30) as client:
        yield client
