"""`manage.py evaluate` from outside: the figures, the files it writes, and what it leaves alone."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import CHARGING
from tests.product import CHECKOUT, Product

pytestmark = pytest.mark.services
Command = Callable[..., Any]
CORPUS = [
    {"_id": "d1", "title": "Charging", "text": "The Zorblatt charges in 42 minutes with the blue cable."},
    {"_id": "d2", "title": "Returns", "text": "You may return a Zorblatt within 77 days."},
    {"_id": "d3", "title": "Colours", "text": "The Zorblatt comes in mauve and in teal."},
    {"_id": "d4", "title": "", "text": "The firmware of the Zorblatt is renewed with the wibble button."},
]
HISTORY = [{"role": "customer", "text": "Does the Zorblatt have a wibble button?"}, {"role": "agent", "text": "Yes."}]
# A line separator within a text is no end of a line.
QUERIES = [
    {"_id": "q1", "text": "How long does it charge\u2028with the blue cable?"},
    {"_id": "q2", "text": "How many days do I have for a return?"},
    {"_id": "q3", "text": "and what does it renew?", "history": HISTORY},
    {"_id": "q4", "text": "Nobody judged this."},
    {"_id": "q5", "text": "This was judged, and nothing is right."},
]
# More right documents for q2 than the run is deep: the measures look further down all the same.
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\td1\t1\nq2\td3\t1\nq3\td4\t1\nq5\td1\t0\n"
QUESTIONS = [
    {"_id": "a", "text": f"{CHARGING}\u2028Quickly.", "expect": "answer", "articles": ["start/charging"],
     "answer": "The Zorblatt charges in 42 minutes."},
    {"_id": "b", "text": "What is the capital of Mongolia?", "expect": "abstain"},
    {"_id": "c", "text": "and with the red one?", "history": [{"role": "customer", "text": CHARGING}]},
]  # fmt: skip
ASK_KEYS = {"decision", "reason", "answer", "confidence", "sources", "model", "timings_ms", "turn", "conversation"}


def lines(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The arguments that name a small BEIR set."""
    (tmp_path / "qrels.tsv").write_text(QRELS)
    corpus, queries = lines(tmp_path / "corpus.jsonl", CORPUS), lines(tmp_path / "queries.jsonl", QUERIES)
    return ["--corpus", corpus, "--queries", queries, "--qrels", str(tmp_path / "qrels.tsv")]


def holdings(api: httpx.Client, site: httpx.Client) -> tuple[Any, ...]:
    """What the live knowledge base and the conversations hold now."""
    articles = api.get("articles?limit=200").json()["items"]
    return site.get("/help/").text, articles, api.get("conversations?limit=200").json()["items"]


def test_retrieval_is_measured_and_nothing_is_left_behind(
    command: Command, api: httpx.Client, site: httpx.Client, files: list[str], tmp_path: Path
) -> None:
    before, run = holdings(api, site), tmp_path / "run.txt"
    figures = command("evaluate", "retrieval", *files, "--run", str(run), "--k", "2")
    assert {name: figures[name] for name in ("recall@5", "recall@10", "queries", "judged")} == {
        "recall@5": 1.0,
        "recall@10": 1.0,
        "queries": 5,
        "judged": 3,
    }
    assert 0 < figures["mrr@10"] <= 1
    assert 0 < figures["ndcg@10"] <= 1
    assert 0 < figures["latency_ms"]["p50"] <= figures["latency_ms"]["p95"]
    assert figures["documents_per_second"] > 0
    rows = [line.split(" ") for line in run.read_text().splitlines()]
    for query in QUERIES:
        mine = [row for row in rows if row[0] == query["_id"]]
        assert [(row[1], row[3]) for row in mine] == [("Q0", "1"), ("Q0", "2")]
        assert len({row[2] for row in mine}) == 2
        assert float(mine[0][4]) > float(mine[1][4])
    assert {len(row) for row in rows} == {6}
    assert next(row[2] for row in rows if row[0] == "q1") == "d1"
    assert holdings(api, site) == before


def test_stored_runs_are_compared_without_any_service(product: Product, files: list[str], tmp_path: Path) -> None:
    for name in ("before", "after"):
        measured = product.manage("evaluate", "retrieval", *files, "--name", name, "--json")
        assert f"run: {name}" in measured.stderr
    names = [str(product.data_dir / "evaluations" / f"{name}.json") for name in ("before", "after")]
    elsewhere = {**product.environment, "DATA_DIR": str(tmp_path / "elsewhere")}
    compare = [sys.executable, "manage.py", "evaluate", "compare", "--json"]
    done = subprocess.run([*compare, *names], cwd=CHECKOUT, env=elsewhere, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["figures"]
    assert figures["recall@5"]["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    assert not (tmp_path / "elsewhere" / "postgres").exists()


def test_answers_are_measured_and_not_stored(
    command: Command, api: httpx.Client, site: httpx.Client, zorblatt: str, tmp_path: Path
) -> None:
    before, out = holdings(api, site), tmp_path / "out.jsonl"
    questions = ["--questions", lines(tmp_path / "questions.jsonl", QUESTIONS)]
    figures = command("evaluate", "answers", *questions, "--collection", zorblatt, "--out", str(out))
    token_f1, latency = figures.pop("token_f1"), figures.pop("latency_ms")
    assert 0 <= figures.pop("calibration_error") <= 1
    assert 0 < token_f1 <= 1
    assert 0 < latency["p50"] <= latency["p95"]
    assert all(low <= high for low, high in figures.pop("intervals").values())
    assert figures == {
        "decision_accuracy": 1.0,
        "abstention": {"precision": 1.0, "recall": 1.0},
        "auroc": 1.0,
        "citation": {"precision": 1.0, "recall": 1.0},
        "questions": 3,
    }
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line]
    assert [row["_id"] for row in rows] == ["a", "b", "c"]
    assert all(set(row) == ASK_KEYS | {"_id"} for row in rows)
    assert "3 hours" in rows[2]["answer"]
    assert holdings(api, site) == before


def test_a_figure_that_the_file_cannot_give_is_null(command: Command, zorblatt: str, tmp_path: Path) -> None:
    questions = lines(tmp_path / "bare.jsonl", [{"_id": "a", "text": CHARGING}])
    figures = command("evaluate", "answers", "--questions", questions, "--collection", zorblatt)
    assert figures.pop("latency_ms")["p50"] > 0
    intervals = figures.pop("intervals")
    assert intervals["auroc"] == intervals["decision_accuracy"] == [None, None]
    assert figures == {
        "decision_accuracy": None,
        "abstention": {"precision": None, "recall": None},
        "auroc": None,
        "calibration_error": None,
        "citation": {"precision": None, "recall": None},
        "token_f1": None,
        "questions": 1,
    }


@pytest.mark.parametrize("wrong", [["--k", "0"], ["--run", "/no/such/folder/run.txt"], ["--qrels", "/no/such/file"]])
def test_wrong_usage_of_retrieval_is_status_2(product: Product, files: list[str], wrong: list[str]) -> None:
    done = product.manage("evaluate", "retrieval", *files, *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "wrong",
    [["--questions", "/no/such/file"], ["--collection", "nowhere"], ["--out", "/no/such/folder/out.jsonl"]],
)
def test_wrong_usage_of_answers_is_status_2(product: Product, tmp_path: Path, wrong: list[str]) -> None:
    questions = lines(tmp_path / "questions.jsonl", [{"_id": "small talk", "text": "Hello"}])
    done = product.manage("evaluate", "answers", "--questions", questions, *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
