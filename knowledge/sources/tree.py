"""HTML to a small tree of what a reader sees: no scripts, no navigation, nothing hidden, bounded depth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 80
# The parser's time grows with the square of the depth: 100,000 levels take it 24 s.
MAX_PARSED_DEPTH = 2_000

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_CLOSED_BY_THE_NEXT = frozenset(["p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot"])
_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "title",
        "meta",
        "link",
        "base",
        "svg",
        "math",
        "canvas",
        "object",
        "embed",
        "nav",
        "form",
        "input",
        "select",
        "textarea",
        "datalist",
        "map",
        "audio",
        "track",
        "noframes",
    ]
)
_PAGE_NOISE = re.compile(
    r"(?:[\w-]*-)?(?:breadcrumbs?|skip-?link|skip-to-content|edit-this-page|edit-page|on-this-page|table-of-contents|toc|"
    r"pagination|pagination-nav|pager|site-header|site-footer|cookie-banner|cookie-consent|sidebar|share-buttons|"
    r"article-votes|article-share|was-this-helpful|related-articles|recent-articles|copy-button|back-to-top)"
    r"(?:__[\w-]+|--[\w-]+)?"
)
# Names of a page's furniture as whole words; only believed on blocks, outside `<main>` and `<article>`.
_FURNITURE = re.compile(
    r"(?:(?:site|page|main|global|top|bottom|left|right|side|primary|secondary|app|mobile)[-_]?)?"
    r"(?:nav|nav-?bar|nav-?menu|navigation|menu|menu-?bar|side-?bar|header|footer|top-?bar|masthead)|copyright",
    re.IGNORECASE,
)
_FURNITURE_TAGS = frozenset(["header", "footer", "aside", "div", "section", "ul", "ol", "p"])
_PERMALINK = re.compile(r"(?:headerlink|header-anchor|hash-link|anchor-link|heading-anchor|anchorjs-link)")
_SCREEN_READER_ONLY = re.compile(r"(?:sr-only|visually-hidden|screen-reader-text)")
_UNFOLDS = re.compile(r"tab|accordion|collaps|panel|expand|toggle|faq|answer|detail", re.IGNORECASE)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)[^<>]*?(/?)>")


@dataclass
class Element:
    """An element that a reader sees; `holds_blocks` tells that a block is somewhere within."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)
    holds_blocks: bool = False

    def text(self) -> str:
        """All text within, as it stands."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def find(self, *tags: str) -> Iterator["Element"]:
        """The elements of these tags within, in order."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.find(*tags)


@dataclass(frozen=True)
class Page:
    """A parsed HTML document: its content and what its head says."""

    content: Element
    title: str = ""
    locale: str = ""
    url: str = ""
    modified: str = ""


def parse_fragment(html: str) -> Element:
    """The tree of HTML that came out of Markdown: nothing in it is page navigation."""
    parser = LexborHTMLParser(_flattened(html))
    return _tree(parser.body, page=False) if parser.body else Element("body")


def parse_page(html: str) -> Page:
    """The tree of a page's own content, and its head. What has no main part is read whole."""
    parser = LexborHTMLParser(_flattened(html))
    if parser.body is None:
        return Page(Element("body"))
    content = _tree(_main_part(parser), page=True)
    if not content.text().strip() and not any(content.find("img")):
        content = _tree(parser.body, page=False)
    return Page(content, **_head(parser))


def _head(parser: LexborHTMLParser) -> dict[str, str]:
    def attribute(selector: str, name: str) -> str:
        node = parser.css_first(selector)
        return ((node.attributes.get(name) or "") if node else "").strip()

    title = parser.css_first("title")
    return {
        "title": attribute("meta[property='og:title']", "content") or (title.text() if title else ""),
        "locale": attribute("html", "lang"),
        "url": attribute("link[rel='canonical']", "href"),
        "modified": attribute("meta[property='article:modified_time']", "content"),
    }


