import gzip
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from knowledge.embedding import embedder_named
from knowledge.evaluation import EvaluationQuery, UnusableInput, read_qrels, read_queries
from knowledge.evaluation.retrieval import MEASURES, by_document, judged_queries, measure
from knowledge.indexing import index_documents
from knowledge.models import Collection, Document, TermStatistic
from knowledge.retrieval import Candidate
from tests.knowledge.library import article

DATA = Path(os.environ.get("EVALUATION_DATA", "/nonexistent"))
CORPUS = [
    {"_id": "doc 1/a", "title": "Returns", "text": "Send a parcel back within 30 days."},
    {"_id": "doc-2", "title": "Password", "text": "Choose a new password in the settings."},
    {"_id": "doc-3", "title": "Hours", "text": "We are open from nine to five."},
]
QUERIES = [
    {"_id": "q1", "text": "how do I send a parcel\u2028back?"},
    {"_id": "q2", "text": "and how do I change it?", "history": [{"role": "customer", "text": "I forgot my password"}]},
    {"_id": "q3", "text": "nothing is right here"},
]


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tdoc 1/a\t1\nq2\tdoc-2\t1\nq3\tdoc-3\t0\n")
    return {
        "corpus": tmp_path / "corpus.jsonl",
        "queries": tmp_path / "queries.jsonl",
        "qrels": tmp_path / "qrels.tsv",
        "run": tmp_path / "out.run",
    }


def _evaluate(files: dict[str, Path], *more: str) -> None:
    call_command("evaluate", "retrieval", *(f"--{name}={path}" for name, path in files.items()), *more)


@pytest.mark.django_db(transaction=True)
def test_prints_the_figures_and_leaves_no_trace(files, capsys):
    index_documents([article("live", "Send a parcel back, live.")])
    before = TermStatistic.objects.count()
    _evaluate(files, "--json")
    printed = capsys.readouterr()
    assert "documents" not in printed.err  # counts are for a terminal
    figures = json.loads(printed.out)
    assert set(figures) == {
        "recall@5", "recall@10", "mrr@10", "ndcg@10", "latency_ms", "documents_per_second", "queries", "judged",
        "intervals",
    }  # fmt: skip
    assert (figures["queries"], figures["judged"], figures["recall@5"], figures["mrr@10"]) == (3, 2, 1.0, 1.0)
    assert figures["documents_per_second"] > 0
    assert set(figures["latency_ms"]) == {"p50", "p95"}
    rows = [line.split(" ") for line in files["run"].read_text().splitlines()]
    assert [row[0] for row in rows[:3]] == ["q1"] * 3
    assert list(Collection.objects.values_list("slug", flat=True)) == ["shop"]
    assert Document.objects.get().article == "live"
    assert TermStatistic.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_the_scratch_collection_goes_even_when_interrupted(files, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("knowledge.evaluation.retrieval.retrieve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _evaluate(files)
    assert not Collection.objects.exists()
    assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_corpus_line_without_a_document_is_left_out_and_a_broken_corpus_gives_no_figures(files, capsys):
    with files["corpus"].open("a") as corpus:
        corpus.write('{"_id": "empty", "title": "", "text": ""}\n{"_id": "doc-2", "title": "", "text": "twice"}\n')
    _evaluate(files, "--json")
    assert json.loads(capsys.readouterr().out)["recall@5"] == 1.0

    packed = gzip.compress(files["corpus"].read_bytes())
    files["corpus"] = files["corpus"].with_name("corpus.jsonl.gz")
    files["corpus"].write_bytes(packed[:-9])
    with pytest.raises(CommandError) as caught:
        _evaluate(files)
    assert caught.value.returncode == 1
    assert "cannot be read to its end" in str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_a_document_that_could_not_be_indexed_is_no_line_to_leave_out(files, model_server, settings):
    settings.EMBEDDING_MODEL = "bag-of-words"
    embedder_named.cache_clear()
    model_server.set(fault="indigestible:password")
    with pytest.raises(CommandError) as caught:
        _evaluate(files)
    embedder_named.cache_clear()
    assert caught.value.returncode == 1
    assert "could not be indexed" in str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_a_corpus_may_be_a_link_to_a_file_without_a_telling_name(files, capsys):
    files["corpus"].rename(files["corpus"].with_name("0a1b2c"))
    files["corpus"].symlink_to(files["corpus"].with_name("0a1b2c"))
    _evaluate(files, "--json")
    assert json.loads(capsys.readouterr().out)["queries"] == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("queries", "not json\n"),
        ("queries", '{"text": "no id"}\n'),
        ("queries", '{"_id": "q", "text": 5}\n'),
        ("queries", '{"_id": "q", "text": "t", "history": [{"role": "robot", "text": "x"}]}\n'),
        ("qrels", "header\nq1 doc-1 1\n"),
        ("queries", None),
        ("qrels", None),
        ("corpus", None),
    ],
)
def test_unusable_files_are_wrong_usage(files, name, content):
    files[name].unlink() if content is None else files[name].write_text(content)
    with pytest.raises(CommandError) as caught:
        _evaluate(files)
    assert caught.value.returncode == 2
    assert files[name].name in str(caught.value)


