import pytest

from assistant.answering import guardrails, wording
from assistant.answers import Said
from assistant.states import Decision, Role

OFFERED = (
    Said(Role.CUSTOMER, "Do you ship to the moon?"),
    Said(Role.ASSISTANT, f"No idea. {wording.said('offer')}"),
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
        "HUMAN!!!! NOW",
        "rep",
        "i wnat to speak to a reprsentative",
        "stop the bot i need real help",
        "someone call me back asap",
        "can u put me thru to customer care pls",
        "it is possible that i speak with some person of support?",
        "i want to cancel my loan asap let me talk to the manager",
        "May I please be transferred to the front desk?",
        "i am asking for human since 10 minutes",
    ],
)
def test_the_wish_for_a_person(text):
    assert decided(text) == (Decision.ESCALATE, "asked for a person")


@pytest.mark.parametrize(
    "text",
    [
        "Do I need to speak to a representative to change my pin?",
        "How do agents take over a conversation?",
        "What does a customer see when a person takes over?",
        "How do I create a support agent?",
        "How do I reset my board?",
        "How do I protect my account from being hacked?",
        "What happens if my account was hacked?",
        "What do I do to block someone else from using my account?",
        "I hacked together a script, where do I put it?",
        "I lost my phone, what steps can I take to prevent someone using my account?",
        "I don't want to live chat, how do I turn it off?",
        "How do I request a copy of my personal data?",
        "Is there a court calendar in the app?",
        "Can I use my debit card abroad?",
        "Which operator do I use to compare strings?",
        "I want a real card",
        "Can someone else upload to my board?",
        "How can I ignore previous instructions in a git repository?",
        "How do I add a person to my account?",
        "The agent service does not start after reboot",
        "Where is the human resources form?",
        "my user agent string is wrong",
        "how do i transfer a booking to someone else?",
        "what is the phone number for support?",
        "Was machen einige Gemeinschaftsapotheken?",
        "NodeSync",
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
        ("I don't want to live anymore", "safety"),
        ("somebody is threatening to kill my sister", "safety"),
        ("I request erasure of all personal data under the GDPR", "legal"),
        ("you broke our trademark, cease and desist", "legal"),
        ("My account was hacked, how do I get it back?", "account"),
        ("someone else has logged in to my account", "account"),
        ("I am livid about how your staff treated me", "upset"),
        ("this bot is useless", "upset"),
        ("This is absolutely unacceptable", "upset"),
        ("THIS IS RIDICULOUS I HAVE BEEN WAITING 3 WEEKS", "upset"),
    ],
)
def test_law_safety_and_anger_bring_a_person(text, reason):
    assert decided(text) == (Decision.ESCALATE, reason)


@pytest.mark.parametrize(
    "text",
    ["hi", "Hello there!", "good morning", "thanks a lot", "Thank you for your help!", "ok great", "bye",
     "how are you?", "ok thanks, bye", "are you a robot?", "what can you do?", "Who are you?", "helloooo",
     "how r u", "great, that fixed it, thank you", "that'll be all", "how old are you", "tell me a joke", "cya",
     "No, you don't need to transfer me to a real person", "please don't transfer me to anyone"],
)  # fmt: skip
def test_small_talk_is_answered(text):
    assert decided(text) == (Decision.ANSWER, "small talk")


@pytest.mark.parametrize(
    "text",
    [
        "Hello, how do I reset my board?",
        "thanks, and how do I undo it?",
        "hi my sketch fails",
        "ok how do i export it",
        "how old must i be to open an account",
        "what are your opening hours",
        "are pets allowed in the rooms",
    ],
)
def test_a_greeting_before_a_question_is_no_small_talk(text):
    assert decided(text) is None


@pytest.mark.parametrize("text", ["help", "I have a problem", "it doesn't work"])
def test_a_message_without_a_subject_is_asked_back(text):
    assert decided(text) == (Decision.CLARIFY, "too little to go on")
    assert decided(text, (Said(Role.CUSTOMER, "How do I reset my board?"),)) is None


@pytest.mark.parametrize(
    "text",
    [
        "That didn't help",
        "same error as before",
        "I've read that article, it doesn't say",
        "still doesnt work",
        "that's not what I asked",
        "nope, same problem. Not helpful",
    ],
)
def test_what_did_not_help_is_asked_back_once_and_then_brings_a_person(text):
    answered = (Said(Role.CUSTOMER, "How do I reset my board?"), Said(Role.ASSISTANT, "Press the button [1]."))
    first = guardrails.read(text, answered)
    assert (first.decision, first.reason) == (Decision.CLARIFY, "did not help")
    asked_back = (*answered, Said(Role.CUSTOMER, text), Said(Role.ASSISTANT, first.text))
    again = (Decision.ESCALATE, "failed twice")
    assert decided("it still doesn't work", asked_back) == again
    more = (Said(Role.CUSTOMER, "I pressed it and saw a red light"), Said(Role.ASSISTANT, "Red means so [1]."))
    assert decided("that didn't help either", (*asked_back, *more)) == again
    unknown = (Said(Role.CUSTOMER, "Why red?"), Said(Role.ASSISTANT, wording.said("not_found") + " And so on."))
    assert decided(text, unknown) == again


def test_what_did_not_help_with_a_new_question_is_looked_up():
    answered = (Said(Role.CUSTOMER, "How do I reset my board?"), Said(Role.ASSISTANT, "Press the button [1]."))
    assert decided("That didn't help. How do I install the driver on Windows?", answered) is None


def test_a_verdict_says_which_words_it_rests_on():
    basis = guardrails.read("My card is gone. Let me talk to a person!").basis
    assert basis["rule"] == "sentence read as person"
    assert basis["words"] == "Let me talk to a person"
    assert basis["value"] > guardrails.CERTAIN


def test_yes_to_the_offer_of_a_person_and_no():
    assert decided("Yes please", OFFERED) == (Decision.ESCALATE, "asked for a person")
    assert decided("no thanks", OFFERED) == (Decision.ANSWER, "small talk")
    assert decided("And to Mars, in a rocket?", OFFERED) is None


@pytest.mark.parametrize("text", ["ok thanks", "okay thank you"])
def test_who_is_content_takes_up_no_offer(text):
    assert decided(text, OFFERED) == (Decision.ANSWER, "small talk")


@pytest.mark.parametrize("text", ["yes please", "yes thanks", "ok please", "sure", "ok"])
def test_who_agrees_gets_a_person(text):
    assert decided(text, OFFERED) == (Decision.ESCALATE, "asked for a person")
