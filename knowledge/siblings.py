"""Where an article's relative links lead: to the pages of the other published articles of its source."""

import mimetypes
import posixpath
import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import quote, unquote, urlsplit

from knowledge.models import Document
from knowledge.sources.parsing import KINDS

# As Markdown writes a link's address; of one that names a site or begins with a slash this is no business.
_RELATIVE = re.compile(r"\]\((?![a-z][a-z0-9+.-]*:|[/#\\])([^()\s<>\\]+)", re.I)
# What every reader of Markdown takes for the same address.
_PLAIN = re.compile(r"(?:https?://|/(?![/\\]))[^\s()<>\[\]\\]+")
Links = dict[str, str]
# Of one article, so that a table of contents of thousands costs no question that finds it a large query.
MOST_LINKS = 100


def article_path(collection: str, article: str) -> str:
    """The address of an article's own page on this site."""
    return f"/help/{quote(collection, safe='')}/{quote(article)}"


def linked_pages(documents: Iterable[Document]) -> dict[int, Links]:
    """By id of a document, each relative address in its text that leads to a published article, with that page's."""
    asked = {document: _stems(document) for document in documents}
    stems = {stem for of_document in asked.values() for stem in of_document.values()}
    if not stems:
        return {}
    pages = _pages({document.source_id for document in asked}, stems)
    return {document.pk: _links(document, hrefs, pages) for document, hrefs in asked.items()}


def _links(document: Document, hrefs: Links, pages: dict[tuple[int, str], str]) -> Links:
    found = {href: pages.get((document.source_id, stem), "") for href, stem in hrefs.items()}
    addressed = {href: _at_section(page, href) for href, page in found.items()}
    return {href: address for href, address in addressed.items() if _PLAIN.fullmatch(address)}


def _stems(document: Document) -> Links:
    """By relative address in the text the path, without suffix, that it names."""
    found = (match.group(1) for match in _RELATIVE.finditer(document.text))
    hrefs = dict.fromkeys(href for href in found if not _is_picture(href))
    return {href: stem_at(document.path, href) for href in islice(hrefs, MOST_LINKS)}


def _is_picture(href: str) -> bool:
    """Most relative addresses are of pictures, which no article is: they are not looked for."""
    return (mimetypes.guess_type(urlsplit(href).path)[0] or "").startswith(("image/", "video/", "audio/"))


def stem_at(path: str, href: str) -> str:
    """The path without suffix of what a relative address in the article at `path` names."""
    target = posixpath.join(posixpath.dirname(path), unquote(urlsplit(href).path))
    return posixpath.splitext(posixpath.normpath(target))[0]


def _at_section(page: str, href: str) -> str:
    fragment = urlsplit(href).fragment
    return f"{page}#{fragment}" if page and fragment else page


def _pages(sources: set[int], stems: set[str]) -> dict[tuple[int, str], str]:
    """By source and path without suffix the addresses of published articles."""
    paths = [f"{stem}{suffix}" for stem in stems for suffix in ("", *KINDS)]
    rows = Document.objects.filter(source__in=sources, path__in=paths, status=Document.Status.PUBLISHED)
    told = rows.values_list("source", "path", "url", "article", "collection__slug")
    return {
        (source, posixpath.splitext(path)[0]): url or article_path(slug, article)
        for source, path, url, article, slug in told
    }
