"""The answers that a turn can end in, each with its words, its reason and the record that explains it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.answering import clarifying, confidence, record, wording
from assistant.answering.grounding import Grounded
from assistant.answering.guardrails import Verdict
from assistant.answering.quoting import announced, not_found_in_parts, quoted_in_parts, source_of
from assistant.answering.quoting import quoted as quoted_text
from assistant.answering.readings import Found
from assistant.answering.sanitising import uncited
from assistant.answering.stretches import quotation
from assistant.answers import Answer, Question, Source
from assistant.llm.blocks import Span
from assistant.llm.cleaning import led
from assistant.states import Decision, Role
from knowledge.languages import is_other_language, language_of_message
from knowledge.retrieval import Passage
from knowledge.terms import language_of

UNCHECKED_QUOTE_CHARACTERS = 300
SECOND_FAILURE = {"rule": "second failure in a row"}
# What keeps an answer back though the confidence was enough.
NO_ANSWER = {"rule": "the model found no answer in the passages"}
NOTHING_TO_QUOTE = "nothing in the passages can be quoted"
QUOTED = "quoted from the help centre"
NOT_FOUND = "not in the help centre"
# Why no model was asked.
CAPPED = "the cost cap is reached"


def of_verdict(verdict: Verdict, question: Question, timings: Mapping[str, float]) -> Answer:
    """Small talk, a clarification or an escalation: decided by the customer's words alone."""
    return Answer(
        decision=verdict.decision,
        reason=verdict.reason,
        text=verdict.text,
        confidence=1.0,
        timings_ms=timings,
        question=question.text,
        explanation={"basis": dict(verdict.basis)},
    )


def found_or_else(answer: Answer, verdict: Verdict) -> Answer:
    """The answer from the articles; where they hold none, the verdict, with the record of what was looked up."""
    if answer.decision not in (Decision.ABSTAIN, Decision.ESCALATE):
        return answer
    basis = {**verdict.basis, "otherwise": answer.reason}
    return replace(
        answer,
        decision=verdict.decision,
        reason=verdict.reason,
        text=verdict.text,
        confidence=1.0,
        explanation={**answer.explanation, "basis": basis},
    )


def not_found(
    question: Question,
    found: Found,
    reading: confidence.Reading,
    reason: str,
    timings: Mapping[str, float],
    basis: Mapping[str, Any] | None = None,
) -> Answer:
    """Says that the help centre does not hold the answer and offers a person.

    The second time one is brought in, and where a cost cap leaves only quotations: then `answerable` keeps why nothing
    was answered. That is `basis`, the confidence without it.
    """
    twice = question.second_failure or _failed_before(question)
    capped = reason == CAPPED and not twice
    escalating = SECOND_FAILURE if twice else {"rule": CAPPED} if capped else None
    kept = record.of_found(found, reading)
    why = basis or kept["basis"]
    return Answer(
        decision=Decision.ESCALATE if escalating else Decision.ABSTAIN,
        reason="not found twice" if twice else reason,
        text=_not_found_text(found, question.locale, bool(escalating), "only_quoting" if capped else "not_found"),
        confidence=reading.confidence,
        timings_ms=timings,
        question=found.lookup,
        explanation={**kept, **({"basis": escalating, "answerable": why} if escalating else {"basis": why})},
        prompt_version=found.prompt.version if found.prompt else "",
        completions=found.completions,
    )


def clarified(
    both: tuple[Passage, Passage],
    question: Question,
    found: Found,
    reading: confidence.Reading,
    timings: Mapping[str, float],
) -> Answer:
    """Asks which of two articles is meant, naming both."""
    first, second = both
    basis = {
        "rule": "two articles fit equally well",
        "words": f"{first.title}, {second.title}",
        "value": second.score / first.score,
        "threshold": clarifying.least_share(found.lookup, language_of(first.locale), first.title, second.title),
    }
    return Answer(
        decision=Decision.CLARIFY,
        reason="two articles fit",
        text=clarifying.question_back(first, second, question.locale),
        confidence=reading.confidence,
        timings_ms=timings,
        question=found.lookup,
        explanation={**record.of_found(found, reading), "basis": basis},
    )


