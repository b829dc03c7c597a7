"""`manage.py ingest` from outside: what it reads, what it reports, and how it ends."""

import gzip
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import ARTICLES, CHARGING, write
from tests.product import CHECKOUT, Product, eventually, launch

pytestmark = pytest.mark.services
Command = Callable[..., Any]
COUNTS = {"added": 0, "changed": 0, "unchanged": 0, "removed": 0, "skipped": 0, "failed": 0}


def test_a_source_is_kept_in_step(command: Command, folder: Path) -> None:
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / "empty.md").touch()
    (folder / "more.zip").write_bytes(b"PK")
    first = command("ingest", str(folder), "--collection", "in-step", status=1)
    assert set(first) == {"documents", "chunks", "seconds", "failures"}
    assert first["documents"] == COUNTS | {"added": 4, "skipped": 2, "failed": 1}
    assert first["chunks"] >= 4
    assert first["seconds"] > 0
    assert [set(failure) for failure in first["failures"]] == [{"path", "reason"}]
    assert first["failures"][0]["path"] == "empty.md"
    (folder / "empty.md").unlink()
    second = command("ingest", str(folder), "--collection", "in-step")
    assert (second["documents"], second["chunks"]) == (COUNTS | {"unchanged": 4, "skipped": 2}, 0)
    (folder / "warranty.txt").write_text("The warranty of a Zorblatt lasts ten years.")
    (folder / "colours.html").unlink()
    third = command("ingest", str(folder), "--collection", "in-step")
    assert third["documents"] == COUNTS | {"changed": 1, "unchanged": 2, "removed": 1, "skipped": 2}
    assert third["chunks"] == 1


def test_files_archives_and_corpora_in_one_go(command: Command, api: httpx.Client, tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"guide/lid.md": "# Lid\n\nTurn the lid to the left."})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("zip/foot.md", "# Foot\n\nThe foot folds away.")
        archive.writestr("zip/foot.png", "no article")
    for name, prefix in (("b.tar.gz", "tar"), ("c.tgz", "tgz")):
        with tarfile.open(tmp_path / name, "w:gz") as packed:
            packed.add(source / "guide", prefix)
    single = write(tmp_path, {"single.md": "# Single\n\nA file of its own."}) / "single.md"
    rows = [{"_id": f"beir {n}", "title": f"Fact {n}", "text": f"Fact number {n} is known."} for n in (1, 2)]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(lines))
    paths = [str(tmp_path / name) for name in ("a.zip", "b.tar.gz", "c.tgz", single.name, "corpus.jsonl.gz")]
    report = command("ingest", *paths, str(source), "--collection", "of-all-kinds")
    assert report["documents"] == COUNTS | {"added": 7, "skipped": 1}
    found = {article["id"] for article in api.get("articles?collection=of-all-kinds").json()["items"]}
    assert found == {"zip/foot", "tar/lid", "tgz/lid", "single", "beir 1", "beir 2", "guide/lid"}


def test_an_article_of_two_sources_is_shown_once_and_stays_with_the_second(
    command: Command, api: httpx.Client, site: httpx.Client, folder: Path
) -> None:
    for path in (folder, folder / "start", folder / "returns.md"):
        command("ingest", str(path), "--collection", "twice")
    page = site.get("/help/twice/").text
    assert page.count(">Charging the Zorblatt</a>") == page.count(">Returning a Zorblatt</a>") == 1
    question = {"question": CHARGING, "collection": "twice"}
    shown = [(source["title"], source["heading"]) for source in api.post("ask", json=question).json()["sources"]]
    assert shown
    assert len(set(shown)) == len(shown)
    (folder / "returns.md").rename(folder.parent / "returns.md")
    removed = command("ingest", str(folder), "--collection", "twice")
    assert removed["documents"]["removed"] == 1
    assert site.get("/help/twice/return-a-zorblatt").status_code == 200  # the file is still a source of its own


def test_a_path_is_meant_from_where_the_command_runs(product: Product, folder: Path) -> None:
    arguments = ["ingest", "start", "../help centre/returns.md", "--collection", "relative", "--json"]
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), *arguments],
        cwd=folder,
        env=product.environment,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["documents"] == COUNTS | {"added": 2}


@pytest.mark.parametrize("arguments", [["--json"], [".", "--collection", "not a slug"]])
def test_wrong_usage_is_status_2_and_prints_no_json(product: Product, arguments: list[str]) -> None:
    done = product.manage("ingest", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: manage.py ingest" in done.stderr


def test_what_is_not_there_is_status_1(command: Command, folder: Path) -> None:
    missing = str(folder / "gone")
    report = command("ingest", missing, str(folder / "returns.md"), "--collection", "partly", status=1)
    assert report["documents"] == COUNTS | {"added": 1, "failed": 1}
    assert report["failures"][0]["path"] == missing


def test_without_a_running_product_the_command_does_it_all(started_before: Path, folder: Path) -> None:
    stopped = launch(started_before, [sys.executable, "manage.py", "check"])  # a handle: no product is started
    stopped.supervisor.wait(60)
    done = stopped.manage("ingest", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["documents"]["added"] == len(ARTICLES)
    asked = stopped.manage("ask", CHARGING, "--json")
    assert "42 minutes" in json.loads(asked.stdout)["answer"]
    eventually(lambda: stopped.processes() == [], "its services are gone again")
