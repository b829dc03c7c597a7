"""What customers may do, and what everybody sees of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assistant.answering import turns
from assistant.conversations import services
from assistant.conversations.messages import new_conversation
from assistant.models import Conversation, Message, Turn
from assistant.states import ConversationStatus, Decision
from tests.cast import client_id, make_answer, make_visitor
from tests.conversations.saying import ask, frames

pytestmark = pytest.mark.django_db


def test_a_first_message_stores_the_conversation_and_owes_an_answer(visitor):
    accepted, conversation = ask(visitor, text="  Hello *there* \n")
    frame = accepted.message_event.frame
    assert frame["seq"] == 1
    assert frame["message"]["text"] == "  Hello *there* \n"
    assert frame["message"]["turn"] == str(accepted.turn_id)
    assert frame["message"]["decision"] is None
    assert Turn.objects.get().status == "queued"
    assert conversation.status == ConversationStatus.ASSISTANT


def test_the_offer_of_a_person_is_told_with_the_message_that_makes_it(visitor):
    for offered in (True, False):
        accepted, conversation = ask(visitor)
        attempt = turns.claim(accepted.turn_id, "web").attempt
        answer = replace(make_answer("Would you like to?", Decision.CLARIFY), offers_person=offered)
        assert services.record_answer(accepted.turn_id, attempt, answer)
        assert [frame["message"]["offers_person"] for frame in frames(conversation)] == [False, offered]


def statements(work, *arguments):
    """How often the work asks the database, and how often it reads."""
    with CaptureQueriesContext(connection) as captured:
        work(*arguments)
    return len(captured), sum(query["sql"].lstrip().startswith("SELECT") for query in captured)


def test_nothing_is_looked_for_that_a_new_conversation_cannot_hold(visitor):
    new = new_conversation(visitor.session, "en")
    asked = (new, visitor.session, client_id(), "How do I open the settings?")
    # Its widget is read; all that is stored is one statement, between BEGIN and COMMIT.
    assert statements(services.accept_message, *asked) == (4, 1)
    turn = Turn.objects.get()
    assert statements(turns.claim, turn.pk, "web")[1] == 3  # the turn, its messages, the rules


def test_a_connection_that_did_not_hear_of_its_first_message_repeats_it(visitor):
    new, repeated = new_conversation(visitor.session, "en"), client_id()
    accepted = services.accept_message(new, visitor.session, repeated, "How do I open the settings?")
    assert new._state.adding
    again = services.accept_message(new, visitor.session, repeated, "How do I open the settings?")
    assert again.repeated
    assert again.message_event.pk == accepted.message_event.pk


def test_a_repeat_brings_its_conversation_along(visitor, django_assert_num_queries):
    """A connection takes it over on its loop, where Django refuses to ask the database."""
    first, conversation = ask(visitor)
    again = services.accept_message(
        conversation, visitor.session, first.message_event.frame["message"]["client_id"], "Again"
    )
    with django_assert_num_queries(0):
        assert (again.message_event.conversation.pk, again.message_event.conversation.seq) == (conversation.pk, 1)


def test_a_repeat_gives_the_first_event_whatever_its_text(visitor):
    first, conversation = ask(visitor)
    again = services.accept_message(
        conversation, visitor.session, first.message_event.frame["message"]["client_id"], "\x00"
    )
    assert again.repeated
    assert again.message_event == first.message_event
    assert again.turn_id is None
    assert Message.objects.count() == 1


@pytest.mark.parametrize("text", ["", " \n\t\u2003", "a\x00b", "\ud800"])
def test_unstorable_text_is_refused_whole(visitor, text):
    with pytest.raises(services.InvalidText):
        ask(visitor, text=text)
    assert not Conversation.objects.exists()


def test_length_is_counted_in_code_points(visitor):
    _, conversation = ask(visitor, text="\U0001f600" * 8000)
    with pytest.raises(services.TooLong):
        ask(visitor, conversation, text="x" * 8001)
    assert conversation.messages.count() == 1


def test_who_writes_on_and_on_keeps_no_turn_open_without_end(visitor, settings):
    accepted, conversation = ask(visitor)
    longest = timedelta(seconds=2 * settings.TURN_DEADLINE_SECONDS)
    Turn.objects.update(created_at=timezone.now() - longest / 2 - timedelta(seconds=5), failures=2)
    joined, _ = ask(visitor, conversation, "Hello?")
    turn = Turn.objects.get()
    assert (joined.turn_id, joined.joined) == (accepted.turn_id, True)
    assert turn.deadline_at == turn.created_at + longest
    assert turn.failures == 2
    assert turns.ownerless() == []  # whoever took the message starts it, once the burst is over


def test_a_message_before_the_outcome_joins_the_turn_and_fences_its_runner(visitor):
    first, conversation = ask(visitor, text="It does not start.")
    attempt = turns.claim(first.turn_id, "web")
    second, _ = ask(visitor, conversation, text="The red light is on.")
    assert second.turn_id == first.turn_id
    assert not services.record_answer(first.turn_id, attempt.attempt, make_answer())
    newer = turns.claim(first.turn_id, "web")
    assert newer.question.text == "It does not start.\nThe red light is on."
    assert services.record_answer(first.turn_id, newer.attempt, make_answer())
    third, _ = ask(visitor, conversation)
    assert third.turn_id != first.turn_id


def test_an_answer_is_recorded_once(visitor):
    accepted, conversation = ask(visitor)
    attempt = turns.claim(accepted.turn_id, "web").attempt
    assert services.record_answer(accepted.turn_id, attempt, make_answer())
    assert not services.record_answer(accepted.turn_id, attempt, make_answer())
    said = frames(conversation)[-1]["message"]
    assert said["decision"] == "answer"
    assert said["sources"][0]["url"].startswith("http")
    assert "<p>" in said["html"]


def test_an_escalation_is_its_message_then_waiting_with_the_same_turn(visitor):
    accepted, conversation = ask(visitor)
    attempt = turns.claim(accepted.turn_id, "web").attempt
    services.record_answer(accepted.turn_id, attempt, make_answer("A person will help.", Decision.ESCALATE))
    message, updated, system = frames(conversation)[1:]
    assert message["message"]["decision"] == "escalate"
    assert (updated["status"], updated["turn"]) == ("waiting", str(accepted.turn_id))
    assert system["message"]["role"] == "system"


def test_stopping_keeps_what_was_shown(visitor):
    accepted, conversation = ask(visitor)
    turns.claim(accepted.turn_id, "web")
    event = services.stop_turn(conversation, str(accepted.turn_id), "Open the")
    assert event.frame["message"]["text"] == "Open the"
    assert event.frame["message"]["stopped"] is True
    assert event.frame["message"]["decision"] is None
    assert services.stop_turn(conversation, str(accepted.turn_id)) is None


def test_what_was_shown_keeps_the_sources_it_cites_and_no_mark_without_one(visitor):
    accepted, conversation = ask(visitor)
    held = turns.claim(accepted.turn_id, "web")
    first = make_answer().sources[0]
    turns.renew(held, "Open it [1]. Then", [first, replace(first, n=2)])
    message = services.stop_turn(conversation, str(accepted.turn_id), "Open it [1]. Then [3] wait.").frame["message"]
    assert message["text"] == "Open it [1]. Then  wait."
    assert [source["n"] for source in message["sources"]] == [1]
    assert message["sources"][0]["quote"] == first.quote


def test_stopping_before_any_text_says_so(visitor):
    accepted, conversation = ask(visitor)
    event = services.stop_turn(conversation, str(accepted.turn_id))
    assert event.frame["message"]["text"].strip()


def test_a_foreign_turn_is_not_stopped(visitor):
    accepted, _ = ask(visitor)
    other = make_visitor(visitor.customer.widget)
    _, foreign = ask(other)
    assert services.stop_turn(foreign, str(accepted.turn_id)) is None
    assert Turn.objects.get(pk=accepted.turn_id).status == "queued"


def test_only_an_assistants_own_message_can_be_rated(visitor):
    accepted, conversation = ask(visitor)
    turns_attempt = turns.claim(accepted.turn_id, "web").attempt
    services.record_answer(accepted.turn_id, turns_attempt, make_answer())
    question, answer = (f["message"]["id"] for f in frames(conversation))
    services.rate_message(conversation, answer, -1, "no")
    assert services.rate_message(conversation, answer, 1).rating == 1
    other = new_conversation(make_visitor(visitor.customer.widget).session, "en")
    for conversation_, message in ((conversation, question), (other, answer), (conversation, "nonsense")):
        with pytest.raises(services.NotFound):
            services.rate_message(conversation_, message, 1)


def test_an_address_is_kept_and_nonsense_refused(visitor):
    conversation = new_conversation(visitor.session, "en")
    assert services.save_contact(conversation, client_id(), " ada@example.org ") == "ada@example.org"
    with pytest.raises(services.InvalidText):
        services.save_contact(conversation, client_id(), "ada")
    assert Conversation.objects.get().contact_email == "ada@example.org"


def test_a_stranger_writes_nothing(visitor):
    _, conversation = ask(visitor)
    stranger = make_visitor(visitor.customer.widget)
    with pytest.raises(services.NotFound):
        ask(stranger, conversation)
    posing = Conversation(id=conversation.id, widget_id=conversation.widget_id, customer_id=stranger.customer.id)
    for action in (
        lambda: services.request_handoff(posing, client_id(), None),
        lambda: services.save_contact(posing, client_id(), "eve@example.org"),
        lambda: services.accept_message(posing, stranger.session, client_id(), "hi"),
    ):
        with pytest.raises(services.NotFound):
            action()
