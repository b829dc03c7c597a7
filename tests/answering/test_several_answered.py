"""Several questions in one message: how they are answered."""

import pytest

from assistant.answering import replaying
from assistant.answering.asking import ask as ask_and_keep
from assistant.answering.several import standing_alone
from assistant.answering.wording import said
from assistant.models import Conversation
from assistant.states import Decision
from knowledge.indexing import index_documents
from tests.answering.test_replay import replayed
from tests.knowledge.library import article

OFFER = said("offer")
NOT_FOUND = "I couldn't find this in our help centre."
ACCOUNT = (
    "## Change your email address\n\nOpen the profile page, choose Email address, enter the new one and confirm it "
    "with the link that we send.\n\n## How long invoices are kept\n\nInvoices are kept for ten years, as the law asks."
)
KONTO = "# E-Mail-Adresse ändern\n\nÖffnen Sie Ihr Profil, wählen Sie die E-Mail-Adresse und ändern Sie sie dort."
VERSAND = "# Versand nach Norwegen\n\nDer Versand nach Norwegen dauert sechs Tage."
BOTH = "How do I reset my board? How much is shipping to Norway?"


def test_each_question_is_answered_under_its_words_with_numbers_of_its_own(ask):
    answer, events = ask(BOTH)
    assert (answer.decision, [source.n for source in answer.sources]) == (Decision.ANSWER, [1, 2])
    assert [source.article for source in answer.sources] == ["reset-board", "shipping"]
    first, second = answer.text.split("### How much is shipping to Norway?")
    assert first.startswith("### How do I reset my board?\n\n")
    assert "RESET" in first
    assert "[1]" in first
    assert "| Norway  | 6    | 19 EUR |" in second
    assert "[2]" in second
    assert [event.status for event in events] == ["searching", "writing"]
    parts = answer.explanation["parts"]
    assert answer.confidence == min(part["confidence"]["value"] for part in parts)
    assert all(part["candidates"] for part in parts)


def test_what_was_not_found_is_said_under_its_question_with_the_offer_of_a_person(ask):
    answer, _ = ask("What is the capital of *Mongolia* ab_c? How do I reset my board?")
    assert answer.decision == Decision.ANSWER
    assert answer.text.startswith(
        f"### What is the capital of \\*Mongolia\\* ab_c?\n\n{NOT_FOUND}\n\n### How do I reset"
    )
    assert answer.text.endswith(f"\n\n{OFFER}")
    assert [source.n for source in answer.sources] == [1]
    answered = [part["answered"] for part in answer.explanation["parts"]]
    assert answered == [False, True]
    assert answer.confidence == answer.explanation["parts"][1]["confidence"]["value"]


