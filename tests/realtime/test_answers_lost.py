"""The database did as it was told, and its answer was lost: who stored something does not know that it did."""

import pytest
from django.db import OperationalError
from django.utils import timezone

from assistant.answering import dispatch, turns
from assistant.answering.owners import owner_name
from assistant.conversations import intake, services
from assistant.models import Turn, Widget
from tests.cast import client_id, make_visitor
from tests.realtime_clients import Visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("before", [0, 1])
def test_a_message_that_was_stored_by_a_try_without_an_answer_is_answered_as_any_other(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    visit, tries, accept = Visit(site, widget), list[str](), intake.accept_message
    for _ in range(before):
        visit.ask("Hello")
        visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")

    def stored_without_an_answer(*arguments: object) -> services.Accepted:
        accepted = accept(*arguments)
        tries.append(str(accepted.turn_id))
        if len(tries) == 1:
            raise OperationalError("the server went away")
        return accepted

    monkeypatch.setattr(intake, "accept_message", stored_without_an_answer)
    visit.heard.clear()
    kept = visit.ask("Where is my parcel?")
    assert visit.hear("answer.status")["status"] == "searching"
    visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")
    turn = Turn.objects.get(pk=kept["message"]["turn"])
    assert (turn.status, turn.failures) == ("done", 0)


def test_only_what_its_owner_never_began_is_taken_back(widget: Widget) -> None:
    def asked(**state: object) -> Turn:
        accepted = services.accept_message(None, make_visitor(widget).session, client_id(), "Hello")
        Turn.objects.filter(pk=accepted.turn_id).update(**state)
        return Turn.objects.get(pk=accepted.turn_id)

    ahead = timezone.now()
    mine = asked(status="running", attempt=1, owner=owner_name(), lease_until=ahead)
    anothers = asked(status="running", attempt=1, owner="elsewhere:1", lease_until=ahead)
    promised, unstarted, done = asked(lease_until=ahead), asked(), asked(status="done")
    taken = [turns.take_back(turn.pk, owner_name()) for turn in (mine, anothers, promised, unstarted, done)]
    assert taken == [True, False, False, True, False]
    mine.refresh_from_db()
    assert (mine.status, mine.owner, mine.lease_until, mine.failures) == ("queued", "", None, 0)
    assert turns.standing(mine.pk) == 1
    assert turns.standing(done.pk) is None


def test_a_repeat_of_what_is_being_answered_begins_nothing(
    site: str, widget: Widget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "UNBEGUN_SECONDS", 0.0)
    visit, known = Visit(site, widget), client_id()
    for _ in range(3):
        visit.say(type="message.send", client_id=known, text="Where is my parcel?")
    visit.hear("message.created", lambda frame: frame["message"]["role"] == "assistant")
    assert Turn.objects.get().attempt == 1
