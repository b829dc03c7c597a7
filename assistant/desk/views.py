"""The desk's pages and the parts of them that htmx fetches."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from assistant.answering.account import account_of
from assistant.answering.figures_in_words import model_words
from assistant.answering.recorded import answer_of, completion_of
from assistant.desk import inbox as lists
from assistant.desk.access import AgentRequest, agents_only
from assistant.models import Conversation, Draft, Message, Turn

OTHERS_SHOWN = 20


@agents_only
@require_GET
def inbox(request: AgentRequest) -> HttpResponseBase:
    """The desk with no conversation open."""
    return render(request, "desk/inbox.html", _list_context(request))


@agents_only
@require_GET
def rows(request: AgentRequest) -> HttpResponseBase:
    """A page of rows after `after`, or the first `size` rows anew with the counts."""
    return render(request, "desk/rows.html", _list_context(request))


@agents_only
@require_GET
def conversation(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """One conversation: its part of the page for htmx, else the whole desk with it open."""
    found = find(conversation_id)
    context = thread_context(request, found)
    if request.htmx:
        return render(request, "desk/thread.html", context)
    return render(request, "desk/inbox.html", context | _list_context(request))


@agents_only
@require_GET
def head(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """Who has the conversation, and what may be done with it."""
    return render(request, "desk/head.html", {"conversation": find(conversation_id), "view": view_of(request)})


@agents_only
@require_GET
def side(request: AgentRequest, conversation_id: UUID) -> HttpResponseBase:
    """The customer, the notes and the other conversations."""
    return render(request, "desk/side.html", side_context(request, find(conversation_id)))


@agents_only
@require_GET
def turn(request: AgentRequest, conversation_id: UUID, turn_id: UUID) -> HttpResponseBase:
    """Why the assistant answered as it did: in short for htmx, else the whole record as a page of its own."""
    turns = Turn.objects.select_related("conversation__customer")
    found = get_object_or_404(turns, id=turn_id, conversation_id=conversation_id)
    said = found.messages.select_related("feedback").prefetch_related("citations").filter(role="assistant").first()
    if request.htmx:
        return render(request, "desk/turn.html", {"turn": found, "answer": said, "model": _model(found, said)})
    given = answer_of(found)
    account = account_of(given) if given else None
    feedback = getattr(said, "feedback", None)
    return render(
        request, "desk/how.html", {"turn": found, "account": account, "feedback": feedback, "view": view_of(request)}
    )


def _model(found: Turn, said: Message | None) -> str:
    """Who wrote what the turn said; "" where it was stopped before its end."""
    if said is None or not found.decision:
        return found.model
    calls = [completion_of(kept) for kept in found.explanation.get("completions", ())]
    return model_words(found.model, calls, quoted=bool(said.citations.all()))


def find(conversation_id: UUID) -> Conversation:
    """The conversation with its people; 404 where there is none."""
    people = Conversation.objects.select_related("customer", "agent", "widget")
    return get_object_or_404(people, id=conversation_id)


def thread_context(request: AgentRequest, found: Conversation) -> dict[str, Any]:
    """What the open conversation's part of the page shows."""
    draft = Draft.objects.filter(conversation=found, author=request.user).first()
    return {"draft": draft.text if draft else "", **side_context(request, found)}


def side_context(request: AgentRequest, found: Conversation) -> dict[str, Any]:
    """What the side panel shows: private notes included, since only agents see it."""
    others = Conversation.objects.filter(customer=found.customer).exclude(id=found.id)
    return {
        "conversation": found,
        "view": view_of(request),
        "notes": found.notes.select_related("author").order_by("created_at"),
        "others": others.select_related("agent").order_by("-created_at")[:OTHERS_SHOWN],
    }


def _list_context(request: AgentRequest) -> dict[str, Any]:
    view = view_of(request)
    after = lists.Cursor.parse(request.GET.get("after", ""))
    context: dict[str, Any] = {
        "view": view,
        "label": lists.LABELS[view],
        "page": lists.page(view, request.user, after, _size(request)),
        "continued": after is not None,
    }
    if after is None:
        context |= {"tabs": lists.tabs(request.user), "waiting": lists.waiting_ids()}
    return context


def view_of(request: AgentRequest) -> lists.View:
    """The list that the agent works through: of the address, else of the page that asks for a part of itself."""
    page = parse_qs(urlsplit(request.htmx.current_url or "").query)
    wanted = request.GET.get("view") or page.get("view", [""])[0]
    return lists.View(wanted) if wanted in list(lists.View) else lists.View.WAITING


def _size(request: AgentRequest) -> int:
    wanted = request.GET.get("size", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else lists.PAGE_ROWS
