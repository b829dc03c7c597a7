"""Where code stands in Markdown that is not parsed yet: whatever it looks like, it is left alone. Pure."""

import re
from collections.abc import Callable

_FENCE = re.compile(r"^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(`+)(?:(?!\1).)*?[^`]\1(?!`)", re.DOTALL)
# Looking for the end of each of more would take for ever.
MOST_TICKS = 200


def fence_after(line: str, fence: str) -> str:
    """The fence that is open after this line, where `fence` was open before it; empty when none is."""
    found = _FENCE.match(line)
    if not fence:
        return found.group(1) if found else ""
    closes = found and found.group(1).startswith(fence) and not line[found.end() :].strip("`~ \t")
    return "" if closes else fence


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """A line or a paragraph as `change` makes it, to which each code span is one NUL.

    Unchanged where it would take one of them out.
    """
    if text.count("`") > MOST_TICKS:
        return text
    spans = [found.group() for found in _CODE_SPAN.finditer(text)]
    first, *others = change(_CODE_SPAN.sub("\0", text)).split("\0")
    if len(others) != len(spans):
        return text
    return first + "".join(span + prose for span, prose in zip(spans, others, strict=True))