def test_the_items_of_a_list_are_answered_one_by_one(ask):
    answer, _ = ask(
        "Hi, questions:\n1) How do I reset my board?\n2) capital of Mongolia\n3) How much is shipping to Norway?"
    )
    headings = ["### How do I reset my board?", "### Capital of Mongolia", "### How much is shipping to Norway?"]
    places = [answer.text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert answer.text[places[1] :].startswith(f"{headings[1]}\n\n{NOT_FOUND}\n\n###")
    assert [source.article for source in answer.sources] == ["reset-board", "shipping"]
    assert answer.text.endswith(OFFER)
    told, _ = ask("1. I opened the app 2. I clicked upload 3. It failed. How do I reset my board?")
    assert (told.decision, "parts" in told.explanation) == (Decision.ANSWER, False)


def test_sections_of_one_article_that_answer_a_question_each_are_quoted_apart(ask):
    index_documents([article("account", ACCOUNT, title="Account")])
    answer, _ = ask("How do I change my email address, plus, how long are invoices kept?")
    first, second = answer.text.split("### How long are invoices kept?")
    assert "Open the profile page" in first
    assert "ten years" in second
    assert [source.article for source in answer.sources] == ["account", "account"]


def test_questions_in_another_language_are_answered_one_by_one(ask):
    index_documents([article("konto", KONTO, locale="de"), article("versand", VERSAND, locale="de")])
    answer, _ = ask("Wie ändere ich meine E-Mail-Adresse und wie lange dauert der Versand nach Norwegen?", locale="de")
    first, second = answer.text.split("### Wie lange dauert der Versand nach Norwegen?")
    assert "Öffnen Sie Ihr Profil" in first
    assert "sechs Tage" in second
    assert [source.article for source in answer.sources] == ["konto", "versand"]


def test_a_person_is_offered_once_also_where_it_is_the_customers_own_case(ask):
    answer, _ = ask("I was charged twice. What is the capital of Mongolia? How do I reset my board?")
    assert (answer.decision, len(answer.explanation["parts"])) == (Decision.ANSWER, 2)
    assert answer.explanation["basis"]["rule"] == "the customer's own case"
    assert answer.text.count(OFFER) == 1


def test_courtesies_around_them_are_no_question_and_do_not_keep_them_together(ask):
    answer, _ = ask(f"Dear support team, I hope you are well. {BOTH} Many thanks in advance!")
    assert [part["question"] for part in answer.explanation["parts"]] == BOTH.replace("? ", "?|").split("|")


@pytest.mark.parametrize(("second", "count"), [("How much is the shipping?", 2), ("Where is the capital?", 0)])
def test_what_may_ask_of_what_was_asked_before_stands_apart_where_an_article_answers_it(ask, second, count):
    assert standing_alone(f"How do I reset my board? {second}")[1].doubtful
    answer, _ = ask(f"How do I reset my board? {second}")
    assert len(answer.explanation.get("parts", ())) == count


def test_questions_that_one_article_or_none_answers_are_one(ask):
    assert "parts" not in ask("Can I return an order and what does shipping to Italy cost?")[0].explanation
    answer, _ = ask("What is the capital of Mongolia? Who won the football yesterday?")
    assert (answer.decision, answer.text.count(NOT_FOUND)) == (Decision.ABSTAIN, 1)


def test_a_model_is_given_the_best_passages_of_each_and_what_was_not_found_is_said_after(model_server, ask):
    answer, _ = ask(BOTH)
    prompt = model_server.prompts[0]
    assert '<passage n="1" from="Reset board' in prompt
    assert '<passage n="2" from="Shipping and returns' in prompt
    assert prompt.endswith(f"<question>\n{BOTH}\n</question>")
    assert answer.model == "small-model"
    missing, _ = ask("What is the capital of Mongolia? How do I reset my board?")
    assert missing.model == "small-model"
    assert missing.text.endswith(f"### What is the capital of Mongolia?\n\n{NOT_FOUND} {OFFER}")
    model_server.set(behaviour="unknown")
    quoted, _ = ask("What is the capital of Mongolia? How do I reset my board?")
    assert quoted.decision == Decision.ANSWER, "what a model does not know of two questions may be the other one"
    assert "bootloader" in quoted.text


@pytest.mark.parametrize("text", [BOTH, "What is the capital of Mongolia? How do I reset my board?"])
def test_a_record_of_several_questions_gives_the_same_answer_again(shop, text):
    given = ask_and_keep(text, "shop")
    both = replayed(given.turn)
    for run in ("as_of_then", "as_of_now"):
        assert both[run]["same"], both[run]["differences"]
    assert both["rules_changed"] == {}
    looked_up = given.answer.explanation["parts"]
    with pytest.raises(replaying.NotReplayable, match="one by one"):
        replaying._doors(given.answer.explanation).look_up(text, "shop", "en", 6)
    assert [part["looked_up"] for part in both["parts"]] == [part["lookup"]["text"] for part in looked_up]


def test_the_browsers_locale_is_no_changed_rule(shop):
    begun = ask_and_keep("thanks", "shop")
    Conversation.objects.update(locale="en-US")
    given = ask_and_keep(BOTH, "shop", str(begun.conversation))
    assert len(given.answer.explanation["parts"]) == 2
    assert replayed(given.turn)["rules_changed"] == {}
