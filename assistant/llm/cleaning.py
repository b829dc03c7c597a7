"""An article's Markdown without what leads nowhere outside of it: images, links within, marks of footnotes. Pure."""

import re
from collections.abc import Iterator, Sequence

from assistant.llm.blocks import Span

LINK_WITHIN = re.compile(r"(?<!!)\[([^\]\[]+)\]\((?!https?://|mailto:)[^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?")
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


def kept(text: str, span: Span) -> list[Span]:
    """The stretches of a span that `cleaned` leaves of it, without line ends around: joined, they are its words."""
    places: Sequence[int] = range(span.start, span.end)
    if cleaned(span.of(text)) != span.of(text):
        for pattern in _TAKEN_OUT:
            places = _left(places, pattern, "".join(text[place] for place in places))
    while places and text[places[0]] == "\n":
        places = places[1:]
    while places and text[places[-1]] == "\n":
        places = places[:-1]
    return list(_runs(places))


def _left(places: Sequence[int], pattern: re.Pattern[str], said: str) -> Sequence[int]:
    """The places of a text's characters that are left without what the pattern finds, but for its groups."""
    left: list[int] = []
    at = 0
    for match in pattern.finditer(said):
        left += places[at : match.start()]
        for group in range(1, pattern.groups + 1):
            left += places[slice(*match.span(group))]
        at = match.end()
    return [*left, *places[at:]] if at else places


def _runs(places: Sequence[int]) -> Iterator[Span]:
    """Neighbouring places together."""
    ends = [i for i in range(1, len(places)) if places[i] != places[i - 1] + 1]
    for first, after in zip([0, *ends], [*ends, len(places)], strict=True):
        if first < after:
            yield Span(places[first], places[after - 1] + 1)
