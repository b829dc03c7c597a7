"""An answer with its record, in the shapes of a page that tells how it was made. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answering.figures_in_words import (
    confidence_words,
    cost_words,
    failed_words,
    model_words,
    narrowing_words,
    reasons,
    rewriting_words,
    rule_words,
    skipped_words,
)
from assistant.answering.marked import Piece, marked
from assistant.answering.record import CONFIDENCE_RULE
from assistant.answers import Answer, Source
from assistant.conversations.rendering import render_markdown
from assistant.states import Decision

COST = "wrong_answer_cost"
TIMINGS = {
    "rewrite": "Put as a question of its own after",
    "retrieve": "Passages found after",
    "first_token": "First words after",
    "total": "Done after",
}


@dataclass(frozen=True)
class Figure:
    """A figure with what it means."""

    words: str
    value: float | None


@dataclass(frozen=True)
class CandidateRow:
    """A candidate of the search; `passage` is its number among the passages that were read."""

    rank: int
    title: str
    heading: str
    revision: int | None
    score: float
    first_score: float | None
    dense: float | None
    lexical: float | None
    passage: int | None
    reasons: Sequence[str]


@dataclass(frozen=True)
class StretchRow:
    """A stretch of an article that could have been quoted; its text may be cut."""

    title: str
    start: int
    end: int
    text: str
    cut: bool
    score: float
    reasons: Sequence[str]


@dataclass(frozen=True)
class PassageRow:
    """A passage that was read: its text as HTML with what is shown of it marked, and its article's other quotes."""

    number: int
    title: str
    heading: str
    url: str
    article: str
    revision: int
    start: int
    end: int
    score: float
    html: str
    elsewhere: Sequence[Source]
    cited_as: Sequence[int]


@dataclass(frozen=True)
class PartAccount:
    """How one of several questions was looked up; `question` is in the customer's words."""

    question: str
    looked_up: str
    corrections: Sequence[tuple[str, str]]
    value: float
    threshold: float
    enough: bool
    kept_back: str
    features: Sequence[Figure]
    candidates: Sequence[CandidateRow]
    found: int
    passages: Sequence[PassageRow]


@dataclass(frozen=True)
class Account:
    """How an answer was made. `whole` is False of an answer given before records held all this.

    `kept_back` says why none was given though the confidence was `enough`; "" where one was, or it was not.
    `failed` are calls that were to write it, `skipped` models that were not asked to, each with why. `corrections` are
    words as typed, each with the one that was looked up for it. Of several questions `parts` tells each by itself;
    `passages` are then those that a model was given.
    """

    answer: Answer
    answer_html: str
    whole: bool
    model: str
    failed: Sequence[str]
    skipped: Sequence[str]
    asked: str
    rewritten: str
    narrowed: str
    corrections: Sequence[tuple[str, str]]
    value: float
    threshold: float | None
    enough: bool
    kept_back: str
    features: Sequence[Figure]
    candidates: Sequence[CandidateRow]
    found: int
    passages: Sequence[PassageRow]
    stretches: Sequence[StretchRow]
    sentences: Sequence[Mapping[str, Any]]
    prompt: Mapping[str, Any]
    timings: Sequence[Figure]
    degraded: Sequence[str]
    withheld: Sequence[Mapping[str, str]]
    parts: Sequence[PartAccount]
    rule: Mapping[str, Any]
    versions: Mapping[str, Any]


