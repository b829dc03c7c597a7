"""What of a model's text was let through already: one that goes round in circles says it again."""

from assistant.answering.statements import Statement
from assistant.llm.repetition import words_of

# Shorter ones may be said twice: "Yes." to two questions.
FEWEST_WORDS = 4


class Told:
    """The sentences that were let through, in their order.

    A sentence of a paragraph is not told again anywhere, a step or a table's row not right after itself: two
    procedures may share a step. What is in circles all the same is ended by assistant.llm.repetition.
    """

    def __init__(self) -> None:
        self._told: set[tuple[str, ...]] = set()
        self._last: tuple[str, ...] = ()
        self._begins, self._listed = True, False

    def anew(self, statement: Statement) -> bool:
        """Whether the next statement of the text says something that was not let through before."""
        if self._begins:
            self._listed = bool(statement.before.strip(" #>\n")) or statement.text.startswith("|")
        self._begins = "\n" in statement.after
        said = tuple(words_of(statement.said))
        if statement.code or len(said) < FEWEST_WORDS:
            return True
        return said != self._last if self._listed else said not in self._told

    def let_through(self, statement: Statement) -> None:
        """It is shown, or will be with what follows."""
        self._last = tuple(words_of(statement.said))
        self._told.add(self._last)
