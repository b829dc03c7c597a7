"""What answers are made of, as people read it."""

from django import template

from knowledge.markdown import plain_text, reader

register = template.Library()


@register.filter
def linkable(url: str) -> str:
    """The address of an article, "" when it leads neither to a page of ours nor to a site."""
    return url if url.startswith(("/", "https://", "http://")) else ""


@register.filter
def readable(quote: str) -> str:
    """The words of a quoted passage without their Markdown, white space single."""
    tokens = reader().parse(quote)
    parts = (plain_text(token.content) if token.type == "inline" else token.content for token in tokens)
    return " ".join(" ".join(parts).split())
