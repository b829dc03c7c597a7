"""One turn from claim to outcome: under a lease that is renewed, a deadline, and a fence."""

import asyncio
import contextlib
import uuid
from collections.abc import Iterator
from enum import Enum
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from assistant.answering import pipeline, queue, turns
from assistant.answering.stream import Stream
from assistant.answers import Answer, Delta, Source, Status
from assistant.conversations.messages import source_frame
from assistant.conversations.services import give_up, record_answer
from assistant.conversations.spending import paid_by_turn
from assistant.events.catalogue import AnswerStarted, AnswerStatus, ConversationUpdated, Envelope, MessageCreated
from assistant.events.doorbell import conversation_group, hub
from assistant.events.publish import progress
from assistant.events.threads import in_thread
from assistant.states import Role

log = structlog.get_logger(__name__)

MOST_FAILURES = 3
KEEP_TEXT_SECONDS = 1.0
# A process that serves hears at once that its turn ended; a worker hears nothing, and has few turns to ask about.
WORKER_RENEWAL_SECONDS = 1.0
RETRY_SECONDS = 0.5


class Leave(Enum):
    """Why an attempt was left before it had an answer."""

    FENCED = "the turn ended, or a newer attempt has it"
    SLOW = "no text within the first-token budget"
    SHUTDOWN = "this process is going down"
    DEADLINE = "the deadline passed"


class Attempt:
    """One attempt at a turn in this process."""

    def __init__(self, held: turns.Claim, served: bool) -> None:
        self.held = held
        self.served = served
        self.stream = Stream(held.turn_id, held.conversation_id, held.attempt)
        self.left: Leave | None = None
        self.work: asyncio.Task[Answer] | None = None

    @property
    def hands_over_slow(self) -> bool:
        return self.served and self.held.attempt == 1

    def leave(self, why: Leave) -> None:
        """Stop working on it; the first reason counts."""
        if self.left is None and self.work is not None and not self.work.done():
            self.left = why
            self.work.cancel()

    async def on_event(self, event: Status | Delta) -> None:
        """Pass progress on."""
        if isinstance(event, Delta):
            first = not self.stream.text
            self.stream.add(event)
            if first:
                _background(in_thread(turns.mark_first_token, self.held))
            return
        sources = [source_frame(source) for source in event.sources] or None
        self.say(AnswerStatus(str(self.held.turn_id), event.status, sources=sources))

    def say(self, frame: AnswerStarted | AnswerStatus) -> None:
        progress(self.held.conversation_id, frame, attempt=self.held.attempt)

    def hear(self, envelope: Envelope) -> None:
        """Leave at once when the turn got its outcome, or another message to answer."""
        if _concerns(envelope.frame, str(self.held.turn_id)):
            self.leave(Leave.FENCED)


running: dict[str, Attempt] = {}
_tasks: set[asyncio.Task[Any]] = set()


def shown_text(turn_id: str) -> str | None:
    """What this process has shown of a turn that it runs."""
    attempt = running.get(turn_id)
    return attempt.stream.text if attempt else None


def shown_sources(turn_id: str, attempt: int) -> tuple[Source, ...] | None:
    """The sources that the text which this process has shown of a turn's attempt cites."""
    working = running.get(turn_id)
    return working.stream.sources if working and working.held.attempt == attempt else None


async def run(turn_id: uuid.UUID | str, owner: str, *, served: bool = False) -> None:
    """Bring the turn to its outcome, or leave it to whoever has a newer attempt.

    `served`: this process serves customers. It hands a first attempt that shows no text within the
    first-token budget to a worker. Never raises for what a model or the database does: the sweep
    takes over where this ends.
    """
    with structlog.contextvars.bound_contextvars(turn=str(turn_id)):
        try:
            again = True
            while again:
                again = await _attempt(turn_id, owner, served)
        except DatabaseError as error:
            log.warning("turn_left", error=repr(error))


async def _attempt(turn_id: uuid.UUID | str, owner: str, served: bool) -> bool:
    """One attempt; True when another should follow here."""
    held = await in_thread(turns.claim, turn_id, owner)
    if held is None:
        return False
    if held.failures >= MOST_FAILURES or _seconds_left(held) <= 0:
        await _give_up(held, "too many failed attempts" if held.failures >= MOST_FAILURES else "past the deadline")
        return False
    attempt = Attempt(held, served)
    with _registered(attempt):
        attempt.say(AnswerStarted(str(held.turn_id)))
        with paid_by_turn(held.turn_id, held.attempt):
            attempt.work = asyncio.create_task(pipeline.answer(held.question, attempt.on_event, _seconds_left(held)))
        keeper = asyncio.create_task(_keep(attempt))
        try:
            answer = await attempt.work
        except asyncio.CancelledError:
            if attempt.left is None:
                raise
            return await _after_leaving(attempt)
        except Exception as error:
            log.warning("attempt_failed", attempt=held.attempt, error=repr(error), exc_info=True)
            return await _after_failure(held)
        finally:
            keeper.cancel()
            attempt.stream.close()
        recorded = await _until_stored(record_answer, held.turn_id, held.attempt, answer)
        log.info("turn_answered", attempt=held.attempt, recorded=recorded, decision=str(answer.decision))
        return False


