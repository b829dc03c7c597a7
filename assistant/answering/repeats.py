"""What of a model's text was let through already: one that goes round in circles says it again."""

from assistant.answering.statements import Statement
from assistant.llm.repetition import words_of

# Shorter ones may be said twice: "Yes." to two questions.
FEWEST_WORDS = 4


class Told:
    """The sentences that were let through, in their order.

    None is told again right after itself, nor one of a paragraph within it. Another paragraph may share it, as two
    procedures share a step: what comes again there is a paragraph of one sentence, or one that came whole twice.
    What is in circles all the same is ended by assistant.llm.repetition.
    """

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._last = ""
        self._begins, self._listed = True, False
        self._paragraph: tuple[str, ...] = ()  # what it says, let through or not
        self._told_here: set[str] = set()
        self._paragraphs: set[tuple[str, ...]] = set()
        self._repeated: set[tuple[str, ...]] = set()

    def anew(self, statement: Statement) -> bool:
        """Whether the next statement of the text says something that was not let through before."""
        said = _identity(statement)
        if self._begins:
            self._begin(statement)
        self._begins = "\n" in statement.after or (self._begins and not said)
        self._paragraph += (said,) if said else ()
        if statement.code or len(words_of(said)) < FEWEST_WORDS:
            return True
        if said == self._last:
            return False
        return self._listed or not (said in self._told_here or (said in self._told and self._repeats_a_paragraph()))

    def begins_again(self, begun: str) -> bool:
        """Whether a sentence that begins so may turn out to be one that was let through."""
        said = " ".join(begun.split()).casefold()
        return any(told.startswith(said) for told in self._told)

    def let_through(self, statement: Statement) -> None:
        """It is shown, or will be with what follows."""
        self._last = _identity(statement)
        self._told.add(self._last)
        self._told_here.add(self._last)

    def _begin(self, statement: Statement) -> None:
        if self._paragraph in self._paragraphs:
            self._repeated.add(self._paragraph)
        self._paragraphs.add(self._paragraph)
        self._paragraph, self._told_here = (), set()
        self._listed = bool(statement.before.strip(" #>\n")) or statement.text.startswith("|")

    def _repeats_a_paragraph(self) -> bool:
        """Whether the paragraph so far is a whole one of a single sentence, or the start of one that came twice."""
        alone = self._begins and len(self._paragraph) == 1 and self._paragraph in self._paragraphs
        return alone or any(each[: len(self._paragraph)] == self._paragraph for each in self._repeated)


def _identity(statement: Statement) -> str:
    """What tells it from others: every sign counts, as in "Ctrl and +" and "Ctrl and -"."""
    return " ".join(statement.said.split()).casefold()
