"""Where a turn runs: at once in the web process that has a free slot, else with whoever has the next, if it may wait.

Who waits in the queue is told their place, and after SLOW_NOTICE_SECONDS that it takes longer, worker or not.
"""

import asyncio
import contextlib
import random
import time
import uuid
from collections.abc import Iterator

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from assistant.answering import admission, context, estimates, queue, runner, turns
from assistant.answering.admission import Place
from assistant.answering.attempts import Leave
from assistant.answering.owners import owner_name
from assistant.conversations.intake import Opened, take_message
from assistant.conversations.services import Accepted, give_up, turn_away
from assistant.events.background import in_background
from assistant.events.catalogue import AnswerStatus, MessageSend
from assistant.events.doorbell import conversation_group, hub
from assistant.events.publish import progress
from assistant.events.threads import in_thread
from knowledge import retrieval

log = structlog.get_logger(__name__)

SHUTDOWN_SECONDS = 3.0
# On average between the turns that a sweep starts, and at most before free slots are filled from the queue: after an
# outage all processes find the same turns, at the same time.
SWEEP_PAUSE_SECONDS = 0.02
FILL_PAUSE_SECONDS = 0.2
CLAIM_PAUSE_SECONDS = 0.5
# Longer than between two sweeps of a web process, which is warm, and gives workers what it has no slot for.
WEB_FIRST_SECONDS = 7.0


