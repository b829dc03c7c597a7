"""Articles in a .zip or .tar.gz, read in memory: nothing is ever written to disk by an entry's name."""

import gzip
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from knowledge.sources.article import Failure, Found, Skipped, SourceUnreadable
from knowledge.sources.decoding import MAX_FILE_BYTES, clean
from knowledge.sources.folder import PAPER, PIECE, is_paper, is_piece, passed_over, read_bytes
from knowledge.sources.parsing import kind_of

# A help centre of 5,000 articles brings as many pictures and folders again; 20,000 entries are listed in a second.
MAX_ENTRIES = 20_000
# 5,000 articles of 10 kB are 50 MB; pictures are not inflated in a .zip, but count in a .tar.gz.
MAX_INFLATED_BYTES = 100_000_000
# Text shrinks to a tenth, a bomb to a thousandth. A small file that repeats itself is no bomb.
MAX_RATIO = 100
RATIO_MATTERS_BYTES = 1_000_000

_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
_TAR_FAULTS = (tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError, OSError)


class ZipArchive:
    """The files in a .zip."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def expected(self) -> int | None:
        """How many entries might be articles."""
        with self._open() as archive:
            return sum(1 for entry in archive.infolist() if kind_of(entry.filename))

    def fetch(self) -> Iterator[Found]:
        """The articles in the order of the archive. Raises SourceUnreadable for a bomb or a broken archive."""
        with self._open() as archive:
            seen: set[str] = set()
            budget = MAX_INFLATED_BYTES
            for entry in archive.infolist():
                name = entry_name(entry.filename)
                if name is None or entry.is_dir():
                    continue
                found = _refused(name, entry.filename, seen) or self._zip_fault(name, entry)
                seen.add(name)
                if found:
                    yield found
                    continue
                data = _inflated(archive, entry)
                if isinstance(data, str):
                    yield Failure(name, data)
                    continue
                budget -= len(data)
                if budget < 0:
                    raise SourceUnreadable(f"inflates to more than {MAX_INFLATED_BYTES // 1_000_000} MB")
                yield read_bytes(name, data)

    def _open(self) -> zipfile.ZipFile:
        try:
            archive = zipfile.ZipFile(self.path)
        except _ZIP_FAULTS as error:
            raise SourceUnreadable("is not a readable ZIP archive") from error
        entries = archive.infolist()
        articles = sum(entry.file_size for entry in entries if kind_of(entry.filename))
        if len(entries) > MAX_ENTRIES or articles > MAX_INFLATED_BYTES:
            archive.close()
            raise SourceUnreadable(_over_limits(len(entries)))
        return archive

    def _zip_fault(self, name: str, entry: zipfile.ZipInfo) -> Found | None:
        if entry.external_attr >> 28 == 0o12:
            return Skipped(name, "is a link to another file")
        if entry.flag_bits & 0x1:
            return Failure(name, "is encrypted")
        if entry.file_size > RATIO_MATTERS_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            return Failure(name, f"is compressed more than {MAX_RATIO} times: refused as a bomb")
        return None


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
    """The entry's bytes, no more than a file may have, or why they cannot be had."""
    try:
        with archive.open(entry) as file:
            return file.read(MAX_FILE_BYTES + 1)
    except _ZIP_FAULTS as error:
        return f"cannot be unpacked: {clean(str(error)) or type(error).__name__}"


class TarArchive:
    """The files in a .tar.gz or .tgz."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def expected(self) -> int | None:
        """How many entries might be articles; None for a damaged archive, which is read as far as it goes."""
        with tempfile.TemporaryFile() as inflated:
            try:
                self._inflate(inflated)
                with tarfile.open(fileobj=inflated, mode="r:", tarinfo=_CheckedTarInfo) as archive:
                    return sum(1 for member in _members(archive) if not member.isdir() and kind_of(member.name))
            except (SourceUnreadable, *_TAR_FAULTS):
                return None

    def fetch(self) -> Iterator[Found]:
        """The articles in the order of the archive. Raises SourceUnreadable for a bomb or a broken archive."""
        with tempfile.TemporaryFile() as inflated:
            self._inflate(inflated)
            yield from self._entries(inflated)

    def _inflate(self, target: IO[bytes]) -> None:
        """Into an anonymous file first: the limits hold before anything of it is believed."""
        limit = min(MAX_INFLATED_BYTES, max(RATIO_MATTERS_BYTES, MAX_RATIO * self.path.stat().st_size))
        size = 0
        try:
            with gzip.open(self.path) as source:
                while block := source.read(1 << 20):
                    size += len(block)
                    if size > limit:
                        raise SourceUnreadable(_over_limits(0))
                    target.write(block)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceUnreadable("is not a readable .tar.gz archive, or is cut short") from error
        target.seek(0)

    def _entries(self, inflated: IO[bytes]) -> Iterator[Found]:
        seen: set[str] = set()
        try:
            with tarfile.open(fileobj=inflated, mode="r:", tarinfo=_CheckedTarInfo) as archive:
                for member in _members(archive):
                    name = entry_name(member.name)
                    if name is not None and not member.isdir():
                        yield _tar_found(archive, member, name, seen)
                        seen.add(name)
        except _TAR_FAULTS as error:
            raise SourceUnreadable("is not a readable .tar.gz archive, or is damaged") from error


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The entries one by one. Raises SourceUnreadable when there are too many."""
    count = 0
    while (member := archive.next()) is not None:
        archive.members = []  # type: ignore[attr-defined]  # kept for lookups by name, which we never do
        count += 1
        if count > MAX_ENTRIES:
            raise SourceUnreadable(_over_limits(count))
        yield member


class _CheckedTarInfo(tarfile.TarInfo):
    """Refuses negative sizes, with which a crafted header sends the reader backwards for ever."""

    def _block(self, count: int) -> int:
        if count < 0:
            raise tarfile.ReadError("negative size")
        return super()._block(count)  # type: ignore[misc,no-any-return]


def _tar_found(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, seen: set[str]) -> Found:
    refused = _refused(name, member.name, seen)
    if refused:
        return refused
    if not member.isreg():
        return Skipped(name, "is a link or a device, not a file")
    if member.size > MAX_FILE_BYTES:
        return Failure(name, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    file = archive.extractfile(member)
    return read_bytes(name, file.read() if file else b"")


def entry_name(raw: str) -> str | None:
    """The entry's path with `/` between its parts; None for what is passed over in silence."""
    name = clean(raw.encode("utf-8", errors="replace").decode("utf-8")).replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or any(passed_over(part) for part in parts if part != ".."):
        return None
    return "/".join(parts)


def _refused(name: str, raw: str, seen: set[str]) -> Found | None:
    """Why an entry is not read for its name alone."""
    if raw.startswith(("/", "\\")) or ".." in PurePosixPath(name).parts or raw[1:2] == ":":
        return Failure(name, "has a path that leads out of the archive")
    if not kind_of(name):
        return Skipped(name, "is of a kind that is not read")
    if is_piece(name):
        return Skipped(name, PIECE)
    if is_paper(name):
        return Skipped(name, PAPER)
    return Failure(name, "is in the archive twice") if name in seen else None


def _over_limits(entries: int) -> str:
    if entries > MAX_ENTRIES:
        return f"holds more than {MAX_ENTRIES:,} entries"
    return f"inflates to more than {MAX_INFLATED_BYTES // 1_000_000} MB or {MAX_RATIO} times its size"
