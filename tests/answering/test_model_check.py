"""A second opinion on sentences, by a model: it drops, and never lets pass."""

import pytest

from assistant.answering.account import account_of
from assistant.answering.asking import ask as ask_and_keep
from assistant.answering.model_check import opinion_in
from assistant.answering.prompts import template
from assistant.answers import Delta
from assistant.states import Decision, Grounding
from tests.answering.test_replay import replayed
from tests.model_server import behaviours

QUESTION = "Can I return an order, and what does shipping cost?"
RETURNS = "Orders can be returned within 30 days"
NORWAY = "Shipping to Norway takes 6 days and the price is 19 EUR"
INVENTED = "Returns are free within 99 days"


@pytest.fixture
def checking(model_server, settings, monkeypatch):
    """A model that puts the shop's articles in words of its own and adds an invention, and another that checks it."""

    def reworded(prompt):
        number = next((n for n, text in behaviours._PASSAGE.findall(prompt) if "| Norway" in text), "1")
        returns = next((n for n, text in behaviours._PASSAGE.findall(prompt) if "within 30 days" in text), "1")
        return f"{RETURNS} [{returns}].\n\n{NORWAY} [{number}].\n\n{INVENTED} [{returns}]."

    monkeypatch.setitem(behaviours.BEHAVIOURS, "echo", reworded)
    settings.GROUNDING_MODEL = "checker"
    settings.GROUNDING_SECONDS = 20.0
    return model_server


def opinions(answer):
    return {each["sentence"].rstrip("."): each.get("opinion") for each in answer.explanation["sentences"]}


def shown(events):
    return "".join(event.text for event in events if isinstance(event, Delta))


@pytest.mark.parametrize("grounding", Grounding)
def test_a_denied_sentence_is_dropped_and_the_others_stay(checking, ask, grounding):
    checking.set(denies="Norway")
    answer, events = ask(QUESTION, grounding=grounding)
    assert (answer.decision, answer.model) == (Decision.ANSWER, "small-model")
    assert "30 days" in answer.text
    assert "Norway" not in answer.text
    assert "99 days" not in answer.text
    assert ("Norway" in shown(events)) == (grounding is Grounding.AFTER)
    assert opinions(answer) == {RETURNS: "supported", NORWAY: "not supported", INVENTED: None}
    dropped = next(each for each in account_of(answer).sentences if "Norway" in each["sentence"])
    assert (dropped["shown"], dropped["why"]) == (False, "model")
    assert sorted(call.purpose for call in answer.completions) == ["answer", "check", "check"]
    prompt = checking.prompts[-1]
    assert prompt.startswith(template("check"))
    assert prompt.count("</passage>\n\n<question>") == 1


@pytest.mark.parametrize(
    "knobs", [{"checks": "I think so"}, {"checks": '{"supported": "maybe"}'}, {"fault": "500"}, {"fault": "stall"}]
)
def test_without_an_opinion_the_check_by_words_stands(checking, ask, settings, knobs):
    if "fault" in knobs:
        settings.GROUNDING_MODEL = f"checker+{knobs.pop('fault')}"
        settings.GROUNDING_SECONDS = 0.5
    checking.set(**knobs)
    answer, _ = ask(QUESTION)
    assert "30 days" in answer.text
    assert "Norway" in answer.text
    assert "99 days" not in answer.text
    assert opinions(answer) == {RETURNS: "no reply", NORWAY: "no reply", INVENTED: None}


def test_a_silent_checker_is_asked_no_more_and_costs_no_more_time(checking, ask, settings):
    settings.GROUNDING_MODEL, settings.GROUNDING_SECONDS = "checker+stall", 1.0
    answers = [ask(QUESTION)[0] for _ in range(5)]
    assert {answer.decision for answer in answers} == {Decision.ANSWER}
    asked = [[call.outcome for call in answer.completions if call.purpose == "check"] for answer in answers]
    assert "timeout" in asked[0]
    assert asked[-1] == []


def test_when_every_sentence_is_denied_the_articles_are_quoted(checking, ask):
    checking.set(denies="")
    answer, events = ask(QUESTION)
    assert (answer.decision, answer.model, answer.reason) == (Decision.ANSWER, None, "the model's text was not backed")
    assert shown(events) == ""


def test_what_an_article_says_word_for_word_is_not_asked_about(model_server, ask, settings):
    settings.GROUNDING_MODEL = "checker"
    model_server.set(denies="")
    answer, _ = ask("How do I reset my board?")
    assert answer.model == "small-model"
    assert [call.purpose for call in answer.completions] == ["answer"]


def test_opinions_are_replayed_as_they_were(checking, shop):
    checking.set(denies="Norway")
    given = ask_and_keep(QUESTION, "shop")
    asked = len(checking.requests)
    checking.set(denies="30 days")
    both = replayed(given.turn)
    assert both["as_of_then"]["same"], both["as_of_then"]["differences"]
    assert "Norway" in both["as_of_now"]["answer"]["answer"]
    assert len(checking.requests) == asked + 3  # as of now


@pytest.mark.parametrize(
    ("reply", "opinion"),
    [
        ('{"supported": "yes"}', "supported"),
        ('```json\n{"supported": false}\n```', "not supported"),
        ('{"supported": null}', "no reply"),
        ("{yes}", "no reply"),
        ("no", "no reply"),
    ],
)
def test_an_opinion_is_read_from_its_json(reply, opinion):
    assert opinion_in(reply) == opinion
