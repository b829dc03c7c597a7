"""Articles in a folder of files, or in one file."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from knowledge.sources.article import Failure, Found, Skipped, SourceUnreadable, Unreadable
from knowledge.sources.decoding import MAX_FILE_BYTES, clean
from knowledge.sources.parsing import kind_of, parse

# Nobody keeps articles there, and a checkout holds tens of thousands of such files.
PASSED_OVER = frozenset({"node_modules", "__pycache__", "__MACOSX", "vendor/bundle", "venv", "site-packages"})

PIECE = "is a piece of other articles, not one of its own: its name begins with _, or its folder's says so"
PAPER = (
    "belongs to a repository, as its well-known name says, and is no article: "
    "upload it by itself, or give its own path, to answer from it"
)
# Names that help centres give to articles too are not among them: README, SECURITY, SUPPORT, HISTORY, NOTICE.
_PAPERS = frozenset(
    {
        "changelog", "code_of_conduct", "codeowners", "contributing", "copying", "issue_template", "licence", "license",
        "maintainers", "pull_request_template",
    }
)  # fmt: skip
# Not every `_folder`: some static site generators keep their articles in such, as `_docs` and `_posts`.
_PIECES = re.compile(
    r"_(?:components?|fragments?|includes?|layouts?|macros|partials?|reusables?|reuse|shared|snippets?|templates?)",
    re.I,
)


class Folder:
    """Every file beneath a folder; hidden ones and build folders are passed over in silence."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._unreadable: list[Failure] = []

    def expected(self) -> int | None:
        """How many files might be articles."""
        return sum(1 for path in self._paths() if kind_of(path.name))

    def fetch(self) -> Iterator[Found]:
        """The articles by path. Raises SourceUnreadable when the folder cannot be listed."""
        for path in self._paths():
            name = shown_path(path.relative_to(self.root))
            yield Skipped(name, PAPER) if is_paper(name) else read_file(path, name)
        yield from self._unreadable

    def _paths(self) -> Iterator[Path]:
        self._unreadable.clear()
        for folder, folders, names in os.walk(self.root, onerror=self._note):
            folders[:] = sorted(name for name in folders if not passed_over(name))
            for name in sorted(names):
                path = Path(folder, name)
                if not passed_over(name) and (path.is_file() or path.is_symlink()):
                    yield path

    def _note(self, error: OSError) -> None:
        where = Path(error.filename or self.root)
        if where == self.root:
            raise SourceUnreadable(f"cannot be listed: {error.strerror}") from error
        self._unreadable.append(
            Failure(shown_path(where.relative_to(self.root)), f"cannot be listed: {error.strerror}")
        )


class SingleFile:
    """One file as a source of its own; an upload keeps its original name."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or path.name

    def expected(self) -> int | None:
        """One."""
        return 1

    def fetch(self) -> Iterator[Found]:
        """The article in the file, or why there is none."""
        yield read_file(self.path, clean(self.name))


def passed_over(name: str) -> bool:
    """Whether a file or folder of this name is none of ours."""
    return name.startswith((".", "~$")) or name in PASSED_OVER


def is_piece(name: str) -> bool:
    """Whether a file is a piece that other articles include: named `_…`, or in a folder such as `_includes`.

    `_index.md` is a page of its own: static site generators name a section's page so.
    """
    *folders, file = name.split("/")
    return any(_PIECES.fullmatch(folder) for folder in folders) or (
        file.startswith("_") and file.partition(".")[0].lower() != "_index"
    )


def is_paper(name: str) -> bool:
    """Whether a file is one of those that repositories keep beside their articles, such as `LICENSE.md`."""
    stem = name.rpartition("/")[2].partition(".")[0]
    return bool(kind_of(name)) and stem.lower().replace("-", "_") in _PAPERS


def shown_path(path: Path) -> str:
    """A relative path as text that can be stored and shown, whatever bytes the file system holds."""
    return clean(os.fsencode(path.as_posix()).decode("utf-8", errors="replace"))


def read_file(path: Path, name: str) -> Found:
    """The article in a file, or why there is none; never raises for what a file holds."""
    if not kind_of(name):
        return Skipped(name, "is of a kind that is not read")
    if is_piece(name):
        return Skipped(name, PIECE)
    if path.is_symlink():
        return Skipped(name, "is a link to another file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        return Failure(name, f"cannot be read: {error.strerror}")
    return read_bytes(name, data)


def read_bytes(name: str, data: bytes) -> Found:
    """The article in the bytes of a file of this name, or why there is none."""
    try:
        return parse(name, data)
    except Unreadable as error:
        return Failure(name, str(error))
