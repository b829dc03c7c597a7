"""An article as a page: its normalised text as sanitised HTML, with the anchors that citations lead to."""

import posixpath
from collections.abc import Callable
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from knowledge.markdown import headings, reader, split_explicit_id
from knowledge.models import Document
from knowledge.siblings import article_path, stem_at

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TAGS = {
    *_HEADINGS,
    *("p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}, "code": {"class"}}
_ATTRIBUTES |= {tag: {"id"} for tag in _HEADINGS}
_SCHEMES = {"http", "https", "mailto", "tel"}

LinkTo = Callable[[str], str]


def render_article(document: Document) -> str:
    """The article's text as HTML that holds no script, style or foreign image, and an id on each heading."""
    siblings = _Siblings(document)
    return render_text(document.text, siblings.link_to)


def render_text(text: str, link_to: LinkTo = lambda href: "") -> str:
    """Normalised Markdown as sanitised HTML; `link_to` turns a relative link into an address, or into nothing."""
    html = _renderer(link_to).render(text)
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener")


def _renderer(link_to: LinkTo) -> MarkdownIt:
    renderer = reader()
    renderer.core.ruler.push("anchors", _add_anchors)
    renderer.core.ruler.push("links", lambda state: _rewrite_links(state, link_to))
    renderer.add_render_rule("image", _image)
    return renderer


def _add_anchors(state: StateCore) -> None:
    anchors = {heading.first_line: heading.anchor for heading in headings(state.tokens)}
    for position, token in enumerate(state.tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            token.attrSet("id", anchors[token.map[0]])
        if token.type == "heading_open":
            _hide_explicit_id(state.tokens[position + 1])


def _hide_explicit_id(content: Token) -> None:
    last = content.children[-1] if content.children else None
    if last is not None and last.type == "text":
        last.content = split_explicit_id(last.content)[0]


def _rewrite_links(state: StateCore, link_to: LinkTo) -> None:
    """Links that lead nowhere from this page lose their address and keep their words."""
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", _address(str(child.attrGet("href") or ""), link_to))


def _address(href: str, link_to: LinkTo) -> str:
    parts = urlsplit(href)
    if parts.scheme or href.startswith("#") or (href.startswith("/") and not href.startswith("//")):
        return href
    return link_to(href) if parts.path and not parts.netloc else ""


def _image(renderer: RendererHTML, tokens: list[Token], position: int, options: object, env: object) -> str:
    """Our own images as images; a foreign one would tell its host who reads, so it is a link with its words."""
    token = tokens[position]
    source = str(token.attrGet("src") or "")
    words = renderer.renderInlineAsText(token.children, options, env)  # type: ignore[arg-type]
    if source.startswith("/") and not source.startswith(("//", "/\\")):
        return f'<img src="{_attribute(source)}" alt="{_attribute(words)}">'
    if urlsplit(source).scheme in ("http", "https"):
        return f'<a href="{_attribute(source)}">{_attribute(words)}</a>'
    return f"<em>{_attribute(words)}</em>"


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


class _Siblings:
    """The pages of the other articles of a source, by their paths; looked up when the first link asks."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._pages: dict[str, str] | None = None

    def link_to(self, href: str) -> str:
        """The address of the article at a relative path; empty when there is none."""
        page = self._by_path().get(stem_at(self.document.path, href), "")
        fragment = urlsplit(href).fragment
        return page + (f"#{fragment}" if page and fragment else "")

    def _by_path(self) -> dict[str, str]:
        if self._pages is None:
            rows = Document.objects.filter(source=self.document.source_id, status=Document.Status.PUBLISHED)
            collection = self.document.collection.slug
            self._pages = {
                posixpath.splitext(path)[0]: url or article_path(collection, article)
                for path, url, article in rows.values_list("path", "url", "article")
            }
        return self._pages
