"""Calls are paid by their turn: counted, bounded and kept, whatever becomes of them."""

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from datetime import timedelta
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError
from django.utils import timezone
from prometheus_client import REGISTRY

from assistant.answering import tasks, turns
from assistant.answers import CompletionRecord
from assistant.conversations import services
from assistant.conversations.spending import CHECKS_A_TURN, PutDownSoon, TurnPayer, asked_in_vain, paid_by_turn
from assistant.events.threads import begun_in_thread, in_thread
from assistant.llm import gateway, health
from assistant.llm.openai import close_clients
from assistant.llm.port import Call, Earlier, ModelFailure, Tally
from assistant.models import Completion, Spend, Turn, Widget
from tests.cast import client_id, make_visitor, make_widget
from tests.llm.test_openai import PROMPT
from tests.product import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(transactional_db):
    """A claimed turn."""
    return begun()


def begun(visitor=None, conversation=None):
    visitor = visitor or make_visitor(make_widget())
    accepted = services.accept_message(conversation, visitor.session, client_id(), "How do I open the settings?")
    return turns.claim(accepted.turn_id, "test")


def reserve(held, usd=None, **fields):
    """One reservation; the kind of failure where it is refused."""
    payer = TurnPayer(held.turn_id, held.attempt, capped=True)
    call = Call(1e9, Tally(0.0), **fields)
    try:
        return payer, async_to_sync(payer.reserve)(call, "small", "models.example", usd)
    except ModelFailure as failure:
        return payer, failure.kind


def settle(payer, reserved, **fields):
    payer.settle(reserved, CompletionRecord("answer", "small", **{"outcome": "ok", **fields}))
    async_to_sync(payer.settled)()


def spent():
    return dict(Spend.objects.values_list("scope", "usd"))


def test_what_an_earlier_attempt_asked_in_vain_is_known_to_the_next(held):
    since = timezone.now()
    assert asked_in_vain(held.turn_id, since) == Earlier()
    for fields in ({"outcome": "timeout"}, {"outcome": "timeout", "first_token_ms": 90.0}, {"outcome": "ok"}):
        payer, reserved = reserve(held)
        settle(payer, reserved, total_ms=8000.0, **fields)
    for fields in ({"purpose": "rewrite"}, {}):  # the latter was not reached, which is known sooner
        payer, reserved = reserve(held, **fields)
        settle(payer, reserved, outcome="timeout", total_ms=3000.0)
    silent = frozenset({("small", "models.example")})
    assert asked_in_vain(held.turn_id, since) == Earlier(silent, 8.0, calls=4)
    assert asked_in_vain(held.turn_id, timezone.now()) == Earlier()  # another message came
    payer, reserved = reserve(held)  # beside the first, as a hedge is
    settle(payer, reserved, outcome="timeout", total_ms=9000.0)
    assert 9.0 <= asked_in_vain(held.turn_id, since).seconds < 10.0
    Completion.objects.filter(pk=reserved.completion).update(created_at=timezone.now() + timedelta(hours=2))
    assert asked_in_vain(held.turn_id, since).seconds == 17.0  # a clock was moved


def test_a_turn_makes_so_many_calls_over_all_its_attempts(held, settings):
    settings.LLM_CALLS_A_TURN = 3
    for _ in range(2):
        reserve(held)
    turns.release(held, failed=True)
    again = turns.claim(held.turn_id, "test")
    assert reserve(held)[1] == "spent"  # the attempt is no more the newest
    assert reserve(again)[1] != "spent"
    assert reserve(again)[1] == "spent"
    assert Turn.objects.get().calls == Completion.objects.count() == 3
    assert reserve(again, purpose="check")[1] != "spent"
    Turn.objects.update(checks=CHECKS_A_TURN)
    assert reserve(again, purpose="check")[1] == "spent"


def test_what_a_call_may_cost_is_set_aside_and_put_right(held):
    payer, reserved = reserve(held, usd=0.5)
    assert spent() == dict.fromkeys(("conversation", "widget", "day"), Decimal("0.5"))
    assert Completion.objects.get().outcome == "started"  # all that a killed process leaves
    settle(payer, reserved, prompt_tokens=70, completion_tokens=7, cost_usd=0.012345, estimated=True)
    assert spent() == dict.fromkeys(("conversation", "widget", "day"), Decimal("0.012345"))
    row = Completion.objects.get()
    assert (row.outcome, row.kind, row.provider, row.estimated) == ("ok", "first", "models.example", True)
    assert (row.turn_id, row.cost_usd) == (held.turn_id, Decimal("0.012345"))
    assert set(Spend.objects.values_list("tokens", flat=True)) == {77}


