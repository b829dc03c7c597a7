"""One turn from claim to outcome: under a lease that is renewed, a deadline, and a fence."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from assistant.answering import pipeline, queue, turns
from assistant.answering.attempts import Attempt, Leave
from assistant.answering.keeping import keep, watch
from assistant.answers import Answer, Source
from assistant.conversations.services import give_up, record_answer
from assistant.conversations.spending import TurnPayer, asked_in_vain, paid_by_turn
from assistant.events.catalogue import AnswerStarted
from assistant.events.doorbell import conversation_group, hub
from assistant.events.threads import in_thread
from assistant.llm.port import NOTHING_EARLIER, Earlier, earlier

log = structlog.get_logger(__name__)

RETRY_SECONDS = 0.5
SETTLING_SECONDS = 1.0

# Two attempts at a turn that has its last died, perhaps with their process, and perhaps of another such turn: few run
# side by side, so that one which ends its process takes few others' last attempts along.
LAST_ATTEMPTS = 8

running: dict[str, Attempt] = {}
# The turns that have their last attempt here, and those that wait to have theirs, the first first.
last_attempts: set[str] = set()
waiting: dict[str, None] = {}


def shown_text(turn_id: str, attempt: int) -> str | None:
    """What this process has shown of a turn's attempt that it runs."""
    working = running.get(turn_id)
    return working.stream.text if working and working.held.attempt == attempt else None


def shown_sources(turn_id: str, attempt: int) -> tuple[Source, ...] | None:
    """The sources that the text which this process has shown of a turn's attempt cites."""
    working = running.get(turn_id)
    return working.stream.sources if working and working.held.attempt == attempt else None


def next_last_attempt() -> str | None:
    """A turn that waited for its last attempt and may have it here now."""
    if not waiting or len(last_attempts) >= LAST_ATTEMPTS:
        return None
    turn_id = next(iter(waiting))
    del waiting[turn_id]
    return turn_id


async def run(turn_id: uuid.UUID | str, owner: str, *, served: bool = False, held: turns.Claim | None = None) -> None:
    """Bring the turn to its outcome, or leave it to whoever has a newer attempt.

    `held` is the claim to it, where it was claimed as it was opened. `served`: this process serves customers. It leaves
    the turn to a worker, where one is ready, when a model is silent for its budget and none was heard before, or a
    search takes HAND_OVER_SECONDS. Never raises for what a model or the database does: the sweep takes over where this
    ends.
    """
    with structlog.contextvars.bound_contextvars(turn=str(turn_id)):
        try:
            again = await _work(held, served) if held else True
            while again:
                again = await _attempt(turn_id, owner, served)
        except DatabaseError as error:
            log.warning("turn_left", error=repr(error))


async def _attempt(turn_id: uuid.UUID | str, owner: str, served: bool) -> bool:
    """One attempt; True when another should follow here."""
    async with _claimed(turn_id, owner) as held:
        return held is not None and await _work(held, served)


@contextlib.asynccontextmanager
async def _claimed(turn_id: uuid.UUID | str, owner: str) -> AsyncIterator[turns.Claim | None]:
    """The claim, or None; a turn that has its last attempt waits where LAST_ATTEMPTS others have theirs."""
    held, name = await in_thread(turns.claim, turn_id, owner, even_last=False), str(turn_id)
    if held is not None:
        yield held
    elif name in last_attempts or len(last_attempts) >= LAST_ATTEMPTS:
        waiting[name] = None  # or somebody else has it: then its turn comes to nothing
        yield None
    else:
        last_attempts.add(name)
        try:
            yield await in_thread(turns.claim, turn_id, owner)
        finally:
            last_attempts.discard(name)


async def _work(held: turns.Claim, served: bool) -> bool:
    """Work on a claimed turn; True when another attempt should follow here."""
    if held.failures >= turns.MOST_FAILURES or held.seconds_left <= 0:
        await _give_up(held, held.failures)
        return False
    attempt = Attempt(held, served)
    async with _under_way(attempt) as paying:
        attempt.say(AnswerStarted(str(held.turn_id)))
        try:
            answer = await _answered(attempt)
        except asyncio.CancelledError:
            if attempt.left is None:
                raise
            return await _after_leaving(attempt, paying)
        except Exception as error:
            log.warning("attempt_failed", attempt=held.attempt, error=repr(error), exc_info=True)
            return await _after_failure(held)
        recorded = await _until_stored(record_answer, held.turn_id, held.attempt, answer, attempt.first_shown_at)
        log.info("turn_answered", attempt=held.attempt, recorded=recorded, decision=str(answer.decision))
        return False


async def _earlier(held: turns.Claim) -> Earlier:
    """What earlier attempts asked in vain since the customer's newest message."""
    if held.attempt == 1:
        return NOTHING_EARLIER
    try:
        return await in_thread(asked_in_vain, held.turn_id, held.asked_at)
    except DatabaseError:
        return NOTHING_EARLIER


async def _answered(attempt: Attempt) -> Answer:
    """The attempt's answer, made under its lease and its budgets."""
    held = attempt.held
    doors = replace(pipeline.TODAY, complete=attempt.complete)
    attempt.work = asyncio.create_task(pipeline.answer(held.question, attempt.on_event, held.seconds_left, doors))
    keepers = [asyncio.create_task(keep(attempt)), asyncio.create_task(watch(attempt))]
    try:
        return await attempt.work
    finally:
        for keeper in keepers:
            keeper.cancel()
        attempt.stream.close()


async def _after_leaving(attempt: Attempt, paying: TurnPayer) -> bool:
    held = attempt.held
    log.info("attempt_left", attempt=held.attempt, why=str(attempt.left))
    if attempt.left is Leave.DEADLINE:
        await _give_up(held, held.failures)
    elif attempt.left is Leave.FENCED:
        # Usually not held any more; if it is, what we heard was old news, and the sweep starts it again.
        await in_thread(turns.release, held, failed=False)
    else:
        if attempt.noticed_at is None:
            await attempt.notice()
        # Whoever goes on reads what was asked here.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLING_SECONDS):
                await paying.settled()
        if await in_thread(turns.release, held, failed=False):
            await in_thread(turns.promise, held.turn_id)
            queue.send(str(held.turn_id))
    return False


async def _after_failure(held: turns.Claim) -> bool:
    """Try again here, unless that was the last time."""
    if held.failures + 1 >= turns.MOST_FAILURES or held.seconds_left <= RETRY_SECONDS:
        await _give_up(held, held.failures + 1)
        return False
    await asyncio.sleep(RETRY_SECONDS)
    return await in_thread(turns.release, held, failed=True)


async def _give_up(held: turns.Claim, failures: int) -> None:
    reason, basis = turns.why_no_more(held, failures)
    given_up = await _until_stored(give_up, held.turn_id, held.attempt, reason, basis)
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


@contextlib.asynccontextmanager
async def _under_way(attempt: Attempt) -> AsyncIterator[TurnPayer]:
    """Found by its turn, told of its conversation, and paying for what it asks of models."""
    turn_id, group = str(attempt.held.turn_id), conversation_group(attempt.held.conversation_id)
    token = earlier.set(await _earlier(attempt.held))
    async with paid_by_turn(attempt.held.turn_id, attempt.held.attempt, capped=attempt.held.capped) as paying:
        running[turn_id] = attempt
        hub.listen(group, attempt.hear)
        try:
            yield paying
        finally:
            earlier.reset(token)
            hub.leave(group, attempt.hear)
            if running.get(turn_id) is attempt:
                del running[turn_id]
