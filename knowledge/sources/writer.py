"""A tree of what a reader sees to normalised Markdown: the text that chunks and quotes are cut from."""

import re
from dataclasses import dataclass

from knowledge.markdown import plain_text, slug
from knowledge.sources.inline import inline
from knowledge.sources.tables import read_table
from knowledge.sources.tree import BLOCKS, Element

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LINE_START = re.compile(
    r"^([ ]*)(#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|```|~~~|[-_*](?:[ ]*[-_*]){2,}[ ]*$|\|?[ ]*:?-{3,}[ |:-]*$)",
    re.MULTILINE,
)
_NUMBER_START = re.compile(r"^([ ]*\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
_EXPLICIT = re.compile(r"[^\s{}]{1,180}")
_NAVIGATION = re.compile(
    r"(?:edit (?:this )?page|edit on git(?:hub|lab)|back to top|return to top|suggest an? (?:edit|change)"
    r"|improve this (?:page|article)|skip to (?:main )?content|on this page|in this article|table of contents"
    r"|was this (?:page|article) helpful\??)[.:]?",
    re.IGNORECASE,
)


@dataclass
class _Place:
    """Where the writer stands: whether headings make sections here, and ids waiting for their heading."""

    base_url: str
    nested: bool = False
    pending_id: str = ""


def write(root: Element, base_url: str = "") -> str:
    """The normalised Markdown of a tree. Relative links become absolute where the article's address is known."""
    return "\n\n".join(_blocks(root, _Place(base_url)))


def _blocks(parent: Element, place: _Place) -> list[str]:
    """The blocks within an element; runs of inline content between them are paragraphs."""
    blocks: list[str] = []
    run: list[Element | str] = []
    for child in parent.children:
        if isinstance(child, str) or not (child.tag in BLOCKS or child.holds_blocks):
            run.append(child)
            continue
        blocks += _paragraph(run, place)
        run = []
        blocks += _block(child, place)
    return blocks + _paragraph(run, place)


def _block(element: Element, place: _Place) -> list[str]:
    tag = element.tag
    if tag in _HEADINGS:
        return _heading(element, place)
    if tag in ("ul", "ol"):
        return _list(element, place)
    if tag == "pre":
        return _code(element)
    if tag == "table":
        return _table(element, place)
    if tag == "blockquote":
        return _quote(element, place)
    if tag == "hr":
        return []
    if tag in ("summary", "dt", "caption"):
        return _labelled(element, place)
    _await_id(element, place)
    return _blocks(element, place)


def _paragraph(run: list[Element | str], place: _Place) -> list[str]:
    if not run:
        return []
    if not any(isinstance(child, str) and child.strip() for child in run):
        for anchor in (child for child in run if isinstance(child, Element)):
            _await_id(anchor, place)
    text = inline(_adopted(run), place.base_url)
    if not text or _NAVIGATION.fullmatch(plain_text(text)):
        return []
    place.pending_id = ""
    return [_escaped_starts(text)]


def _adopted(run: list[Element | str]) -> list[Element | str]:
    """An empty link that is stretched over its neighbour by style sheets takes that neighbour's words."""
    elements = [
        child for child in run if isinstance(child, Element) and (child.tag != "img" or child.attributes.get("alt"))
    ]
    links = [child for child in elements if child.tag == "a" and child.attributes.get("href")]
    worded = [child for child in elements if child not in links]
    alone = not any(isinstance(child, str) and child.strip() for child in run)
    if alone and len(links) == 1 and len(worded) == 1 and not links[0].children and worded[0].text().strip():
        return [Element("a", links[0].attributes, [worded[0]])]
    return run


def _await_id(element: Element, place: _Place) -> None:
    name = element.attributes.get("id") or (element.attributes.get("name", "") if element.tag == "a" else "")
    if name and not element.attributes.get("href") and not element.text().strip() and _EXPLICIT.fullmatch(name):
        place.pending_id = place.pending_id or name


def _heading(element: Element, place: _Place) -> list[str]:
    text = inline(element.children, place.base_url).replace("\n", " ")
    if not text:
        return []
    if place.nested:
        return [text if text.startswith("**") else f"**{text}**"]
    inner = next((a.attributes.get("id") or a.attributes.get("name", "") for a in element.find("a", "span")), "")
    name = element.attributes.get("id") or place.pending_id or inner
    place.pending_id = ""
    explicit = f" {{#{name}}}" if _EXPLICIT.fullmatch(name) and name != slug(plain_text(text)) else ""
    return [f"{'#' * int(element.tag[1])} {text}{explicit}"]


def _labelled(element: Element, place: _Place) -> list[str]:
    text = inline(element.children, place.base_url).replace("\n", " ")
    return [text if text.startswith("**") else f"**{text}**"] if text else []


def _within(place: _Place) -> _Place:
    return _Place(place.base_url, nested=True)


def _quote(element: Element, place: _Place) -> list[str]:
    blocks = _blocks(element, _within(place))
    lines = "\n\n".join(blocks).split("\n") if blocks else []
    return ["\n".join(f"> {line}".rstrip() for line in lines)] if lines else []


def _code(element: Element) -> list[str]:
    text = element.text().strip("\n")
    if not text.strip():
        return []
    classes = " ".join(inner.attributes.get("class", "") for inner in [element, *element.find("code")])
    language = re.search(r"(?:^|\s)(?:language|lang|highlight-source)-([\w+#.-]{1,20})", classes)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [f"{fence}{language.group(1) if language else ''}\n{text}\n{fence}"]


def _list(element: Element, place: _Place) -> list[str]:
    number = _start(element)
    bullet = element.attributes.get("data-marker") or "-"
    delimiter = bullet if bullet in ".)" else "."
    items: list[str] = []
    for child in element.children:
        holder = child if isinstance(child, Element) and child.tag == "li" else Element("li", {}, [child], True)
        blocks = _blocks(holder, _within(place))
        if not blocks:
            continue
        marker = f"{number}{delimiter} " if element.tag == "ol" else f"{bullet} "
        number += 1
        items.append(marker + _indented(_joined(blocks), len(marker)))
    return ["\n".join(items)] if items else []


def _start(element: Element) -> int:
    digits = element.attributes.get("start", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else 1


def _joined(blocks: list[str]) -> str:
    """Blocks of a list item: a nested list follows its line closely, others after a blank line."""
    text = blocks[0]
    for block in blocks[1:]:
        text += ("\n" if re.match(r"[-*+] |\d+[.)] ", block) else "\n\n") + block
    return text


def _indented(text: str, width: int) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * width + line if line else "" for line in rest)])


def _table(element: Element, place: _Place) -> list[str]:
    """A pipe table with its caption; a table that only lays out a page is read as plain blocks."""
    read = read_table(element, lambda cell: _cell(cell, place))
    if read is None:
        return _blocks(element, place)
    over, rows = read
    captions = [block for caption in element.find("caption") for block in _labelled(caption, place)]
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return [*captions, *filter(None, over), "\n".join(f"| {' | '.join(row)} |" for row in lines)]


def _cell(cell: Element, place: _Place) -> str:
    """One line: the blocks of a cell side by side."""
    blocks = _blocks(cell, _within(place)) if cell.holds_blocks else [inline(cell.children, place.base_url)]
    lines = [line.strip() for block in blocks for line in block.split("\n") if line.strip()]
    return re.sub(r"(?<!\\)\|", r"\\|", "; ".join(lines) if cell.holds_blocks else " ".join(lines))


def _escaped_starts(text: str) -> str:
    """Lines that would be read as lists, headings, quotes or rules get a backslash."""
    return _NUMBER_START.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", text))
