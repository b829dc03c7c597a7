"""Who works on a turn, of whom no two hold the same attempt, and what those are told who wait for it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from django.utils import timezone

from assistant.answering import admission, dispatch, places, turns
from assistant.answering.attempts import Attempt, Leave
from assistant.answering.keeping import keep
from assistant.answers import Source
from assistant.conversations import services
from assistant.conversations.intake import Opened
from assistant.conversations.messages import new_conversation
from assistant.events.catalogue import MessageSend
from assistant.events.doorbell import conversation_group, hub
from assistant.events.threads import in_thread
from assistant.models import Message, Session, Turn
from tests.cast import client_id, make_answer, make_visitor, make_widget
from tests.product import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_two_claims_hold_the_same_attempt():
    visitor = make_visitor(make_widget())
    first = services.accept_message(None, visitor.session, client_id(), "one")
    conversation, turn_id = first.message_event.conversation, first.turn_id

    def work(number: int) -> list[int]:
        attempts = []
        for _ in range(30):
            if number == 0:
                services.accept_message(conversation, visitor.session, client_id(), "and another thing")
            elif held := turns.claim(turn_id, f"worker {number}"):
                attempts.append(held.attempt)
        connection.close()
        return attempts

    with ThreadPoolExecutor(max_workers=6) as threads:
        held = sorted(attempt for attempts in threads.map(work, range(6)) for attempt in attempts)
    assert held
    assert held == sorted(set(held))


def test_a_claim_knows_the_newest_event_that_it_answers():
    visitor = make_visitor(make_widget())
    first = services.accept_message(None, visitor.session, client_id(), "one", owner="web")
    assert turns.claim_of(first).head == first.message_event.seq == 1
    turns.release(turns.claim_of(first), failed=False)
    joined = services.accept_message(first.message_event.conversation, visitor.session, client_id(), "and more")
    assert [place.head for place in admission.line(joined.turn_id)] == [2]
    assert turns.claim(joined.turn_id, "here").head == joined.message_event.seq == 2


def test_why_no_attempt_follows_is_told_with_its_figures():
    visitor = make_visitor(make_widget())
    held = turns.claim(services.accept_message(None, visitor.session, client_id(), "one").turn_id, "here")
    worn_out = {"rule": "attempts that may fail", "value": 3, "threshold": 3}
    assert turns.why_no_more(held, 3) == ("too many failed attempts", worn_out)
    late = replace(held, asked_at=held.asked_at - timedelta(seconds=50), deadline_at=held.asked_at)
    reason, basis = turns.why_no_more(late, 2)
    assert (reason, basis["rule"], basis["threshold"]) == ("out of time", "seconds that an answer may take", 50)
    assert basis["value"] >= 50


def test_how_long_was_waited_counts_from_the_newest_message_however_little_the_deadline_moved():
    visitor = make_visitor(make_widget())
    first = services.accept_message(None, visitor.session, client_id(), "one")
    conversation, turn_id = first.message_event.conversation, first.turn_id
    Turn.objects.update(created_at=timezone.now() - timedelta(seconds=80))
    services.accept_message(conversation, visitor.session, client_id(), "and another thing")
    assert [place.is_late for place in admission.line()] == [False]
    held = turns.claim(turn_id, "worker")
    assert held.asked_at == Message.objects.latest("seq").created_at


def test_a_text_that_no_database_holds_keeps_its_lease():
    visitor = make_visitor(make_widget())
    held = turns.claim(services.accept_message(None, visitor.session, client_id(), "one").turn_id, "worker")
    assert turns.renew(held, "sho\x00wn\ud800")
    assert Turn.objects.get().partial_text == "shown"


def test_what_many_attempts_keep_is_one_statement_and_none_that_lost_its_turn_is_kept(django_assert_num_queries):
    widget = make_widget()
    asked = [services.accept_message(None, make_visitor(widget).session, client_id(), "one").turn_id for _ in range(3)]
    claims = [turns.claim(turn_id, "worker") for turn_id in asked]
    source = Source(1, "pins", "Pins", "https://help.example/pins", "", "A pin takes five days.", 0.9, 1, 1)
    with django_assert_num_queries(1):
        kept = turns.renew_all(
            [turns.Renewal(held, f"sho\x00wn {place}", [source]) for place, held in enumerate(claims)]
        )
    assert kept == [True, True, True]
    assert [Turn.objects.get(pk=turn_id).partial_text for turn_id in asked] == ["shown 0", "shown 1", "shown 2"]
    (of_it,) = Turn.objects.get(pk=asked[2]).partial_sources
    assert Source(**of_it) == source
    assert "spans" not in of_it  # unknown to the version before, which may stop the turn
    Turn.objects.filter(pk=asked[0]).update(attempt=2)
    assert turns.renew_all([turns.Renewal(held, "late") for held in claims]) == [False, True, True]
    assert Turn.objects.get(pk=asked[0]).partial_text == "shown 0"


def test_when_the_first_text_was_shown_is_kept_with_the_text_and_by_the_outcome():
    first, second = timezone.now() - timedelta(seconds=9), timezone.now()
    widget = make_widget()
    begun = [
        turns.claim(services.accept_message(None, make_visitor(widget).session, client_id(), "one").turn_id, "worker")
        for _ in range(3)
    ]
    assert turns.renew(begun[0], "shown", shown_at=first)
    shown_at = [second, first, None]
    renewals = [turns.Renewal(held, "shown", (), at) for held, at in zip(begun, shown_at, strict=True)]
    assert turns.renew_all(renewals) == [True] * 3
    for held in begun:
        assert services.record_answer(held.turn_id, held.attempt, make_answer(), second)
    kept = dict(Turn.objects.values_list("pk", "first_token_at"))
    assert [kept[held.turn_id] for held in begun] == [first, first, second]


def test_of_two_attempts_at_a_turn_in_one_process_the_newest_alone_is_kept():
    turn_id = services.accept_message(None, make_visitor(make_widget()).session, client_id(), "one").turn_id
    before = turns.claim(turn_id, "worker")
    turns.release(before, failed=False)
    newest = turns.claim(turn_id, "worker")
    assert turns.renew_all([turns.Renewal(before, "old"), turns.Renewal(newest, "new")]) == [False, True]
    assert Turn.objects.get(pk=turn_id).partial_text == "new"


def test_a_row_that_is_being_changed_keeps_no_other_lease_waiting():
    widget = make_widget()
    changed, other = (
        turns.claim(services.accept_message(None, make_visitor(widget).session, client_id(), "one").turn_id, "worker")
        for _ in range(2)
    )

    def renew() -> list[bool]:
        try:
            return turns.renew_all([turns.Renewal(changed, "shown"), turns.Renewal(other, "shown too")])
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as threads:
        with transaction.atomic():
            Turn.objects.select_for_update().get(pk=changed.turn_id)
            renewed = threads.submit(renew)
            eventually(lambda: Turn.objects.get(pk=other.turn_id).partial_text == "shown too", "it is kept", 8)
        assert renewed.result() == [True, True]


def test_a_turn_that_is_opened_for_an_owner_is_claimed_as_a_claim_would():
    visitor = make_visitor(make_widget(cost_cap_day_usd=1))
    conversation = None
    for words in ("hello", "How do I open the settings?"):
        accepted = services.accept_message(conversation, visitor.session, client_id(), words, owner="web")
        conversation, born = accepted.message_event.conversation, turns.claim_of(accepted)
        assert turns.claim(born.turn_id, "another") is None
        assert turns.release(born, failed=False)
        claimed = turns.claim(born.turn_id, "another")
        assert replace(claimed, attempt=1, asked_at=born.asked_at) == born
        services.record_answer(claimed.turn_id, claimed.attempt, make_answer())
    assert [said.text for said in born.question.history] == ["hello", "Open the settings [1]."]
    assert born.capped


def test_a_claim_is_read_again_where_the_database_was_lost_once_the_message_was_stored():
    accepted = services.accept_message(None, make_visitor(make_widget()).session, client_id(), "hello", owner="web")
    connection.connection.close()  # as a restart does
    assert dispatch._claim_of(accepted).turn_id == accepted.turn_id


def test_what_became_of_a_turn_before_its_attempt_listened_is_heard_all_the_same(settings):
    settings.TURN_LEASE_RENEWAL_SECONDS = 1000
    visitor = make_visitor(make_widget())
    accepted = services.accept_message(None, visitor.session, client_id(), "hello", owner="web")
    held = turns.claim_of(accepted)
    services.request_handoff(accepted.message_event.conversation, client_id())

    async def kept() -> Leave | None:
        group = conversation_group(held.conversation_id)
        listeners = [lambda envelope: None, lambda envelope: None]  # the attempt's own, and the customer's socket
        for each in listeners:
            hub.listen(group, each)
        attempt = Attempt(held, served=True)
        attempt.work = asyncio.create_task(asyncio.sleep(60))
        await asyncio.wait_for(keep(attempt), 30)
        for each in listeners:
            hub.leave(group, each)
        return attempt.left

    assert async_to_sync(kept)() is Leave.FENCED


def test_what_joins_a_turn_or_waits_for_a_person_is_begun_by_nobody():
    visitor = make_visitor(make_widget())
    first = services.accept_message(None, visitor.session, client_id(), "hello", owner="web")
    conversation = first.message_event.conversation
    joined = services.accept_message(conversation, visitor.session, client_id(), "and more", owner="web")
    assert (joined.joined, turns.claim_of(joined)) == (True, None)
    services.request_handoff(conversation, client_id())
    waiting = services.accept_message(conversation, visitor.session, client_id(), "anyone?", owner="web")
    assert (waiting.turn_id, turns.claim_of(waiting)) == (None, None)


def test_who_has_left_before_the_acknowledgement_is_answered_at_once():
    opened = Opened(new_conversation(make_visitor(make_widget()).session, "en"), *[None] * 3)
    opened.session = Session.objects.get()

    async def leaves() -> None:
        dispatch.slots.open()
        with dispatch.slots.place() as owner:
            taking = asyncio.create_task(
                in_thread(dispatch.take, opened, MessageSend(client_id(), "thanks"), None, owner)
            )
            await in_thread(eventually, Message.objects.exists, "the message is kept")
            taking.cancel()
        await in_thread(eventually, Turn.objects.filter(status="done").exists, "it is answered")
        await dispatch.slots.close()

    async_to_sync(leaves)()
    assert Turn.objects.get().attempt == 1


def test_a_place_is_kept_and_what_began_while_the_process_went_down_is_given_back(settings):
    settings.INLINE_TURNS = 1
    opened = Opened(new_conversation(make_visitor(make_widget()).session, "en"), *[None] * 3)
    opened.session = Session.objects.get()

    async def goes() -> None:
        dispatch.slots.open()
        with dispatch.slots.place() as owner:
            assert owner
            with dispatch.slots.place() as another:
                assert another == ""
            await dispatch.slots.close()
            with dispatch.slots.place() as nobody:
                assert nobody == ""
            await in_thread(dispatch.take, opened, MessageSend(client_id(), "thanks"), None, owner)

    async_to_sync(goes)()
    turn = Turn.objects.get()
    assert (turn.status, turn.attempt, turn.failures, turn.owner) == ("queued", 1, 0, "")
    assert turn.lease_until is not None


def test_a_place_that_was_kept_for_nothing_goes_to_who_waits(settings):
    settings.INLINE_TURNS = 1
    waiting = services.accept_message(None, make_visitor(make_widget()).session, client_id(), "thanks").turn_id

    async def kept() -> None:
        dispatch.slots.open()
        with dispatch.slots.place():
            dispatch.slots.begin(str(waiting))
            promised = Turn.objects.exclude(lease_until=None).exists
            await in_thread(eventually, promised, "it waits in the queue")
            await asyncio.sleep(0.1)
            assert not dispatch.slots.tasks
        await in_thread(eventually, Turn.objects.filter(status="done").exists, "it is answered")
        await dispatch.slots.close()

    async_to_sync(kept)()
    assert dispatch.slots.kept == 0


def test_what_is_begun_as_the_process_stops_serving_is_given_back():
    accepted = services.accept_message(None, make_visitor(make_widget()).session, client_id(), "thanks", owner="web")
    held = turns.claim_of(accepted)

    async def begun() -> None:
        await dispatch.slots.close()
        dispatch.slots.begin(str(held.turn_id), held)
        given_back = Turn.objects.filter(status="queued").exclude(lease_until=None).exists
        await in_thread(eventually, given_back, "it is given back")

    async_to_sync(begun)()
    assert Turn.objects.get().failures == 0


def test_who_waits_in_the_queue_is_told_again_by_the_process_that_they_are_connected_to():
    widget, told = make_widget(), []
    here, elsewhere = (
        services.accept_message(None, make_visitor(widget).session, client_id(), "hello").message_event.conversation
        for _ in range(2)
    )
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=5))

    async def twice() -> None:
        group = conversation_group(here.pk)
        hub.listen(group, told.append)
        await places.say_places()
        await places.say_places()
        await asyncio.sleep(0)
        hub.leave(group, told.append)

    async_to_sync(twice)()
    said = [(envelope.frame["status"], envelope.frame["position"]) for envelope in told]
    assert said == [("delayed", 1), ("delayed", 1)]
    assert Turn.objects.get(conversation=here).late_at
    assert Turn.objects.get(conversation=elsewhere).late_at is None
