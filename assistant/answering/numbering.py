"""Numbers of citations as a customer sees them. Pure."""

from assistant.answers import CITATION


class Numbering:
    """Numbers citations anew in order of first use: `cited` holds the passages' own numbers."""

    def __init__(self) -> None:
        self.cited: list[int] = []

    def anew(self, text: str) -> str:
        """The text with its citations renumbered."""
        return CITATION.sub(lambda match: f"[{self._number(int(match[1]))}]", text)

    def _number(self, number: int) -> int:
        if number not in self.cited:
            self.cited.append(number)
        return self.cited.index(number) + 1
