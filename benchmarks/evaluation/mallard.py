"""Pages of GNOME's help, in Mallard's XML, as the HTML that a help centre would serve."""

import tarfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

_NAMESPACE = "{http://projectmallard.org/1.0/}"
_ARCHIVE = Path("gnome_help") / "gnome-help-mallard.tar.gz"
# What has a counterpart in HTML; all else is left out around what it holds.
_BLOCKS = {"steps": "ol", "list": "ul", "item": "li", "table": "table", "tr": "tr", "td": "td", "note": "blockquote"}
_HEADED = (f"{_NAMESPACE}section", f"{_NAMESPACE}item")


class Page(NamedTuple):
    """A page's title, its one-line summary, which is no part of its text, and the HTML of a help centre."""

    title: str
    summary: str
    html: str


def pages(data: Path, language: str = "en") -> Iterator[tuple[str, Page]]:
    """Id and content of every page of a language that has a title and a text; `data` is the folder of sets."""
    with tarfile.open(data / _ARCHIVE) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and f"/{language}/" in member.name and member.name.endswith(".page"):
                page = ElementTree.parse(content).getroot()
                title = _words(page.find(f"{_NAMESPACE}title"))
                body = "\n".join(_html(page, 1))
                if title and body:
                    head = f"<html><head><title>{escape(title)}</title></head>"
                    html = f"{head}<body><h1>{escape(title)}</h1>\n{body}</body></html>"
                    summary = _words(page.find(f"{_NAMESPACE}info/{_NAMESPACE}desc"))
                    yield page.get("id", ""), Page(title, summary, html)


def _html(part: ElementTree.Element, level: int) -> Iterator[str]:
    for child in part:
        kind = child.tag.removeprefix(_NAMESPACE)
        if kind == "title":
            if level > 1 and part.tag in _HEADED:
                yield f"<h{level}>{escape(_words(child))}</h{level}>"
        elif kind == "terms":
            for item in child:
                yield from _html(item, level + 1)
        elif kind == "p":
            yield f"<p>{escape(_words(child))}</p>"
        elif kind in ("code", "screen"):
            yield f"<pre>{escape(''.join(child.itertext()))}</pre>"
        elif kind in _BLOCKS:
            if named := _words(child.find(f"{_NAMESPACE}title")):
                yield f"<p><b>{escape(named)}</b></p>"
            yield f"<{_BLOCKS[kind]}>{''.join(_html(child, 1))}</{_BLOCKS[kind]}>"
        elif kind not in ("info", "links", "media", "comment"):
            yield from _html(child, level + (kind == "section"))


def _words(element: ElementTree.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())
