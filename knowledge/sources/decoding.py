"""Bytes of a file to clean text, or a plain reason why they are no text."""

import codecs
import re
import unicodedata

from knowledge.sources.article import Unreadable

MAX_FILE_BYTES = 10_000_000
MAX_TEXT_LENGTH = 500_000
NOT_TEXT = "is binary, not text"

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"\xd0\xcf\x11\xe0", "an Office file"),
    (b"{\\rtf", "an RTF file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x89PNG", "an image"),
    (b"GIF8", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"RIFF", "a media file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"SQLite format 3", "a database"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS_OF_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Controls, what Windows-1252 leaves unassigned, and a mark amid the text: two letters that no word has side by side.
_NO_TEXT = re.compile(rb"\xff\xfe|\xfe\xff|[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
# Unassigned characters, and those of private use.
_NO_LETTERS = ("Cn", "Co")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Invisible: controls, soft hyphen, zero-width, bidirectional overrides, tags, private variation selectors.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# Joiners mean something in Persian, Indic scripts and emoji, and nothing beside ASCII.
_IDLE_JOINERS = re.compile(r"(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f\u200c\u200d])")
_MARKS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_STACKED_MARKS = re.compile(rf"({_MARKS}{{3}}){_MARKS}+")


def read_text(data: bytes) -> str:
    """The clean text of a file: decoded, line ends unified, invisible characters gone.

    Raises Unreadable for other kinds of file, binary content, empty files and over-long texts.
    """
    for signature, name in _SIGNATURES:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(signature):
            raise Unreadable(f"is {name}, whatever its name says")
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    try:
        decoded = decode(data)
    except UnicodeDecodeError as error:
        raise Unreadable(NOT_TEXT) from error
    if _looks_binary(decoded):
        raise Unreadable(NOT_TEXT)
    text = clean(decoded)
    if len(text) > MAX_TEXT_LENGTH:
        raise Unreadable(f"is longer than {MAX_TEXT_LENGTH:,} characters: split it into articles")
    if not text.strip():
        raise Unreadable("is empty")
    return text


def decode(data: bytes) -> str:
    """Text of the bytes: by byte-order mark, else UTF-8, else UTF-16 by its zeros, else Windows-1252.

    Raises UnicodeDecodeError for what is none of them.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark) and encoding != "utf-8":
            return data[len(mark) :].decode(encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    encoding = _utf16_without_mark(data)
    if encoding:
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _almost_utf8(data) or _windows_1252(data)


def _utf16_without_mark(data: bytes) -> str:
    sample = data[:4000]
    if len(sample) < 4 or len(data) % 2:
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 2 * 0.6
    return "utf-16-le" if odd > most and even < most / 10 else "utf-16-be" if even > most and odd < most / 10 else ""


def _almost_utf8(data: bytes) -> str:
    """UTF-8 with a few broken bytes; empty when it is more likely another encoding."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    beyond_ascii = sum(1 for letter in text if letter > "\x7f") - broken
    return text if beyond_ascii > broken * 10 else ""


def _windows_1252(data: bytes) -> str:
    """The text, where it holds few bytes that no text has: every other byte means a letter or a sign in it."""
    found = _NO_TEXT.search(data)
    if found and (found[0] in _MARKS_OF_UTF16 or len(_NO_TEXT.findall(data)) > len(data) // 100):
        raise UnicodeDecodeError("cp1252", data, found.start(), found.end(), "no text")
    return data.decode("cp1252", errors="replace")


def _looks_binary(text: str) -> bool:
    sample = text[:20_000]
    return sum(map(_is_odd, sample)) > len(sample) // 10


def _is_odd(letter: str) -> bool:
    if letter < "\x80":
        return letter < "\x09" or "\x0e" <= letter < "\x20"
    return letter == "\ufffd" or unicodedata.category(letter) in _NO_LETTERS


def clean(text: str) -> str:
    """The text composed (NFC), with line feeds only, and without what a reader cannot see.

    Hidden characters carry hidden instructions; a database refuses NUL and lone surrogates.
    """
    text = _SURROGATES.sub("", text)
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    return _STACKED_MARKS.sub(r"\1", _IDLE_JOINERS.sub("", text))
