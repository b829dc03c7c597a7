"""Markdown as documentation tools extend it, brought back to plain Markdown, line by line.

Callouts, tabs and folds (`:::note`, `!!! note`, `> [!NOTE]`, `{% hint %}`, `{{< tabs >}}`) keep their text and
title; includes, tables of contents and template tags go. Code is left alone.
"""

import re
from collections.abc import Iterator

from knowledge.sources.fences import fence_after, outside_code

_CALLOUT = re.compile(r"^((?:[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t])*>[ \t]*)\[!([A-Za-z]{2,20})\][-+]?[ \t]*(.*)$")
_CONTAINER = re.compile(
    r"^([ \t>]*):{3,}[ \t]*(?:\{[^}]*\}|([A-Za-z][\w-]*))?[ \t]*(?:\[(.*?)\]|(.*?))?[ \t]*(?:\{[^}]*\})?[ \t]*$"
)
_INDENTED = re.compile(
    r"^([ \t]*)(?:!!!|\?\?\?\+?|===[+!]?)[ \t]+([A-Za-z][\w-]*)?[ \t]*(?:[A-Za-z][\w -]*)?(?:\"(.*)\")?[ \t]*$"
)
_DROPPED_LINE = re.compile(
    r"^[ \t]*(?:\[\[?_?toc_?\]\]?|\{:?toc\}|[-*][ \t]+TOC|<!--.*?-->|\[!INCLUDE.*|--8<--.*"
    r"|\{!.*?!\}|\{\{#include.*?\}\}|\{:[^{}]*\})[ \t]*$",
    re.IGNORECASE,
)
_TEMPLATE_TAG = re.compile(r"\{%-?[ \t]*/?[ \t]*(.{0,500}?)-?%\}|\{\{[<%](.{0,500}?)[%>]\}\}")
_TAG_TITLE = re.compile(r"(?:title|label|name|header|summary)=[\"“]([^\"”]+)[\"”]")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*<?[^\s<>]*[./#][^\s<>]*>?(?:[ \t]+[\"'(].*)?[ \t]*$")
_ASIDE = re.compile(r"^ {0,3}(?:\*\[[^\]\n]+\]:.*|%%.*%%[ \t]*)$")
_DEFINED = re.compile(r"^ {0,3}:[ \t]+(?=\S)")
_ATTRIBUTES = re.compile(
    r"\{(?!#[^\s{}]+\}):?(?:[ \t]*(?:[.][\w-]+|#[\w-]+|[\w-]+=(?:\"[^\"]*\"|'[^']*'|[\w./%-]+)))+[ \t]*\}"
)
_WORDS = {
    "warning": "Warning",
    "caution": "Caution",
    "danger": "Danger",
    "important": "Important",
    "tip": "Tip",
    "note": "Note",
}
_WORDS |= {"info": "Info", "hint": "Hint", "example": "Example", "question": "Question", "attention": "Attention"}


def plain_markdown(source: str) -> str:
    """The source without extensions. Fenced code and code spans stay as they are."""
    return "\n".join(_lines(source.split("\n")))


def _lines(lines: list[str]) -> Iterator[str]:
    fence = ""
    margins: list[int] = []
    for line in lines:
        if margins and line.strip():
            margins = [margin for margin in margins if _indent(line) > margin]
        line = _outdented(line, len(margins))
        fence_before, fence = fence, fence_after(line, fence)
        if fence or fence_before:
            yield line
            continue
        opened = _INDENTED.match(line)
        if opened and (opened.group(2) or opened.group(3)):
            margins.append(_indent(line) + 4 * len(margins))
            yield from ("", f"{opened.group(1)}**{_title(opened.group(2), opened.group(3))}**", "")
        else:
            yield from _rewritten(line)


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _outdented(line: str, levels: int) -> str:
    expanded = line.expandtabs(4) if levels else line
    width = min(4 * levels, _indent(expanded))
    return expanded[width:]


def _rewritten(line: str) -> Iterator[str]:
    if _DROPPED_LINE.match(line) or _ASIDE.match(line):
        yield ""
        return
    callout = _CALLOUT.match(line)
    if callout:
        yield f"{callout.group(1)}**{_title(callout.group(2), callout.group(3))}:**"
        yield f"{callout.group(1).rstrip()}"
        return
    container = _CONTAINER.match(line)
    if container:
        kind, title = container.group(2) or "", container.group(3) or container.group(4) or ""
        yield from ("", f"{container.group(1)}**{_title(kind, title)}**" if kind or title else container.group(1), "")
        return
    if _TEMPLATE_TAG.fullmatch(line.strip()):
        yield from ("", outside_code(line, _without_tags), "")
        return
    if _REFERENCE.match(line) or _DEFINED.match(line):
        yield ""  # else it would be more words of what stands above
        line = _DEFINED.sub("", line)
    yield outside_code(line, _without_tags) if "{" in line else line


def _title(kind: str | None, title: str | None) -> str:
    return (title or "").strip() or _WORDS.get((kind or "").lower(), (kind or "").replace("-", " ").capitalize())


def _without_tags(prose: str) -> str:
    """Prose without template tags and attribute lists."""
    return _ATTRIBUTES.sub("", _TEMPLATE_TAG.sub(_tag_title, prose))


def _tag_title(tag: re.Match[str]) -> str:
    title = _TAG_TITLE.search(tag.group())
    return f"**{title.group(1)}**" if title else ""