@pytest.mark.parametrize("cap", ["COST_CAP_CONVERSATION_USD", "COST_CAP_WIDGET_USD", "COST_CAP_DAY_USD"])
def test_no_cap_is_passed_and_a_refused_call_leaves_nothing(held, settings, cap):
    setattr(settings, cap, 1.0)
    payer, reserved = reserve(held, usd=0.6)
    assert reserve(held, usd=0.6)[1] == "spent"
    assert (Turn.objects.get().calls, Completion.objects.count()) == (1, 1)
    assert set(spent().values()) == {Decimal("0.6")}
    assert reserve(held, usd=0.1)[1] != "spent"  # a cheaper one still fits
    settle(payer, reserved, cost_usd=0.05)
    assert reserve(held, usd=0.6)[1] != "spent"


def test_a_widget_has_caps_of_its_own_or_none(held, settings):
    settings.COST_CAP_CONVERSATION_USD = settings.COST_CAP_WIDGET_USD = 1.0
    Widget.objects.update(cost_cap_conversation_usd=0, cost_cap_day_usd=Decimal("0.20"))
    assert reserve(held, usd=0.3)[1] == "spent"
    Widget.objects.update(cost_cap_day_usd=0)
    assert reserve(held, usd=7.0)[1] != "spent"


def test_without_a_price_a_cap_lets_nothing_through(held, settings):
    assert reserve(held)[1] != "spent"
    assert not Spend.objects.exists()
    settings.COST_CAP_DAY_USD = 1.0
    assert reserve(held)[1] == "spent"


def test_calls_at_the_same_time_do_not_slip_past_a_cap(settings, transactional_db):
    settings.COST_CAP_DAY_USD, settings.LLM_CALLS_A_TURN = 1.0, 100
    widget = make_widget()
    held = [begun(make_visitor(widget)) for _ in range(4)]
    came, gate = [], threading.Barrier(12)

    def send(number):
        gate.wait()
        came.append(reserve(held[number % 4], usd=0.3)[1])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each != "spent" for each in came) == 3
    assert Spend.objects.get(scope="day").usd == Decimal("0.9")


def test_past_days_are_forgotten_and_not_what_a_cap_still_reads(held):
    reserve(held, usd=0.5)
    today = timezone.now().date()
    for days in range(4):
        Spend.objects.create(scope="day", key=f"{days} days ago", day=today - timedelta(days=days))
    tasks.housekeeping()
    kept = set(Spend.objects.filter(usd=0).values_list("key", flat=True))
    assert kept == {"0 days ago", "1 days ago"}
    assert spent().keys() == {"conversation", "widget", "day"}
    assert Completion.objects.count() == 1


def test_every_call_of_a_turn_is_kept_and_a_cancelled_one_too(model_server, held, settings):
    settings.LLM_PRICES = ["small-model=1/10"]
    model_server.set(fault="500", times=1)

    async def asked(until):
        async def on_text(offset, text):
            until.set()

        until.clear()
        return await gateway.complete(PROMPT, on_text, asyncio.get_running_loop().time() + 20)

    async def turn():
        heard = asyncio.Event()
        async with paid_by_turn(held.turn_id, held.attempt):
            whole = await asked(heard)
            heard.clear()
            model_server.set(token=0.5)
            leaving = asyncio.create_task(asked(heard))
            await heard.wait()
            leaving.cancel()
            await asyncio.wait([leaving])
        await close_clients()
        return whole

    whole = async_to_sync(turn)()
    assert whole.model == "small-model"
    kept = Completion.objects.order_by("pk").values_list("kind", "outcome", "estimated")
    assert list(kept) == [("first", "overloaded", False), ("retry", "ok", False), ("first", "cancelled", True)]
    assert Spend.objects.get(scope="day").usd == sum(Completion.objects.values_list("cost_usd", flat=True)) > 0
    assert Turn.objects.get().calls == 3


def test_no_completion_waits_until_its_calls_are_kept_and_who_leaves_keeps_them_too(model_server, held):
    gate = threading.Event()

    async def on_text(offset, text):
        for _ in range(0 if offset else 8):
            begun_in_thread(gate.wait)  # no thread is left for what comes next

    async def turn():
        async with paid_by_turn(held.turn_id, held.attempt) as payer:
            whole = await gateway.complete(PROMPT, on_text, asyncio.get_running_loop().time() + 20)
            waited = gate.is_set()
            leaving = asyncio.create_task(payer.settled())
            await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.wait([leaving])
            gate.set()
        await close_clients()
        return whole.model, waited

    patience = threading.Timer(20, gate.set)
    patience.start()
    assert async_to_sync(turn)() == ("small-model", False)
    patience.cancel()
    assert Completion.objects.get().outcome == "ok"


