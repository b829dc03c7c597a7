import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assistant.answering import wording
from assistant.conversations.services import accept_message
from assistant.models import Citation, Completion, EscalationRule, Message, Turn, Widget
from assistant.states import Role, TurnStatus
from tests.cast import client_id, make_visitor, make_widget

KEYS = {"decision", "reason", "answer", "confidence", "sources", "model", "timings_ms", "turn", "conversation"}
SOURCE_KEYS = {"n", "article", "title", "url", "heading", "quote", "score"}


def run(*arguments):
    """What the command prints, as JSON."""
    out = StringIO()
    call_command("ask", *arguments, "--collection", "shop", "--json", stdout=out)
    return json.loads(out.getvalue())


def test_an_answer_with_its_turn_and_conversation(shop):
    printed = run("How do I reset my board?")
    assert set(printed) == KEYS
    assert set(printed["sources"][0]) == SOURCE_KEYS
    assert (printed["decision"], printed["model"]) == ("answer", None)
    assert set(printed["timings_ms"]) == {"retrieve", "first_token", "total"}
    turn = Turn.objects.get(pk=printed["turn"])
    assert (turn.status, turn.decision, str(turn.conversation_id)) == (
        TurnStatus.DONE,
        "answer",
        printed["conversation"],
    )
    assert Message.objects.get(turn=turn, role=Role.ASSISTANT).text == printed["answer"]
    assert Citation.objects.get(message__turn=turn).quote == printed["sources"][0]["quote"]


def test_with_no_call_left_the_articles_are_quoted(model_server, shop, settings):
    settings.LLM_CALLS_A_TURN = 0
    printed = run("How do I reset my board?")
    assert (printed["decision"], printed["model"], printed["reason"]) == ("answer", None, "no model answered")
    assert model_server.requests == []
    settings.LLM_CALLS_A_TURN = 1
    assert run("How do I reset my board?")["model"] == "small-model"
    assert [call.outcome for call in Completion.objects.all()] == ["ok"]


def test_what_a_cost_cap_refused_stands_in_the_answers_reason_and_record(model_server, shop, settings):
    settings.LLM_PRICES, settings.COST_CAP_DAY_USD = ["small-model=100/1000"], 0.01
    printed = run("How do I reset my board?")
    assert (printed["decision"], printed["model"], printed["reason"]) == ("answer", None, "the cost cap is reached")
    [call] = Turn.objects.get(pk=printed["turn"]).explanation["completions"]
    assert (call["model"], call["outcome"], call["scope"]) == ("small-model", "spent", "day")


def test_past_a_cost_cap_a_person_is_brought_for_what_no_article_answers(model_server, shop, settings):
    settings.LLM_PRICES = ["small-model=100/1000"]
    question = "Which composer wrote the longest opera of the nineteenth century?"
    assert run(question)["decision"] == "abstain"
    settings.COST_CAP_DAY_USD = 0.01
    printed = run(question)
    assert (printed["decision"], printed["reason"]) == ("escalate", "the cost cap is reached")
    assert printed["answer"].startswith(wording.said("only_quoting"))
    assert Turn.objects.get(pk=printed["turn"]).explanation["basis"] == {"rule": "the cost cap is reached"}
    assert model_server.requests == []


def test_a_conversation_goes_on(shop):
    first = run("How much is shipping to Italy?")
    second = run("and to Norway?", "--conversation", first["conversation"])
    assert second["conversation"] == first["conversation"]
    assert "Norway" in second["answer"]


def test_a_conversation_knows_its_collection(shop):
    first = run("How much is shipping to Italy?")
    out = StringIO()
    call_command("ask", "and to Norway?", "--conversation", first["conversation"], stdout=out)
    assert "Norway" in out.getvalue()
    assert "/help/shop/shipping" in out.getvalue()


def test_a_rule_for_all_holds_on_the_command_line_and_is_recorded(shop):
    EscalationRule.objects.create(name="Norway", phrases=["norwegian orders"])
    asked = run("How much is shipping? It is a Norwegian order")
    assert (asked["decision"], asked["reason"]) == ("escalate", "rule: Norway")
    assert Turn.objects.get(pk=asked["turn"]).explanation["basis"]["rule"] == "escalation rule Norway"


def test_a_rule_of_the_collections_widget_holds_and_one_of_another_does_not(shop):
    asked = run("How much is shipping? It is a Norwegian order")
    site = make_widget("shop")
    EscalationRule.objects.create(name="Norway", phrases=["norwegian orders"], widget=site)
    EscalationRule.objects.create(name="Order", phrases=["order"], widget=make_widget("shop"))
    EscalationRule.objects.create(name="Shipping", phrases=["shipping"], widget=make_widget("other"))
    again = run("How much is shipping? It is a Norwegian order")
    assert (asked["decision"], again["reason"]) == ("answer", "rule: Norway")
    site.active = False
    site.save()
    assert run("How much is shipping? It is a Norwegian order")["reason"] == "rule: Order"


def test_the_widgets_cost_of_a_wrong_answer_decides_and_is_recorded(shop):
    site = make_widget("shop")
    first = run("How much is shipping to Italy?")
    assert first["decision"] == "answer"
    site.wrong_answer_cost = 99
    site.save()
    second = run("How much is shipping to Italy?", "--conversation", first["conversation"])
    assert second["decision"] == "abstain"
    basis = Turn.objects.get(pk=second["turn"]).explanation["basis"]
    assert basis["value"] == second["confidence"] < basis["threshold"] == 0.99
    assert basis["wrong_answer_cost"] == 99


def test_two_failures_bring_a_person_who_then_has_the_conversation(shop):
    first = run("What is the capital of Mongolia?")
    assert first["decision"] == "abstain"
    second = run("Who won the football yesterday?", "--conversation", first["conversation"])
    assert (second["decision"], second["reason"]) == ("escalate", "not found twice")
    third = run("hello?", "--conversation", first["conversation"])
    assert (third["decision"], third["turn"]) == ("escalate", None)


def test_a_customers_conversation_is_not_continued_in_their_name(shop):
    accepted = accept_message(None, make_visitor(make_widget("shop")).session, client_id(), "Hello")
    with pytest.raises(CommandError) as error:
        run("How?", "--conversation", str(accepted.message_event.conversation_id))
    assert error.value.returncode == 2
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["How?", "--collection", "nowhere"],
        ["How?", "--conversation", "no-such-id"],
        ["How?", "--conversation", "0309f327-a651-4315-ac6a-0fb8249ebb5a"],
        ["  ", "--collection", "shop"],
        ["x" * 8001, "--collection", "shop"],
    ],
)
def test_wrong_usage_is_status_2(shop, arguments):
    with pytest.raises(CommandError) as error:
        call_command("ask", *arguments)
    assert error.value.returncode == 2


def test_no_site_can_embed_the_channel_of_the_command_line(shop):
    run("thanks")
    run("bye")
    assert [widget.active for widget in Widget.objects.filter(collection__slug="shop")] == [False]
