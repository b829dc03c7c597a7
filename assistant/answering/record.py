"""What is kept of a turn: enough to look into its answer and to give it again. One JSON object, bounded in size.

Figures stand by their names, whichever there are. Texts that are cut carry the number of their `characters`; a record
is at most LARGEST_BYTES as JSON in UTF-8 whatever is asked, found and written.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.answering import confidence, context, rules, thresholds
from assistant.answering.narrowing import MOST_CHARACTERS, MOST_STRETCHES, SUBJECT_FEATURE
from assistant.answering.readings import Found, FoundPart, Narrowed, Stretch
from assistant.answers import Answer, CompletionRecord, Question, Rule, Source
from assistant.conversations.messages import storable
from assistant.llm.gateway import ANSWER
from assistant.llm.port import Prompt
from knowledge.retrieval import Candidate, Passage
from knowledge.retrieval.reranking import RERANKED
from knowledge.retrieval.reranking import version as reranker_version
from knowledge.retrieval.reranking import weights as reranker_weights

FORMAT = 1
CONFIDENCE_RULE = "confidence against what a wrong answer costs"
LARGEST_BYTES = 1_600 * 1024
DIGITS = 4
NAME_CHARACTERS = 200
# Of all texts of a kind together.
QUESTION_CHARACTERS = 8_000  # with the rule that it matches
STRETCHES_CHARACTERS = MOST_CHARACTERS * (MOST_STRETCHES + 1)  # with the whole message
LOOKUP_CHARACTERS = 3_600  # of what the search was asked, and again of how it read that
PASSAGES_CHARACTERS = 16_000
LINKS_CHARACTERS = 4_000  # of where the articles' links to each other lead
PROMPT_CHARACTERS = 32_000
COMPLETIONS_CHARACTERS = 16_000
SENTENCES_CHARACTERS = 16_000
MOST_SENTENCES = 200
MOST_SPANS = 100
MOST_COMPLETIONS = 20
# Of the calls that write no answer.
ASIDES_CHARACTERS = 1_500
MOST_ASIDES = 40


class _Room:
    """Space that texts share: who comes late is cut."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def keep(self, text: str) -> str:
        kept = storable(text)[: self._left]
        self._left -= len(kept)
        return kept

    def text(self, text: str) -> dict[str, Any]:
        return {"text": self.keep(text), "characters": len(storable(text))}


def record_of(question: Question, answer: Answer) -> dict[str, Any]:
    """The whole record: what was asked and how it was looked up, and what `of_found` or a rule put into the answer."""
    room = _Room(QUESTION_CHARACTERS)
    own_words = context.standalone(question.text)
    by_model = not answer.explanation.get("rewriting", {"fault": "none asked"})["fault"]
    rewritten = by_model or context.standalone(question.text, question.history) != own_words
    return {
        "format": FORMAT,
        "asked": {
            **_plain_fields(question),
            **room.text(question.text),
            "earlier_messages": len(question.history),
            "rule": _rule(question, room),
        },
        "lookup": {
            "text": lookup_text(answer.question),
            "why": context.leaning(own_words) if rewritten and "confidence" in answer.explanation else None,
        },
        **answer.explanation,
        "quoted": [_quoted(source) for source in answer.sources if source.spans],
    }


def _quoted(source: Source) -> dict[str, Any]:
    """All that is shown of a source, as [start, end) of its article's revision: the first so many of `stretches`."""
    return {
        "n": source.n,
        "revision": source.revision,
        "stretches": len(source.spans),
        "spans": [list(span) for span in source.spans[:MOST_SPANS]],
    }


def of_found(found: Found, reading: confidence.Reading) -> dict[str, Any]:
    """What was found, how it was read, what was asked of models, and what became of their sentences.

    Of several questions `parts` tells each by itself, and the rest what was read and answered of all of them.
    """
    room = _Room(SENTENCES_CHARACTERS)
    return {
        **_found(found, reading, RERANKED),
        "prompt": _prompt(found.prompt) if found.prompt else None,
        "completions": _completions(found.completions),
        "skipped": {name[:NAME_CHARACTERS]: kind for name, kind in found.skipped.items()},
        "sentences": [
            {**check.as_json(), "sentence": room.keep(check.sentence)} for check in found.checks[:MOST_SENTENCES]
        ],
        "withheld": [
            {"article": room.keep(each.article[:NAME_CHARACTERS]), "text": room.keep(each.text)}
            for each in found.withheld[:MOST_SENTENCES]
        ],
        **({"narrowed": _narrowed(found.narrowed)} if found.narrowed else {}),
        **({"parts": [_part(part, len(found.parts)) for part in found.parts]} if found.parts else {}),
    }


