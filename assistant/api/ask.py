"""Ask a question: answered as the widget would, in a conversation that can be continued."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from ninja import Router

from assistant.answering.asking import ask_beside_others
from assistant.answers import AnswerUnavailable
from assistant.api.auth import AsyncKeyAuth, collection_for, key_of
from assistant.api.errors import Refused, not_found
from assistant.api.schemas import AskIn
from assistant.conversations.errors import NotFound
from assistant.events.threads import in_front_thread

router = Router(tags=["ask"])


@router.post("", auth=AsyncKeyAuth(), summary="Ask a question")
async def ask(request: HttpRequest, payload: AskIn) -> dict[str, Any]:
    """Every decision is a 200: `answer`, `clarify`, `abstain` or `escalate`."""
    try:
        collection = await in_front_thread(collection_for, key_of(request), payload.collection)
        asked = await ask_beside_others(payload.question, collection.slug, payload.conversation)
    except NotFound as error:
        raise not_found("conversation") from error
    except (AnswerUnavailable, DatabaseError) as error:
        raise Refused(503, "unavailable", "No answer can be given now. Try again in a moment.") from error
    return asked.as_json()
