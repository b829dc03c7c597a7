"""The answers that a turn can end in, each with its words, its reason and the record that explains it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from assistant.answering import confidence
from assistant.answering.grounding import Grounded
from assistant.answering.guardrails import OFFER_OF_A_PERSON, Verdict
from assistant.answering.readings import Found
from assistant.answers import Answer, Question, Source
from assistant.llm.blocks import Span
from assistant.llm.passages import compose
from assistant.states import Decision, Role
from knowledge.retrieval import Passage

UNCHECKED_QUOTE_CHARACTERS = 300
NOT_FOUND = "I couldn't find this in our help centre."
NOT_FOUND_TEXT = f"{NOT_FOUND} {OFFER_OF_A_PERSON}"
NOT_FOUND_TWICE_TEXT = f"{NOT_FOUND} I'll bring in a person who can help; they will see this conversation."


def of_verdict(verdict: Verdict, question: Question, timings: Mapping[str, float]) -> Answer:
    """Small talk, a clarification or an escalation: decided by the customer's words alone."""
    return Answer(
        decision=verdict.decision,
        reason=verdict.reason,
        text=verdict.text,
        confidence=1.0,
        timings_ms=timings,
        question=question.text,
        explanation={"guardrail": verdict.reason},
    )


def not_found(
    question: Question, found: Found, reading: confidence.Reading, reason: str, timings: Mapping[str, float]
) -> Answer:
    """Says that the help centre does not hold the answer and offers a person; the second time brings one in."""
    twice = question.second_failure or _failed_before(question)
    return Answer(
        decision=Decision.ESCALATE if twice else Decision.ABSTAIN,
        reason="not found twice" if twice else reason,
        text=NOT_FOUND_TWICE_TEXT if twice else NOT_FOUND_TEXT,
        confidence=reading.confidence,
        timings_ms=timings,
        question=found.lookup,
        explanation=explain(found, reading),
        prompt_version=found.prompt.version if found.prompt else "",
        completions=found.completions,
    )


def quoted(
    question: Question,
    found: Found,
    reading: confidence.Reading,
    timings: Mapping[str, float],
    reason: str = "quoted from the help centre",
) -> Answer:
    """The answer in the articles' own words, without a generative model."""
    composition = compose(found.lookup, found.readings)
    if composition is None:
        return not_found(question, found, reading, "not in the help centre", timings)
    cited = []
    for n, quotation in enumerate(composition.quotations, start=1):
        passage, text = found.passages[quotation.reading], found.readings[quotation.reading]
        start = quotation.start + passage.start - text.start
        cited.append(_source(n, passage, quotation.quote, start))
    return _answered(composition.text, cited, None, reason, found, reading, timings)


def generated(
    grounded: Grounded, model: str, found: Found, reading: confidence.Reading, timings: Mapping[str, float]
) -> Answer:
    """A model's text that the cited passages back."""
    cited = cited_sources(grounded.cited, grounded.windows, found.passages)
    return _answered(grounded.text, cited, model, "answered from the help centre", found, reading, timings)


def cited_sources(cited: Sequence[int], windows: Mapping[int, Span], passages: Sequence[Passage]) -> tuple[Source, ...]:
    """The passages that a text cites, in the order of its numbers, each with the stretch it rests on.

    One that nothing was held against is quoted from its beginning.
    """
    found = []
    for n, number in enumerate(cited, start=1):
        passage = passages[number - 1]
        window = windows.get(number) or Span(0, min(len(passage.text), UNCHECKED_QUOTE_CHARACTERS))
        found.append(_source(n, passage, window.of(passage.text), passage.start + window.start))
    return tuple(found)


def sources(passages: Sequence[Passage]) -> tuple[Source, ...]:
    """The passages as sources to announce while an answer is being written."""
    return tuple(_source(n, passage, "") for n, passage in enumerate(passages, start=1))


def explain(found: Found, reading: confidence.Reading) -> dict[str, Any]:
    """Why this answer: what was found, how it was read, what was asked. JSON."""
    return {
        "passages": [
            {
                "article": p.article,
                "revision": p.revision,
                "heading": list(p.heading_path),
                "start": p.start,
                "end": p.end,
                "score": p.score,
                "dense": p.dense,
                "lexical": p.lexical,
                "text": p.text,
            }
            for p in found.passages
        ],
        "confidence": {"value": reading.confidence, "threshold": reading.threshold, **reading.features},
        "prompt": [asdict(message) for message in found.prompt.messages] if found.prompt else [],
        "sentences": [check.as_json() for check in found.checks],
        "withheld": [asdict(each) for each in found.withheld],
        "degraded": list(found.retrieval.degraded),
        "generation": found.retrieval.generation,
        "retrieval_ms": dict(found.retrieval.timings_ms),
    }


def _answered(
    text: str,
    cited: Sequence[Source],
    model: str | None,
    reason: str,
    found: Found,
    reading: confidence.Reading,
    timings: Mapping[str, float],
) -> Answer:
    return Answer(
        decision=Decision.ANSWER,
        reason=reason,
        text=text,
        confidence=reading.confidence,
        sources=tuple(cited),
        model=model,
        timings_ms=timings,
        question=found.lookup,
        explanation=explain(found, reading),
        prompt_version=found.prompt.version if found.prompt else "",
        completions=found.completions,
    )


def _source(n: int, passage: Passage, quote: str, start: int | None = None) -> Source:
    """A source; `start` is where the quote begins in its article."""
    return Source(
        n=n,
        article=passage.article,
        title=passage.title,
        url=passage.url,
        heading=" › ".join(passage.heading_path),
        quote=quote,
        score=round(passage.score, 4),
        document_id=passage.document_id,
        revision=passage.revision,
        start=start,
        end=None if start is None else start + len(quote),
    )


def _failed_before(question: Question) -> bool:
    said = [message for message in question.history if message.role == Role.ASSISTANT]
    return bool(said) and said[-1].text.startswith(NOT_FOUND)
