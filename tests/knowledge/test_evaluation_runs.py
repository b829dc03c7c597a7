"""Runs that are kept and compared, through the command."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from assistant.answering import confidence
from assistant.answering import evaluation as answers
from assistant.management.tables import intervals
from assistant.models import EscalationRule
from knowledge.evaluation import comparison, runs
from knowledge.evaluation.provenance import commit, hash_of_file
from knowledge.evaluation.resampling import groups_of, mean_of
from knowledge.indexing import active_generation
from knowledge.retrieval import reranking

CORPUS = [
    {"_id": "returns", "title": "Returns", "text": "Send a parcel back within 30 days."},
    {"_id": "password", "title": "Password", "text": "Choose a new password in the settings."},
]
QUERIES = [{"_id": "q1", "text": "how do I send a parcel back?",
            "history": [{"role": "customer", "text": "hello"}]}, {"_id": "q2", "text": "a new password"}]  # fmt: skip
QRELS = "query-id\tcorpus-id\tscore\nq1\treturns\t1\nq2\tpassword\t1\n"


@pytest.fixture(autouse=True)
def kept_in(tmp_path, settings) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "evaluations"


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text(QRELS)
    return {name: tmp_path / file for name, file in
            (("corpus", "corpus.jsonl"), ("queries", "queries.jsonl"), ("qrels", "qrels.tsv"))}  # fmt: skip


def evaluate(files: dict[str, Path], name: str) -> None:
    call_command("evaluate", "retrieval", *(f"--{part}={path}" for part, path in files.items()), "--name", name)


def compare(*arguments: str) -> None:
    call_command("evaluate", "compare", *arguments)


def refused(*arguments: str) -> str:
    """Why a comparison is refused."""
    with pytest.raises(CommandError) as caught:
        compare(*arguments)
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_two_runs_over_the_same_data_are_compared(files, capsys):
    evaluate(files, "baseline")
    assert "95 % interval" in capsys.readouterr().out
    packed = files["corpus"].with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(files["corpus"].read_bytes()))
    evaluate(files | {"corpus": packed}, "now")
    kept = runs.find("now")
    assert kept.settings["embedding"]
    assert kept.settings["k"] == 10
    assert "rewriting prompt" in kept.settings
    assert set(kept.data) == {"corpus", "queries", "qrels"}
    assert kept.columns["recall@5"] == [1.0, 1.0]
    capsys.readouterr()
    compare("baseline", "now", "--json")
    compared = json.loads(capsys.readouterr().out)
    assert (compared["first"]["name"], compared["second"]["name"], compared["questions"]) == ("baseline", "now", 2)
    recall = compared["figures"]["recall@5"]
    assert recall["first"] == recall["second"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert recall["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    assert "latency_ms.p95" in compared["figures"]
    compare("baseline", "now")
    printed = capsys.readouterr().out
    assert "recall@5" in printed
    assert "2 questions" in printed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", ["corpus", "queries", "qrels"])
def test_runs_over_other_data_are_not_compared(files, part):
    evaluate(files, "before")
    changed = (
        files[part].read_text().replace("30 days", "31 days").replace("a new", "any new").replace("\t1\n", "\t2\n")
    )
    files[part].write_text(changed)
    evaluate(files, "after")
    assert f"the {part} differ" in refused("before", "after")


@pytest.mark.django_db(transaction=True)
def test_a_run_is_never_overwritten_and_may_be_a_file_elsewhere(files, kept_in, tmp_path, capsys):
    evaluate(files, "baseline")
    with pytest.raises(CommandError, match="already"):
        evaluate(files, "baseline")
    moved = (kept_in / "baseline.json").rename(tmp_path / "elsewhere.json")
    evaluate(files, "now")
    compare(str(moved), "now", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["first"]["name"] == "baseline"


def test_an_unknown_run_is_refused_with_the_names_of_those_there_are(kept_in):
    assert "None is stored yet" in refused("a", "b")
    kept_in.mkdir()
    (kept_in / "monday.json").write_text("{}")
    assert "monday" in refused("a", "b")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"name": 1}', b"\xff", '{"name":"a","kind":"retrieval","date":"","commit":null,"settings":{},'
     '"data":{},"figures":{},"ids":["q"],"columns":{"recall@5":[1,2]}}'],
)  # fmt: skip
def test_a_file_that_is_no_run_is_refused(kept_in, content):
    kept_in.mkdir()
    (kept_in / "broken.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert "is not a stored run" in refused("broken", "broken")


def kept(kind: str, name: str, **data: str) -> None:
    runs.keep(kind, name, measured_with={}, data=data, figures={}, ids=[], columns={})


def test_runs_of_two_kinds_are_not_compared():
    kept("retrieval", "one")
    kept("answers", "other")
    assert "one measured retrieval, other measured answers" in refused("one", "other")


def test_questions_of_one_conversation_are_drawn_together(kept_in):
    def run(name: str, mark: str, right: list[float]) -> runs.Run:
        ids = [f"talk{n // 8}{mark}{n}" for n in range(64)]
        return runs.keep("answers", name, measured_with={}, data={}, figures={}, ids=ids,
                         columns={"x": np.array(right)})  # fmt: skip

    before, after = [0.0] * 64, [float(n // 8 % 2) for n in range(64)]
    apart, together = (
        comparison.compare(
            run(f"first{len(mark)}", mark, before), run(f"second{len(mark)}", mark, after), {"x": mean_of("x")}
        )
        for mark in ("-", "<::>")
    )
    apart, together = apart.figures["x"], together.figures["x"]
    for narrow, wide in ((apart.second, together.second), (apart.difference, together.difference)):
        assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_of_a_files_questions_those_of_one_conversation_are_drawn_together_too():
    columns = {"x": np.array([float(n // 8 % 2) for n in range(64)])}
    groups = groups_of([f"talk{n // 8}<::>{n}" for n in range(64)])
    apart, together = (intervals({"x": mean_of("x")}, columns, each)["x"] for each in (None, groups))
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])
    assert groups_of(["a", "b"]) is None


@pytest.mark.django_db
@pytest.mark.parametrize("retrained", ["local", "local-multilingual", "local-multilingual, translated"])
def test_a_run_tells_of_what_was_fitted_with_the_model_that_answers(settings, monkeypatch, retrained):
    settings.EMBEDDING_MODEL = "local-multilingual"
    active_generation()
    settings.EMBEDDING_MODEL = "local"  # until the next index is complete the one before answers
    before = answers.measured_with()
    weights, calibration = reranking.weights, confidence.calibration

    def weighed(model="local"):
        return {**weights(model), "dense": 99.0} if model == retrained else weights(model)

    def calibrated(model="local", *, translated=False):
        fitted = calibration(model, translated=translated)
        return {**fitted, "threshold": 0.99} if model + ", translated" * translated == retrained else fitted

    monkeypatch.setattr(reranking, "weights", weighed)
    monkeypatch.setattr(confidence, "calibration", calibrated)
    after = answers.measured_with()
    differing = {name for name in before if before[name] != after[name]}
    assert (
        differing
        == {
            "local": set(),
            "local-multilingual": {"reranker", "calibration"},
            "local-multilingual, translated": {"calibration"},
        }[retrained]
    )


@pytest.mark.django_db
def test_a_run_tells_of_the_servers_prompts_and_rules_that_figures_depend_on(settings):
    assert answers.rewritten_with() == {"model": None, "fallbacks": None, "rewriting prompt": None}
    settings.RERANK_BASE_URL, settings.RERANK_MODEL = "https://name:secret@rank.example/v2", "rank-1"
    settings.GENERATIVE, settings.LLM_MODEL = True, "writer-1"
    before = answers.measured_with()
    assert (before["reranking server"], before["reranking model"]) == ("https://rank.example/v2", "rank-1")
    assert answers.rewritten_with()["model"] == "writer-1"
    assert answers.rewritten_with()["rewriting prompt"] == before["rewriting prompt"] is not None
    EscalationRule.objects.create(name="Recalls", phrases=["recall"])
    after = answers.measured_with()
    assert after["escalation rules"] == before["escalation rules"] + 1
    assert after["escalation rules hash"] != before["escalation rules hash"]


def test_runs_of_one_second_have_names_of_their_own():
    names = {runs.keep("answers", None, measured_with={}, data={}, figures={}, ids=[], columns={}).name for _ in "abc"}
    assert len(names) == 3


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a" * 101])
def test_a_name_that_cannot_be_a_files_is_refused(name):
    with pytest.raises(runs.UnusableName):
        runs.check_name(name)


def test_runs_are_measured_without_git_and_outside_of_a_checkout(settings, tmp_path, monkeypatch):
    settings.BASE_DIR = tmp_path
    assert commit() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit() is None


def test_a_packed_file_has_the_hash_of_what_is_in_it(tmp_path):
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(b"the same")
    packed.write_bytes(gzip.compress(b"the same"))
    assert hash_of_file(plain) == hash_of_file(packed)