def with_a_person_at_hand(answer: Answer, case: str | None, language: str) -> Answer:
    """The answer on what is the customer's own case: an article may explain it, but only a person can look into it.

    An answer is followed by the offer of a person; without one, a person is brought. `case` are the words that tell
    of it, None for any other question.
    """
    if case is None or answer.decision in (Decision.CLARIFY, Decision.ESCALATE):
        return answer
    basis = {"rule": "the customer's own case", "words": case}
    explanation = {**answer.explanation, "basis": basis, "answerable": answer.explanation["basis"]}
    if answer.decision == Decision.ANSWER:
        offer = wording.said("offer", language)
        told = answer.text.removesuffix(offer).rstrip()
        return replace(answer, text=f"{told}\n\n{wording.said('own_case', language)} {offer}", explanation=explanation)
    text = wording.said("own_case_taken", language)
    return replace(answer, decision=Decision.ESCALATE, reason="account", text=text, explanation=explanation)


def quoted(
    question: Question,
    found: Found,
    reading: confidence.Reading,
    timings: Mapping[str, float],
    reason: str = QUOTED,
) -> Answer:
    """The answer in the articles' own words, without a generative model; `reason` says why none wrote it."""
    said = (quoted_in_parts if found.parts else quoted_text)(found, question.locale)
    if said is None:
        rule = NOTHING_TO_QUOTE if reason == QUOTED else f"{reason}, and {NOTHING_TO_QUOTE}"
        why = reason if reason == CAPPED else NOT_FOUND
        return not_found(question, found, reading, why, timings, {"rule": rule})
    answer = _answered(said.text, said.sources, None, reason, found, reading, timings)
    return replace(answer, explanation={**answer.explanation, "quotation": quotation(said.stretches)})


def generated(
    question: Question,
    grounded: Grounded,
    model: str,
    found: Found,
    reading: confidence.Reading,
    timings: Mapping[str, float],
) -> Answer:
    """A model's text that the cited passages back, and which questions nothing was found for."""
    cited = cited_sources(grounded.cited, grounded.windows, found.passages)
    told = led(_announced(grounded, found.passages, question.locale), _links(found, grounded.cited))
    text = "\n\n".join(filter(None, (told, not_found_in_parts(found, question.locale))))
    return _answered(text, cited, model, "answered from the help centre", found, reading, timings)


def _links(found: Found, cited: Sequence[int]) -> dict[str, str]:
    """The relative addresses that lead to the same page in all of the cited articles that hold them."""
    readings = [found.readings[number - 1] for number in cited]
    hrefs = {href for reading in readings for href in reading.links}
    pages = {href: {one.links.get(href, "") for one in readings if _holds_link(one.text, href)} for href in hrefs}
    return {href: "".join(led_to) for href, led_to in pages.items() if len(led_to) == 1 and "" not in led_to}


def _holds_link(text: str, href: str) -> bool:
    """Whether the text has a link to just this address, with or without a title."""
    return any(f"]({href}{end}" in text for end in (")", " ", "\n"))


def _announced(grounded: Grounded, passages: Sequence[Passage], language: str) -> str:
    """A model's text, announced when it plainly stayed in the other language of an article that it cites."""
    written = language_of_message(uncited(grounded.text))
    cited = {language_of(passages[number - 1].locale) for number in grounded.cited}
    return announced(grounded.text, written, language) if written and written in cited else grounded.text


def cited_sources(cited: Sequence[int], windows: Mapping[int, Span], passages: Sequence[Passage]) -> tuple[Source, ...]:
    """The passages that a text cites, in the order of its numbers, each with the stretch it rests on.

    One that nothing was held against is quoted from its beginning.
    """
    found = []
    for n, number in enumerate(cited, start=1):
        passage = passages[number - 1]
        window = windows.get(number) or Span(0, min(len(passage.text), UNCHECKED_QUOTE_CHARACTERS))
        found.append(source_of(n, passage, window.of(passage.text), passage.start + window.start))
    return tuple(found)


def sources(passages: Sequence[Passage]) -> tuple[Source, ...]:
    """The passages as sources to announce while an answer is being written."""
    return tuple(source_of(n, passage, "") for n, passage in enumerate(passages, start=1))


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
        explanation=record.of_found(found, reading),
        prompt_version=found.prompt.version if found.prompt else "",
        completions=found.completions,
    )


def _not_found_text(found: Found, language: str, brought: bool, begun: str) -> str:
    """That nothing was found, in the customer's language, and when the articles are in another one, that they are."""
    parts = [wording.said(begun, language)]
    written = {language_of(passage.locale) for passage in found.passages}
    if written and all(is_other_language(each, language) for each in written):
        parts.append(wording.naming("articles_in", language_of(found.passages[0].locale), language))
    parts.append(wording.said("bring" if brought else "offer", language))
    return " ".join(parts)


def _failed_before(question: Question) -> bool:
    said = [message for message in question.history if message.role == Role.ASSISTANT]
    return bool(said) and said[-1].text.startswith(wording.said_in_any("not_found") + wording.said_in_any("unhelped"))
