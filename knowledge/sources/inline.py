"""Inline content to normalised Markdown: words, marks, links, code and pictures within a block."""

import re
from urllib.parse import urljoin, urlsplit

from knowledge.sources.tree import Element

_SPACE = re.compile(r"[ \t\n\r\f]+")
_MARKS = re.compile(
    r"(?<![\s*])\*|\*(?![\s*])|(?<![^\W_])_(?=\S)|(?<=\S)_(?![^\W_])|`|\](?=\()|&(?=#?\w+;)|\\(?=[!-/:-@\[-`{-~])"
)


def inline(children: list[Element | str], base_url: str = "") -> str:
    """Inline content as Markdown: white space single, `<br>` as a line break."""
    text = "".join(_inline(child, base_url) for child in children)
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\x00"))
    return "\n".join(line for line in lines if line)


def _inline(node: Element | str, base_url: str) -> str:
    if isinstance(node, str):
        return _escaped(_SPACE.sub(" ", node))
    if node.tag == "br":
        return "\x00"
    if node.tag in ("code", "tt"):
        return _code_span(node.text())
    if node.tag == "img":
        return _image(node, base_url)
    if node.tag in ("iframe", "video"):
        return _embedded(node)
    inner = "".join(_inline(child, base_url) for child in node.children)
    if node.tag == "a":
        return _link(node.attributes.get("href", ""), inner, base_url)
    mark = _mark(node)
    return _wrapped(mark, inner) if mark else inner


def _mark(node: Element) -> str:
    if node.tag in ("strong", "b"):
        return node.attributes.get("data-marker") or "**"
    if node.tag in ("em", "i"):
        return node.attributes.get("data-marker") or "*"
    return "~~" if node.tag in ("s", "del", "strike") else ""


def _wrapped(mark: str, inner: str) -> str:
    """The mark close around the words, white space outside; nothing around nothing or across lines."""
    words = inner.strip(" ")
    if not words.strip("\x00 ") or "\x00" in words or words.startswith(mark):
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip(" "))], inner[len(inner.rstrip(" ")) :]
    return f"{before}{mark}{words}{mark}{after}"


def _code_span(text: str) -> str:
    text = _SPACE.sub(" ", text).strip(" ")
    if not text:
        return ""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _link(href: str, inner: str, base_url: str) -> str:
    target, words = address(href, base_url), " ".join(inner.replace("\x00", " ").split(" ")).strip()
    if not target or not words:
        return inner
    words = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", words).strip()
    if not words:
        return ""
    if words.replace("\\", "") == target:
        return f"<{target}>"
    return f"[{words}]({target})"


def _image(node: Element, base_url: str) -> str:
    """The image by its alternative text; one without says nothing to a reader of text."""
    words = _SPACE.sub(" ", node.attributes.get("alt", "")).strip()
    target = address(node.attributes.get("src", ""), base_url)
    words = re.sub(r"[\[\]]", "", _escaped(words))
    return (f"![{words}]({target})" if target else words) if words else ""


def _embedded(node: Element) -> str:
    source = node.attributes.get("src", "") or next((s.attributes.get("src", "") for s in node.find("source")), "")
    target = address(source, "")
    if not target.startswith("http"):
        return ""
    return f"[{_escaped(node.attributes.get('title', '').strip()) or 'Video'}]({target})"


def address(href: str, base_url: str) -> str:
    """The link's target where it is one that may be followed (web, mail, telephone, relative), else nothing."""
    href = re.sub(r"[\x00-\x20]+", "", href.strip().replace(" ", "%20"))
    try:
        parts = urlsplit(href)
        if not parts.scheme and not parts.netloc and base_url and parts.path and not _is_article_file(parts.path):
            parts = urlsplit(urljoin(base_url, href))
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https", "mailto", "tel", "") or (parts.netloc and not parts.scheme):
        return ""
    target = parts.geturl().replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
    return target.replace("\\", "%5C")


def _is_article_file(path: str) -> bool:
    return path.lower().endswith((".md", ".mdx", ".markdown"))


def _escaped(text: str) -> str:
    """Text that stays text: only characters that would be read as marks get a backslash."""
    return _MARKS.sub(lambda found: "&amp;" if found.group() == "&" else "\\" + found.group(), text)
