"""Bytes in one encoding or another, and bytes that are no text in any."""

import pytest

from knowledge.sources.article import Unreadable
from knowledge.sources.parsing import parse


@pytest.mark.parametrize(
    "data",
    [
        b"# Broken\n\n\xff\xfe\xfa\xfb\xfc",
        b"\xff\xfe# Broken and of odd length.",
        b"\xff\xfe\x00\xd8a\x00b\x00",
        b"\xfe\xff" + "\ue000\ue001abc".encode("utf-16-be"),
        b"A line of text with \x81\x8d\x8f in it, and \x01\x02 too",
        b"caf\xe9 \x00 caf\xe9",
    ],
)
def test_bytes_of_no_encoding_are_no_text(data: bytes) -> None:
    with pytest.raises(Unreadable, match="is binary, not text"):
        parse("a.md", data)


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffGröße in UTF-16.".encode("utf-16-le"),
        "Größe in UTF-16.".encode("utf-16-be"),
        "Größe".encode("utf-32"),
        "Größe “quoted” – dash".encode("cp1252"),
        "\ufeffGröße".encode(),
        "Größe ".encode() * 40 + b"\xff\xfe\xfd",
    ],
)
def test_text_in_another_encoding_is_read(data: bytes) -> None:
    assert parse("a.md", data).text.startswith("Größe")
