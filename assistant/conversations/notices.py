"""What the server itself tells a customer, in the customer's language. Its words stand in notices.json."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from assistant.models import Conversation, Message
from assistant.states import Role
from knowledge.languages import language_of_message
from knowledge.terms import language_of

ENGLISH = "en"
READ_MESSAGES = 5
_WORDS = Path(__file__).with_name("notices.json")


def notice(key: str, row: Conversation) -> str:
    """The words of a key of notices.json, in English where a language has none."""
    words = notices()
    return words.get(spoken(_last_said(row), row.locale), words[ENGLISH])[key]


@lru_cache(maxsize=1)
def notices() -> Mapping[str, Mapping[str, str]]:
    """All words by language and key."""
    return dict(json.loads(_WORDS.read_text(encoding="utf-8")))


def spoken(newest_first: Iterable[str], locale: str) -> str:
    """The language of the newest of a customer's messages of which it can be told, else of the browser."""
    return next(filter(None, map(language_of_message, newest_first)), None) or language_of(locale) or ENGLISH


def _last_said(row: Conversation) -> Iterable[str]:
    said = Message.objects.filter(conversation=row, role=Role.CUSTOMER).order_by("-seq")
    return said.values_list("text", flat=True)[:READ_MESSAGES]
