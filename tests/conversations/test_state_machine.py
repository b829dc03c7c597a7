"""Customers, agents and runners act in any order: what holds, holds after every step."""

from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from assistant.answering import turns
from assistant.conversations import selectors, services
from assistant.models import Conversation, Event, Message, Turn
from assistant.states import OPEN_TURN_STATUSES, Decision
from tests.cast import client_id, make_agent, make_answer, make_visitor, make_widget


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

    @rule(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20))
    def say(self, text: str) -> None:
        text += "."
        self.sent.append((client_id(), text))
        accepted = services.accept_message(self.conversation, self.visitor.session, *self.sent[-1])
        self.conversation = accepted.message_event.conversation

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

    @precondition(lambda self: self.conversation)
    @rule()
    def claim(self) -> None:
        """A start, a task that is replayed, or a sweep: what somebody works on is left alone."""
        for turn in Turn.objects.filter(status__in=OPEN_TURN_STATUSES):
            free = turn.status == "queued" or turn.lease_until < timezone.now()
            held = turns.claim(turn.id, "runner")
            assert (held is not None) == free
            self.claims += [held] if held else []

    @precondition(lambda self: self.conversation)
    @rule(seconds=st.sampled_from([3, 30]))
    def time_passes(self, seconds: int) -> None:
        """Leases lapse, promises are not kept, deadlines come near."""
        past = timedelta(seconds=seconds)
        for turn in Turn.objects.filter(status__in=OPEN_TURN_STATUSES):
            turn.created_at, turn.deadline_at = turn.created_at - past, turn.deadline_at - past
            turn.lease_until = turn.lease_until and turn.lease_until - past
            turn.save()

    @precondition(lambda self: self.conversation)
    @rule()
    def sweep(self) -> None:
        for turn_id in turns.ownerless():
            self.claims.append(turns.claim(turn_id, "sweep"))
            assert self.claims[-1]

    @precondition(lambda self: self.conversation)
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
            services.give_up(held.turn_id, held.attempt, "broken")
        else:
            services.record_answer(held.turn_id, held.attempt, make_answer(decision=decision))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        turns.release(data.draw(st.sampled_from(self.claims)), failed=True)

    @precondition(lambda self: self.conversation)
    @rule()
    def stop(self) -> None:
        found = selectors.open_turn_of(self.conversation.id)
        services.stop_turn(self.conversation, found.id if found else "none", "shown")

    @invariant()
    def everything_sent_is_there_once(self) -> None:
        stored = Message.objects.filter(role="customer").order_by("seq").values_list("client_id", "text")
        assert [(str(known), text) for known, text in stored] == self.sent

    @invariant()
    def seq_has_no_gaps_and_the_head_is_right(self) -> None:
        seqs = list(Event.objects.order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
        for row in Conversation.objects.all():
            assert row.seq == len(seqs)

    @invariant()
    def every_turn_has_one_outcome_or_is_open(self) -> None:
        frames = list(Event.objects.order_by("seq").values_list("frame", flat=True))
        for turn in Turn.objects.all():
            expected = 0 if turn.status in OPEN_TURN_STATUSES else 1
            assert len(outcomes(frames, str(turn.id))) == expected

    @invariant()
    def no_turn_is_kept_open_without_end(self) -> None:
        longest = timedelta(seconds=2 * configured.TURN_DEADLINE_SECONDS)
        for turn in Turn.objects.all():
            assert turn.deadline_at <= turn.created_at + longest
            assert turn.failures >= self.failures.get(turn.id, 0)
            self.failures[turn.id] = turn.failures

    @invariant()
    def the_log_tells_the_status(self) -> None:
        frames = Event.objects.filter(type="conversation.updated").order_by("-seq").values_list("frame", flat=True)
        newest = frames.first()
        for row in Conversation.objects.all():
            assert row.status == (newest["status"] if newest else "assistant")

    @invariant()
    def the_assistant_owes_nothing_while_a_person_is_there(self) -> None:
        assert not Turn.objects.filter(status__in=OPEN_TURN_STATUSES).exclude(conversation__status="assistant").exists()


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
def test_whatever_happens_what_must_hold_holds():
    from django.db import transaction

    class Isolated(Chat):
        def __init__(self) -> None:
            self.savepoint = transaction.savepoint()
            super().__init__()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(
        Isolated,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
