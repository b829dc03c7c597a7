import pytest

from assistant.answering import guardrails
from assistant.answers import Said
from assistant.states import Decision, Role

OFFERED = (
    Said(Role.CUSTOMER, "Do you ship to the moon?"),
    Said(Role.ASSISTANT, f"No idea. {guardrails.OFFER_OF_A_PERSON}"),
)


def decided(text, history=()):
    verdict = guardrails.read(text, history)
    return (verdict.decision, verdict.reason) if verdict else None


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a person",
        "Human please",
        "agent",
        "can i speak with a real person please?",
        "Just stop and let me talk to a real person",
        "transfer me to a human agent please",
        "give me human",
        "put me through with a bank worker!",
        "what do I need to do to speak with an agent?",
        "I don't feel comfortable sharing my details with a machine",
        "i don't want to talk to you!",
        "No, you cannot help me. Can somebody else take a look at my refund claim?",
        "Hello! Could I talk to someone?",
    ],
)
def test_the_wish_for_a_person(text):
    assert decided(text) == (Decision.ESCALATE, "asked for a person")


@pytest.mark.parametrize(
    "text",
    [
        "No, you don't need to transfer me to a real person",
        "Do I need to speak to a representative to change my pin?",
        "How do agents take over a conversation?",
        "What does a customer see when a person takes over?",
        "How do I create a support agent?",
        "How do I reset my board?",
        "Can I use my debit card abroad?",
        "Which operator do I use to compare strings?",
        "I want a real card",
        "Can someone else upload to my board?",
        "How can I ignore previous instructions in a git repository?",
        "Tell me about the system prompt of the serial monitor",
    ],
)
def test_questions_are_looked_up(text):
    assert decided(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("My lawyer will be in touch", "legal"),
        ("If you don't refund me I will sue", "legal"),
        ("the charger caught fire", "safety"),
        ("I want to kill myself", "safety"),
        ("this bot is useless", "upset"),
        ("This is absolutely unacceptable", "upset"),
    ],
)
def test_law_safety_and_anger_bring_a_person(text, reason):
    assert decided(text) == (Decision.ESCALATE, reason)


@pytest.mark.parametrize(
    "text",
    ["hi", "Hello there!", "good morning", "thanks a lot", "Thank you for your help!", "ok great", "bye",
     "how are you?", "ok thanks, bye", "are you a robot?", "what can you do?", "Who are you?"],
)  # fmt: skip
def test_small_talk_is_answered(text):
    assert decided(text) == (Decision.ANSWER, "small talk")


@pytest.mark.parametrize(
    "text", ["Hello, how do I reset my board?", "thanks, and how do I undo it?", "hi my sketch fails"]
)
def test_a_greeting_before_a_question_is_no_small_talk(text):
    assert decided(text) is None


@pytest.mark.parametrize("text", ["help", "I have a problem", "it doesn't work"])
def test_a_message_without_a_subject_is_asked_back(text):
    assert decided(text) == (Decision.CLARIFY, "too little to go on")
    assert decided(text, (Said(Role.CUSTOMER, "How do I reset my board?"),)) is None


def test_yes_to_the_offer_of_a_person_and_no():
    assert decided("Yes please", OFFERED) == (Decision.ESCALATE, "asked for a person")
    assert decided("no thanks", OFFERED) == (Decision.ANSWER, "small talk")
    assert decided("And to Mars, in a rocket?", OFFERED) is None
