"""What one connection has been shown of the running turn: in order, without gaps, never after its outcome."""

from dataclasses import dataclass, field
from typing import Any

from assistant.events.catalogue import AnswerDelta, AnswerStarted


@dataclass
class TurnView:
    """The text that a connection shows for a turn, fed with progress that may be late, doubled or missing."""

    id: str
    attempt: int = 0
    text: str = ""
    ahead: list[tuple[int, str]] = field(default_factory=list)

    def announce(self, attempt: int, text: str) -> list[dict[str, Any]]:
        """Begin anew from a text: the frames that a connection gets which comes in the middle."""
        self.attempt, self.text = attempt, text
        self.ahead.clear()
        return [AnswerStarted(self.id).frame(), AnswerDelta(self.id, 0, text).frame()]

    def take(self, frame: dict[str, Any], attempt: int) -> list[dict[str, Any]]:
        """What to send on for a progress frame of this turn; nothing for an older attempt's."""
        if attempt < self.attempt:
            return []
        if attempt > self.attempt:
            self.attempt, self.text = attempt, ""
            self.ahead.clear()
        if frame["type"] != AnswerDelta.type:
            return [frame]
        return self._take_delta(frame)

    def _take_delta(self, frame: dict[str, Any]) -> list[dict[str, Any]]:
        offset, text = frame["offset"], frame["text"]
        if offset == 0:
            self.text = text
            self.ahead.clear()
            return [frame]
        if offset > len(self.text):
            self.ahead.append((offset, text))
            return []
        return self._extend(offset, text)

    def _extend(self, offset: int, text: str) -> list[dict[str, Any]]:
        fresh = text[len(self.text) - offset :]
        if not fresh:
            return []
        frame = AnswerDelta(self.id, len(self.text), fresh).frame()
        self.text += fresh
        return [frame]

    def fill(self, known: str) -> list[dict[str, Any]]:
        """Close a gap with the turn's text as known elsewhere, as far as it reaches."""
        if not known.startswith(self.text):
            return []
        frames = self._extend(0, known)
        while self.ahead and self.ahead[0][0] <= len(self.text):
            frames += self._extend(*self.ahead.pop(0))
        return frames