def test_where_nothing_is_capped_the_first_call_is_put_down_while_it_is_made_and_then_settled(model_server, held):
    model_server.set(first=0.3)

    async def turn(leave_after=None):
        async with paid_by_turn(held.turn_id, held.attempt, capped=False):
            asking = gateway.complete(PROMPT, gateway.unheard, asyncio.get_running_loop().time() + 20)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asking, leave_after)
        await close_clients()

    async def looked_at():
        asking = asyncio.create_task(turn())
        await in_thread(eventually, Completion.objects.filter(outcome="started").exists, "it is put down")
        await in_thread(eventually, lambda: model_server.requests, "it is made")
        await asking

    async_to_sync(looked_at)()
    async_to_sync(turn)(leave_after=0.001)  # before it was put down
    turns.release(held, failed=False)
    async_to_sync(turn)(leave_after=0.1)  # the turn is no more this attempt's
    kept = Completion.objects.order_by("pk").values_list("kind", "outcome")
    assert list(kept) == [("first", "ok"), ("first", "cancelled"), ("first", "cancelled")]
    assert Turn.objects.get().calls == 3


def test_only_the_first_call_of_a_first_attempt_is_not_asked_for_beforehand(held):
    async def reserved(attempt, capped):
        paying = TurnPayer(held.turn_id, attempt, capped)
        both = [await paying.reserve(Call(1e9, Tally(0.0)), "small", "models.example", None) for _ in range(2)]
        for one in both:
            paying.settle(one, CompletionRecord("answer", "small", "ok", 0, 0))
        await paying.settled()
        return [isinstance(one, PutDownSoon) for one in both]

    assert async_to_sync(reserved)(1, capped=False) == [True, False]
    assert async_to_sync(reserved)(1, capped=True) == [False, False]
    turns.release(held, failed=False)
    again = turns.claim(held.turn_id, "test")
    assert async_to_sync(reserved)(again.attempt, capped=False) == [False, False]
    assert Completion.objects.filter(outcome="ok").count() == 6


def test_what_is_made_is_put_down_whatever_it_costs_and_once_more_where_that_failed(held, settings):
    settings.COST_CAP_DAY_USD = 0.000001
    paying = TurnPayer(held.turn_id, 1, capped=False)
    away = Future()
    away.set_exception(OperationalError("the database was away"))

    async def called():
        reserved = await paying.reserve(Call(1e9, Tally(0.0)), "small", "models.example", 0.5)
        reserved._begun = away
        paying.settle(reserved, CompletionRecord("answer", "small", "ok", 7, 3, cost_usd=0.25))
        await paying.settled()

    async_to_sync(called)()
    assert Completion.objects.get().outcome == "ok"
    assert set(spent().values()) == {Decimal("0.25")}
    assert Turn.objects.get().calls == 1


def test_past_the_cap_a_cheaper_model_is_asked_then_none(model_server, held, settings):
    settings.LLM_FALLBACK_MODELS = ["cheap"]
    settings.LLM_PRICES = ["small-model=100/1000", "cheap=0.01/0.01"]
    settings.COST_CAP_CONVERSATION_USD = 0.01

    async def asked():
        try:
            async with paid_by_turn(held.turn_id, held.attempt):
                return await gateway.complete(PROMPT, gateway.unheard, asyncio.get_running_loop().time() + 20)
        finally:
            await close_clients()

    def counted():
        return REGISTRY.get_sample_value("answerdesk_calls_refused_total", {"scope": "conversation"}) or 0

    before, cheaper = counted(), async_to_sync(asked)()
    assert [(call.model, call.outcome, call.scope) for call in cheaper.records] == [
        ("small-model", "spent", "conversation"),
        ("cheap", "ok", ""),
    ]
    settings.COST_CAP_CONVERSATION_USD = 0.000001
    none = async_to_sync(asked)()
    assert (none.failure, none.is_capped, len(model_server.requests)) == ("spent", True, 1)
    assert counted() - before == 3


@pytest.mark.parametrize("fault", ["toolong", "empty", "filtered"])
def test_completions_of_no_use_reach_the_cap_too(model_server, held, settings, fault):
    settings.LLM_MODEL = f"echo+{fault}+unseen:1994"
    settings.LLM_PRICES = [f"{settings.LLM_MODEL}=1/10"]
    settings.COST_CAP_CONVERSATION_USD, settings.LLM_CALLS_A_TURN = 0.07, 1000

    async def asked():
        async with paid_by_turn(held.turn_id, held.attempt) as paying:
            for _ in range(8):
                health.seen.clear()  # of what comes back empty a breaker soon makes no more calls
                completion = await gateway.complete(PROMPT, gateway.unheard, asyncio.get_running_loop().time() + 20)
                await paying.settled()
        await close_clients()
        return completion

    assert async_to_sync(asked)().is_capped
    by_the_server = len(model_server.requests) * Decimal("0.0201")
    assert Spend.objects.get(scope="conversation").usd == by_the_server == Decimal("0.0603")