def account_of(answer: Answer) -> Account:
    """The account of an answer that was given now, or read back."""
    record = answer.explanation
    confidence = record.get("confidence", {})
    threshold = confidence.get("threshold")
    enough = threshold is not None and answer.confidence >= threshold
    kept_back = _kept_back(answer) if enough else ""
    passages = list(_passages(record.get("passages", ()), answer.sources))
    return Account(
        answer=answer,
        answer_html=render_markdown(answer.text),
        whole="format" in record,
        model=model_words(answer.model, answer.completions, quoted=bool(answer.sources)),
        failed=failed_words(answer.completions),
        skipped=skipped_words(record.get("skipped", {}), answer.completions),
        asked=record.get("asked", {}).get("text", ""),
        rewritten=rewriting_words(record.get("lookup", {}).get("why"), record.get("rewriting", {}).get("fault")),
        narrowed=narrowing_words(record.get("narrowed")),
        corrections=tuple(record.get("retrieval", {}).get("corrections", {}).items()),
        value=answer.confidence,
        threshold=threshold,
        enough=enough,
        kept_back=kept_back,
        features=_features(confidence),
        candidates=_candidates(record),
        found=record.get("retrieval", {}).get("found", 0),
        passages=passages,
        stretches=_stretches(record.get("quotation", {})),
        sentences=record.get("sentences", ()),
        prompt=record.get("prompt") or {},
        timings=_timings(answer.timings_ms),
        degraded=record.get("retrieval", {}).get("degraded", ()),
        withheld=record.get("withheld", ()),
        parts=[_part(kept, answer.sources, kept_back) for kept in record.get("parts", ())],
        rule=_rule(record),
        versions=_versions(record),
    )


def _kept_back(answer: Answer) -> str:
    """The rule that kept an answer back which the confidence would have given, else the reason; "" of an answer."""
    if answer.decision is Decision.ANSWER:
        return ""
    basis = answer.explanation.get("answerable") or answer.explanation.get("basis") or {}
    rule = str(basis.get("rule", CONFIDENCE_RULE))
    return answer.reason if rule == CONFIDENCE_RULE else rule


def _part(kept: Mapping[str, Any], sources: Sequence[Source], kept_back: str) -> PartAccount:
    confidence = kept["confidence"]
    return PartAccount(
        question=kept["question"],
        looked_up=kept["lookup"]["text"],
        corrections=tuple(kept["retrieval"]["corrections"].items()),
        value=confidence["value"],
        threshold=confidence["threshold"],
        enough=kept["answered"],
        kept_back=kept_back if kept["answered"] else "",
        features=_features(confidence),
        candidates=_candidates(kept),
        found=kept["retrieval"]["found"],
        passages=list(_passages(kept["passages"], sources if kept["answered"] else ())),
    )


def _timings(took: Mapping[str, float]) -> list[Figure]:
    return [Figure(words, took[name]) for name, words in TIMINGS.items() if name in took]


def _features(confidence: Mapping[str, Any]) -> list[Figure]:
    """What the confidence is made of, then the features, those first that counted most, and the other figures."""
    features, readings = confidence.get("features", {}), confidence.get("calibration", {}).get("weights", {})
    weights = {name: max(abs(of.get(name, 0.0)) for of in readings.values()) for name in features if readings}
    counting = sorted(
        features, key=lambda name: (name not in readings, -weights.get(name, 0.0) * (features[name] or 0.0))
    )
    named = {**{name: features[name] for name in counting}, **confidence.get("figures", {})}
    return [Figure(confidence_words(name), value) for name, value in named.items()]


def _candidates(record: Mapping[str, Any]) -> list[CandidateRow]:
    kept = record.get("candidates", ())
    weights = record.get("retrieval", {}).get("reranker", {}).get("weights", {})
    numbers = {passage.get("chunk_id"): number for number, passage in enumerate(record.get("passages", ()), start=1)}
    why = reasons([candidate["features"] for candidate in kept], weights) if kept else []
    return [
        CandidateRow(
            rank=rank,
            title=candidate["title"] or "",
            heading=candidate["heading"] or "",
            revision=candidate["revision"],
            score=candidate["score"],
            first_score=candidate["features"].get("fused"),
            dense=candidate["dense"],
            lexical=candidate["lexical"],
            passage=numbers.get(candidate["chunk"]),
            reasons=because,
        )
        for rank, (candidate, because) in enumerate(zip(kept, why, strict=True), start=1)
    ]


def _stretches(kept: Mapping[str, Any]) -> list[StretchRow]:
    stretches = kept.get("stretches", ())
    why = reasons([stretch["features"] for stretch in stretches], kept["weights"]) if stretches else []
    return [
        StretchRow(
            title=stretch["title"],
            start=stretch["start"],
            end=stretch["end"],
            text=stretch["text"],
            cut=len(stretch["text"]) < stretch["end"] - stretch["start"],
            score=stretch["score"],
            reasons=because,
        )
        for stretch, because in zip(stretches, why, strict=True)
    ]


