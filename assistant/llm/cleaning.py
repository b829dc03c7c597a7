"""An article's Markdown without what leads nowhere outside of it: images, links within, marks of footnotes. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from assistant.llm.blocks import Span

LINK_WITHIN = re.compile(r"(?<!!)\[([^\]\[]+)\]\((?!https?://|mailto:)[^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?")
_TARGET = re.compile(r"\]\(([^)\s]*)")
# Code is left as it is, whatever it looks like.
_CODE_OR_TARGET = re.compile(r"(?P<code>(?P<mark>`{3,}|~{3,})[\s\S]*?(?P=mark)|`[^`\n]*`)|\]\((?P<target>[^)\s]*)")
_MARKUP = re.compile(r"[\\`*\[\]<>~#|&]|(?<!\w)_|_(?!\w)")  # an underscore within a word is none
# Taken out in this order, all but their groups.
_TAKEN_OUT = (
    re.compile(r"!\[[^\]]*\](?:\([^)\s]*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])(?:\{[^}\n]*\})?"),
    LINK_WITHIN,
    re.compile(r"\[\^[^\]\s]+\](?:\([^)]*\))?"),
    re.compile(r"(\n)[ \t]*(\n)(?:[ \t]*\n)+"),
)


def cleaned(markdown: str) -> str:
    """Without images, and without links that only lead somewhere inside the article."""
    for pattern in _TAKEN_OUT:
        markdown = pattern.sub(lambda match: "".join(match.groups()), markdown)
    return markdown


def escaped(text: str) -> str:
    """Plain text as Markdown, nothing of which is markup; "ser_open" stays readable where it is not rendered."""
    return _MARKUP.sub(r"\\\g<0>", text)


def led(markdown: str, links: Mapping[str, str]) -> str:
    """With the links to these relative addresses leading to theirs."""
    if not links:
        return markdown
    return _CODE_OR_TARGET.sub(
        lambda m: f"]({links.get(m['target'], m['target'])}" if not m["code"] else m[0], markdown
    )


def kept(text: str, span: Span, followed: Collection[str] = ()) -> list[Span]:
    """The stretches of a span that `cleaned` leaves of it, without line ends around: joined, they are its words.

    Links to the addresses that are `followed` stay whole.
    """
    places: Sequence[int] = range(span.start, span.end)
    if cleaned(span.of(text)) != span.of(text):
        for pattern in _TAKEN_OUT:
            places = _left(places, pattern, "".join(text[place] for place in places), followed)
    while places and text[places[0]] == "\n":
        places = places[1:]
    while places and text[places[-1]] == "\n":
        places = places[:-1]
    return list(_runs(places))


def _left(places: Sequence[int], pattern: re.Pattern[str], said: str, followed: Collection[str] = ()) -> Sequence[int]:
    """The places of a text's characters that are left without what the pattern finds, but for its groups."""
    left: list[int] = []
    at = 0
    for match in pattern.finditer(said):
        if pattern is LINK_WITHIN and _is_one_of(match.group(), followed):
            continue
        left += places[at : match.start()]
        for group in range(1, pattern.groups + 1):
            left += places[slice(*match.span(group))]
        at = match.end()
    return [*left, *places[at:]] if at else places


def _is_one_of(link: str, addresses: Collection[str]) -> bool:
    """Whether a link leads to one of these, with nothing behind it that only the article's own site reads."""
    target = _TARGET.search(link)
    return target is not None and target[1] in addresses and link.endswith(")")


def _runs(places: Sequence[int]) -> Iterator[Span]:
    """Neighbouring places together."""
    ends = [i for i in range(1, len(places)) if places[i] != places[i - 1] + 1]
    for first, after in zip([0, *ends], [*ends, len(places)], strict=True):
        if first < after:
            yield Span(places[first], places[after - 1] + 1)
