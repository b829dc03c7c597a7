"""Where articles come from: one adapter an origin, behind one protocol."""

from pathlib import Path

from knowledge.sources.archive import TarArchive, ZipArchive
from knowledge.sources.article import Article, Failure, Found, Skipped, SourceAdapter, SourceUnreadable, Unreadable
from knowledge.sources.beir import BeirCorpus
from knowledge.sources.folder import Folder, SingleFile

__all__ = [
    "Article",
    "Failure",
    "Found",
    "Skipped",
    "SourceAdapter",
    "SourceUnreadable",
    "Unreadable",
    "kind_of_source",
    "open_source",
]


def kind_of_source(path: Path, name: str = "") -> str:
    """What a path is as a source, by its name: folder, archive, beir or file."""
    lower = (name or path.name).lower()
    if path.is_dir():
        return "folder"
    if lower.endswith((".zip", ".tar.gz", ".tgz")):
        return "archive"
    return "beir" if lower.endswith((".jsonl", ".jsonl.gz")) else "file"


def open_source(path: Path, name: str = "") -> SourceAdapter:
    """The adapter for a path; `name` is the original name of a file stored under another.

    Raises SourceUnreadable when nothing is there.
    """
    if not path.exists():
        raise SourceUnreadable("no such file or folder")
    kind = kind_of_source(path, name)
    if kind == "folder":
        return Folder(path)
    if kind == "archive":
        return ZipArchive(path) if (name or path.name).lower().endswith(".zip") else TarArchive(path)
    return BeirCorpus(path, name) if kind == "beir" else SingleFile(path, name)
