"""What was asked and answered before in a trial, carried by the page itself: nothing of it is stored."""

import json
from collections.abc import Sequence

from assistant.answers import Said
from assistant.conversations.selectors import HISTORY_MESSAGES
from assistant.states import Role


def written(said: Sequence[Said]) -> str:
    """The newest messages as JSON, as many as a turn looks back on."""
    return json.dumps([[str(each.role), each.text] for each in said[-HISTORY_MESSAGES:]], ensure_ascii=False)


def read(text: str) -> tuple[Said, ...]:
    """The messages of a JSON text, "" for none. Raises ValueError for any other text."""
    try:
        kept = json.loads(text or "[]")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(kept, list) or not all(_is_said(each) for each in kept):
        raise ValueError("no list of messages")
    return tuple(Said(Role(role), said) for role, said in kept)[-HISTORY_MESSAGES:]


def _is_said(each: object) -> bool:
    return isinstance(each, list) and len(each) == 2 and all(isinstance(part, str) for part in each)
