"""Markdown and MDX as their authors wrote them, to the tree of what a reader sees."""

import re
from functools import partial
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from knowledge.markdown import split_explicit_id
from knowledge.sources.components import without_components
from knowledge.sources.directives import plain_markdown
from knowledge.sources.fences import outside_code
from knowledge.sources.footnotes import Footnotes, taken_out
from knowledge.sources.marks import plain_marks
from knowledge.sources.tree import Element, parse_fragment

MAX_NESTING = 60
MAX_BRACKETS = 2_000
_DEEP = re.compile(r"^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]?){25,}", re.MULTILINE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:._-]*)([^<>]*)>")
_HTML_LINE = re.compile(r"\s*(?:</?[a-z][a-z0-9]*[\s>]|<!--)")
_HTML_NAMES = frozenset(
    [
        "a",
        "abbr",
        "address",
        "area",
        "article",
        "aside",
        "audio",
        "b",
        "base",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "body",
        "br",
        "button",
        "canvas",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "datalist",
        "dd",
        "del",
        "details",
        "dfn",
        "dialog",
        "div",
        "dl",
        "dt",
        "em",
        "embed",
        "fieldset",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hgroup",
        "hr",
        "html",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "legend",
        "li",
        "link",
        "main",
        "map",
        "mark",
        "menu",
        "meta",
        "meter",
        "nav",
        "noscript",
        "object",
        "ol",
        "optgroup",
        "option",
        "output",
        "p",
        "param",
        "picture",
        "pre",
        "progress",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "script",
        "section",
        "select",
        "slot",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "svg",
        "table",
        "tbody",
        "td",
        "template",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "track",
        "tt",
        "u",
        "ul",
        "var",
        "video",
        "wbr",
    ]
)
# Their content is not HTML: without an end they would swallow the rest of the article.
_SWALLOWING = frozenset(
    [
        "script",
        "style",
        "textarea",
        "title",
        "iframe",
        "noscript",
        "select",
        "svg",
        "math",
        "template",
        "xmp",
        "plaintext",
        "object",
    ]
)


def parse_markdown(source: str, mdx: bool) -> Element:
    """The tree of a Markdown or MDX article without its front matter."""
    source = without_components(source, mdx)
    body, notes = taken_out(source)
    body = plain_markdown(body)
    if _DEEP.search(body) or _is_tangled([*body.split("\n\n"), *notes.values()]):
        return Element("body", {}, [Element("pre", {}, [plain_markdown(source)])], True)
    return parse_fragment(_reader(mdx, Footnotes(notes)).render(body))


def _is_tangled(paragraphs: list[str]) -> bool:
    """A paragraph of thousands of brackets is no article's, and reading it as links takes minutes."""
    return any(paragraph.count("[") > MAX_BRACKETS for paragraph in paragraphs)


def _reader(mdx: bool, footnotes: Footnotes) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING})
    reader.enable(["table", "strikethrough"])
    if mdx:
        reader.disable("code")
    # Between the two it is known what is code, and not yet what is strong.
    reader.core.ruler.after("block", "plain_marks", partial(_plain_marks, footnotes))
    reader.core.ruler.push("keep_marks", _keep_marks)
    reader.add_render_rule("html_inline", _shown_html)
    reader.add_render_rule("html_block", _shown_html)
    return reader


def _plain_marks(footnotes: Footnotes, state: StateCore) -> None:
    state.tokens = footnotes.put_in(state.tokens)
    for token in state.tokens:
        if token.type == "inline":
            token.content = outside_code(token.content, plain_marks)


def _keep_marks(state: StateCore) -> None:
    """Carries the author's own marks, heading ids and list numbers into the HTML."""
    for position, token in enumerate(state.tokens):
        if token.type == "code_block" and position and state.tokens[position - 1].type == "html_block":
            # Indented HTML after a blank line is still the HTML it was, not code.
            token.type = "html_block" if _HTML_LINE.match(token.content) else "code_block"
        if token.type in ("bullet_list_open", "ordered_list_open"):
            token.attrSet("data-marker", token.markup)
        elif token.type == "heading_open":
            _take_explicit_id(token, state.tokens[position + 1])
        elif token.type == "inline" and state.tokens[position - 1].type != "heading_open":
            _drop_explicit_ids(token.children or [])
        for child in token.children or ():
            if child.type in ("em_open", "strong_open"):
                child.attrSet("data-marker", child.markup)


def _take_explicit_id(heading: Token, content: Token) -> None:
    last = content.children[-1] if content.children else None
    if last is None or last.type != "text":
        return
    title, name = split_explicit_id(last.content)
    if name:
        last.content = title
        heading.attrSet("id", name)


def _drop_explicit_ids(words: list[Token]) -> None:
    """Only a heading has an id of its own: `1. Press it. {#press}`."""
    for word, following in zip_longest(words, words[1:]):
        if word.type == "text" and (following is None or following.type in ("softbreak", "hardbreak")):
            word.content = split_explicit_id(word.content)[0]


def _shown_html(renderer: RendererHTML, tokens: list[Token], position: int, options: object, env: object) -> str:
    """Raw HTML, with what is no HTML element kept as text: `<port>` is a placeholder, not markup."""
    html = tokens[position].content
    return _TAG.sub(lambda tag: _shown_tag(tag, html), html)


def _shown_tag(tag: re.Match[str], html: str) -> str:
    name = tag.group(2).lower()
    unclosed = name in _SWALLOWING and not tag.group(1) and f"</{name}" not in html.lower()
    if unclosed or (name not in _HTML_NAMES and not tag.group(3).strip(" /") and "-" not in name):
        return tag.group().replace("<", "&lt;").replace(">", "&gt;")
    return tag.group()
