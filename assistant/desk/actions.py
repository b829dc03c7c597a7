"""What an agent does with a conversation, each a POST; the rules are the services'."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from assistant.conversations import services
from assistant.desk.access import AgentRequest, agents_only
from assistant.desk.views import find, side_context, view_of
from assistant.models import User
from assistant.states import IllegalTransition

# What the fields of the page hold at most; more than that was not typed there.
MAX_TYPED = 8000


@agents_only
@require_POST
def take_over(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """Make the conversation the agent's; who was faster is told otherwise."""
    return _move(request, conversation_id, services.take_over)


@agents_only
@require_POST
def hand_back(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """Let the assistant answer again."""
    return _move(request, conversation_id, services.hand_back)


@agents_only
@require_POST
def resolve(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """Close the conversation until the customer writes again."""
    return _move(request, conversation_id, services.resolve)


@agents_only
@require_POST
def add_note(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """Store a remark that customers never see."""
    found = find(conversation_id)
    text = _typed(request).strip()
    if text:
        services.add_note(found.id, request.user, text)
    return render(request, "desk/side.html", side_context(request, found))


@agents_only
@require_POST
def save_draft(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """Keep what is typed and not sent, for this agent alone."""
    services.save_draft(find(conversation_id).id, request.user, _typed(request))
    return HttpResponse(status=204)


def _typed(request: AgentRequest) -> str:
    """The text of the form, without the one character that Postgres cannot store."""
    return request.POST.get("text", "").replace("\0", "")[:MAX_TYPED]


def _move(request: AgentRequest, conversation_id: UUID, move: Callable[[UUID, User], object]) -> HttpResponseBase:
    """Try the move and show how the conversation stands after it: 409 with the reason where it was refused."""
    find(conversation_id)
    refusal = ""
    try:
        move(conversation_id, request.user)
    except (services.NotYours, services.AlreadyTaken, IllegalTransition) as refused:
        refusal = str(refused)
    context = {"conversation": find(conversation_id), "refusal": refusal, "view": view_of(request)}
    return render(request, "desk/head.html", context, status=409 if refusal else 200)
