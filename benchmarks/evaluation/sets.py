"""The evaluation sets of the folder EVALUATION_DATA, each row in its part: tuning or holdout.

What is learned or chosen looks at the tuning part alone; figures that are reported come from the holdout part.
The part is a hash of what belongs together, so that nothing of a holdout question is seen in tuning: of the document
that answers it, of the conversation it is from, of the paragraph it was asked about.
"""

import gzip
import json
import os
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

Part = Literal["tuning", "holdout"]
SALT = "answerdesk holdout 1:"
# Of the questions that are put to English articles.
GNOME_LANGUAGES = ("de", "es", "fr", "it", "ja", "pl", "pt_BR", "ru", "sv", "zh_CN")
XQUAD_LANGUAGES = ("ar", "de", "el", "es", "hi", "ru", "th", "tr", "vi", "zh")


class Question(NamedTuple):
    """A judged question; `articles` are the ids that answer it, if any does; history is (role, text)."""

    id: str
    text: str
    articles: tuple[str, ...]
    part: Part
    history: tuple[tuple[str, str], ...] = ()
    answer: str | None = None


def folder() -> Path:
    """The folder EVALUATION_DATA. Raises SystemExit, with what to do, when it is not set."""
    named = os.environ.get("EVALUATION_DATA")
    if not named or not Path(named).is_dir():
        raise SystemExit("Set EVALUATION_DATA to the folder of evaluation sets.")
    return Path(named)


def part_of(key: str) -> Part:
    """Which half the key belongs to, the same on every machine."""
    return "holdout" if sha256((SALT + key).encode()).digest()[0] % 2 else "tuning"


def group_of(question: Question) -> str:
    """What a question belongs to, its conversation or its first article: such questions are resampled together."""
    conversation, divided, _ = question.id.partition("<::>")
    return conversation if divided else (*question.articles, question.id)[0]


def rows(path: str) -> Iterator[dict[str, Any]]:
    """The JSON lines of a file in the folder, packed or not."""
    whole = folder() / path
    with gzip.open(whole, "rt", encoding="utf-8") if whole.suffix == ".gz" else whole.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@lru_cache(maxsize=8)
def qrels(name: str) -> dict[str, tuple[str, ...]]:
    """By query the ids of its relevant documents."""
    relevant: dict[str, tuple[str, ...]] = {}
    for line in (folder() / name / "qrels.tsv").read_text(encoding="utf-8").split("\n")[1:]:
        if line.strip():
            query, document, _ = line.rstrip("\r").split("\t")
            relevant[query] = (*relevant.get(query, ()), document)
    return relevant


def techqa() -> list[Question]:
    """Real questions to IBM support with the expert's answer; split by the document, unanswerable ones by their id."""
    answers = {row["query_id"]: row["answer"] for row in rows("techqa/answers.jsonl") if row["answerable"]}
    relevant = qrels("techqa")
    questions = []
    for row in rows("techqa/queries.jsonl"):
        key = str(row["_id"])
        articles = relevant.get(key, ())
        part = part_of(articles[0] if articles else key)
        questions.append(Question(key, row["text"], articles, part, answer=answers.get(key)))
    return questions


_MTRAG = {"rewrite": "queries.jsonl", "as one": "queries_history.jsonl"}


def mtrag(form: Literal["rewrite", "last turn", "history", "as one"] = "rewrite") -> list[Question]:
    """Turns of conversations about IBM Cloud, split by conversation.

    "rewrite" is a person's standalone form; "last turn" the message alone; "history" the message with what the
    customer had said before it; "as one" all that the customer said as one message.
    """
    relevant = qrels("mtrag_cloud")
    name = _MTRAG.get(form, "queries_lastturn.jsonl")
    before = _customer_turns() if form == "history" else {}
    questions = []
    for row in rows(f"mtrag_cloud/{name}"):
        key = str(row["_id"])
        part = part_of(key.split("<::>")[0])
        questions.append(Question(key, row["text"], relevant.get(key, ()), part, before.get(key, ())))
    return questions


def _customer_turns() -> dict[str, tuple[tuple[str, str], ...]]:
    """By turn what the customer had said before, oldest first; what the assistant said is not in the set."""
    before: dict[str, tuple[tuple[str, str], ...]] = {}
    for row in rows("mtrag_cloud/queries_history.jsonl"):
        *earlier, _ = row["text"].split("\n")
        before[str(row["_id"])] = tuple(("customer", text) for text in earlier)
    return before


@lru_cache(maxsize=1)
def mtrag_answers() -> dict[str, str]:
    """By turn an expert's answer, where the set has one."""
    return {
        row["task_id"]: row["reference_answer"]
        for row in rows("mtrag_cloud/dialogs_with_answers.jsonl")
        if row["answerability"] == "ANSWERABLE"
    }


def xquad(form: str = "en") -> list[Question]:
    """Questions about paragraphs, in the language or noise named by `form`; split by paragraph."""
    relevant = qrels("xquad_noise")
    return [
        Question(str(row["_id"]), row["text"], relevant[str(row["_id"])], part_of(relevant[str(row["_id"])][0]))
        for row in rows(f"xquad_noise/queries_{form}.jsonl")
    ]


def xquad_sentence(question: Question) -> str | None:
    """The sentence of the paragraph that holds the answer, if one holds it whole."""
    from assistant.llm.blocks import Span, sentences

    paragraph = _xquad_paragraphs()[question.articles[0]]
    found = (sentence.of(paragraph) for sentence in sentences(paragraph, Span(0, len(paragraph))))
    return next((sentence for sentence in found if _xquad_answers()[question.id] in sentence), None)


@lru_cache(maxsize=1)
def _xquad_paragraphs() -> dict[str, str]:
    return {row["_id"]: row["text"] for row in rows("xquad_noise/corpus.jsonl")}


@lru_cache(maxsize=1)
def _xquad_answers() -> dict[str, str]:
    return {row["query_id"]: row["answer"] for row in rows("xquad_noise/answers.jsonl")}


def gnome(form: str) -> list[Question]:
    """Titles of help pages in another language, or `en_summary`; split by page."""
    relevant = qrels("gnome_help")
    return [
        Question(str(row["_id"]), row["text"], relevant[str(row["_id"])], part_of(str(row["_id"])))
        for row in rows(f"gnome_help/queries_{form}.jsonl")
        if str(row["_id"]) in relevant
    ]
