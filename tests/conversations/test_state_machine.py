"""Customers, agents and runners act in any order: what holds, holds after every step."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assistant.answering import turns
from assistant.conversations import selectors, services
from assistant.models import Conversation, Event, Message, Turn
from assistant.states import OPEN_TURN_STATUSES, Decision
from tests.cast import client_id, make_agent, make_answer, make_visitor, make_widget

REPLY_ID = client_id()


def _is_overdue(turn: Turn) -> bool:
    """Long past its deadline, and not claimed just now by somebody who is about to give it up."""
    long_ago = timezone.now() - timedelta(seconds=turns.OVERDUE_SECONDS)
    fresh = long_ago + timedelta(seconds=configured.TURN_LEASE_SECONDS)
    return turn.deadline_at < long_ago and turn.lease_until < fresh


class Chat(RuleBasedStateMachine):
    """One conversation; `claims` are runners, some of them fenced out without knowing it."""

    def __init__(self) -> None:
        super().__init__()
        self.visitor = make_visitor(make_widget())
        self.agents = [make_agent(client_id()), make_agent(client_id())]
        self.sent: list[tuple[str, str]] = []
        self.claims: list[turns.Claim] = []
        self.conversation: Conversation | None = None
        self.failures: dict[object, int] = {}
        self.read: list[dict[str, Any]] = []
        self.owed = False

    @initialize()
    def begin(self) -> None:
        """Hypothesis leaves rules out of whole runs; without this one there would be nothing to act on."""
        self.say("hello")

    @rule(
        text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20),
        owner=st.sampled_from(["", "web"]),
    )
    def say(self, text: str, owner: str = "") -> None:
        """An owner has the turn that is opened from the first."""
        text += "."
        self.sent.append((client_id(), text))
        accepted = services.accept_message(self.conversation, self.visitor.session, *self.sent[-1], owner=owner)
        self.conversation = accepted.message_event.conversation
        self.claims += filter(None, [turns.claim_of(accepted)])

    @precondition(lambda self: self.conversation and not self.owed)
    @rule()
    def ask_the_assistant(self) -> None:
        """Whoever was there or asked for, the assistant owes an answer again."""
        if agent := Conversation.objects.get().agent:
            services.hand_back(self.conversation.id, agent)
        services.cancel_handoff(self.conversation, client_id())
        self.say("and you?")

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        known, _ = data.draw(st.sampled_from(self.sent))
        assert services.accept_message(self.conversation, self.visitor.session, known, "other").repeated

    @precondition(lambda self: self.conversation)
    @rule(action=st.sampled_from([services.request_handoff, services.cancel_handoff]))
    def handoff(self, action) -> None:
        action(self.conversation, client_id())

    @precondition(lambda self: self.conversation)
    @rule(action=st.sampled_from(["take_over", "hand_back", "resolve"]), who=st.integers(0, 1))
    def desk(self, action: str, who: int) -> None:
        try:
            getattr(services, action)(self.conversation.id, self.agents[who])
        except (services.AlreadyTaken, services.NotYours):
            assert Conversation.objects.get().agent_id == self.agents[1 - who].pk

    @precondition(lambda self: self.owed)
    @rule()
    def claim(self) -> None:
        """A start, a task that is replayed, or a sweep: what somebody works on is left alone, until it is overdue."""
        for turn in Turn.objects.filter(status__in=OPEN_TURN_STATUSES):
            lapsed = turn.lease_until is not None and turn.lease_until < timezone.now()
            free = turn.status == "queued" or lapsed or _is_overdue(turn)
            held = turns.claim(turn.id, "runner")
            assert (held is not None) == free
            self.claims += [held] if held else []

    @precondition(lambda self: self.owed)
    @rule(seconds=st.sampled_from([3, 30]))
    def time_passes(self, seconds: int) -> None:
        """Leases lapse, promises are not kept, deadlines come near."""
        past = timedelta(seconds=seconds)
        for turn in Turn.objects.filter(status__in=OPEN_TURN_STATUSES):
            turn.created_at, turn.deadline_at = turn.created_at - past, turn.deadline_at - past
            turn.lease_until = turn.lease_until and turn.lease_until - past
            turn.save()

    @precondition(lambda self: self.owed)
    @rule()
    def clock_goes_back(self) -> None:
        """By two hours: what is stored lies that far ahead."""
        ahead = timedelta(hours=2)
        Turn.objects.filter(status__in=OPEN_TURN_STATUSES).update(
            created_at=F("created_at") + ahead,
            deadline_at=F("deadline_at") + ahead,
            lease_until=F("lease_until") + ahead,
        )

    @precondition(lambda self: self.conversation)
    @rule(who=st.integers(0, 1))
    def agent_writes(self, who: int) -> None:
        """Who answers has the conversation; twice sent is once said."""
        try:
            first, again = (services.reply(self.conversation.id, self.agents[who], REPLY_ID, "I help.") for _ in "ab")
        except (services.AlreadyTaken, services.NotYours):
            return
        assert first.seq == again.seq

    @precondition(lambda self: self.conversation)
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        """A customer's other device reads on from where it was, in pages."""
        self.read += selectors.events_after(self.conversation.id, len(self.read), data.draw(st.integers(1, 5)))

    @precondition(lambda self: self.owed)
    @rule()
    def sweep(self) -> None:
        for turn_id in turns.ownerless():
            self.claims.append(turns.claim(turn_id, "sweep"))
            assert self.claims[-1]

    @precondition(lambda self: self.owed)
    @rule()
    def promise(self) -> None:
        """A queued turn is handed to the broker."""
        for turn in Turn.objects.filter(status="queued"):
            turns.promise(turn.id)
            assert turn.id not in turns.ownerless()

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.claims))
        turn = Turn.objects.get(pk=held.turn_id)
        assert turns.renew(held, "shown") == (turn.status == "running" and turn.attempt == held.attempt)

    @rule()
    def restart(self) -> None:
        """Every process goes down in good order: what it held is queued, and no failure."""
        for held in self.claims:
            turns.release(held, failed=False)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), decision=st.sampled_from([Decision.ANSWER, Decision.ESCALATE, None]))
    def finish(self, data: st.DataObject, decision: Decision | None) -> None:
        held = data.draw(st.sampled_from(self.claims))
        if decision is None:
            services.give_up(held.turn_id, held.attempt, "broken", {})
        else:
            services.record_answer(held.turn_id, held.attempt, make_answer(decision=decision))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        turns.release(data.draw(st.sampled_from(self.claims)), failed=True)

    @precondition(lambda self: self.owed)
    @rule()
    def stop(self) -> None:
        found = selectors.open_turn_of(self.conversation.id)
        services.stop_turn(self.conversation, found.id if found else "none", "shown")

    @precondition(lambda self: self.owed)
    @rule()
    def queue_is_full(self) -> None:
        """Who was not begun yet is turned away; who was, never is."""
        for turn in Turn.objects.filter(status__in=OPEN_TURN_STATUSES):
            fresh = turn.status == "queued" and turn.attempt == 0
            assert services.turn_away(turn.id, {}) == fresh

    def run_on(self) -> None:
        """Nobody does anything more: leases lapse, and what sweeps find is worked on and fails."""
        for _ in range(4):
            self.time_passes(15)
            for turn_id in turns.ownerless():
                held = turns.claim(turn_id, "the last")
                services.give_up(turn_id, held.attempt, "nothing helps", {})

    @invariant()
    def what_must_hold_holds(self) -> None:
        frames = list(Event.objects.order_by("seq").values_list("frame", flat=True))
        found = list(Turn.objects.all())
        self.owed = any(turn.status in OPEN_TURN_STATUSES for turn in found)
        self.everything_sent_is_there_once()
        assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        assert self.read == frames[: len(self.read)]
        for row in Conversation.objects.all():
            assert row.seq == len(frames)
            self.the_log_tells_the_status(row, frames)
            # While a person is there, or asked for, the assistant owes nothing.
            assert row.status == "assistant" or not self.owed
        for turn in found:
            assert len(outcomes(frames, str(turn.id))) == (0 if turn.status in OPEN_TURN_STATUSES else 1)
            self.no_turn_is_kept_open_without_end(turn)

    def everything_sent_is_there_once(self) -> None:
        stored = Message.objects.filter(role="customer").order_by("seq").values_list("client_id", "text")
        assert [(str(known), text) for known, text in stored] == self.sent

    def no_turn_is_kept_open_without_end(self, turn: Turn) -> None:
        longest = timedelta(seconds=2 * configured.TURN_DEADLINE_SECONDS)
        assert turn.deadline_at <= turn.created_at + longest
        assert turn.failures >= self.failures.get(turn.id, 0)
        self.failures[turn.id] = turn.failures

    def the_log_tells_the_status(self, row: Conversation, frames: list[dict[str, Any]]) -> None:
        told = [frame["status"] for frame in frames if frame["type"] == "conversation.updated"]
        assert row.status == (told[-1] if told else "assistant")


def outcomes(frames, turn):
    """A turn's outcomes; an escalation's message and its update, next to each other, are one."""
    found = []
    for index, frame in enumerate(frames):
        message = frame.get("message")
        if message and message["role"] == "assistant" and message["turn"] == turn:
            found.append(frame)
        if frame["type"] == "conversation.updated" and frame["turn"] == turn:
            before = frames[index - 1].get("message") or {}
            if (before.get("decision"), before.get("turn")) != ("escalate", turn):
                found.append(frame)
    return found


@pytest.mark.django_db
@pytest.mark.timeout(3600)
def test_whatever_happens_what_must_hold_holds(whole):
    """200 times 50 things happen with --whole, else 25 times 25."""
    examples, steps = (200, 50) if whole else (25, 25)
    from django.db import transaction

    class Isolated(Chat):
        def __init__(self) -> None:
            self.savepoint = transaction.savepoint()
            super().__init__()

        def teardown(self) -> None:
            try:
                self.run_on()
                self.what_must_hold_holds()
                assert not self.owed
            finally:
                transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(
        Isolated,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
