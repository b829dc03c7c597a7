"""How a turn ends: with an answer, stopped by the customer, or given up. Exactly one of them, once."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from assistant.answers import CITATION, Answer, Source
from assistant.conversations import mailing
from assistant.conversations.channel import is_channel
from assistant.conversations.handoff import end_turn, wait_for_person
from assistant.conversations.messages import locked, open_turn, say, storable
from assistant.conversations.notices import notice
from assistant.events.catalogue import AnswerStatus, ConversationUpdated
from assistant.events.publish import progress, publish
from assistant.models import Conversation, Event, Turn
from assistant.states import ConversationStatus, Decision, Role, TurnStatus


def record_answer(
    turn_id: uuid.UUID | str, attempt: int, answer: Answer, first_shown_at: datetime | None = None
) -> bool:
    """Store the answer as the turn's outcome; an escalation also asks for a person.

    `first_shown_at` is when the first of its text was shown, where that was before it was whole. False, and nothing
    stored, when `attempt` is not the turn's newest or the turn has ended.
    """

    def finish(row: Conversation, turn: Turn) -> None:
        turn.first_token_at = turn.first_token_at or first_shown_at
        _keep(turn, answer)
        end_turn(turn, TurnStatus.DONE)
        text = storable(answer.text)
        said = say(
            row,
            Role.ASSISTANT,
            text,
            turn=turn,
            decision=answer.decision,
            sources=answer.sources,
            offers_person=answer.offers_person,
        )
        mailing.queue(row, said)
        if answer.decision == Decision.ESCALATE:
            wait_for_person(row, turn=turn, reason=answer.reason)

    return _end_attempt(turn_id, attempt, finish)


def give_up(turn_id: uuid.UUID | str, attempt: int, reason: str, basis: Mapping[str, Any]) -> bool:
    """All else failed: apologise and ask for a person. False when the attempt is not the turn's newest.

    `reason` and `basis`, the rule with its figures, are for operators; the customer reads a plain apology.
    """
    words = _words("apology", turn_id)

    def finish(row: Conversation, turn: Turn) -> None:
        _fail(row, turn, reason, basis)
        _ask_for_person(row, turn, "The assistant could not answer.", words)

    return _end_attempt(turn_id, attempt, finish)


def turn_away(turn_id: uuid.UUID | str, basis: Mapping[str, Any]) -> bool:
    """Too many wait for the assistant: say so at once and ask for a person. False when the turn was begun or ended.

    `basis` is the bound that is reached, with its figures.
    """
    words = _words("overloaded", turn_id)

    def finish(row: Conversation, turn: Turn) -> None:
        _fail(row, turn, "the queue was full", basis)
        _ask_for_person(row, turn, "Too many waited for the assistant.", words)

    return _end_attempt(turn_id, 0, finish, TurnStatus.QUEUED)


def _fail(row: Conversation, turn: Turn, reason: str, basis: Mapping[str, Any]) -> None:
    """End the turn without an answer: what is decided is to bring a person."""
    turn.decision = Decision.ESCALATE
    turn.reason = storable(reason)[:200]
    turn.explanation = {"basis": dict(basis)}
    _announce(row, turn, "failed")
    end_turn(turn, TurnStatus.FAILED)


def _ask_for_person(row: Conversation, turn: Turn, reason: str, words: str) -> None:
    """The outcome of a turn that failed. A program is told that it failed and asks again: no person is kept busy."""
    if is_channel(row.widget):
        publish(row, ConversationUpdated(status=row.status, turn=str(turn.id)))
    else:
        wait_for_person(row, turn=turn, reason=reason, words=words)


def stop_turn(
    conversation: Conversation, turn_id: str, shown: str | None = None, sources: Sequence[Source] | None = None
) -> Event | None:
    """End the turn at once with what the customer has seen of it, or a notice.

    `shown` is the text on the customer's screen, `sources` what it cites; without them, what was last kept of it.
    None, and nothing changed, for an unknown, finished or foreign turn.
    """
    with transaction.atomic():
        if not Conversation.objects.filter(pk=conversation.pk).exists():
            return None
        row = locked(conversation)
        turn = open_turn(row)
        if turn is None or str(turn.id) != turn_id:
            return None
        _announce(row, turn, "stopped")
        end_turn(turn, TurnStatus.CANCELLED)
        text = storable(turn.partial_text if shown is None else shown)
        if not text.strip():
            return say(row, Role.ASSISTANT, notice("stopped", row), turn=turn, stopped=True)
        known = [Source(**kept) for kept in turn.partial_sources] if sources is None else sources
        text, cited = _with_its_sources(text, known)
        return say(row, Role.ASSISTANT, text, turn=turn, stopped=True, sources=cited)


def _with_its_sources(text: str, known: Sequence[Source]) -> tuple[str, list[Source]]:
    """The sources that the text cites; a mark whose source is not known any more is taken out."""
    numbers = {source.n for source in known}
    text = CITATION.sub(lambda mark: mark.group() if int(mark[1]) in numbers else "", text)
    named = {int(mark[1]) for mark in CITATION.finditer(text)}
    return text, [source for source in known if source.n in named]


def _words(key: str, turn_id: uuid.UUID | str) -> str:
    """Our words in the customer's language; before anything is locked: telling it takes seconds the first time."""
    row = Conversation.objects.filter(turns__pk=turn_id).first()
    return notice(key, row) if row else ""


def _end_attempt(
    turn_id: uuid.UUID | str,
    attempt: int,
    finish: Callable[[Conversation, Turn], None],
    status: TurnStatus = TurnStatus.RUNNING,
) -> bool:
    with transaction.atomic():
        rows = Conversation.objects.select_for_update(of=("self",)).select_related("widget")
        row = rows.filter(turns__pk=turn_id).first()
        turn = open_turn(row) if row else None
        if row is None or turn is None or str(turn.id) != str(turn_id) or turn.attempt != attempt:
            return False
        if turn.status != status or row.status != ConversationStatus.ASSISTANT:
            return False
        finish(row, turn)
        return True


def _announce(row: Conversation, turn: Turn, status: str) -> None:
    """Progress just before the outcome; only if the outcome is stored."""
    frame, attempt, after = AnswerStatus(str(turn.id), status), turn.attempt, row.seq
    transaction.on_commit(lambda: progress(row.id, frame, attempt=attempt, after=after))


def _keep(turn: Turn, answer: Answer) -> None:
    """What explains the answer later; what it cost was kept call by call."""
    turn.decision = answer.decision
    turn.reason = storable(answer.reason)[:200]
    turn.confidence = answer.confidence
    turn.question = storable(answer.question)
    turn.explanation = {**answer.explanation, "timings_ms": dict(answer.timings_ms)}
    turn.prompt_version = answer.prompt_version
    turn.model = answer.model or ""
    turn.partial_text = ""
    turn.partial_sources = []
    turn.finished_at = timezone.now()
