"""Turns that lost their owner, that two attempts died of, or that are past their deadline: who takes them, and when."""

import asyncio
import subprocess
import sys
import time
from datetime import timedelta

import psutil
import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from assistant.answering import dispatch, pipeline, runner, sweeping, turns
from assistant.answering.owners import is_gone, owner_name
from assistant.conversations import services
from assistant.events.threads import in_thread
from assistant.models import Turn
from tests.cast import client_id, make_answer, make_visitor, make_widget
from tests.product import eventually

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 2


@pytest.fixture(autouse=True)
def few_places(monkeypatch):
    monkeypatch.setattr(runner, "LAST_ATTEMPTS", AT_ONCE)
    yield
    runner.last_attempts.clear()
    runner.waiting.clear()


def asked(times=1, **columns):
    """So many turns of customers of their own, with these columns."""
    widget = make_widget()
    made = [services.accept_message(None, make_visitor(widget).session, client_id(), "one") for _ in range(times)]
    found = Turn.objects.filter(pk__in=[accepted.turn_id for accepted in made])
    found.update(**columns)
    return [accepted.turn_id for accepted in made]


def seconds_ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def test_of_turns_that_died_twice_few_have_their_last_attempt_at_once_and_one_follows_the_other(monkeypatch):
    beside = []

    async def answered(*_arguments):
        beside.append(len(runner.last_attempts))
        await asyncio.sleep(0.05)
        return make_answer()

    monkeypatch.setattr(pipeline, "answer", answered)
    ids = asked(7, failures=2)

    async def begun_once():
        dispatch.slots.open()
        for turn_id in ids:
            dispatch.slots.begin(str(turn_id))
        await in_thread(eventually, lambda: not Turn.objects.exclude(status="done").exists(), "all are answered", 10)
        await dispatch.slots.close()

    async_to_sync(begun_once)()
    assert len(beside) == 7
    assert max(beside) == AT_ONCE
    assert not runner.last_attempts
    assert not runner.waiting


def test_a_worker_hands_on_what_had_to_wait_for_its_last_attempt(monkeypatch):
    sent = []
    monkeypatch.setattr("assistant.answering.queue.send", sent.append)
    (turn_id,) = asked(failures=2)
    runner.waiting[str(turn_id)] = None

    async def ended():
        dispatch.slots.begin_waiting()
        await in_thread(eventually, lambda: sent, "it is queued", 5)

    async_to_sync(ended)()
    assert sent == [str(turn_id)]


def test_a_last_attempt_is_none_of_a_process_whose_places_are_taken():
    (turn_id,) = asked()
    for number in range(2):
        turns.release(turns.claim(turn_id, f"owner {number}", even_last=False), failed=True)
    runner.last_attempts.update({"another turn", "one more"})
    asyncio.run(runner.run(turn_id, "here"))
    assert (Turn.objects.get(pk=turn_id).status, list(runner.waiting)) == ("queued", [str(turn_id)])
    assert runner.next_last_attempt() is None
    assert turns.claim(turn_id, "elsewhere").attempt == 3


@pytest.mark.parametrize(
    "columns",
    [
        {"failures": 2, "deadline_at": seconds_ago(1)},
        {"failures": 3},
        {"failures": 1, "status": "running", "lease_until": seconds_ago(1), "deadline_at": seconds_ago(1)},
        {"failures": 2, "status": "running", "lease_until": seconds_ago(1)},
    ],
)
def test_what_is_only_to_be_given_up_needs_no_place(columns):
    (turn_id,) = asked(**columns)
    runner.last_attempts.update({"another turn", "one more"})
    asyncio.run(runner.run(turn_id, "here"))
    assert Turn.objects.get(pk=turn_id).status == "failed"


