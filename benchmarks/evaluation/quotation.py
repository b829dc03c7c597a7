"""Answers without a generative model on techqa, against plain ways to cut an answer out of the same articles.

Every way gets the passages that the product's own search found. Where the product did not answer, its words count as
they stand.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from assistant.answering.evaluation import Case, run
from assistant.answering.figures import token_f1
from assistant.llm.blocks import Span, blocks, sentences
from assistant.states import Decision
from assistant.terms import terms
from benchmarks.evaluation import sets
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.tables import cell, change, table
from knowledge.bm25 import chunk_weights, query_weights
from knowledge.embedding import get_embedder
from knowledge.evaluation.resampling import Columns, difference, estimate, mean_of
from knowledge.models import Document
from knowledge.retrieval import Query, retrieve
from knowledge.terms import term_id

PASSAGE_CHARACTERS = 900
FIRST_SENTENCES = 3
# Sentences before and after the best one.
NEIGHBOURS = 1
MMR_SENTENCES = 6
MMR_RELEVANCE = 0.7
# Of the words of the expert's key sentence, for it to count as held.
HELD_SHARE = 0.8
LONGEST = 2.0
PRODUCT = "the product's answer"
FIGURES = {
    "token F1": mean_of("token_f1"),
    "key sentence held": mean_of("held"),
    "held, and at most twice as long": mean_of("held_briefly"),
    "held, and at most twice the key sentence": mean_of("held_alone"),
}


class Material(NamedTuple):
    """A question, the best passage, and the sentences of its article; vectors are (sentences, dimension)."""

    question: str
    passage: str
    sentences: Sequence[str]
    vectors: np.ndarray
    asked: np.ndarray


def section(data: Path) -> str:
    """The table of every way, and what the product gains over the best of the others."""
    slug = ingested(data, "techqa")
    questions = [q for q in sets.techqa() if q.part == "holdout" and q.articles and q.answer]
    groups = [sets.group_of(question) for question in questions]
    material = [_material(question.text, slug) for question in questions]
    texts = {name: [way(one) for one in material] for name, way in WAYS.items()}
    texts[PRODUCT], answered = _answered(questions, slug)
    measured = {
        name: _columns(shown, [question.answer or "" for question in questions]) for name, shown in texts.items()
    }
    rows = [
        (name, *(cell(estimate(figure, columns, groups)) for figure in FIGURES.values()))
        for name, columns in measured.items()
    ]
    rows.append(("gain over the best other", *(_gain(measured, name, groups) for name in FIGURES)))
    told = (
        f"The {len(questions)} answerable questions of the holdout part, {answered} of them answered; where the "
        "product does not answer, what it says instead counts. The key sentence is the longest of the expert's answer; "
        f"it is held where {HELD_SHARE:.0%} of its words stand in the text. Twice as long: as the expert's whole "
        "answer, and as its key sentence alone. Goal for token F1: .38. 95 % intervals by resampling articles."
    )
    return f"## Quoted answers\n\n{told}\n\n{table(('way', *FIGURES), rows)}"


def _answered(questions: Sequence[sets.Question], slug: str) -> tuple[list[str], int]:
    """What the product says to each, and how many it answers."""
    answers = [result.answer for result in run([Case(q.id, q.text) for q in questions], slug)]
    said = [answer.text if answer else "" for answer in answers]
    return said, sum(answer is not None and answer.decision == Decision.ANSWER for answer in answers)


def _gain(measured: Mapping[str, Columns], name: str, groups: Sequence[str]) -> str:
    figure = FIGURES[name]
    best = max((way for way in measured if way != PRODUCT), key=lambda way: figure(measured[way]))
    return change(difference(figure, measured[best], measured[PRODUCT], groups))


def _columns(shown: Sequence[str], expert: Sequence[str]) -> Columns:
    pairs = list(zip(shown, expert, strict=True))
    held = np.array([_holds_key_sentence(text, answer) for text, answer in pairs], dtype=float)
    brief = np.array([len(text) <= LONGEST * len(answer) for text, answer in pairs])
    alone = np.array([len(text) <= LONGEST * len(_key_sentence(answer)) for text, answer in pairs])
    f1 = np.array([token_f1(text, answer) for text, answer in pairs])
    return {"token_f1": f1, "held": held, "held_briefly": held * brief, "held_alone": held * alone}


def _key_sentence(expert: str) -> str:
    return max(_sentences(expert), key=len, default=expert)


def _holds_key_sentence(text: str, expert: str) -> bool:
    wanted = set(terms(_key_sentence(expert)))
    return len(wanted & set(terms(text))) >= HELD_SHARE * len(wanted)


def _material(question: str, slug: str) -> Material:
    passage = retrieve(Query(question, slug)).passages[0]
    text = Document.objects.values_list("text", flat=True).get(pk=passage.document_id)
    parts = _sentences(text)
    embedder = get_embedder()
    return Material(question, passage.text, parts, embedder.embed_passages(parts), embedder.embed_query(question))


def _sentences(text: str) -> list[str]:
    """Those of its paragraphs, list items and table rows, in order."""
    found: list[str] = []
    for block in blocks(text):
        if block.kind in ("heading", "rule", "html"):
            continue
        units: Sequence[Span] = block.parts or (block,)
        found += [span.of(text).strip() for unit in units for span in sentences(text, unit)]
    return [sentence for sentence in found if sentence] or [text]


def _first_sentences(material: Material) -> str:
    return " ".join(material.sentences[:FIRST_SENTENCES])


def _words_window(material: Material) -> str:
    """The sentence best by BM25 among those of the article, with its neighbours."""
    held = [[term_id(term) for term in terms(sentence)] for sentence in material.sentences]
    length = max(1.0, sum(map(len, held)) / len(held))
    asked = [term_id(term) for term in terms(material.question)]
    holding = {term: sum(term in words for words in held) for term in set(asked)}
    rarity = query_weights(asked, holding, len(held))
    scores = [
        sum(weight * rarity.get(term, 0.0) for term, weight in chunk_weights(words, length).items()) for words in held
    ]
    return _window(material.sentences, int(np.argmax(scores)))


def _meaning_window(material: Material) -> str:
    return _window(material.sentences, int(np.argmax(material.vectors @ material.asked)))


def _mmr(material: Material) -> str:
    """Sentences near to the question and far from each other (Carbonell and Goldstein 1998), in the article's order."""
    near = material.vectors @ material.asked
    chosen: list[int] = []
    while len(chosen) < min(MMR_SENTENCES, len(material.sentences)):
        same = (material.vectors @ material.vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(near))
        worth = MMR_RELEVANCE * near - (1 - MMR_RELEVANCE) * same
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
    return " ".join(material.sentences[index] for index in sorted(chosen))


def _window(parts: Sequence[str], best: int) -> str:
    return " ".join(parts[max(0, best - NEIGHBOURS) : best + NEIGHBOURS + 1])


WAYS: Mapping[str, Callable[[Material], str]] = {
    f"top passage, {PASSAGE_CHARACTERS} characters": lambda material: material.passage[:PASSAGE_CHARACTERS],
    "first three sentences of the article": _first_sentences,
    "BM25 sentence window": _words_window,
    "embedding sentence window": _meaning_window,
    f"MMR, {MMR_SENTENCES} sentences of the article": _mmr,
}
