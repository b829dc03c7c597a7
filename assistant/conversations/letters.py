"""What an answer by e-mail says, in the customer's language. Its words stand in letters.json."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from assistant.conversations.notices import ENGLISH, READ_MESSAGES, spoken
from assistant.conversations.rendering import render_markdown, web_link, with_absolute_links
from assistant.models import Citation, Message, Outgoing
from assistant.states import Role

# Long enough to know it again; what is sent to an address that nobody has proved is not the writer's to fill.
LONGEST_QUESTION = 500
_WORDS = Path(__file__).with_name("letters.json")


def compose(mail: Outgoing) -> EmailMultiAlternatives:
    """The mail, ready to send: plain text and HTML, without images, its Message-ID the same at every attempt."""
    message = mail.message
    context = _context(message)
    letter = EmailMultiAlternatives(
        subject=context["subject"],
        body=render_to_string("mail/answer.txt", context),
        to=[mail.address],
        reply_to=[settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else None,
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-replied"},
    )
    letter.attach_alternative(render_to_string("mail/answer.html", context), "text/html")
    return letter


def message_id(message: Message) -> str:
    """The Message-ID of the message's mail: made of its own id, so that a repeat is known as one."""
    return f"<{message.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>"


@lru_cache(maxsize=1)
def letter_words() -> Mapping[str, Mapping[str, str]]:
    """All words by language and key."""
    return dict(json.loads(_WORDS.read_text(encoding="utf-8")))


def _context(message: Message) -> dict[str, Any]:
    row = message.conversation
    asked = _asked_before(message)
    found = spoken([said.text for said in asked], row.locale)
    language = found if found in letter_words() else ENGLISH
    words = letter_words()[language]
    author = message.author.public_name if message.author else row.widget.name
    question = _question(message, asked)
    return {
        "language": language,
        "words": words,
        "subject": _one_line(words["subject"].format(name=row.widget.name)),
        "answered": _one_line(words["answered"].format(name=author)),
        "why": _one_line(words["why"].format(name=row.widget.name)),
        "question": question,
        "question_quoted": textwrap.indent(question, "> ", lambda line: True),
        "text": with_absolute_links(message.text),
        "html": mark_safe(render_markdown(message.text, images=False)),  # noqa: S308
        "sources": [_source(citation) for citation in message.citations.all()],
        "page": row.contact_page,
    }


def _asked_before(message: Message) -> list[Message]:
    """The customer's last few messages before this one, the newest first."""
    said = Message.objects.filter(conversation_id=message.conversation_id, role=Role.CUSTOMER, seq__lt=message.seq)
    return list(said.order_by("-seq")[:READ_MESSAGES])


def _question(message: Message, asked: Sequence[Message]) -> str:
    """What the message answers: all that its turn had to, else what the customer said last."""
    owed = [said.text for said in reversed(asked) if message.turn_id and said.turn_id == message.turn_id]
    text = "\n".join(owed or [said.text for said in asked[:1]])
    return text if len(text) <= LONGEST_QUESTION else f"{text[:LONGEST_QUESTION]}…"


def _source(citation: Citation) -> dict[str, Any]:
    title = citation.title or citation.article
    words = f"{title} › {citation.heading}" if citation.heading and citation.heading != title else title
    return {"n": citation.n, "words": _one_line(words), "url": web_link(citation.url)}


def _one_line(text: str) -> str:
    """The text without line breaks and control characters, as headers have to be."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
