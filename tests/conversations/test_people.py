"""A person is asked for, takes over, and gives back; and what the server says of it."""

import pytest
from django.utils import timezone

from assistant.answering import turns, wording
from assistant.answers import ASKED
from assistant.conversations import services
from assistant.conversations.channel import CHANNEL_NAME
from assistant.conversations.intake import widget_settings
from assistant.conversations.messages import new_conversation
from assistant.conversations.notices import notices
from assistant.conversations.selectors import question_of, queue_places
from assistant.models import Turn, Widget
from assistant.states import Decision
from tests.cast import client_id, make_agent, make_answer, make_visitor, make_widget
from tests.conversations.saying import ask, frames

pytestmark = pytest.mark.django_db


def test_asking_for_a_person_ends_the_turn_with_one_outcome(visitor):
    accepted, conversation = ask(visitor)
    attempt = turns.claim(accepted.turn_id, "web").attempt
    request = client_id()
    event = services.request_handoff(conversation, request, "I want a person")
    assert event.frame["status"] == "waiting"
    assert event.frame["turn"] == str(accepted.turn_id)
    assert event.frame["client_id"] == request
    assert not services.record_answer(accepted.turn_id, attempt, make_answer())
    unchanged = services.request_handoff(conversation, client_id(), None)
    assert (unchanged.frame["status"], unchanged.frame["turn"]) == ("waiting", None)


def test_a_repeated_request_after_going_back_changes_nothing(visitor):
    _, conversation = ask(visitor)
    request = client_id()
    services.request_handoff(conversation, request, None)
    services.cancel_handoff(conversation, client_id())
    assert services.request_handoff(conversation, request, None).frame["status"] == "assistant"


def test_messages_while_a_person_is_asked_for_have_no_turn(visitor):
    _, conversation = ask(visitor)
    services.request_handoff(conversation, client_id(), None)
    accepted, _ = ask(visitor, conversation)
    assert accepted.turn_id is None
    assert accepted.message_event.frame["message"]["turn"] is None


def test_who_goes_back_unanswered_is_asked_to_write_again_and_then_answered_in_context(visitor):
    _, conversation = ask(visitor)
    services.request_handoff(conversation, client_id(), None)
    services.accept_message(conversation, visitor.session, client_id(), "My kettle leaks")
    services.cancel_handoff(conversation, client_id())
    updated, system = frames(conversation)[-2:]
    assert updated["status"] == "assistant"
    assert (system["message"]["role"], system["message"]["text"]) == ("system", notices()["en"]["ask_again"])
    accepted, _ = ask(visitor, conversation)
    assert "My kettle leaks" in [said.text for said in question_of(Turn.objects.get(pk=accepted.turn_id)).history]


def test_going_back_in_a_resolved_conversation_leaves_it_as_it_is(visitor, django_user_model):
    agent = django_user_model.objects.create_user("alice", password="x")
    _, conversation = ask(visitor)
    services.resolve(conversation.pk, agent)
    resolved = frames(conversation)[-1]
    acknowledged = services.cancel_handoff(conversation, client_id()).frame
    assert (acknowledged["status"], acknowledged["agent"]) == ("resolved", resolved["agent"])


def test_who_is_handed_back_unanswered_is_asked_to_write_again(visitor):
    _, conversation = ask(visitor)
    alice = make_agent()
    services.take_over(conversation.id, alice)
    services.accept_message(conversation, visitor.session, client_id(), "My kettle leaks")
    services.hand_back(conversation.id, alice)
    updated, system = frames(conversation)[-2:]
    assert updated["status"] == "assistant"
    assert (system["message"]["role"], system["message"]["text"]) == ("system", notices()["en"]["ask_again"])


def test_who_is_handed_back_answered_is_not_asked_again(visitor):
    _, conversation = ask(visitor)
    alice = make_agent()
    services.reply(conversation.id, alice, client_id(), "It is mended.")
    services.hand_back(conversation.id, alice)
    assert frames(conversation)[-1]["type"] == "conversation.updated"


def test_who_goes_back_answered_is_not_asked_again(visitor):
    accepted, conversation = ask(visitor)
    services.record_answer(accepted.turn_id, turns.claim(accepted.turn_id, "web").attempt, make_answer())
    services.request_handoff(conversation, client_id(), None)
    services.cancel_handoff(conversation, client_id())
    assert frames(conversation)[-1]["type"] == "conversation.updated"


def test_with_a_person_at_the_desk_no_notice_is_given(visitor, django_user_model):

    make_agent(desk_seen_at=timezone.now())
    _, conversation = ask(visitor)
    services.request_handoff(conversation, client_id(), None)
    assert frames(conversation)[-1]["type"] == "conversation.updated"


def test_one_agent_wins_and_the_assistant_is_silent(visitor):
    accepted, conversation = ask(visitor)
    attempt = turns.claim(accepted.turn_id, "web").attempt
    alice, bob = make_agent("alice"), make_agent("bob")
    services.take_over(conversation.id, alice)
    with pytest.raises(services.AlreadyTaken, match="Alice"):
        services.take_over(conversation.id, bob)
    assert not services.record_answer(accepted.turn_id, attempt, make_answer())
    updated = frames(conversation)[-1]
    assert (updated["status"], updated["turn"]) == ("agent", str(accepted.turn_id))
    assert updated["agent"] == {"name": "Alice", "avatar": None}


