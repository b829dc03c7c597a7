"""Passages for tests that hold sentences against them."""

from assistant.answering.grounding import ground
from assistant.answering.release import Checked, Evidence
from knowledge.retrieval import Passage

RETURNS = """You can return an order within 30 days. Write to returns@shop.example and keep the parcel closed.

Refunds take two weeks. We cannot refund shipping. A late parcel costs 1,250.50 euro of our savings.
"""
COUNTRIES = """We ship to these countries:

| Country | Days | Price |
|---------|------|-------|
| Italy   | 2    | 5 EUR |
| Norway  | 6    | 9 EUR |

Parcels of Version 2.10 carry a label of ACME. Run `label --print` before you seal one.
"""
QUESTION = "Can I return an order and how much is shipping to Norway?"


def passage(text: str, number: int = 1, title: str = "Returns", headings: tuple[str, ...] = ()) -> Passage:
    """A passage that begins at code point 100 of its article."""
    return Passage(
        chunk_id=number,
        document_id=number,
        revision=1,
        article=f"article-{number}",
        title=title,
        url=f"/help/shop/article-{number}",
        heading_path=headings,
        anchor="",
        text=text,
        start=100,
        end=100 + len(text),
        score=0.9,
        dense=0.8,
        lexical=3.0,
    )


def evidence(question: str = QUESTION) -> Evidence:
    """Passage 1 is about returns, passage 2 about countries."""
    return Evidence(question, [passage(RETURNS), passage(COUNTRIES, 2, "Shipping")])


def check(sentence: str, question: str = QUESTION) -> Checked:
    """What becomes of the one sentence of an answer."""
    (checked,) = ground(sentence, evidence(question)).checks
    return checked
