"""Every section runs over a folder of sets of its own, with the real ingestion, search and answers."""

import gzip
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.evaluation import corpora, recombined, sets
from knowledge.embedding import get_embedder
from knowledge.models import Chunk, Collection

SUBJECTS = ("battery", "printer", "invoice", "password", "parcel", "camera", "licence", "router", "keyboard", "backup")
SENTENCES = (
    "The {0} is renewed every {1} months, and the old one goes back to the depot in its own box.",
    "Open the settings, choose {0}, and press Renew to begin; this takes about {1} minutes.",
    "A {0} that was renewed twice cannot be renewed again, because its serial number is used up.",
)


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Path]:
    """A folder in the layout of EVALUATION_DATA, with ten articles and a question to each."""
    monkeypatch.setenv("EVALUATION_DATA", str(tmp_path))
    texts = [" ".join(part.format(subject, n + 2) for part in SENTENCES) for n, subject in enumerate(SUBJECTS)]
    corpus = [{"_id": s, "title": f"The {s}", "text": t} for s, t in zip(SUBJECTS, texts, strict=True)]
    asked = [{"_id": f"q-{s}", "text": f"How do I renew my {s}?"} for s in SUBJECTS]
    qrels = "query-id\tcorpus-id\tscore\n" + "".join(f"q-{s}\t{s}\t1\n" for s in SUBJECTS)
    unanswerable = [{"_id": f"u-{s}", "text": f"Which colour does the {s} have?"} for s in SUBJECTS]
    queries = {
        "techqa": {"queries.jsonl": asked + unanswerable},
        "mtrag_cloud": dict.fromkeys(("queries.jsonl", "queries_lastturn.jsonl", "queries_history.jsonl"), asked),
        "gnome_help": {"queries_en_summary.jsonl": asked},
        "xquad_noise": {
            f"queries_{form}.jsonl": asked
            for form in ("en", "en_noise_keyboard", "en_noise_mt_from_de", "en_noise_asr")
        },
    }
    for name, files in queries.items():
        write(tmp_path / corpora.FILES[name], corpus)
        (tmp_path / name / "qrels.tsv").write_text(qrels)
        for file, rows in files.items():
            write(tmp_path / name / file, rows)
    answers = [{"query_id": f"q-{s}", "answerable": True, "answer": SENTENCES[1].format(s, 5)} for s in SUBJECTS]
    write(tmp_path / "techqa/answers.jsonl", answers)
    others = [
        {"_id": f"o-{n}", "text": f"Who won race {n}?", "locale": "en-US", "wants_human": False} for n in range(9)
    ]
    people = [{"_id": f"p-{n}", "text": "I want to talk to a person", "wants_human": True} for n in range(9)]
    write(tmp_path / "sumo_questions_2023/questions.jsonl.gz", others)
    write(tmp_path / "clinc_oos/utterances.jsonl", others)
    write(tmp_path / "nlupp_banking/utterances.jsonl", others + people)
    for remembered in (sets.qrels, corpora.ingested):
        remembered.cache_clear()
    yield tmp_path
    for remembered in (sets.qrels, corpora.ingested):
        remembered.cache_clear()


def cells(section: str) -> dict[str, list[str]]:
    """The rows of a section's table by their first cell."""
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows}


def test_every_section_measures_what_it_says(data: Path) -> None:
    written = {
        name: import_module(f"benchmarks.evaluation.{name}").section(data)
        for name in ("retrieval", "decisions", "quotation", "grounding", "ingestion")
    }
    assert all(text.startswith("## ") for text in written.values())
    retrieval = written["retrieval"].splitlines()
    assert sum("| the whole, reranked |" in line for line in retrieval) == 10
    assert all("1.000" in line for line in retrieval if "| the whole, reranked |" in line)
    assert sum("| the whole, reranked, less rewritten by a person | +.000" in line for line in retrieval) == 1
    assert sum("| the whole, reranked, less clean | +.000" in line for line in retrieval) == 3
    decisions = cells(written["decisions"])
    assert decisions["nlupp_banking, a person is brought; wants one: recall"][1].startswith("1.000")
    assert decisions["nlupp_banking, a person is brought; others: false alarms"][1].startswith(".000")
    assert decisions["AUC, techqa answerable against sumo"][1].startswith("1.000")
    assert len(cells(written["quotation"])["the product's answer"]) == 4
    assert {"1", "2", "3"} <= set(cells(written["ingestion"]))
    assert int(cells(written["grounding"])["own sentences that pass"][0]) > 0


def test_the_large_collection_is_made_of_the_sets_sentences(data: Path) -> None:
    collection = Collection.objects.create(slug="large", name="Large", locale="en")
    written = recombined.build(collection, 20, get_embedder().embed_passages)
    assert written >= 20
    assert Chunk.objects.filter(collection=collection).count() == written