def test_a_reply_takes_over_once_and_repeats_give_the_first(visitor):
    _, conversation = ask(visitor)
    alice, reply_id = make_agent("alice"), client_id()
    services.save_draft(conversation.id, alice, "Hello")
    event = services.reply(conversation.id, alice, reply_id, "Hello, **Alice** here.")
    assert services.reply(conversation.id, alice, reply_id, "Hello").seq == event.seq
    assert event.frame["message"]["client_id"] is None
    assert event.frame["message"]["author"]["name"] == "Alice"
    assert not alice.draft_set.exists()


def test_a_resolved_conversation_is_reopened_by_a_message(visitor):
    _, conversation = ask(visitor)
    alice = make_agent("alice")
    services.resolve(conversation.id, alice)
    accepted, _ = ask(visitor, conversation)
    reopened, message = frames(conversation)[-2:]
    assert (reopened["status"], reopened["agent"]) == ("assistant", None)
    assert message["message"]["turn"] == str(accepted.turn_id)


def test_giving_up_apologises_and_asks_for_a_person(visitor):
    accepted, conversation = ask(visitor)
    attempt = turns.claim(accepted.turn_id, "web").attempt
    basis = {"rule": "attempts that may fail", "value": 3, "threshold": 3}
    assert services.give_up(accepted.turn_id, attempt, "model away", basis)
    updated, system = frames(conversation)[1:]
    assert (updated["status"], updated["turn"]) == ("waiting", str(accepted.turn_id))
    assert "sorry" in system["message"]["text"]
    assert "model away" not in str(frames(conversation))
    turn = Turn.objects.get(pk=accepted.turn_id)
    assert (turn.decision, turn.reason, turn.explanation["basis"]) == ("escalate", "model away", basis)


def test_a_program_is_told_that_its_question_failed_and_keeps_nobody_busy():
    channel = make_widget(active=False)
    Widget.objects.filter(pk=channel.pk).update(name=CHANNEL_NAME)
    accepted, conversation = ask(make_visitor(channel))
    attempt = turns.claim(accepted.turn_id, "web").attempt
    assert services.give_up(accepted.turn_id, attempt, "model away", {})
    [_, updated] = frames(conversation)
    assert (updated["type"], updated["status"]) == ("conversation.updated", "assistant")
    assert updated["turn"] == str(accepted.turn_id)
    accepted, _ = ask(make_visitor(channel))
    assert services.turn_away(accepted.turn_id, {})
    assert accepted.message_event.conversation.status == "assistant"


def test_a_program_is_not_asked_for_an_address():
    channel = make_widget(active=False)
    Widget.objects.filter(pk=channel.pk).update(name=CHANNEL_NAME)
    accepted, conversation = ask(make_visitor(channel))
    attempt = turns.claim(accepted.turn_id, "web").attempt
    services.record_answer(accepted.turn_id, attempt, make_answer("A person will see.", Decision.ESCALATE))
    assert [frame["type"] for frame in frames(conversation)[1:]] == ["message.created", "conversation.updated"]


def test_what_the_server_says_is_in_the_language_of_what_was_asked(visitor):
    _, conversation = ask(visitor)
    services.accept_message(conversation, visitor.session, client_id(), "Ich möchte bitte mit einem Menschen sprechen")
    services.request_handoff(conversation, client_id(), None)
    assert frames(conversation)[-1]["message"]["text"] == notices()["de"]["nobody_there_no_mail"]


@pytest.mark.parametrize(("leaves", "key"), [(True, "nobody_there"), (False, "nobody_there_no_mail")])
def test_an_address_is_asked_for_only_where_mail_leaves(visitor, settings, leaves, key):
    settings.MAIL_LEAVES = leaves
    _, conversation = ask(visitor)
    services.request_handoff(conversation, client_id(), None)
    assert frames(conversation)[-1]["message"]["text"] == notices()["en"][key]
    assert widget_settings(conversation.widget)["email"] is leaves


def test_an_address_that_was_left_is_not_asked_for_again(visitor, settings):
    settings.MAIL_LEAVES = True
    _, conversation = ask(visitor)
    services.save_contact(conversation, client_id(), "ann@example.com")
    services.request_handoff(conversation, client_id(), None)
    assert frames(conversation)[-1]["message"]["text"] == notices()["en"]["nobody_there_known"]


def test_without_a_message_the_server_speaks_the_language_of_the_browser(visitor):
    conversation = new_conversation(visitor.session, "pt-BR")
    services.request_handoff(conversation, client_id(), None)
    assert frames(conversation)[-1]["message"]["text"] == notices()["pt"]["nobody_there_no_mail"]


def test_every_notice_has_words_in_every_language_that_the_assistant_speaks():
    assert set(notices()) == set(wording.tables())
    assert {frozenset(words) for words in notices().values()} == {frozenset(notices()["en"])}


@pytest.mark.parametrize("reason", ["safety", "legal"])
def test_nobody_goes_before_the_others_by_the_reason_that_they_give(visitor, reason):
    _, earlier = ask(visitor)
    _, later = ask(make_visitor(visitor.customer.widget))
    services.request_handoff(earlier, client_id(), "My parcel")
    services.request_handoff(later, client_id(), reason)
    assert queue_places([earlier.pk, later.pk]) == {earlier.pk: 1, later.pk: 2}
    later.refresh_from_db()
    assert later.handoff_reason == f"“{reason}”"


def test_who_gives_no_reason_asked_for_a_person(visitor):
    _, conversation = ask(visitor)
    services.request_handoff(conversation, client_id())
    conversation.refresh_from_db()
    assert conversation.handoff_reason == ASKED