def _narrowed(narrowed: Narrowed) -> dict[str, Any]:
    """How the whole message and each stretch of it were read, and what a stretch had to reach to be answered alone."""
    room = _Room(STRETCHES_CHARACTERS)
    return {
        "whole": _stretch(narrowed.whole, room),
        "stretches": [_stretch(stretch, room) for stretch in narrowed.stretches],
        "chosen": narrowed.chosen,
        "sure": narrowed.sure,
        "subject": narrowed.subject,
    }


def _stretch(stretch: Stretch, room: _Room) -> dict[str, Any]:
    reading = stretch.reading
    return {
        **room.text(stretch.lookup),
        "value": reading.confidence,
        "threshold": reading.threshold,
        "subject": _round(reading.features.get(SUBJECT_FEATURE)),
    }


def _part(part: FoundPart, of: int) -> dict[str, Any]:
    """One of so many questions of a message."""
    return {
        "question": lookup_text(part.question),
        "lookup": {"text": lookup_text(part.found.lookup)},
        "answered": part.reading.answerable,
        **_found(part.found, part.reading, RERANKED // of),
    }


def _found(found: Found, reading: confidence.Reading, candidates: int) -> dict[str, Any]:
    """What was found, with so many candidates, and how it was read."""
    retrieval = found.retrieval
    model = retrieval.embedding_model
    return {
        "retrieval": {
            "query": lookup_text(retrieval.query.text),
            "generation": retrieval.generation,
            "embedding_model": model,
            "recipe": retrieval.recipe,
            "corrections": dict(retrieval.understood.corrections),
            "reranker": {"version": reranker_version(model), "weights": dict(reranker_weights(model))},
            "degraded": list(retrieval.degraded),
            "timings_ms": _rounded(retrieval.timings_ms),
            "found": len(retrieval.candidates),
        },
        "candidates": [_candidate(candidate) for candidate in retrieval.candidates[:candidates]],
        "passages": _passages(found),
        "basis": {
            "rule": CONFIDENCE_RULE,
            "value": reading.confidence,
            "threshold": reading.threshold,
            "wrong_answer_cost": thresholds.cost_of(reading),
        },
        "confidence": _confidence(found, reading),
    }


def lookup_text(text: str) -> str:
    """A question to look up, as far as it is kept."""
    return storable(text)[:LOOKUP_CHARACTERS]


def kept_asides(records: Sequence[CompletionRecord]) -> list[dict[str, Any]]:
    """Calls of a model for something else than the answer, the last ones, as the record holds them."""
    return _calls(records[-MOST_ASIDES:], ASIDES_CHARACTERS)


def prompt_hash(prompt: Prompt) -> str:
    """The first digits of the hash of all messages."""
    messages = json.dumps([asdict(message) for message in prompt.messages])
    return hashlib.sha256(messages.encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def calibration_version() -> str:
    """The first digits of the hash of all that was fitted: changes with any of its figures."""
    return hashlib.sha256((Path(confidence.__file__).parent / "calibration.json").read_bytes()).hexdigest()[:12]


def _rule(question: Question, room: _Room) -> dict[str, Any] | None:
    """The escalation rule that the message matches, with those of its phrases that stand in it; None without one."""
    matched = rules.first_match(question.text, question.rules)
    if matched is None:
        return None
    rule, found = matched
    phrases = tuple(dict.fromkeys(found))
    return {
        "name": room.keep(rule.name),
        "message": room.keep(rule.message),
        "phrases": [kept for phrase in phrases if (kept := room.keep(phrase))],
        "every": rule.every,
        "characters": sum(len(storable(text)) for text in (rule.name, rule.message, *phrases)),
    }


def rule_of(kept: Mapping[str, Any]) -> Rule | None:
    """The rule as it was, from its entry in a record; None when it was too long to be kept whole."""
    texts = (kept["name"], kept["message"], *kept["phrases"])
    if sum(map(len, texts)) < kept["characters"]:
        return None
    return Rule(kept["name"], tuple(kept["phrases"]), kept["every"], kept["message"])


def _candidate(candidate: Candidate) -> dict[str, Any]:
    place = candidate.place
    return {
        "chunk": candidate.chunk_id,
        "document": candidate.document_id,
        "article": place.article[:NAME_CHARACTERS] if place else None,
        "title": place.title[:NAME_CHARACTERS] if place else None,
        "heading": " › ".join(place.heading_path)[:NAME_CHARACTERS] if place else None,
        "revision": place.revision if place else None,
        "start": place.start if place else None,
        "end": place.end if place else None,
        **_rounded(_figures(candidate, "chunk_id", "document_id", "features", "place")),
        "features": _rounded(candidate.features or {}),
    }


def _passages(found: Found) -> list[dict[str, Any]]:
    """Exact, since the answer is composed of them; `alone` says that the article around it was not read."""
    room, links = _Room(PASSAGES_CHARACTERS), _Room(LINKS_CHARACTERS)
    return [
        {
            **asdict(passage),
            **room.text(passage.text),
            "alone": len(reading.text) == len(passage.text),
            "links": {href: to for href, to in reading.links.items() if links.keep(href + to) == href + to},
        }
        for passage, reading in zip(found.passages, found.readings, strict=True)
    ]


def _confidence(found: Found, reading: confidence.Reading) -> dict[str, Any]:
    """Value and threshold, the features, and whatever other figures the reading has, by their names."""
    translated = confidence.is_translated(found.lookup, found.passages)
    fitted = confidence.calibration(found.retrieval.embedding_model, translated=translated)
    return {
        "value": reading.confidence,
        "threshold": reading.threshold,
        "features": _rounded(reading.features),
        "figures": _rounded(_figures(reading, "confidence", "threshold")),
        "calibration": {
            "version": calibration_version(),
            "weights": {name: dict(fitted[name]["weights"]) for name in ("subject", "answer", "confidence")},
        },
    }


def _prompt(prompt: Prompt) -> dict[str, Any]:
    room = _Room(PROMPT_CHARACTERS)
    return {
        "version": prompt.version,
        "hash": prompt_hash(prompt),
        "parameters": {"max_tokens": prompt.max_tokens},
        "messages": [{"role": message.role, **room.text(message.content)} for message in prompt.messages],
    }


def _completions(records: Sequence[CompletionRecord]) -> list[dict[str, Any]]:
    """Those that write the answer, then the others."""
    answers = [call for call in records if call.purpose == ANSWER]
    asides = [call for call in records if call.purpose != ANSWER]
    return [*_calls(answers[-MOST_COMPLETIONS:], COMPLETIONS_CHARACTERS), *kept_asides(asides)]


def _calls(records: Sequence[CompletionRecord], characters: int) -> list[dict[str, Any]]:
    """In their order; since only the last can be whole, it has the room first."""
    room = _Room(characters)
    return [{**asdict(call), **room.text(call.text)} for call in reversed(records)][::-1]


def _plain_fields(of: Any) -> dict[str, Any]:
    """The fields of a dataclass that are a figure, a word or a truth value, whichever it has."""
    named = {field.name: getattr(of, field.name) for field in fields(of)}
    return {name: value for name, value in named.items() if isinstance(value, bool | int | float | str | None)}


def _figures(of: Any, *without: str) -> dict[str, float | None]:
    plain = _plain_fields(of).items()
    return {name: value for name, value in plain if name not in without and not isinstance(value, str)}


def _rounded(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: _round(value) for name, value in figures.items()}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def passage_of(kept: Mapping[str, Any]) -> Passage:
    """A passage as it was, from its entry in a record."""
    named = {field.name: kept[field.name] for field in fields(Passage) if field.name in kept}
    return Passage(**{**named, "heading_path": tuple(named["heading_path"])})
