"""An answer as it was given, read back from a turn's rows."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from assistant.answers import Answer, CompletionRecord, Source
from assistant.models import Citation, Message, Turn
from assistant.states import Decision, Role


def answer_of(turn: Turn) -> Answer | None:
    """The turn's answer with its record; None when the turn ended without one, or has not ended."""
    message = Message.objects.filter(turn=turn, role=Role.ASSISTANT).prefetch_related("citations").first()
    if message is None or not turn.decision:
        return None
    spans = {kept["n"]: kept["spans"] for kept in turn.explanation.get("quoted", ())}
    return Answer(
        decision=Decision(turn.decision),
        reason=turn.reason,
        text=message.text,
        confidence=turn.confidence or 0.0,
        sources=tuple(_source(citation, spans.get(citation.n, ())) for citation in message.citations.all()),
        model=turn.model or None,
        timings_ms=turn.explanation.get("timings_ms", {}),
        question=turn.question,
        explanation=turn.explanation,
        prompt_version=turn.prompt_version,
        completions=tuple(completion_of(kept) for kept in turn.explanation.get("completions", ())),
    )


def completion_of(kept: dict[str, Any]) -> CompletionRecord:
    """A call of a model, from its entry in a record."""
    return CompletionRecord(
        **{field.name: kept[field.name] for field in fields(CompletionRecord) if field.name in kept}
    )


def _source(citation: Citation, spans: Sequence[Sequence[int]]) -> Source:
    return Source(
        n=citation.n,
        article=citation.article,
        title=citation.title,
        url=citation.url,
        heading=citation.heading,
        quote=citation.quote,
        score=citation.score,
        document_id=citation.document_id or 0,
        revision=citation.revision or 0,
        start=citation.start,
        end=citation.end,
        spans=tuple((start, end) for start, end in spans),
    )