def _main_part(parser: LexborHTMLParser) -> LexborNode:
    for selector in ("main", "[role='main']", "article", "[itemprop='articleBody']"):
        found = parser.css(selector)
        if len(found) == 1 and found[0].text(deep=True).strip():
            return found[0]
    assert parser.body is not None
    return parser.body


def _flattened(html: str) -> str:
    """The HTML, or only its text when its elements are nested beyond all reason."""
    depth = deepest = 0
    for closing, name, closed in _TAG.findall(html):
        tag = name.lower()
        if tag in _VOID or tag in _CLOSED_BY_THE_NEXT or closed:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return html if deepest <= MAX_PARSED_DEPTH else _TAG.sub(" ", html)


def _tree(root: LexborNode, page: bool) -> Element:
    """A copy of the subtree without what is not read; what is too deep hangs on its last allowed ancestor."""
    top = Element(root.tag or "body")
    titles = len(root.css("h1"))
    pending: list[tuple[LexborNode, Element, int, bool]] = [(root, top, 0, page and top.tag == "body")]
    order: list[tuple[Element, Element]] = []
    while pending:
        node, parent, depth, outside = pending.pop()
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                parent.children.append(child.text_content or "")
                continue
            name = child.tag or ""
            attributes = {key: value or "" for key, value in child.attributes.items()}
            if name.startswith(("-", "_", "!")) or _is_noise(name, attributes, page, parent.tag):
                continue
            if outside and _is_furniture(child, attributes, parent.tag, titles):
                continue
            element = Element(name, attributes) if depth < MAX_DEPTH else parent
            if element is not parent:
                parent.children.append(element)
                order.append((parent, element))
            pending.append((child, element, depth + 1, outside and name not in ("main", "article")))
    for parent, element in reversed(order):
        parent.holds_blocks |= element.holds_blocks or element.tag in BLOCKS
    return top


def _is_noise(tag: str, attributes: dict[str, str], page: bool, parent: str) -> bool:
    if tag in _DROPPED or _is_hidden(tag, attributes):
        return True
    if tag == "button":
        return parent not in ("p", "li", "td")
    names = attributes.get("class", "").split()
    if tag in ("a", "button") and any(_PERMALINK.fullmatch(name) for name in names):
        return True
    if not page:
        return False
    if tag in ("footer", "aside") and parent in ("body", "div"):
        return True
    if attributes.get("role") in ("navigation", "banner", "contentinfo", "search", "complementary"):
        return True
    return tag not in ("h1", "h2", "h3", "h4", "h5", "h6", "main", "body") and any(
        _PAGE_NOISE.fullmatch(name) or _SCREEN_READER_ONLY.fullmatch(name) for name in names
    )


def _is_furniture(node: LexborNode, attributes: dict[str, str], parent: str, titles: int) -> bool:
    """Whether a block outside the page's own content is furniture of the site. What holds the content is not."""
    if node.tag not in _FURNITURE_TAGS:
        return False
    # The id of a section is made of its heading: one named "Menu" is about menus.
    own_id = "" if node.tag == "section" else attributes.get("id", "")
    names = [*attributes.get("class", "").split(), own_id]
    named = any(_FURNITURE.fullmatch(name) for name in names)
    if not named and not (node.tag in ("header", "footer") and parent in ("body", "div")):
        return False
    if node.css_first("main, article"):
        return False
    own_titles = len(node.css("h1"))
    # A heading of a part stands in a header too; the header of the site has no business with sections.
    heads_a_part = not named and parent != "body" and node.css_first("h2, h3, h4, h5, h6") is not None
    return not heads_a_part and (not own_titles or titles > own_titles)


def _is_hidden(tag: str, attributes: dict[str, str]) -> bool:
    """Hidden from readers for good; what a click unfolds is content."""
    hidden = "hidden" in attributes or bool(_HIDING_STYLE.search(attributes.get("style", "")))
    if not hidden:
        return False
    names = f"{attributes.get('role', '')} {attributes.get('class', '')} {attributes.get('id', '')}"
    return not _UNFOLDS.search(names)
