"""Message text to sanitised HTML, for clients that do not render Markdown themselves.

No image but from our own address, no link but http(s), no attribute that runs or styles anything.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import nh3
from django.conf import settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_BLOCK_END = re.compile(r"</(?:p|li|t[dh]|h\d|pre)>|<br ?/?>")
_CITATION = re.compile(r"\s*\[\d{1,3}\]")
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}}
_TO_THIS_SITE = re.compile(r"\]\((?=/(?![/\\]))")


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    # "commonmark" without raw HTML: what looks like a tag is shown as text.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def absolute(url: str) -> str:
    """A site-relative address as an absolute one; others unchanged."""
    return urljoin(settings.PUBLIC_URL + "/", url) if url.startswith("/") and not url.startswith("//") else url


def with_absolute_links(text: str) -> str:
    """A Markdown text for readers on another site, or on none, as of a mail: its links to this site absolute."""
    return _TO_THIS_SITE.sub(f"]({settings.PUBLIC_URL}", text)


def render_markdown(text: str, *, images: bool = True) -> str:
    """The sanitised HTML of an assistant's, agent's or system message."""
    return nh3.clean(
        _markdown().render(text),
        tags=TAGS if images else TAGS - {"img"},
        attributes=ATTRIBUTES,
        attribute_filter=_safe_attribute,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def plain_words(text: str) -> str:
    """The words of a Markdown text in one line, without its marks, images and citations."""
    words = html.unescape(nh3.clean(_BLOCK_END.sub(" ", _markdown().render(text)), tags=set()))
    return " ".join(_CITATION.sub("", words).split())


def addresses_in(text: str) -> Iterator[str]:
    """Where the links and images of a Markdown text lead, as `render_markdown` reads them."""
    for block in _markdown().parse(text):
        for token in _with_children(block):
            address = token.attrs.get("href") or token.attrs.get("src")
            if address:
                yield str(address)


def _with_children(token: Token) -> Iterator[Token]:
    yield token
    for child in token.children or ():
        yield from _with_children(child)


def escape_text(text: str) -> str:
    """A customer's plain text as HTML: escaped, its line breaks kept."""
    return html.escape(text).replace("\n", "<br>")


def _safe_attribute(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src"):
        address = absolute(value)
        return address if _origin(address) == _origin(settings.PUBLIC_URL) else None
    return web_link(value) if attribute == "href" else value


def web_link(url: str) -> str | None:
    """The address, absolute, if a browser may be sent there: http(s), without name and password."""
    try:
        address = absolute(url)
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else None


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ("", "")
    return (parts.scheme, parts.netloc)
