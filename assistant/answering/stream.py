"""The text of a running turn on its way to the customer: the first piece at once, then bundled.

Where the customer's socket is in this process, other processes wait for their first piece as well: telling them takes a
thread, which would run before the customer's socket is written to.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from assistant.answers import Delta, Source
from assistant.events.catalogue import AnswerDelta
from assistant.events.doorbell import conversation_group, hub
from assistant.events.publish import progress

BUNDLE_SECONDS = 0.04
# Sockets of other processes, when the customer's own is in this one: a second tab, or none at all.
ELSEWHERE_BUNDLE_SECONDS = 0.25


@dataclass
class Outlet:
    """How much of the text one side has been sent; `here` or the other processes."""

    here: bool
    sent: int = 0
    timer: asyncio.TimerHandle | None = None


class Stream:
    """Collects deltas and passes them on. Lives on one event loop."""

    def __init__(self, turn_id: UUID, conversation_id: UUID, attempt: int) -> None:
        self.turn_id = str(turn_id)
        self.conversation_id = conversation_id
        self.attempt = attempt
        self.text = ""
        self.sources: tuple[Source, ...] = ()
        self.outlets = (Outlet(here=True), Outlet(here=False))

    def add(self, delta: Delta) -> None:
        """Take a piece; one that does not continue the text starts it anew."""
        if delta.offset != len(self.text):
            self.text = self.text[: delta.offset]
            for outlet in self.outlets:
                outlet.sent = 0
        first = not self.text
        self.text += delta.text
        if delta.text:  # until then the customer sees the text of before
            self.sources = delta.sources
        for outlet in self.outlets:
            if first and self.bundle(outlet) == BUNDLE_SECONDS:
                self.flush(outlet)
            elif outlet.timer is None:
                outlet.timer = asyncio.get_running_loop().call_later(self.bundle(outlet), self.flush, outlet)

    def bundle(self, outlet: Outlet) -> float:
        """Seconds to collect for before sending."""
        # The runner listens too: for the outcome.
        listened_here = len(hub.listeners.get(conversation_group(self.conversation_id), ())) > 1
        return ELSEWHERE_BUNDLE_SECONDS if listened_here and not outlet.here else BUNDLE_SECONDS

    def flush(self, outlet: Outlet) -> None:
        """Send what one side has not had."""
        outlet.timer = None
        piece = self.text[outlet.sent :]
        if piece:
            frame = AnswerDelta(self.turn_id, outlet.sent, piece)
            outlet.sent = len(self.text)
            progress(self.conversation_id, frame, attempt=self.attempt, here=outlet.here, elsewhere=not outlet.here)

    def close(self) -> None:
        """Send nothing more: the message replaces what is left."""
        for outlet in self.outlets:
            if outlet.timer is not None:
                outlet.timer.cancel()
