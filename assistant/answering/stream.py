"""The text of a running turn on its way to the customer: a piece at once, and what follows soon after it bundled.

Where the customer's socket is in this process, other processes are told later, along with what else they are told:
telling them takes a thread, which would run before the customer's socket is written to.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from assistant.answers import Delta, Source
from assistant.events.catalogue import AnswerDelta
from assistant.events.checksums import checksum
from assistant.events.doorbell import conversation_group, hub
from assistant.events.publish import progress

BUNDLE_SECONDS = 0.04
# Sockets of other processes, when the customer's own is in this one: a second tab, or none at all. What is told them is
# gathered for GATHER_SECONDS more.
ELSEWHERE_BUNDLE_SECONDS = 0.15


@dataclass
class Outlet:
    """How much of the text one side has been sent; `here` or the other processes."""

    here: bool
    sent: int = 0
    sent_at: float = 0.0
    timer: asyncio.TimerHandle | None = None


class Stream:
    """Collects deltas and passes them on. Lives on one event loop."""

    def __init__(self, turn_id: UUID, conversation_id: UUID, attempt: int, after: int) -> None:
        self.turn_id = str(turn_id)
        self.conversation_id = conversation_id
        self.attempt = attempt
        self.after = after
        self.text = ""
        self.sources: tuple[Source, ...] = ()
        self.outlets = (Outlet(here=True), Outlet(here=False))

    def add(self, delta: Delta) -> None:
        """Take a piece; one that does not continue the text starts it anew."""
        if delta.offset != len(self.text):
            self.text = self.text[: delta.offset]
            for outlet in self.outlets:
                outlet.sent = 0
        self.text += delta.text
        if delta.text:  # until then the customer sees the text of before
            self.sources = delta.sources
        for outlet in self.outlets:
            self.schedule(outlet)

    def schedule(self, outlet: Outlet) -> None:
        """Send at once, or as soon as the time to collect for is over."""
        if outlet.timer is not None:
            return
        loop = asyncio.get_running_loop()
        wait = ELSEWHERE_BUNDLE_SECONDS if self.later(outlet) else outlet.sent_at + BUNDLE_SECONDS - loop.time()
        if wait > 0:
            outlet.timer = loop.call_later(wait, self.flush, outlet)
        else:
            self.flush(outlet)

    def later(self, outlet: Outlet) -> bool:
        """Whether this side may wait: other processes, while somebody in this one listens."""
        # The runner listens too: for the outcome.
        return not outlet.here and hub.count(conversation_group(self.conversation_id)) > 1

    def flush(self, outlet: Outlet) -> None:
        """Send what one side has not had."""
        outlet.timer, outlet.sent_at = None, asyncio.get_running_loop().time()
        piece = self.text[outlet.sent :]
        if not piece:
            return
        frame = AnswerDelta(self.turn_id, outlet.sent, piece)
        follows = checksum(self.text[: outlet.sent])
        outlet.sent = len(self.text)
        progress(
            self.conversation_id,
            frame,
            attempt=self.attempt,
            after=self.after,
            follows=follows,
            here=outlet.here,
            elsewhere=not outlet.here,
            later=self.later(outlet),
        )

    def close(self) -> None:
        """Send nothing more: the message replaces what is left."""
        for outlet in self.outlets:
            if outlet.timer is not None:
                outlet.timer.cancel()
