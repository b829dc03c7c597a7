"""A BEIR corpus: JSON lines with `_id`, `title`, `text`, each an article whose id is `_id`."""

import gzip
import textwrap
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson

from knowledge.sources import front_matter
from knowledge.sources.article import Article, Failure, Found, SourceUnreadable
from knowledge.sources.decoding import MAX_TEXT_LENGTH, clean
from knowledge.sources.parsing import MAX_TITLE_LENGTH, identity
from knowledge.sources.plain import normalise_plain

NO_TEXT = "has no text"
MAX_LINE_BYTES = 10_000_000
OPENING_CHARACTERS = 80


class BeirCorpus:
    """The passages of a corpus.jsonl or corpus.jsonl.gz, read line by line."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or path.name

    def expected(self) -> int | None:
        """Unknown until read."""
        return None

    def fetch(self) -> Iterator[Found]:
        """An article a line. Raises SourceUnreadable when the file cannot be read to its end."""
        try:
            with self._open() as lines:
                number = 0
                while line := lines.readline(MAX_LINE_BYTES + 1):
                    number += 1
                    if len(line) > MAX_LINE_BYTES:
                        raise SourceUnreadable(f"line {number} is longer than {MAX_LINE_BYTES // 1_000_000} MB")
                    if line.strip():
                        yield read_line(line, f"{self.name}:{number}")
        except (OSError, EOFError, zlib.error) as error:
            raise SourceUnreadable("cannot be read to its end") from error

    def _open(self) -> IO[bytes]:
        if self.name.lower().endswith(".gz"):
            return cast(IO[bytes], gzip.open(self.path))
        return self.path.open("rb")


def read_line(line: bytes, path: str) -> Found:
    """The article of one line, or why there is none."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Failure(path, "is not valid JSON")
    if not isinstance(row, dict) or not isinstance(row.get("_id"), str | int) or not str(row["_id"]).strip():
        return Failure(path, 'has no "_id"')
    return _article(row, path)


def _article(row: dict[str, Any], path: str) -> Found:
    title, markup = (clean(value) if isinstance(value := row.get(key), str) else "" for key in ("title", "text"))
    title = " ".join(title.split())[:MAX_TITLE_LENGTH]
    text = normalise_plain(markup) or title
    if not text or len(text) > MAX_TEXT_LENGTH:
        return Failure(path, "is too long" if text else NO_TEXT)
    metadata = row.get("metadata")
    about = front_matter.read(metadata if isinstance(metadata, dict) else {})
    article = identity(str(row["_id"]), path)
    return Article(
        article=article,
        path=path,
        title=title or _opening(text) or article,
        markup=markup or title,
        markup_kind="txt",
        text=text,
        locale=about.locale,
        url=about.url,
        audience=about.audience,
        written_at=about.written_at,
    )


def _opening(text: str) -> str:
    """What names a text without a title: its first words. An id says nothing, and would count as a title."""
    return textwrap.shorten(text[: 4 * OPENING_CHARACTERS].lstrip("#*_>-+ "), OPENING_CHARACTERS, placeholder="")
