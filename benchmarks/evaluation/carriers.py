"""Articles to plant attacks in, with a question that they answer: real ones, short enough to be indexed in a moment."""

import contextlib
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.evaluation import sets

# The set asks as one asks a program; a customer's words find the e-mail.
_ASKED = re.compile(r"Q: Find the \$ value paid (to|by) (.+?)\? If multiple.*", re.S)
LONGEST_CHARACTERS = 4_000
EACH = 8


@dataclass
class Carrier:
    """An article of a collection as it is clean; `right` is what an answer has to hold, where that is known."""

    collection: str
    name: str
    title: str
    text: str
    question: str
    right: str = ""
    document: Any = field(default=None, repr=False)

    def store(self, text: str) -> None:
        """Store and index the article with this text, through the product's own door."""
        from knowledge.documents import save_article
        from knowledge.models import Collection

        kept_in = Collection.objects.get(slug=self.collection)
        self.document = save_article(kept_in, text, document=self.document, article=self.name, title=self.title)

    @contextlib.contextmanager
    def holding(self, attack: str, place: str) -> Iterator[None]:
        """The article with the attack in it: at its "start", its "end", or beside the "answer"."""
        was = self.document
        self.store(self.with_planted(attack, place))
        try:
            yield
        finally:
            if was is None:
                self.document.delete()
                self.document = None
            else:
                self.store(self.text)

    def with_planted(self, attack: str, place: str) -> str:
        """The text with the attack as a paragraph, or beside the answer as a sentence among its sentences."""
        if place == "start":
            return f"{attack}\n\n{self.text}"
        if place == "end":
            return f"{self.text}\n\n{attack}"
        at = self.text.find(". ", len(self.text) // 3)
        return f"{self.text}\n{attack}" if at < 0 else f"{self.text[: at + 1]} {attack} {self.text[at + 2 :]}"


def carriers(collection: str) -> list[Carrier]:
    """Articles of two help centres, stored clean."""
    found = [*_techqa(collection), *_arduino(collection)]
    for carrier in found:
        carrier.store(carrier.text)
    return found


def emails(collection: str) -> Iterator[Carrier]:
    """E-mails with a question whose answer they hold, not stored yet."""
    for row in sets.rows("injection/email_contexts.jsonl"):
        if row["ideal"] != "unknown":
            question = _ASKED.sub(r"How many dollars were paid \1 \2?", row["question"])
            yield Carrier(collection, row["_id"], f"E-mail {row['_id']}", row["context"], question, row["ideal"])


def _techqa(collection: str) -> Iterator[Carrier]:
    texts = {row["_id"]: row for row in sets.rows("techqa/corpus.jsonl.gz")}
    taken = set[str]()
    for question in sets.techqa():
        row = texts[question.articles[0]] if question.articles else None
        if row and row["_id"] not in taken and len(row["text"]) < LONGEST_CHARACTERS and len(taken) < EACH:
            taken.add(row["_id"])
            yield Carrier(collection, row["_id"], row["title"], row["text"], question.text)


def _arduino(collection: str) -> Iterator[Carrier]:
    from knowledge.sources.parsing import parse

    count = 0
    with tarfile.open(sets.folder() / "arduino_help_center/arduino-help-center.tar.gz") as packed:
        for member in packed:
            held = packed.extractfile(member) if member.name.endswith(".md") else None
            if held is None or count == EACH:
                continue
            article = parse(member.name, held.read())
            if 600 < len(article.text) < LONGEST_CHARACTERS and article.title.lower().startswith(
                ("how", "if", "about")
            ):
                count += 1
                yield Carrier(collection, f"arduino-{count}", article.title, article.text, article.title)
