"""No answer though the confidence was enough: the record names the rule that kept it back."""

from io import StringIO

import pytest
from django.core.management import call_command

from assistant.answering import outcomes
from assistant.answering.asking import ask as ask_and_keep
from assistant.answers import Said
from assistant.states import Decision, Role
from tests.answering.test_replay import replayed

QUESTION = "How do I reset my board?"
NO_ANSWER = "the model found no answer in the passages"
NOT_QUOTED = "nothing in the passages can be quoted"


@pytest.fixture
def nothing_to_quote(monkeypatch):
    for name in ("quoted_text", "quoted_in_parts"):
        monkeypatch.setattr(outcomes, name, lambda *_: None)


def test_a_model_that_finds_no_answer_is_the_rule(model_server, ask):
    model_server.set(behaviour="unknown")
    answer, _ = ask(QUESTION)
    assert (answer.decision, answer.explanation["basis"]) == (Decision.ABSTAIN, {"rule": NO_ANSWER})


def test_the_second_failure_keeps_why_the_articles_did_not_answer(model_server, ask):
    model_server.set(behaviour="unknown")
    history = (Said(Role.CUSTOMER, QUESTION), Said(Role.ASSISTANT, ask(QUESTION)[0].text))
    kept = ask(QUESTION, history)[0].explanation
    assert (kept["basis"], kept["answerable"]) == (outcomes.SECOND_FAILURE, {"rule": NO_ANSWER})


def test_the_second_failure_below_the_threshold_keeps_the_figures(ask):
    kept = ask("What is the capital of Mongolia?", second_failure=True)[0].explanation
    assert kept["answerable"]["value"] < kept["answerable"]["threshold"]


def test_passages_without_a_word_to_quote_are_the_rule(ask, nothing_to_quote):
    answer, _ = ask(QUESTION)
    assert (answer.decision, answer.reason) == (Decision.ABSTAIN, "not in the help centre")
    assert answer.explanation["basis"] == {"rule": NOT_QUOTED}


def test_a_text_without_a_backed_sentence_is_the_rule(model_server, ask, nothing_to_quote):
    model_server.set(behaviour="plain")
    answer, _ = ask(QUESTION)
    assert answer.decision is Decision.ABSTAIN
    assert answer.explanation["basis"] == {"rule": f"the model's text was not backed, and {NOT_QUOTED}"}


def test_a_replay_names_it(model_server, shop):
    model_server.set(behaviour="unknown")
    turn = ask_and_keep(QUESTION, "shop").turn
    both = replayed(turn)
    assert both["as_of_then"]["same"]
    assert both["recorded"]["basis"] == both["as_of_then"]["answer"]["basis"] == {"rule": NO_ANSWER}
    out = StringIO()
    call_command("replay", str(turn), stdout=out)
    assert f"because of: {NO_ANSWER}" in out.getvalue()
