import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.cases import own_case


@pytest.mark.parametrize(
    "text",
    [
        "where is my order 4711",
        "Why was I charged twice?",
        "my account was hacked",
        "My account is locked.",
        "refund my payment",
        "Order 12345 never arrived",
        "Hello, my package still hasn't arrived",
        "what is the status of my refund",
        "you charged me again",
        "I lost my card",
        "My invoice is wrong",
        "Why was my account suspended?",
        "I want to delete my account",
        "I can't log into my account",
        "Can you see when my order was delivered?",
        "Do you know what happened to my order?",
        "Can you let me know why my withdrawal is still pending?",
        "When does my parcel arrive?",
        "I was charged twice, if that matters",
        "Can you cancel my order?",
        "Can you refund my payment?",
        "When will I get my refund?",
        "Do you know where my parcel is? It was never delivered, my order is still missing",
        "Can you cancel my subscription for me? I can't log in any more",
        "can you look up why my order was cancelled",
        "why am I charged twice",
        "Why am I being charged a fee?",
        "When was I charged?",
        "Why, when paying by card, was I charged extra?",
        "I am charged twice every month",
        "I'm being charged for nothing",
        "I've been charged an extra pound",
        "I got double charged!",
        "Am I being charged twice?",
    ],
)
def test_the_customers_own_case(text):
    assert own_case(text)


@pytest.mark.parametrize(
    "text",
    [
        "how do I change my e-mail",
        "when am I charged?",
        "When are we billed?",
        "How much am I charged per seat?",
        "How often am I charged?",
        "I want to know when I am charged",
        "Am I charged if I cancel?",
        "When am I refunded after a return?",
        "I charged the battery for two hours",
        "I blocked a website with the filter",
        "change my e-mail",
        "How do refunds work?",
        "How do I cancel my order?",
        "Can I cancel my subscription?",
        "What if my card is lost?",
        "What is a chargeback?",
        "My sketch was not uploaded",
        "How can I see where my parcel is?",
        "The order of the libraries is wrong",
        "Where is my order history page?",
        "I want to delete an alarm",
        "Who helps if I want to close my account?",
        "I can't log in to the app",
        "When do you take the money from my account?",
        "Can you take a percentage off our invoice if we pay yearly?",
        "If I upgraded but still need old features, what happens?",
        "Do you charge my card again when I have upgraded?",
        "Do you debit my card before the order is shipped to us?",
        "Could you deduct the fee from our balance?",
        "When do you take what is due from my account?",
        "If my account was closed by mistake, how long is it kept?",
        "Does my subscription get cancelled when my card is declined?",
        "When is my card charged?",
        "If my payment is declined, who tells me?",
    ],
)
def test_a_question_that_anybody_may_ask(text):
    assert own_case(text) is None


def test_a_long_story_is_a_fault_report():
    assert own_case(" ".join(["It happened."] * 40) + " My account was locked.") is None


@given(st.text(max_size=400))
def test_any_text_can_be_read(text):
    assert own_case(text) != ""