async def _keep(attempt: Attempt) -> None:
    """Renew the lease, keep the text, and watch the budgets until the attempt ends."""
    loop = asyncio.get_running_loop()
    started = renewed = loop.time()
    renewal = settings.TURN_LEASE_RENEWAL_SECONDS if attempt.served else WORKER_RENEWAL_SECONDS
    kept = ""
    while True:
        await asyncio.sleep(KEEP_TEXT_SECONDS)
        if _seconds_left(attempt.held) <= 0:
            attempt.leave(Leave.DEADLINE)
            return
        text = attempt.stream.text
        if text != kept or loop.time() - renewed >= renewal:
            if await _renewed(attempt) is False:
                attempt.leave(Leave.FENCED)
                return
            kept, renewed = text, loop.time()
        late = loop.time() - started >= settings.FIRST_TOKEN_BUDGET_SECONDS
        if attempt.hands_over_slow and late and not text and await in_thread(queue.worker_ready):
            attempt.leave(Leave.SLOW)
            return


async def _renewed(attempt: Attempt) -> bool | None:
    """Whether the lease was renewed; None while the database is away."""
    try:
        return await in_thread(turns.renew, attempt.held, attempt.stream.text, attempt.stream.sources)
    except DatabaseError as error:
        log.warning("lease_not_renewed", error=repr(error))
        return None


async def _after_leaving(attempt: Attempt) -> bool:
    held = attempt.held
    log.info("attempt_left", attempt=held.attempt, why=str(attempt.left))
    if attempt.left is Leave.DEADLINE:
        await _give_up(held, "past the deadline")
    elif attempt.left is Leave.FENCED:
        # Usually not held any more; if it is, what we heard was old news, and the sweep starts it again.
        await in_thread(turns.release, held, failed=False)
    else:
        attempt.say(AnswerStatus(str(held.turn_id), "delayed"))
        if await in_thread(turns.release, held, failed=False):
            await in_thread(turns.promise, held.turn_id)
            queue.send(str(held.turn_id))
    return False


async def _after_failure(held: turns.Claim) -> bool:
    """Try again here, unless that was the last time."""
    if held.failures + 1 >= MOST_FAILURES or _seconds_left(held) <= RETRY_SECONDS:
        await _give_up(held, "every attempt failed")
        return False
    await asyncio.sleep(RETRY_SECONDS)
    return await in_thread(turns.release, held, failed=True)


async def _give_up(held: turns.Claim, reason: str) -> None:
    given_up = await _until_stored(give_up, held.turn_id, held.attempt, reason)
    log.warning("turn_given_up", attempt=held.attempt, reason=reason, recorded=given_up)


async def _until_stored(write: Any, *arguments: Any) -> bool:
    """Write an outcome, waiting for a database that is away for as long as a lease would last."""
    loop = asyncio.get_running_loop()
    patience = loop.time() + settings.TURN_LEASE_SECONDS * 3
    while True:
        try:
            return bool(await in_thread(write, *arguments))
        except DatabaseError as error:
            if loop.time() >= patience:
                raise
            log.warning("outcome_not_stored_yet", error=repr(error))
            await asyncio.sleep(RETRY_SECONDS)


@contextlib.contextmanager
def _registered(attempt: Attempt) -> Iterator[None]:
    turn_id, group = str(attempt.held.turn_id), conversation_group(attempt.held.conversation_id)
    running[turn_id] = attempt
    hub.listen(group, attempt.hear)
    try:
        yield
    finally:
        hub.leave(group, attempt.hear)
        if running.get(turn_id) is attempt:
            del running[turn_id]


def _concerns(frame: dict[str, Any], turn_id: str) -> bool:
    if frame["type"] == ConversationUpdated.type:
        return bool(frame["turn"] == turn_id)
    if frame["type"] != MessageCreated.type or frame["message"]["turn"] != turn_id:
        return False
    return frame["message"]["role"] in (Role.CUSTOMER, Role.ASSISTANT)


def _seconds_left(held: turns.Claim) -> float:
    return (held.deadline_at - timezone.now()).total_seconds()


def _background(work: Any) -> None:
    task = asyncio.ensure_future(work)
    _tasks.add(task)
    task.add_done_callback(_forget)


def _forget(task: "asyncio.Task[Any]") -> None:
    _tasks.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.info("background_failed", error=repr(task.exception()))
