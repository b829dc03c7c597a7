"""Where a turn runs: at once where this web process has a free slot, else with whoever has the next, if it may wait."""

import asyncio
import contextlib
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from assistant.answering import admission, context, places, queue, runner, turns
from assistant.answering.attempts import Leave
from assistant.answering.owners import owner_name
from assistant.conversations.intake import Opened, take_message
from assistant.conversations.services import Accepted, turn_away
from assistant.events.background import in_background
from assistant.events.catalogue import AnswerStatus, MessageSend
from assistant.events.publish import progress
from assistant.events.threads import in_thread
from knowledge import retrieval

log = structlog.get_logger(__name__)

SHUTDOWN_SECONDS = 3.0
# At most before free slots are filled from the queue: after an outage all processes find the same turns at once.
FILL_PAUSE_SECONDS = 0.2
CLAIM_PAUSE_SECONDS = 0.5
# Whoever stored a message begins its turn sooner: what is not begun by then was stored by a try that never heard of it.
UNBEGUN_SECONDS = 1.0


class Slots:
    """The turns that this process may run at once, while it serves."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.kept = 0
        self.pausing: dict[str, asyncio.TimerHandle] = {}
        self.seen_to: set[str] = set()
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

    def see_to(self, turn_id: str, attempt: int) -> None:
        """Begin the attempt at a turn whose message is stored already, where nobody does; on the serving loop."""
        if turn_id not in self.seen_to:
            self.seen_to.add(turn_id)
            asyncio.get_running_loop().call_later(UNBEGUN_SECONDS, self._begin_unbegun, turn_id, attempt)

    def _begin_unbegun(self, turn_id: str, attempt: int) -> None:
        self.seen_to.discard(turn_id)
        if not (turn_id in self.pausing or any(task.get_name() == turn_id for task in self.tasks)):
            in_background(self._take_up(turn_id, attempt))

    async def _take_up(self, turn_id: str, attempt: int) -> None:
        try:
            if await in_thread(turns.take_back, turn_id, owner_name(), attempt):
                log.info("turn_begun_late", turn=turn_id)
                self.begin(turn_id)
        except DatabaseError as error:
            log.info("turn_left_to_the_sweep", turn=turn_id, error=repr(error))

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
# Messages that threads of this process are storing, or whose turns they are about to begin.
_taking = Counter[tuple[uuid.UUID, str]]()
_counting = threading.Lock()


def take(opened: Opened, frame: MessageSend, address: str | None, owner: str) -> Accepted:
    """Accept a customer's message, and start the turn that it opens or joins, whether or not the customer stays.

    A turn that it opens is the `owner`'s, where one is named. So is that of a message which is stored already, by a
    try whose answer was lost, and which nobody began. Raises as `take_message`.
    """
    message = (opened.conversation.pk, frame.client_id)
    with _counting:
        _taking[message] += 1
    try:
        accepted = take_message(opened, frame, address, owner, _look_ahead)
        return _stood_before(accepted, alone=_taking[message] == 1) if accepted.repeated else begun(accepted)
    finally:
        with _counting:
            _taking[message] -= 1
            if not _taking[message]:
                del _taking[message]


def _stood_before(accepted: Accepted, *, alone: bool) -> Accepted:
    """Who is not alone with the message leaves its turn to whoever has stored it."""
    turn_id = accepted.message_event.frame["message"]["turn"]
    attempt = turns.standing(turn_id) if turn_id else None
    if attempt is None:
        return accepted
    if alone:
        _see_to(turn_id, attempt)
    return replace(accepted, turn_id=uuid.UUID(turn_id), attempt=attempt)


def _see_to(turn_id: str, attempt: int) -> None:
    if (loop := slots.loop) is not None and not loop.is_closed():
        loop.call_soon_threadsafe(slots.see_to, turn_id, attempt)


def _look_ahead(text: str) -> None:
    retrieval.begin(context.said_plainly(text))  # a first message is looked up as it stands, mostly


def begun(accepted: Accepted) -> Accepted:
    """Start the turn that an accepted message opened or joined; from any thread but an event loop's."""
    if accepted.turn_id is not None:
        try:
            start(accepted.turn_id, joined=accepted.joined, held=_claim_of(accepted))
        except DatabaseError as error:  # the message is kept, and the sweep finds what it is owed, at the latest
            log.info("turn_not_begun", turn=str(accepted.turn_id), error=repr(error))
            _see_to(str(accepted.turn_id), accepted.attempt)
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


async def _queue_quietly(turn_id: str, held: turns.Claim | None) -> None:
    try:
        await in_thread(queue_turn, turn_id, held)
        slots.some_wait = True
        slots.take_next()
        await asyncio.sleep(settings.FIRST_SIGN_SECONDS)
        await places.say_places(turn_id)
        await asyncio.sleep(settings.SLOW_NOTICE_SECONDS - settings.FIRST_SIGN_SECONDS)
        await places.say_places(turn_id)
    except DatabaseError as error:  # the sweep finds it, and says it
        log.info("turn_left_to_the_sweep", turn=turn_id, error=repr(error))