def test_a_worker_leaves_what_lost_its_owner_to_the_web_processes_first(monkeypatch):
    sent = []
    monkeypatch.setattr("assistant.answering.queue.send", sent.append)
    asked(status="running", attempt=1, lease_until=seconds_ago(5))
    (left,) = asked(status="running", attempt=1, lease_until=seconds_ago(8))
    (unstarted,) = asked(created_at=seconds_ago(10))
    asked(created_at=seconds_ago(5))
    assert len(turns.ownerless()) == 4
    assert sweeping.rescue() == 2
    assert set(sent) == {str(left), str(unstarted)}


def test_what_a_process_of_this_machine_held_when_it_died_waits_for_no_lease():
    asked_for_its_name = "from assistant.answering.owners import owner_name; print(owner_name())"
    died = subprocess.run([sys.executable, "-c", asked_for_its_name], capture_output=True, text=True, check=True)
    lease = {"status": "running", "attempt": 1, "lease_until": timezone.now() + timedelta(seconds=7)}
    here, _, number = died.stdout.strip().rpartition(":")
    (lost,) = asked(owner=f"{here}:{number}", **lease)
    asked(owner=owner_name(), **lease)
    asked(owner=f"another machine:{number}", **lease)
    asked(owner=f"{here}:?", **lease)
    assert turns.ownerless(7) == []
    assert turns.ownerless() == [lost]
    claimed = turns.claim(lost, "here")
    assert (claimed.attempt, claimed.failures) == (2, 1)


def test_a_process_that_is_gone_but_not_buried_is_gone():
    died = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(died.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    here, _, _ = owner_name().rpartition(":")
    assert is_gone(f"{here}:{died.pid}")
    died.wait()
    assert is_gone(f"{here}:{died.pid}")
    assert not is_gone(owner_name())


def test_a_process_that_cannot_be_looked_at_is_not_taken_for_gone(monkeypatch):
    here, _, _ = owner_name().rpartition(":")
    assert not is_gone(f"{here}:{10**30}")

    def refused(number, signal):
        raise PermissionError

    monkeypatch.setattr("os.kill", refused)
    assert not is_gone(f"{here}:{2**22 + 1}")  # past the last number that Linux gives


def test_past_its_deadline_a_turn_is_given_up_whoever_has_it_and_whatever_is_free(settings):
    settings.INLINE_TURNS = 0
    ahead = timezone.now() + timedelta(seconds=7)
    late = {"deadline_at": seconds_ago(3)}
    promised, held = asked(lease_until=ahead, **late) + asked(status="running", attempt=1, lease_until=ahead, **late)
    just_claimed = asked(status="running", attempt=1, lease_until=timezone.now() + timedelta(seconds=10), **late)
    in_time = asked(status="running", attempt=1, lease_until=ahead, deadline_at=ahead)
    assert async_to_sync(sweeping.sweep)() == 0
    given_up = Turn.objects.filter(status="failed", reason="out of time").values_list("pk", flat=True)
    assert set(given_up) == {promised, held}
    assert set(Turn.objects.filter(status="running").values_list("pk", flat=True)) == {*just_claimed, *in_time}
    assert not services.record_answer(held, 1, make_answer())


def test_one_that_cannot_be_given_up_keeps_no_other_waiting(monkeypatch):
    first, second = asked(2, deadline_at=seconds_ago(3))
    give_up = sweeping.give_up

    def not_the_first(turn_id, *arguments):
        if turn_id == first:
            raise ValueError
        return give_up(turn_id, *arguments)

    monkeypatch.setattr(sweeping, "give_up", not_the_first)
    sweeping.give_up_overdue()
    assert list(Turn.objects.filter(status="failed").values_list("pk", flat=True)) == [second]


def test_one_that_a_message_joined_just_before_it_was_given_up_is_started(monkeypatch):
    (joined,) = asked()
    started = []
    monkeypatch.setattr(turns, "overdue", lambda: [joined])
    monkeypatch.setattr(sweeping, "start", started.append)
    sweeping.give_up_overdue()
    assert started == [joined]
    assert Turn.objects.get().status == "queued"
