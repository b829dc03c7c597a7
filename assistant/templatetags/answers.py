"""What answers are made of, as people read it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from assistant.answering.figures_in_words import cost_words, rule_words
from assistant.answers import CompletionRecord
from assistant.llm.failures import failure_words
from knowledge.markdown import plain_text, reader

register = template.Library()
_CELL_EDGE = re.compile(r"\s*(?<!\\)\|\s*")


@register.filter
def linkable(url: str) -> str:
    """The address of an article, "" when it leads neither to a page of ours nor to a site."""
    return url if url.startswith(("/", "https://", "http://")) else ""


@register.filter
def readable(quote: str) -> str:
    """The words of a quoted passage without their Markdown, white space single."""
    tokens = reader().parse(quote)
    parts = (plain_text(token.content) if token.type == "inline" else token.content for token in tokens)
    words = " ".join(" ".join(parts).split())
    # A row without its head is no table.
    return _CELL_EDGE.sub(" · ", words.strip("| ")) if words.startswith("|") else words


@register.filter
def stretches(spans: Sequence[Sequence[int]]) -> str:
    """Stretches of a text by the characters that they begin and end at: "12 to 80, 96 to 140"."""
    return ", ".join(f"{start} to {end}" for start, end in spans)


@register.filter
def outcome_words(call: CompletionRecord) -> str:
    """What became of a call of a model."""
    return "ok" if call.outcome == "ok" else failure_words(call.outcome, call.status)


@register.filter
def basis_words(basis: Mapping[str, Any]) -> str:
    """The rule behind a decision, with the words or the figure that it was applied to."""
    said = rule_words(str(basis["rule"]))
    if basis.get("words"):
        said += f": “{basis['words']}”"
    if "value" in basis:
        said += f", {basis['value']:.2f}"
    if "threshold" in basis:
        said += f", where {basis['threshold']:.2f} is needed"
    if "wrong_answer_cost" in basis:
        said += f" (a wrong answer costs {cost_words(basis['wrong_answer_cost'])})"
    return said