def _passages(kept: Sequence[Mapping[str, Any]], sources: Sequence[Source]) -> Iterator[PassageRow]:
    placed: set[int] = set()
    articles = [passage["article"] for passage in kept]
    for number, passage in enumerate(kept, start=1):
        of_article = [source for source in sources if source.article == passage["article"]]
        inside = [source for source in of_article if _within(source, passage)]
        placed |= {source.n for source in inside}
        last_of_article = passage["article"] not in articles[number:]
        elsewhere = [source for source in of_article if last_of_article and source.n not in placed]
        yield PassageRow(
            number=number,
            title=passage.get("title") or passage["article"],
            heading=" › ".join(passage.get("heading_path") or passage.get("heading") or ()),
            url=passage.get("url", ""),
            article=passage["article"],
            revision=passage["revision"],
            start=passage["start"],
            end=passage["end"],
            score=passage["score"],
            html=marked(list(_pieces(passage, inside))),
            elsewhere=elsewhere,
            cited_as=[source.n for source in (*inside, *elsewhere)],
        )


def _spans(source: Source) -> Sequence[tuple[int, int]]:
    """All that is shown of the article, as far as it was kept; else the quote."""
    if source.spans or source.start is None or source.end is None:
        return source.spans
    return ((source.start, source.end),)


def _within(source: Source, passage: Mapping[str, Any]) -> bool:
    """Whether anything that is shown of a source lies in a passage."""
    return any(start < passage["end"] and end > passage["start"] for start, end in _spans(source))


def _pieces(passage: Mapping[str, Any], quotes: Sequence[Source]) -> Iterator[Piece]:
    """The passage's text, cut where what is shown begins and ends; of two that overlap the first is marked."""
    text, at = passage["text"], 0
    for start, end, n in sorted((*span, source.n) for source in quotes for span in _spans(source)):
        start, end = max(start - passage["start"], at), min(end - passage["start"], len(text))
        if start < end:
            yield Piece(text[at:start], None)
            yield Piece(text[start:end], n)
            at = end
    yield Piece(text[at:], None)


def _rule(record: Mapping[str, Any]) -> dict[str, Any]:
    """The rule that decided with its figures, in words; without those of the confidence, which stand apart.

    With what a wrong answer costs, where a confidence was held against it.
    """
    basis = record.get("basis") or ({"rule": record["guardrail"]} if "guardrail" in record else {})
    apart = ("value", "threshold", COST)
    named = {name: value for name, value in basis.items() if name not in apart}
    if "rule" in named:
        named["rule"] = rule_words(named["rule"])
    said = {name.replace("_", " ").capitalize(): value for name, value in named.items()}
    cost = basis.get(COST) or record.get("answerable", {}).get(COST)
    if cost is None:
        return said
    own = record.get("asked", {}).get(COST) is not None
    return {**said, "A wrong answer costs": f"{cost_words(cost)}, {'as its widget says' if own else 'as recommended'}"}


def _versions(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a later answer may differ by, in words; without what is not known."""
    retrieval, prompt = record.get("retrieval", {}), record.get("prompt") or {}
    named = {
        "Index generation": retrieval.get("generation"),
        "Embeddings": retrieval.get("recipe"),
        "Reranker": retrieval.get("reranker", {}).get("version"),
        "Quotation": record.get("quotation", {}).get("version"),
        "Calibration": record.get("confidence", {}).get("calibration", {}).get("version"),
        "Prompt": prompt.get("version"),
        "Prompt's messages": prompt.get("hash"),
        "Prompt of the rewriting": record.get("rewriting", {}).get("version"),
        **{f"Model's {name}": value for name, value in prompt.get("parameters", {}).items()},
        "Collection": record.get("asked", {}).get("collection"),
        "Language": record.get("asked", {}).get("locale"),
    }
    return {name: value for name, value in named.items() if value}
