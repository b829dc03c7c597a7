"""Plain text, as files and as BEIR passages, to normalised text: lines stay, excess blank space goes."""

import re

_INDENT = re.compile(r"^[ \t]+(?![ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t])", re.MULTILINE)
_UNDERLINED = re.compile(r"^(?=[^\n]*\w)([^\n#|]{1,120})\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)


def normalise_plain(text: str) -> str:
    """The text without trailing and idle leading space; underlined lines become headings."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    lines = _UNDERLINED.sub(lambda found: f"## {found.group(1).strip()}", _INDENT.sub("", lines))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")
