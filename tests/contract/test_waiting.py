"""What a customer sees while an answer takes its time, and that a turn that changed is really left."""

import asyncio
import uuid
from urllib.parse import urlsplit

import pytest

from assistant.answering.tasks import answer_turn
from assistant.conversations import services
from assistant.events.threads import in_thread
from assistant.models import Completion, Turn
from tests.cast import client_id, make_visitor, make_widget
from tests.contract.client import opened
from tests.contract.conftest import publish_articles
from tests.contract.server import web_process
from tests.contract.test_hand_over import requested, streams_of
from tests.contract.test_lost_processes import outcomes

QUESTION = "How do I reset the blue kettle?"
QUICK = {"FIRST_SIGN_SECONDS": "0.3", "SLOW_NOTICE_SECONDS": "1"}
# A stream that stalls stays open until somebody closes it.
PATIENT = {"TOKEN_GAP_BUDGET_SECONDS": "100", "TURN_DEADLINE_SECONDS": "110", "BURST_PAUSE_SECONDS": "3"}


@pytest.fixture(scope="module")
def server(database, running_model_server):
    publish_articles()
    knobs = {"OPENAI_BASE_URL": running_model_server.base_url, "LLM_MODEL": "echo", **QUICK, **PATIENT}
    with web_process(**knobs) as running:
        yield running


def observe(provider, count, first_token_ms, total_ms):
    visitor = make_visitor(make_widget())
    turn = services.accept_message(None, visitor.session, client_id(), "hello").turn_id
    times = {"first_token_ms": first_token_ms, "total_ms": total_ms}
    Completion.objects.bulk_create(
        Completion(turn_id=turn, attempt=number, model="echo", provider=provider, outcome="ok", **times)
        for number in range(count)
    )


async def test_a_slow_answer_is_explained_with_what_is_known(server, widget, model):
    await in_thread(observe, urlsplit(model.base_url).netloc, 20, 8000.0, 9000.0)
    model.set(first=4.0)
    async with opened(server.address, widget.key) as (client, welcome):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.status", status="searching", turn=turn)
        delayed = await client.until("answer.status", status="delayed", turn=turn)
        while "estimate_seconds" not in delayed:  # the first may come before a model is asked
            delayed = await client.until("answer.status", status="delayed", turn=turn)
        assert 1 <= delayed["estimate_seconds"] <= 9
        assert delayed["sources"][0]["article"].startswith("kettle")
        await client.until("answer.status", status="delayed", turn=turn)  # said again, with what is left by then
        answer = await client.answer(turn)
    assert answer["message"]["decision"] == "answer"
    assert (await in_thread(Turn.objects.get, pk=turn)).late_at is not None
    assert await in_thread(outcomes, welcome["conversation"], turn) == [answer]


async def test_small_talk_is_heard_at_once_too(server, widget):
    async with opened(server.address, widget.key) as (client, _):
        turn = (await client.say("Thanks!"))["message"]["turn"]
        await client.answer(turn)
    types = [frame["type"] for frame in client.received]
    asked = types.index("message.created")
    assert types[asked + 1 : asked + 3] == ["answer.status", "answer.started"]
    assert client.of("answer.status")[0]["status"] == "searching"


async def test_a_model_that_trickles_is_explained_behind_its_first_sentence_too(server, widget, model):
    model.set(token=0.15)
    async with opened(server.address, widget.key) as (client, _):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await client.until("answer.delta", turn=turn)
        await client.until("answer.status", status="delayed", turn=turn)
        answer = await client.answer(turn)
    assert answer["message"]["decision"] == "answer"


async def test_who_waits_in_the_queue_sees_so_without_any_worker(database, widget):
    with web_process(INLINE_TURNS="0", **QUICK) as running:
        async with opened(running.address, widget.key) as (client, _):
            turn = (await client.say(QUESTION))["message"]["turn"]
            await client.until("answer.status", status="searching", turn=turn)
            delayed = await client.until("answer.status", status="delayed", turn=turn)
            assert "estimate_seconds" not in delayed
            await client.send("answer.stop", turn=turn)
            assert (await client.answer(turn))["message"]["stopped"]
    assert (await in_thread(Turn.objects.get, pk=turn)).late_at is not None


async def test_a_burst_is_answered_together_by_one_more_generation(server, widget, model):
    model.set(fault="stall", after=3, times=1)
    async with opened(server.address, widget.key) as (client, welcome):
        turn = (await client.say(QUESTION))["message"]["turn"]
        await streams_of(model, 1)
        for words in ("The blue one,", "from last year,", "with the red button."):
            assert (await client.say(words))["message"]["turn"] == turn
            await asyncio.sleep(0.6)  # time enough to ask the model, for a generation that began
        answer = await client.answer(turn)
        assert len(model.requests) == 2
        assert all(words in model.prompts[-1] for words in ("blue one,", "last year,", "red button."))
        await streams_of(model, 0)
    assert await in_thread(outcomes, welcome["conversation"], turn) == [answer]


async def test_another_process_ends_the_models_stream_and_repeats_change_nothing(server, widget, model):
    knobs = {"OPENAI_BASE_URL": model.base_url, "LLM_MODEL": "echo", **QUICK, **PATIENT}
    model.set(fault="stall", after=3)
    with web_process(**knobs) as elsewhere:
        async with opened(server.address, widget.key) as (here, welcome):
            asked = str(uuid.uuid4())
            turn = (await here.say(QUESTION, asked))["message"]["turn"]
            await streams_of(model, 1)
            tab = {"session": welcome["session"], "conversation": welcome["conversation"], "after": 0}
            async with opened(elsewhere.address, widget.key, **tab) as (there, _):
                for client in (here, there, there):  # a resend, a double click, and a task that is replayed
                    await client.send("message.send", client_id=asked, text=QUESTION)
                    await in_thread(answer_turn, turn)  # as a worker does; it returns once it is done with the turn
                await there.send("ping")
                await there.until("pong")
                assert len(model.requests) == 1
                assert (await in_thread(Turn.objects.get, pk=turn)).attempt == 1
                await there.say("It is the blue one.")
                await requested(model, 2)
                await streams_of(model, 1)  # the first one's was closed
                await there.send("answer.stop", turn=turn)
                stopped = await here.answer(turn)
                await streams_of(model, 0)
    assert await in_thread(outcomes, welcome["conversation"], turn) == [stopped]
