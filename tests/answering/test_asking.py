"""Who asks without a browser is told what the turn ended with, and its turn is kept like any other's."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, connection

from assistant.answering import asking, dispatch, pipeline, turns
from assistant.answers import AnswerUnavailable
from assistant.conversations import desk
from assistant.events.threads import in_thread
from assistant.models import Conversation, Message, Turn
from assistant.states import Role
from tests.cast import make_agent, make_answer
from tests.product import eventually

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "How do I reset my board?"


class Generations:
    """In the pipeline's stead: what each generation says, by its number from 1; None for one that never ends."""

    def __init__(self, *texts):
        self.texts = texts
        self.seconds = 0.0
        self.begun = 0
        self.cancelled = []

    async def __call__(self, *_arguments):
        self.begun += 1
        number, text = self.begun, self.texts[self.begun - 1]
        try:
            await asyncio.sleep(self.seconds if text else 60)
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        return make_answer(text=text)


@pytest.fixture
def generations(monkeypatch, shop):
    def put(*texts):
        made = Generations(*texts)
        monkeypatch.setattr(pipeline, "answer", made)
        return made

    return put


def asked(*arguments):
    try:
        return asking.ask(*arguments)
    finally:
        connection.close()


def open_turn(threads, *arguments):
    """A question that is being worked on: what will be told, and its conversation."""
    telling = threads.submit(asked, QUESTION, "shop", *arguments)
    eventually(lambda: Turn.objects.filter(status="running").exists(), "it is worked on", 10)
    return telling, str(Conversation.objects.get().pk)


def test_who_asks_first_is_told_the_turns_outcome_and_the_older_generation_is_ended(generations):
    made = generations(None, "told to both")
    with ThreadPoolExecutor(max_workers=1) as threads:
        first, conversation = open_turn(threads)
        eventually(lambda: made.begun == 1, "the first generation is there", 10)
        second = asked("And the blue one?", "shop", conversation)
        told = first.result(timeout=10)
    assert told == second
    assert told.answer.text == "told to both"
    assert [said.text for said in Message.objects.filter(turn=told.turn, role=Role.ASSISTANT)] == ["told to both"]
    assert made.cancelled == [1]


def test_a_turn_is_given_up_at_its_deadline_and_that_is_said(generations, settings):
    settings.TURN_DEADLINE_SECONDS = 1
    made = generations(None)
    with pytest.raises(AnswerUnavailable, match="out of time"):
        asking.ask(QUESTION, "shop")
    assert made.cancelled == [1]
    assert Turn.objects.get().status == "failed"


def test_a_lease_that_cannot_be_renewed_once_is_renewed_later(generations, settings, monkeypatch):
    settings.TURN_DEADLINE_SECONDS = 4
    generations(None)
    renewals, renew = [], turns.renew_all

    def at_first_not(several):
        renewals.append(several)
        if len(renewals) == 1:
            raise DatabaseError("away")
        return renew(several)

    monkeypatch.setattr(turns, "renew_all", at_first_not)
    with pytest.raises(AnswerUnavailable):
        asking.ask(QUESTION, "shop")
    assert len(renewals) > 1


def test_who_is_taken_over_meanwhile_is_told_that_a_person_has_it(generations):
    generations(None)
    with ThreadPoolExecutor(max_workers=1) as threads:
        first, conversation = open_turn(threads)
        desk.take_over(conversation, make_agent("mia"))
        told = first.result(timeout=10)
    assert (told.answer.decision, told.answer.reason) == ("escalate", "with a person")


def test_where_a_process_serves_the_answer_takes_a_slot_or_its_place_in_the_queue(generations, settings):
    settings.INLINE_TURNS = 1
    settings.QUEUE_TURNS = 1
    generations("one", None, "three", "four")

    async def served():
        dispatch.slots.open()
        first = await asking.ask_beside_others(QUESTION, "shop")
        taking = asyncio.create_task(asking.ask_beside_others(QUESTION, "shop"))
        await in_thread(eventually, lambda: Turn.objects.filter(status="running").exists(), "it has the slot", 10)
        waiting = asyncio.create_task(asking.ask_beside_others(QUESTION, "shop"))
        promised = Turn.objects.filter(status="queued").exclude(lease_until=None)
        await in_thread(eventually, promised.exists, "it waits", 10)
        with pytest.raises(AnswerUnavailable, match="the queue was full"):
            await asking.ask_beside_others(QUESTION, "shop")
        await dispatch.slots.close()
        return first, await asyncio.gather(taking, waiting, return_exceptions=True)

    first, gone = async_to_sync(served)()
    assert first.answer.text == "one"
    assert [str(error) for error in gone] == ["this process goes down, and others go on with the turn"] * 2
    assert list(Turn.objects.filter(status="queued").values_list("failures", flat=True)) == [0, 0]


def test_whoever_leaves_is_answered_all_the_same(generations):
    generations("answered").seconds = 1.0

    async def leaves():
        dispatch.slots.open()
        asking_them = asyncio.create_task(asking.ask_beside_others(QUESTION, "shop"))
        await in_thread(eventually, Message.objects.exists, "the question is kept", 10)
        asking_them.cancel()
        await in_thread(eventually, Turn.objects.filter(status="done").exists, "it is answered", 10)
        await dispatch.slots.close()

    async_to_sync(leaves)()
