"""What goes out to one customer's connection: every event once and in order, and the running turn's text.

A cursor makes it so, whatever way an event comes: told in this process, rung by another, or read
back after a gap.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from assistant.answering import runner
from assistant.conversations import selectors
from assistant.events import catalogue
from assistant.events.background import in_background
from assistant.events.catalogue import Envelope
from assistant.realtime.outbox import Outbox
from assistant.realtime.turn_view import TurnView
from assistant.states import Role

RETRY_SECONDS = 1.0
GAP_SECONDS, GAP_TRIES = 0.5, 8
PROGRESS = frozenset(
    frame.type
    for frame in (
        catalogue.AnswerStarted,
        catalogue.AnswerStatus,
        catalogue.AnswerDelta,
        catalogue.Typing,
        catalogue.Read,
    )
)

# A read from a database thread: the result, or FAILED while the database is away.
Read = Callable[..., Awaitable[Any]]
FAILED = object()


class Relay:
    """One connection's share of one conversation."""

    def __init__(self, conversation_id: uuid.UUID, outbox: Outbox, read: Read) -> None:
        self.conversation_id = conversation_id
        self.outbox = outbox
        self.read = read
        self.cursor = 0
        self.wanted = 0
        self.status = ""
        self.live = False
        self.announced = False
        self.told: tuple[int | None, bool | None] = (None, None)
        self.turn: TurnView | None = None
        self.catching_up = asyncio.Lock()
        self.filling = False

    async def resume(self, after: int, head: int, opening: selectors.Opening | None = None) -> None:
        """Replay what follows `after` up to the head, or everything; then show what goes on.

        What the `opening` has read already is not read again.
        """
        self.cursor = after if after <= head else 0
        self.live = True
        await self.catch_up(head, opening.events if opening else ())
        nothing_goes_on = opening is not None and opening.turn is None and self.cursor == head
        if self.cursor and not nothing_goes_on:
            await self.announce(opening.turn if opening else None)
        self.announced = True

    async def announce(self, found: selectors.OpenTurn | None) -> None:
        """Tell a client that comes in the middle of a turn what it missed of it, after all that was stored before.

        `found` is how the turn was read already.
        """
        asked = (selectors.open_turn_of, self.conversation_id)
        while found or isinstance(found := await self.read_patiently(*asked), selectors.OpenTurn):
            await self.catch_up(found.head)  # to its message, which may have come through another connection since
            if self.cursor == found.head:  # or what has come since may have ended it
                self.turn = TurnView(found.id)
                self.put_all(self.turn.announce(found.attempt, _text_of(found)))
                return
            found = None

    def has_seen_nothing_of(self, turn_id: uuid.UUID) -> bool:
        """Whether the turn is shown here, and none of its progress came through yet."""
        return self.turn is not None and self.turn.id == str(turn_id) and self.turn.attempt == 0

    def hear(self, envelope: Envelope) -> None:
        """A ring: pass on what comes next, read back what is missing."""
        frame = envelope.frame
        if frame["type"] in PROGRESS:
            if self.live:
                self.relay_progress(envelope)
        elif not self.live:  # the head was read already, perhaps before this event: read back with the replay
            self.wanted = max(self.wanted, frame["seq"])
        elif frame["seq"] == self.cursor + 1 and not self.catching_up.locked():
            self.emit(frame)
        elif frame["seq"] > self.cursor:
            if self.announced:  # one that still reads its history may take its time
                self.outbox.hold(frame)
            self.want(frame["seq"])

    def want(self, seq: int) -> None:
        """See to it that the events up to `seq` go out; one reader at a time is enough."""
        self.wanted = max(self.wanted, seq)
        if self.wanted > self.cursor and not self.catching_up.locked():
            in_background(self.catch_up(seq))

    def emit(self, frame: dict[str, Any]) -> None:
        """Send the next durable event and move the cursor."""
        self.cursor = frame["seq"]
        self.status = frame.get("status", self.status)
        self.follow_turn(frame)
        self.outbox.put(frame)

    def follow_turn(self, frame: dict[str, Any]) -> None:
        """Begin to show the turn that a message opened; show no more of one that has its outcome."""
        message = frame.get("message")
        turn_id = message["turn"] if message else frame["turn"]
        if turn_id is None:
            return
        shown = self.turn is not None and self.turn.id == turn_id
        is_asked = message is not None and message["role"] == Role.CUSTOMER
        if is_asked != shown:
            self.turn = TurnView(turn_id) if is_asked else None

    async def catch_up(self, target: int, page: Sequence[dict[str, Any]] = ()) -> None:
        """Read back and send the events after the cursor up to `target`, at the client's pace.

        `page` has the first of them, where they were read already.
        """
        self.wanted = max(self.wanted, target)
        async with self.catching_up:
            while self.cursor < self.wanted and self.outbox.closing is None:
                page = page or await self.read_patiently(selectors.events_after, self.conversation_id, self.cursor)
                if page is FAILED:
                    return
                if not page:  # erased meanwhile
                    self.wanted = self.cursor
                for frame in page:
                    self.emit(frame)
                    await self.outbox.room()
                page = ()

    async def read_patiently(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The function's result however long the database is away; FAILED once the connection is closing."""
        while self.outbox.closing is None:
            found = await self.read(function, *arguments)
            if found is not FAILED:
                return found
            await asyncio.sleep(RETRY_SECONDS)
        return FAILED

    async def say_head(self, head: int, position: int | None = None, agents_available: bool | None = None) -> None:
        """Catch up with what the database has, then tell the client how far it should be."""
        self.told = position, agents_available
        if head > self.cursor:
            await self.catch_up(head)
        self.say_head_again()

    def say_head_again(self) -> None:
        """Tell the client what is known here, whoever still waits for the database to catch up."""
        self.outbox.put(catalogue.Head(self.cursor, *self.told).frame())

    def relay_progress(self, envelope: Envelope) -> None:
        """Pass on progress and presence that belong on this connection."""
        frame = envelope.frame
        if "turn" not in frame:
            if self.announced and frame["type"] == catalogue.Typing.type and frame["role"] != Role.CUSTOMER:
                self.outbox.put(frame)
        elif self.announced and envelope.after > self.cursor:  # what it answers was not rung, or is on its way
            self.want(envelope.after)
        elif self.announced and self.turn is not None and self.turn.id == frame["turn"]:
            self.put_all(self.turn.take(frame, envelope.attempt, envelope.follows))
            if self.turn.ahead and not self.filling:
                in_background(self.fill_gap(self.turn))

    async def fill_gap(self, turn: TurnView) -> None:
        """Close a gap in the turn's text from what its runner keeps of it."""
        self.filling = True
        try:
            for _ in range(GAP_TRIES):
                await asyncio.sleep(GAP_SECONDS)
                found = await self.read(selectors.open_turn_of, self.conversation_id)
                if self.turn is not turn or not turn.ahead:
                    return
                if isinstance(found, selectors.OpenTurn) and (found.id, found.attempt) == (turn.id, turn.attempt):
                    self.put_all(turn.fill(_text_of(found)))
            turn.ahead.clear()  # given up: the next delta tries again
        finally:
            self.filling = False

    def put_all(self, frames: list[dict[str, Any]]) -> None:
        for frame in frames:
            self.outbox.put(frame)


def _text_of(found: selectors.OpenTurn) -> str:
    """The text of a turn's attempt: as this process shows it where it runs here, else as it was last kept."""
    text = runner.shown_text(found.id, found.attempt)
    return found.partial_text if text is None else text
