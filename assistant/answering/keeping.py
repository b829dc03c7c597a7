"""While an attempt works: its lease is renewed, its text kept, and what its budgets ask for is done."""

import asyncio
import weakref

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from assistant.answering import turns
from assistant.answering.attempts import Attempt, Leave
from assistant.answering.budgets import Action, Budgets, due
from assistant.events.background import in_background
from assistant.events.threads import in_thread

log = structlog.get_logger(__name__)

KEEP_TEXT_SECONDS = 1.0
# All attempts of a process are kept in so many statements: in one, hundreds of them held up its event loop.
SLOTS = 8
WATCH_SECONDS = 0.5
GATHER_SECONDS = 0.02
# Where nobody tells of a turn's end it is asked for: in a worker, or once the customer's socket is elsewhere.
UNHEARD_RENEWAL_SECONDS = 1.0
# What the attempts of an event loop are about to keep.
_waiting: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, list[tuple[turns.Renewal, asyncio.Future[bool]]]]" = (
    weakref.WeakKeyDictionary()
)


async def keep(attempt: Attempt) -> None:
    """Renew the lease and keep the text until the attempt ends; leave it when it is not ours any more.

    At first within a second: what became of the turn before anybody listened here is heard then.
    """
    loop = asyncio.get_running_loop()
    renewed, kept = float("-inf"), ""
    slot = attempt.held.turn_id.int % SLOTS / SLOTS
    while True:
        # Those of a slot at once: they are written together.
        await asyncio.sleep(KEEP_TEXT_SECONDS - (loop.time() - slot) % KEEP_TEXT_SECONDS)
        text = attempt.stream.text
        if text != kept or loop.time() - renewed >= _renewal_seconds(attempt):
            if await _renewed(attempt) is False:
                attempt.leave(Leave.FENCED)
                return
            kept, renewed = text, loop.time()


async def watch(attempt: Attempt) -> None:
    """Do what the budgets ask for until the attempt ends."""
    budgets = Budgets(settings.FIRST_SIGN_SECONDS, settings.SLOW_NOTICE_SECONDS, settings.HAND_OVER_SECONDS)
    while True:
        for action in due(budgets, attempt.progress()):
            await _do(action, attempt)
        await asyncio.sleep(WATCH_SECONDS)


async def _do(action: Action, attempt: Attempt) -> None:
    match action:
        case Action.SIGN:
            attempt.sign("searching")
        case Action.NOTICE:
            await attempt.notice()
        case Action.HAND_OVER:
            await attempt.hand_over()
        case Action.GIVE_UP:
            attempt.leave(Leave.DEADLINE)


def _renewal_seconds(attempt: Attempt) -> float:
    heard = attempt.served and attempt.hears_of_its_end
    return float(settings.TURN_LEASE_RENEWAL_SECONDS) if heard else UNHEARD_RENEWAL_SECONDS


async def _renewed(attempt: Attempt) -> bool | None:
    """Whether the lease was renewed; None while the database is away."""
    loop = asyncio.get_running_loop()
    waiting = _waiting.setdefault(loop, [])
    renewed: asyncio.Future[bool] = loop.create_future()
    stream = attempt.stream
    waiting.append((turns.Renewal(attempt.held, stream.text, stream.sources, attempt.first_shown_at), renewed))
    if len(waiting) == 1:
        in_background(_renew_all(loop))
    try:
        return await renewed
    except DatabaseError as error:
        log.warning("lease_not_renewed", error=repr(error))
        return None


async def _renew_all(loop: asyncio.AbstractEventLoop) -> None:
    """Write what the attempts of this moment have asked for, and tell each what became of it."""
    await asyncio.sleep(GATHER_SECONDS)
    gathered = _waiting.pop(loop)
    try:
        written: list[bool] = await in_thread(turns.renew_all, [renewal for renewal, _ in gathered])
    except Exception as error:  # whatever it is, each attempt sees to its own
        for _, renewed in gathered:
            if not renewed.done():
                renewed.set_exception(error)
        return
    for (_, renewed), so in zip(gathered, written, strict=True):
        if not renewed.done():
            renewed.set_result(so)