class Slots:
    """The turns that this process may run at once, while it serves."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.kept = 0
        self.pausing: dict[str, asyncio.TimerHandle] = {}
        self.some_wait = False
        self.filling = False

    def open(self) -> None:
        """This process serves from now on, on the running loop."""
        self.loop = asyncio.get_running_loop()

    @contextlib.contextmanager
    def place(self) -> Iterator[str]:
        """Whose the turn is that a message opens within: this process's where a slot is free, which is kept for it."""
        if self.loop is None or self.free <= 0:
            yield ""
            return
        self.kept += 1
        try:
            yield owner_name()
        finally:
            self.kept -= 1
            self.take_next()

    def begin(self, turn_id: str, held: turns.Claim | None = None) -> None:
        """Run the turn here, or queue it when every slot is taken; on the serving loop.

        One that is `held` runs here, and is given back where this process serves no more.
        """
        if self.loop is None or (held is None and self.free <= 0):
            in_background(_queue_quietly(turn_id, held))
            return
        if held is not None:
            say_searching(held.conversation_id, turn_id, held.attempt, held.head)
        task = asyncio.create_task(runner.run(turn_id, owner_name(), served=True, held=held), name=turn_id)
        self.tasks.add(task)
        task.add_done_callback(self._done)

    @property
    def free(self) -> int:
        return int(settings.INLINE_TURNS) - len(self.tasks) - self.kept

    def begin_joined(self, turn_id: str) -> None:
        """Begin once no more messages join for BURST_PAUSE_SECONDS: a burst starts one generation, not each of them."""
        if earlier := self.pausing.pop(turn_id, None):
            earlier.cancel()
        loop = asyncio.get_running_loop()
        self.pausing[turn_id] = loop.call_later(settings.BURST_PAUSE_SECONDS, self._begin_paused, turn_id)

    def _begin_paused(self, turn_id: str) -> None:
        self.pausing.pop(turn_id).cancel()
        self.begin(turn_id)

    async def close(self) -> None:
        """Hand what runs here to the workers, at once; whatever starts from now on goes there too."""
        self.loop = None
        for turn_id in tuple(self.pausing):
            self._begin_paused(turn_id)
        for attempt in tuple(runner.running.values()):
            attempt.leave(Leave.SHUTDOWN)
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=SHUTDOWN_SECONDS)

    async def look_again(self, turn_id: str, seconds: float) -> None:
        """Return when the turn's run here has ended, or after so long."""
        here = [task for task in self.tasks if task.get_name() == turn_id]
        await (asyncio.wait(here, timeout=seconds) if here else asyncio.sleep(seconds))

    def _done(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("turn_crashed", exc_info=task.exception())
        self.begin_waiting()
        self.take_next()

    def begin_waiting(self) -> None:
        """A turn has ended here: begin one that waited for its last attempt, where it may have it now."""
        if (turn_id := runner.next_last_attempt()) is not None:
            self.begin(turn_id)

    def take_next(self) -> None:
        """Fill free slots from the queue soon, as a worker would."""
        if self.some_wait and self.free > 0 and not self.filling and self.loop is not None:
            self.filling = True
            in_background(self._fill())

    async def _fill(self) -> None:
        try:
            await asyncio.sleep(random.uniform(0, FILL_PAUSE_SECONDS))  # noqa: S311
            found = await in_thread(turns.oldest_in_line, max(self.free, 1))
        finally:
            self.filling = False
        self.some_wait = bool(found)
        for turn_id in found:
            if self.free > 0:
                self.begin(str(turn_id))


slots = Slots()


def take(opened: Opened, frame: MessageSend, address: str | None, owner: str) -> Accepted:
    """Accept a customer's message, and start the turn that it opens or joins, whether or not the customer stays.

    A turn that it opens is the `owner`'s, where one is named. Raises as `take_message`.
    """
    return begun(take_message(opened, frame, address, owner, _look_ahead))


def _look_ahead(text: str) -> None:
    retrieval.begin(context.said_plainly(text))  # a first message is looked up as it stands, mostly


def begun(accepted: Accepted) -> Accepted:
    """Start the turn that an accepted message opened or joined; from any thread but an event loop's."""
    if accepted.turn_id is not None:
        try:
            start(accepted.turn_id, joined=accepted.joined, held=_claim_of(accepted))
        except DatabaseError as error:  # the message is kept, and the sweep finds what it is owed
            log.info("turn_left_to_the_sweep", turn=str(accepted.turn_id), error=repr(error))
    return accepted


def _claim_of(accepted: Accepted) -> turns.Claim | None:
    """`turns.claim_of`, once more where the database was just restarted: the turn is nobody else's by now."""
    try:
        return turns.claim_of(accepted)
    except DatabaseError:
        connection.close()
        time.sleep(CLAIM_PAUSE_SECONDS)
        return turns.claim_of(accepted)


def start(turn_id: uuid.UUID | str, *, joined: bool = False, held: turns.Claim | None = None) -> None:
    """Start a turn that is queued or `held`, from any thread; without waiting for anything while this process serves.

    `joined`: a message joined a turn that was there, and others may be on their way.
    """
    loop = slots.loop
    if loop is None or loop.is_closed():
        queue_turn(str(turn_id), held)
    elif joined:
        loop.call_soon_threadsafe(slots.begin_joined, str(turn_id))
    else:
        loop.call_soon_threadsafe(slots.begin, str(turn_id), held)


def say_searching(conversation_id: uuid.UUID, turn_id: uuid.UUID | str, attempt: int, after: int) -> None:
    """The first sign: the question, stored as event `after`, was heard, wherever it is worked on, and whenever."""
    progress(conversation_id, searching(turn_id), attempt=attempt, after=after)


def searching(turn_id: uuid.UUID | str) -> AnswerStatus:
    """The first sign."""
    return AnswerStatus(str(turn_id), "searching")


def queue_turn(turn_id: str, held: turns.Claim | None = None) -> None:
    """Hand the turn to the workers, or its customer to a person where too many wait.

    One that is `held` is given back first. Uses the database, so never on an event loop.
    """
    if held is not None:
        turns.release(held, failed=False)
    refused = admission.refused(turn_id)
    if refused is None:
        turns.promise(turn_id)
        queue.send(turn_id)
    elif turn_away(turn_id, refused.basis):
        log.warning("turn_turned_away", turn=turn_id)


async def sweep() -> int:
    """Start what nobody works on, from a web process: a missing worker or beat is survived."""
    await in_thread(give_up_overdue)
    await say_places()
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


async def say_places(turn_id: str | None = None) -> None:
    """Tell those who wait in the queue, this one or any, their place, and that it takes longer once it does.

    Each process tells those who are connected to it, again and again: one that comes back has forgotten it.
    """
    waiting = await in_thread(admission.line, turn_id)
    here = [place for place in waiting if hub.count(conversation_group(place.conversation_id))]
    await in_thread(turns.mark_late, *(place.turn_id for place in here if place.is_late))
    whole = await estimates.recent.seconds_left(0.0, False) if here and settings.GENERATIVE else None
    for place in here:
        frame = _in_line(place, whole)
        progress(place.conversation_id, frame, attempt=place.attempt, after=place.head, elsewhere=False)


def _in_line(place: Place, whole_seconds: float | None) -> AnswerStatus:
    """What is told of a place; `whole_seconds` is what an answer takes, None where too little was observed."""
    seconds = None
    if whole_seconds is not None:
        seconds = admission.seconds_in_line(place.position, place.beside, whole_seconds)
        seconds = min(seconds, max(1, round(place.seconds_left)))
    status = "delayed" if place.is_late else "searching"
    return AnswerStatus(str(place.turn_id), status, estimate_seconds=seconds, position=place.position)


async def _queue_quietly(turn_id: str, held: turns.Claim | None) -> None:
    try:
        await in_thread(queue_turn, turn_id, held)
        slots.some_wait = True
        slots.take_next()
        await asyncio.sleep(settings.FIRST_SIGN_SECONDS)
        await say_places(turn_id)
        await asyncio.sleep(settings.SLOW_NOTICE_SECONDS - settings.FIRST_SIGN_SECONDS)
        await say_places(turn_id)
    except DatabaseError as error:  # the sweep finds it, and says it
        log.info("turn_left_to_the_sweep", turn=turn_id, error=repr(error))
