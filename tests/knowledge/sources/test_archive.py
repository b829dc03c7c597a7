"""What an archive promises before it is read."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from knowledge.sources import open_source

FILES = {"a.md": b"# A", "guide/b.html": b"<h1>B</h1>", "picture.png": b"\x89PNG", "guide/c.txt": b"C"}


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        folder = tarfile.TarInfo("guide.md")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, data in FILES.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


@pytest.mark.parametrize(("name", "data"), [("a.zip", zipped()), ("a.tar.gz", tarred())])
def test_an_archive_tells_how_many_articles_to_expect(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert open_source(path).expected() == 3


def test_a_damaged_archive_promises_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(tarred()[:-20])
    assert open_source(path).expected() is None
