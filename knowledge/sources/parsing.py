"""One file to one article: kind, text, front matter, title, identity."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from knowledge.markdown import plain_text, split_explicit_id
from knowledge.sources import front_matter
from knowledge.sources.article import Article, Unreadable
from knowledge.sources.decoding import clean, read_text
from knowledge.sources.front_matter import FrontMatter
from knowledge.sources.markdown_source import parse_markdown
from knowledge.sources.plain import normalise_plain
from knowledge.sources.tree import Page, parse_page
from knowledge.sources.writer import write

KINDS = {
    ".md": "md",
    ".markdown": "md",
    ".mdx": "mdx",
    ".html": "html",
    ".htm": "html",
    ".txt": "txt",
}
MAX_ARTICLE_LENGTH = 500
MAX_TITLE_LENGTH = 500
_HTML_START = re.compile(r"\s*(?:<!doctype html|<html[\s>])", re.IGNORECASE)
_FIRST_HEADING = re.compile(r"\A#[ \t]+(.+?)[ \t]*(?:\n|\Z)")
_ANY_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*$", re.MULTILINE)


def kind_of(path: str) -> str:
    """The kind of article that a file name promises; empty for other files."""
    return KINDS.get(PurePosixPath(path).suffix.lower(), "")


def parse(path: str, data: bytes) -> Article:
    """The article in a file; `path` is relative to its source. Raises Unreadable with the reason."""
    markup = read_text(data)
    kind = "html" if _HTML_START.match(markup) else kind_of(path)
    try:
        return read_article(path, markup, kind)
    except RecursionError as error:
        raise Unreadable("is nested too deeply") from error


def read_article(path: str, markup: str, kind: str, title: str = "") -> Article:
    """The article that clean markup of a kind (md, mdx, html, txt) makes; a given title wins over the markup's.

    Raises Unreadable when it has no text.
    """
    about, text = _read_page(markup) if kind == "html" else _read_text(markup, kind)
    title, text = _title_and_text(clean(title or about.title), text, path)
    if not text.strip():
        raise Unreadable("has no text")
    return Article(
        article=identity(about.id, path),
        path=path,
        title=title,
        markup=markup,
        markup_kind=kind,
        text=text,
        locale=about.locale,
        url=about.url,
        audience=about.audience,
        position=about.position or 0,
        written_at=about.written_at,
        draft=about.draft,
    )


def identity(own: str, path: str) -> str:
    """The article's id: its own, else its path without suffix."""
    given = " ".join(clean(own).split())
    return (given or str(PurePosixPath(path).with_suffix("")))[:MAX_ARTICLE_LENGTH]


def _read_text(markup: str, kind: str) -> tuple[FrontMatter, str]:
    about, body = front_matter.split(markup)
    if kind == "txt":
        return about, normalise_plain(body)
    return about, write(parse_markdown(body, mdx=kind == "mdx"), about.url)


def _read_page(markup: str) -> tuple[FrontMatter, str]:
    about, body = front_matter.split(markup)
    page = parse_page(body)
    said = front_matter.read({"url": page.url, "locale": page.locale, "date": page.modified})
    about = replace(
        about,
        url=about.url or said.url,
        locale=about.locale or said.locale,
        written_at=about.written_at or said.written_at,
    )
    text = write(page.content, about.url)
    return replace(about, title=about.title or _page_title(page, text)), text


def _page_title(page: Page, text: str) -> str:
    """The first heading of level one, else the head's title without the name of the site."""
    heading = next((found for found in page.content.find("h1") if found.text().strip()), None)
    if heading:
        return heading.text()
    return "" if _ANY_HEADING.match(text) else re.split(r"\s+[|–—]\s+", page.title.strip())[0]


def _title_and_text(title: str, text: str, path: str) -> tuple[str, str]:
    """The title, and the text without a first heading that only repeats it."""
    first = _FIRST_HEADING.match(text)
    heading = _heading_words(first.group(1)) if first else ""
    title = " ".join(title.split()) or heading
    if first and heading == title and text[first.end() :].strip():
        text = text[first.end() :].lstrip("\n")
    if not title:
        any_heading = _ANY_HEADING.search(text)
        title = _heading_words(any_heading.group(1)) if any_heading else ""
    return (title or file_title(path))[:MAX_TITLE_LENGTH], text


def _heading_words(heading: str) -> str:
    return plain_text(split_explicit_id(heading)[0])


def file_title(path: str) -> str:
    """A title from a file name: `reset-your-password.md` is "reset your password"."""
    stem = PurePosixPath(path).stem
    return " ".join(re.sub(r"[-_]+", " ", clean(stem)).split()) or "Untitled"
