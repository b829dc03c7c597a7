"""What a source adapter gives: articles, and what it could not or would not read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Article:
    """One article as read from its source; `text` is normalised Markdown and never blank."""

    article: str
    path: str
    title: str
    markup: str
    markup_kind: str
    text: str
    locale: str = ""
    url: str = ""
    audience: str = ""
    position: int = 0
    written_at: datetime | None = None
    draft: bool = False


@dataclass(frozen=True)
class Skipped:
    """A file of a kind that is not read here."""

    path: str
    reason: str


@dataclass(frozen=True)
class Failure:
    """A file that should be an article and could not be read, with a reason for a person."""

    path: str
    reason: str


Found = Article | Skipped | Failure


class Unreadable(Exception):
    """One file cannot become an article; its words say why."""


class SourceUnreadable(Exception):
    """The source as a whole cannot be read, so that nothing is known about what it holds."""


class SourceAdapter(Protocol):
    """One origin of articles."""

    def expected(self) -> int | None:
        """How many articles there may be, for progress; None when only reading tells. Raises SourceUnreadable."""

    def fetch(self) -> Iterator[Found]:
        """Everything in the source, one after another. Raises SourceUnreadable."""
