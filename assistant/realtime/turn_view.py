"""What one connection has been shown of the running turn: in order, without gaps, never after its outcome."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from assistant.events.catalogue import AnswerDelta, AnswerStarted
from assistant.events.checksums import checksum


class Piece(NamedTuple):
    """A delta, and the checksum of the text that it goes on from, where that was told."""

    offset: int
    text: str
    follows: int | None

    def goes_on(self, text: str) -> bool:
        """Whether it belongs to this text: one that was begun anew may be as long."""
        return self.offset <= len(text) and self.follows in (None, checksum(text[: self.offset]))

    def joined_to(self, text: str) -> str:
        """The text with it: unchanged if it has it already, else cut where the piece begins."""
        with_it = text[: self.offset] + self.text
        return text if text.startswith(with_it) else with_it


@dataclass
class TurnView:
    """The text that a connection shows for a turn, fed with progress that may be late, doubled or missing."""

    id: str
    attempt: int = 0
    text: str = ""
    ahead: list[Piece] = field(default_factory=list)

    def announce(self, attempt: int, text: str) -> list[dict[str, Any]]:
        """Begin anew from a text: the frames that a connection gets which comes in the middle."""
        self.attempt, self.text = attempt, text
        self.ahead.clear()
        return [AnswerStarted(self.id).frame(), AnswerDelta(self.id, 0, text).frame()]

    def take(self, frame: dict[str, Any], attempt: int, follows: int | None = None) -> list[dict[str, Any]]:
        """What to send on for a progress frame of this turn; nothing for an older attempt's."""
        if attempt < self.attempt:
            return []
        if attempt > self.attempt:
            self.attempt, self.text = attempt, ""
            self.ahead.clear()
        if frame["type"] != AnswerDelta.type:
            return [frame]
        piece = Piece(frame["offset"], frame["text"], follows)
        if piece.offset == 0:
            self.text = piece.text
            self.ahead.clear()
            return [frame]
        self.ahead.append(piece)
        return self.fill(self.text)

    def fill(self, known: str) -> list[dict[str, Any]]:
        """Go on from the turn's text as known here or elsewhere, once a piece that came ahead does.

        Until then it may be older than what was lost, or another text. The newest piece that does decides: an older one
        may be of a text that began alike.
        """
        fitting = [place for place, piece in enumerate(self.ahead) if piece.goes_on(known)]
        if not fitting:
            return []
        pieces, self.ahead = self.ahead[fitting[-1] :], []
        for piece in pieces:
            if piece.goes_on(known):
                known = piece.joined_to(known)
            else:
                self.ahead.append(piece)
        return self._show(known)

    def _show(self, text: str) -> list[dict[str, Any]]:
        """Go on to this text, or begin it anew where it is another."""
        offset = len(self.text) if text.startswith(self.text) else 0
        self.text = text
        return [AnswerDelta(self.id, offset, text[offset:]).frame()] if text[offset:] else []
