"""Hostile files made by rule: what may be left open or nested in every kind of article, names that lead elsewhere in
every kind of archive, and seeded mutations of what is sound."""

import io
import tarfile
import zipfile
from collections.abc import Sequence
from random import Random

SOUND = b"# Sound\n\nA sound article."
SUFFIXES = (".md", ".mdx", ".html", ".txt")
ARCHIVES = (".zip", ".tar.gz")
# As large as what was crafted by hand, or nearly.
MOST_BYTES = 60_000

# What opens something that never ends, or nests in itself, as often as there is room.
REPEATED: dict[str, bytes] = {
    "fences": b"```\n",
    "tildes in quotes": b"> ~~~\n",
    "tables": b"|-|-|\n",
    "links around images": b"[![a](",
    "references": b"[a]: <\n",
    "footnotes": b"[^a]: ",
    "setext headings": b"a\n=\n",
    "entities without end": b"&#x0;&#1114112;&amp",
    "declarations": b"<!DOCTYPE a [<!ENTITY b '",
    "cdata": b"<![CDATA[",
    "processing instructions": b"<?php ",
    "forms and selects": b"<form><select><option>",
    "formatting elements": b"<b><i><a href=x><p>",
    "svg in math": b"<svg><math><desc>",
    "templates": b"<template><tr>",
    "front matter": b"---\na: &a [*a]\n",
    "imports": b"import {a as b} from '\n",
    "expressions in tags": b"<A b={{c: `${",
    "directives with names": b':::tabs{a="b" .c}\n',
    "definition lists": b"a\n:   ",
    "backslashes": b"\\[\\`\\<",
    "calls of footnotes": b"[^1]: a [^1] ^[b\n\n    c[^1]",
    "wiki links": b"[[a|b ![[c]] ==d ",
    "strong marks": b" **a:**b** c`**",
    "odd spaces": "\u00a0\u2003\u3000\u200b\t\x0b\x0c".encode(),
    "marks on marks": "a\u0301\u0489\u20dd".encode(),
    "broken sequences": b"\xf0\x9f\x98\xc3(\xe2\x82",
}
ENTRY_NAMES = (
    "../x.md",
    "a/../../x.md",
    "a/./../../../etc/x.md",
    "/x.md",
    "//server/share/x.md",
    "\\x.md",
    "a\\..\\..\\x.md",
    "C:x.md",
    "a/\u202egnp.md",
    "a/" * 2_000 + "x.md",
    "x" * 5_000 + ".md",
    "\n\r\t.md",
    ".md",
    "CON.md/NUL.md",
    "a//b///c.md",
    "file:///etc/x.md",
    "~/x.md",
    "$HOME/`id`.md",
    "<script>alert(1)<x.md",
    "%2e%2e%2fx.md",
)


def texts() -> dict[str, tuple[str, bytes]]:
    """Each of REPEATED in every kind of article, alone and with a sound article behind it."""
    return {
        f"{name} in {suffix}": (f"a{suffix}", repeated * (MOST_BYTES // len(repeated)) + b"\n\n" + SOUND)
        for name, repeated in REPEATED.items()
        for suffix in SUFFIXES
    }


def archives() -> dict[str, tuple[str, bytes]]:
    """Each of ENTRY_NAMES in every kind of archive, beside a sound article."""
    made = {".zip": zip_of, ".tar.gz": tar_of}
    return {
        f"entry {number} in {suffix}": (f"a{suffix}", made[suffix]((name, SOUND), ("sound.md", SOUND)))
        for number, name in enumerate(ENTRY_NAMES)
        for suffix in ARCHIVES
    }


def zip_of(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return target.getvalue()


def tar_of(*entries: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(data), kind, link
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


# What readers of markup, of encodings and of archives look for.
_TOKENS = (
    *REPEATED.values(), b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b"&", b"\n---\n", b"\n", b"    ", b"\t",
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\x80", b"ustar", b"<script>", b"-->", b"\r",
)  # fmt: skip


def mutated(seeds: Sequence[bytes], random: Random) -> bytes:
    """One of the seeds after one to eight changes such as fuzzers make: bytes set, cut out, doubled, joined."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(data) + 1)
        end = min(at + random.choice((1, 2, 4, 16, 64)), len(data))
        change = random.choice(("set", "cut", "double", "token", "many", "splice", "end"))
        if change == "set":
            data[at:end] = random.randbytes(end - at)
        elif change == "cut":
            del data[at:end]
        elif change == "double":
            data[at:at] = data[at:end]
        elif change == "token":
            data[at:at] = random.choice(_TOKENS)
        elif change == "many":
            data[at:at] = random.choice(_TOKENS) * random.choice((10, 100, 1_000))
        elif change == "splice":
            other = random.choice(seeds)
            data[at:] = other[random.randrange(len(other)) :]
        elif random.random() < 0.3:
            del data[at:]
    return bytes(data)