def test_reads_queries_with_their_history(files):
    queries = read_queries(files["queries"])
    assert queries[0] == EvaluationQuery("q1", QUERIES[0]["text"])
    assert queries[1].history == (("customer", "I forgot my password"),)
    assert read_qrels(files["qrels"])["q1"] == {"doc 1/a": 1}
    with pytest.raises(UnusableInput):
        read_queries(files["qrels"])


def test_a_document_counts_by_its_best_chunk_and_scores_fall_strictly():
    chunks = [(1, 10, 0.9), (2, 10, 0.8), (3, 20, 0.8), (4, 30, 0.8), (5, 40, 0.1)]
    candidates = [Candidate(chunk, document, score, 0.5, 1.0) for chunk, document, score in chunks]
    ranking = by_document(candidates, {10: "a", 20: "b", 30: "c", 40: "d"}, 3)
    assert [name for name, _ in ranking] == ["a", "b", "c"]
    scores = [score for _, score in ranking]
    assert all(above > below for above, below in pairwise(scores))


def test_measures_are_means_over_queries_with_a_right_document():
    queries = [EvaluationQuery(name, "") for name in ("q1", "q2", "q3")]
    judged = judged_queries(queries, {"q1": {"a": 1}, "q2": {"b": 1}, "q3": {"c": 0}, "absent": {"d": 1}})
    assert set(judged) == {"q1", "q2"}
    rankings = {"q1": [("x", 2.0), ("a", 1.0)], "q2": [("y", 1.0)], "q3": [("c", 1.0)]}
    measured = measure(judged, rankings)
    means = {name: (measured["q1"][name] + measured["q2"][name]) / 2 for name in MEASURES}
    assert means == {"recall@5": 0.5, "recall@10": 0.5, "mrr@10": 0.25, "ndcg@10": pytest.approx(0.3155, abs=1e-4)}
    assert measure({}, {}) == {}
    assert measure({"q": {"a": 1}}, {"q": []}) == {"q": dict.fromkeys(MEASURES, 0.0)}


@pytest.mark.evaluation
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not (DATA / "techqa").is_dir(), reason="EVALUATION_DATA holds no techqa")
def test_a_slice_of_techqa_keeps_its_level(tmp_path, capsys):
    import gzip

    with gzip.open(DATA / "techqa" / "corpus.jsonl.gz", "rt", encoding="utf-8") as corpus:
        rows = [json.loads(line) for line in corpus][:60]
    kept = {row["_id"] for row in rows}
    qrels = [line for line in (DATA / "techqa" / "qrels.tsv").read_text().split("\n")[1:] if line]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    judged = [line for line in qrels if line.split("\t")[1] in kept]
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(judged) + "\n")
    files = {
        "corpus": tmp_path / "corpus.jsonl",
        "queries": tmp_path / "queries.jsonl",
        "qrels": tmp_path / "qrels.tsv",
    }
    asked = {line.split("\t")[0] for line in judged}
    queries = (DATA / "techqa" / "queries.jsonl").read_text(encoding="utf-8").split("\n")
    files["queries"].write_text("\n".join(line for line in queries if line and json.loads(line)["_id"] in asked))
    _evaluate(files, "--json")
    figures = json.loads(capsys.readouterr().out)
    assert figures["judged"] == len({line.split("\t")[0] for line in judged})
    assert figures["recall@5"] > 0.95
    assert figures["ndcg@10"] > 0.9
