"""Marks within a paragraph that wikis and documentation tools know and Markdown does not, brought back to it. Pure.

What stays unread would stand in an answer as bare stars, brackets and equals signs.
"""

import re
import unicodedata

_WIKI_LINK = re.compile(r"(!?)\[\[(?![\s-])([^\[\]|\n\0]{1,200})(?:\|([^\[\]\n\0]{1,200}))?\]\](?![(\[])")
_DATA = re.compile(r"[\d\s,.;'\"-]+")
_HIGHLIGHT = re.compile(r"(?<![\w=])==(?=[^\s=])([^=\n]{1,300}?)(?<=\S)==(?![\w=])")
_TASK = re.compile(r"^\[[ xX]\][ \t]+(?=\S)")
_PAIR = re.compile(r"(?<![\\*])\*\*(?!\*)([^*]{1,500}?)(?<!\*)\*\*(?!\*)")


def plain_marks(prose: str) -> str:
    """A paragraph with the words of wiki links and highlights, no box of a task, and strong words read as strong.

    A code span in it is one NUL.
    """
    prose = _HIGHLIGHT.sub(r"\1", _WIKI_LINK.sub(_words_of_link, _TASK.sub("", prose)))
    # With an odd one it cannot be told which belong together.
    return _PAIR.sub(_strong, prose) if prose.count("**") % 2 == 0 else prose


def _words_of_link(link: re.Match[str]) -> str:
    """`[[page|words]]`; what is embedded is no text, and an array is none of a wiki's."""
    embedded, page, words = link.groups()
    if embedded:
        return ""
    return link.group() if _DATA.fullmatch(page) else (words or page.strip("#").replace("#", ": ")).strip()


def _strong(pair: re.Match[str]) -> str:
    """The marks close around the words, and apart from what keeps Markdown from reading them: `**Note:**Save`."""
    inner, words = pair[1], pair[1].strip()
    if not words or (inner[0].isspace() and inner[-1].isspace()) or "/" in (words[0], words[-1]):
        return pair.group()  # 2 ** 3 ** 4, and src/**/a/**
    before, after = pair.string[: pair.start()][-1:], pair.string[pair.end() :][:1]
    left = " " if _is_in_the_way(inner[0], words[0], before) else ""
    right = " " if _is_in_the_way(inner[-1], words[-1], after) else ""
    return f"{left}**{words}**{right}"


def _is_in_the_way(edge: str, letter: str, beside: str) -> bool:
    """Whether a space is needed between the mark and what stands beside it."""
    read_on = bool(beside) and not beside.isspace() and not _is_mark(beside)
    return read_on and (edge.isspace() or _is_mark(letter))


def _is_mark(letter: str) -> bool:
    return letter == "\0" or unicodedata.category(letter)[0] in "PS"
