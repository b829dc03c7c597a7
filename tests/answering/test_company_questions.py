"""Questions to the company are looked up; what is asked of the assistant itself is small talk."""

from pathlib import Path

import pytest

from assistant.answering import guardrails
from assistant.answering.guardrails import SMALL_TALK_REASON, Verdict
from assistant.states import Decision
from benchmarks.evaluation import sets

COMPANY = Path(__file__).parents[2] / "benchmarks" / "acts" / "company.tsv"
TUNING = [
    (language, text)
    for language, text in (line.split("\t") for line in COMPANY.read_text(encoding="utf-8").splitlines()[1:])
    if sets.part_of(text) == "tuning"
]
# So like what the assistant is asked that an article has to tell: they are looked up first.
LOOKED_UP_FIRST = {"Do you have pets' insurance?", "Where do you roast your coffee?", "Where are you based?"}
TALK = "All I know is what this help centre says."


@pytest.mark.parametrize(
    "text",
    [
        "Do you have a warranty?",
        "Do you sell shoes?",
        "Are you GDPR compliant?",
        "Are you open today?",
        "Are you hiring?",
        "My colleague too?",
        "Is there a warranty?",
        "Who do you ship with?",
        "Do you accept crypto?",
        "Can you engrave a ring?",
        "Are you insured?",
        "I don't want the bot to answer at night",
        "Should we be concerned about jailbreak attempts from non-authorized sources?",
    ],
)
def test_a_question_to_the_company_is_looked_up(text):
    assert guardrails.read(text) is None


def test_no_question_to_a_company_is_small_talk_for_certain():
    for language, text in TUNING:
        verdict = guardrails.read(text, language=language)
        assert verdict is None or (verdict.unless_found and text in LOOKED_UP_FIRST), text


@pytest.mark.parametrize(
    "text",
    [
        "Do you have a dog?",
        "Do you have any hobbies?",
        "Are you a robot?",
        "Are you human?",
        "How old are you?",
        "Who made you?",
        "What is your name?",
        "Tell me a joke",
        "Do you like pizza?",
        "What can you do?",
        "thanks a lot",
        "How are you today?",
    ],
)
def test_what_is_asked_of_the_assistant_itself_is_small_talk(text):
    assert guardrails.read(text).reason == SMALL_TALK_REASON


@pytest.fixture
def doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message may be small talk, unless an article answers it."""
    verdict = Verdict(Decision.ANSWER, SMALL_TALK_REASON, TALK, {"rule": "sentence read as aside"}, unless_found=True)
    monkeypatch.setattr(guardrails, "read", lambda *_: verdict)


@pytest.mark.usefixtures("doubtful")
def test_what_may_be_small_talk_is_answered_from_the_article_that_answers_it(ask):
    answer, _ = ask("Can I return an order within 30 days?")
    assert answer.decision == Decision.ANSWER
    assert answer.sources[0].article == "shipping"


@pytest.mark.usefixtures("doubtful")
def test_and_is_small_talk_where_none_does_with_the_record_of_the_search(ask):
    answer, _ = ask("Do you like penguins?")
    assert (answer.decision, answer.reason, answer.text) == (Decision.ANSWER, SMALL_TALK_REASON, TALK)
    assert answer.sources == ()
    assert answer.explanation["basis"] == {"rule": "sentence read as aside", "otherwise": "not in the help centre"}
    assert answer.explanation["candidates"]


@pytest.mark.usefixtures("doubtful")
def test_the_customers_own_case_is_never_small_talk(ask):
    answer, _ = ask("My parcel with the penguins never arrived")
    assert answer.reason != SMALL_TALK_REASON
