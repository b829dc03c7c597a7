"""Turns that nobody works on are found again and again, by web processes and workers, and begun or given up."""

import asyncio
import random
import uuid

import structlog

from assistant.answering import places, turns
from assistant.answering.dispatch import queue_turn, slots, start
from assistant.answering.owners import owner_name
from assistant.conversations.services import give_up
from assistant.events.threads import in_thread

log = structlog.get_logger(__name__)

# On average between the turns that a sweep starts: after an outage all processes find the same ones, at the same time.
SWEEP_PAUSE_SECONDS = 0.02
# Longer than between two sweeps of a web process, which is warm, and gives workers what it has no slot for.
WEB_FIRST_SECONDS = 7.0


async def sweep() -> int:
    """Start what nobody works on, from a web process: a missing worker or beat is survived."""
    await in_thread(give_up_overdue)
    await places.say_places()
    found = await in_thread(turns.ownerless)
    for turn_id in found:
        slots.begin(str(turn_id))
        await asyncio.sleep(random.uniform(0, 2 * SWEEP_PAUSE_SECONDS))  # noqa: S311
    return len(found)


def rescue() -> int:
    """Queue what nobody works on, from a worker: what no web process took up.

    A worker that has answered nothing yet would load the models first, while the restarted web process has its own.
    """
    give_up_overdue()
    found = turns.ownerless(WEB_FIRST_SECONDS)
    for turn_id in found:
        queue_turn(str(turn_id))
    return len(found)


def give_up_overdue() -> None:
    """End what is past its deadline: that takes no slot, and the customer has waited long enough."""
    for turn_id in turns.overdue():
        try:
            _give_up_if_overdue(turn_id)
        except Exception:  # one that cannot be ended keeps no other waiting
            log.exception("turn_not_given_up", turn=str(turn_id))


def _give_up_if_overdue(turn_id: uuid.UUID) -> None:
    held = turns.claim(turn_id, owner_name())
    if held is not None and held.seconds_left > 0:  # a message has joined it since
        if turns.release(held, failed=False):
            start(turn_id)
    elif held is not None:
        reason, basis = turns.why_no_more(held, held.failures)
        given_up = give_up(held.turn_id, held.attempt, reason, basis)
        log.warning("turn_given_up", turn=str(turn_id), attempt=held.attempt, reason=reason, recorded=given_up)
