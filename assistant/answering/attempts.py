"""One attempt at a turn in this process: what it has shown, what it has heard, and why it was left."""

import asyncio
from datetime import datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.utils import timezone

from assistant.answering import estimates, queue, turns
from assistant.answering.budgets import Progress
from assistant.answering.stream import Stream
from assistant.answers import Answer, Delta, Status
from assistant.conversations.messages import source_frame
from assistant.events.background import in_background
from assistant.events.catalogue import AnswerStarted, AnswerStatus, ConversationUpdated, Envelope, MessageCreated
from assistant.events.doorbell import conversation_group, hub
from assistant.events.publish import progress
from assistant.events.threads import in_thread
from assistant.llm import gateway
from assistant.llm.port import Prompt
from assistant.states import Role


class Leave(Enum):
    """Why an attempt was left before it had an answer."""

    FENCED = "the turn ended, or a newer attempt has it"
    SLOW = "a worker goes on: no model was heard in time, or the search hangs"
    SHUTDOWN = "this process is going down"
    DEADLINE = "the deadline passed"


class Attempt:
    """One attempt at a turn; lives on one event loop."""

    def __init__(self, held: turns.Claim, served: bool) -> None:
        self.held = held
        self.served = served
        self.stream = Stream(held.turn_id, held.conversation_id, held.attempt, held.head)
        self.left: Leave | None = None
        self.work: asyncio.Task[Answer] | None = None
        self.sources: list[dict[str, Any]] | None = None
        self.began = _now()
        self.wrote_since: float | None = None
        self.heard_at: float | None = None
        self.shown_at: float | None = None
        self.first_shown_at: datetime | None = None
        self.noticed_at: float | None = None
        self.signed = False

    @property
    def hears_of_its_end(self) -> bool:
        """Whether a socket of this process listens too, so that this process is told of what others do."""
        return hub.count(conversation_group(self.held.conversation_id)) > 1

    def progress(self) -> Progress:
        """How it stands now."""
        now, waited = _now(), self.held.waited_seconds
        return Progress(
            waited=waited,
            worked=now - (self.wrote_since or self.began),
            quiet=now - self.shown_at if self.stream.text and self.shown_at is not None else waited,
            left=self.held.seconds_left,
            signed=self.signed,
            heard=self.heard_at is not None,
            noticed=None if self.noticed_at is None else now - self.noticed_at,
        )

    def leave(self, why: Leave) -> None:
        """Stop working on it; the first reason counts."""
        if self.left is None and self.work is not None and not self.work.done():
            self.left = why
            self.work.cancel()

    async def complete(self, prompt: Prompt, on_text: gateway.OnText, deadline: float) -> gateway.Completion:
        """gateway.complete, noting when a model is heard, whether or not its text may be shown.

        Of one that is not in its time a worker goes on with the next.
        """

        async def noted(offset: int, text: str) -> None:
            self.heard_at = _now()
            await on_text(offset, text)

        return await gateway.complete(prompt, noted, deadline, on_silence=self.hand_over)

    async def hand_over(self) -> None:
        """Leave it to a worker, where one is ready; who serves customers does, as long as no model was heard."""
        if self.served and self.heard_at is None and await in_thread(queue.may_hand_over) and self.heard_at is None:
            self.leave(Leave.SLOW)
            await asyncio.sleep(0)  # where a model is waited for, this is what is left

    async def on_event(self, event: Status | Delta) -> None:
        """Pass progress on."""
        if isinstance(event, Delta):
            self.first_shown_at = self.first_shown_at or timezone.now()
            self.stream.add(event)
            self.shown_at = _now()
            self.noticed_at = None
            return
        self.sources = [source_frame(source) for source in event.sources] or self.sources
        if event.status == "writing":
            self.wrote_since = _now()
        self.sign(event.status)
        if self.noticed_at is not None:
            await self.notice()

    def sign(self, status: str) -> None:
        """Tell what is being done."""
        self.signed = True
        self.say(AnswerStatus(str(self.held.turn_id), status, sources=self.sources))

    async def notice(self) -> None:
        """Say that it takes longer than usual, how much longer as far as is known, and what was found already."""
        first, self.noticed_at = self.noticed_at is None, _now()
        seconds = await self._seconds_left()
        self.say(AnswerStatus(str(self.held.turn_id), "delayed", estimate_seconds=seconds, sources=self.sources))
        if first:
            in_background(in_thread(turns.mark_late, self.held.turn_id))

    async def _seconds_left(self) -> float | None:
        """None before a model is asked: what is slow then is nothing that was observed."""
        if self.wrote_since is None or not settings.GENERATIVE:
            return None
        seconds = await estimates.recent.seconds_left(_now() - self.wrote_since, self.heard_at is not None)
        return None if seconds is None else min(seconds, max(1, round(self.held.seconds_left)))

    def say(self, frame: AnswerStarted | AnswerStatus) -> None:
        progress(self.held.conversation_id, frame, attempt=self.held.attempt, after=self.held.head)

    def hear(self, envelope: Envelope) -> None:
        """Leave at once when the turn got its outcome, or another message to answer."""
        if _concerns(envelope.frame, str(self.held.turn_id)):
            self.leave(Leave.FENCED)


def _concerns(frame: dict[str, Any], turn_id: str) -> bool:
    if frame["type"] == ConversationUpdated.type:
        return bool(frame["turn"] == turn_id)
    if frame["type"] != MessageCreated.type or frame["message"]["turn"] != turn_id:
        return False
    return frame["message"]["role"] in (Role.CUSTOMER, Role.ASSISTANT)


def _now() -> float:
    return asyncio.get_running_loop().time()
