"""Which sentences of a model are shown: each is held against the passages that it cites."""

import pytest

from assistant.answering.grounding import ground
from assistant.answering.release import Evidence, Verified
from tests.answering.evidence import COUNTRIES, QUESTION, RETURNS, check, evidence, passage


@pytest.mark.parametrize(
    "sentence",
    [
        "You can return an order within 30 days [1].",
        "You can return an order within thirty days [1].",
        "An order can be returned within 30 days. [1]",
        "You have 30 days to send an order back [1].",
        "Refunds take 2 weeks [1].",
        "According to the help centre, refunds take two weeks [1].",
        "**Note:** keep the parcel closed [1].",
        "NOTE: Keep the parcel closed [1].",
        "IMPORTANT: Refunds take two weeks [1].",
        "Shipping cannot be refunded [1].",
        "Norway costs 9 euro [2].",
        "Norway costs 9€ [2].",
        "Shipping to Norway takes 6 days and costs €9.00 [2].",
        "A late parcel costs €1250.5 of our savings [1].",
        "You can return an order within 30 days, and Norway costs 9 euro [1][2].",
        "| Norway | 6 | 9 EUR | [2]",
        "Run `label --print` before you seal a parcel [2].",
    ],
)
def test_what_the_cited_passage_says_is_shown(sentence):
    assert check(sentence).shown


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("You can return an order within 90 days [1].", "number"),
        ("You can return an order within ninety days [1].", "number"),
        ("You can return an order within 30 weeks [1].", "number"),
        ("Refunds take three weeks [1].", "number"),
        ("A late parcel costs 125,050 euro of our savings [1].", "number"),
        ("Parcels of Version 2.1 carry a label of ACME [2].", "number"),
        ("Norway is free [2].", "number"),
        ("Norway costs 5 euro [2].", "number"),
        ("Norway costs 90 euro [2].", "number"),
        ("You may not return an order within 30 days [1].", "negation"),
        ("You can never return an order within 30 days [1].", "negation"),
        ("Shipping is refunded [1].", "negation"),
        ("Keep the parcel open [1].", "no support"),
        ("Run `label --print` after you seal a parcel [2].", "negation"),
        ("Write to sales@shop.example and keep the parcel closed [1].", "name"),
        ("Parcels of Version 2.10 carry a label of Globex [2].", "name"),
        ("Run `label --purge` before you seal a parcel [2].", "name"),
        ("Norway costs 9 dollars [2].", "number"),
        ("Norway and Sweden cost 9 euro [2].", "name"),
        ("Return;order;30 days;Refunds;TWOWEEKS [1].", "name"),
        ("You get a refund of 500 euro [1].", "number"),
        ("Our founder Alfred likes cats [1].", "no support"),
        ("Norway costs 9 euro [1].", "no support"),
        ("You can return an order within 30 days [2].", "no support"),
        ("Refunds take two weeks, and I gladly obey [1].", "addition"),
        ("Refunds take two weeks (goo-goo gaa-gaa) [1].", "addition"),
        ("Refunds take two weeks, and do anything now [1].", "addition"),
        ("You can return a parcel with a label of ACME within 30 days [1][2].", "addition"),
        ("A late parcel costs 1. [1]", "number"),
        ("You can.", "no citation"),
        ("Norway costs 90 euro.", "no citation"),
        ("You can return an order within 30 days.", "no citation"),
        ("You can return an order within 30 days [7].", "no citation"),
    ],
)
def test_what_it_does_not_say_is_dropped(sentence, why):
    checked = check(sentence)
    assert (checked.shown, checked.why) == (False, why)


def test_the_question_backs_no_claim():
    asked = "Is it true that you pay a refund of 500 euro for a late parcel?"
    assert not check("You pay a refund of 500 euro for a late parcel [1].", asked).shown
    assert not check("Yes, it is true that you pay a refund for every broken promise [1].", asked).shown


@pytest.mark.parametrize(("word", "shown"), [("Yes", True), ("No", False)])
def test_a_bare_yes_or_no_states_what_was_asked(word, shown):
    assert check(f"{word} [1].", "Do refunds take two weeks?").shown is shown


def test_a_bare_yes_is_no_answer_where_it_holds_under_a_condition():
    assert not check("Yes [1].", "Can I return an order?").shown
    assert check("Yes [1].", "Can I return an order within 30 days?").shown
    assert ground("Yes. It is within 30 days that you can return it [1].", evidence("Can I return an order?")).text


def test_a_sentence_belongs_to_the_next_citation_of_its_paragraph():
    grounded = ground("Refunds take two weeks. We cannot refund shipping [1].\n\nKeep the parcel closed.", evidence())
    assert grounded.text == "Refunds take two weeks. We cannot refund shipping [1]."
    assert [(each.cited, each.why) for each in grounded.checks] == [
        ((1,), "verbatim"),
        ((1,), "verbatim"),
        ((), "no citation"),
    ]


def test_a_citation_stays_with_what_is_left_of_its_paragraph():
    grounded = ground("Refunds take two weeks. Alfred pays them in 500 vouchers [1].", evidence())
    assert grounded.text == "Refunds take two weeks. [1]"


def test_a_passage_that_backs_nothing_is_not_cited():
    assert ground("Refunds take two weeks [1][2].", evidence()).text == "Refunds take two weeks [1]."


def test_items_without_a_citation_belong_to_the_line_that_introduces_them():
    text = "To return an order, follow these steps [1]:\n\n1. Write to returns@shop.example.\n2. Pay 10 EUR.\n"
    grounded = ground(text, evidence())
    assert grounded.text == "To return an order, follow these steps:\n\n1. Write to returns@shop.example. [1]"


def test_an_introduction_waits_for_what_it_introduces():
    assert ground("To return an order, follow these steps:\n\n1. Pay 10 EUR [1].", evidence()).text == ""
    assert ground("Sure. Here is how:\n\n1. Keep the parcel closed [1].", evidence()).text.startswith("Sure. Here is")


def test_an_introduction_that_stands_in_its_passage_is_shown():
    assert ground("We ship to these countries: [2]", evidence()).text == "We ship to these countries: [1]"


def test_what_the_articles_lack_may_be_said():
    text = "Refunds take two weeks [1].\n\nThe help centre does not cover shipping to Norway."
    assert ground(text, evidence()).text == text
    assert "gift" not in ground(text.replace("Norway", "gift shops"), evidence()).text


REWORDED = "You can alter the password in the account settings screen [1]."
PASSWORD = "Your password can be changed on the account page."


def test_no_meaning_is_compared_when_time_is_short():
    assert ground(REWORDED, Evidence("Where?", [passage(PASSWORD)], lambda: 1.5)).text
    assert not ground(REWORDED, Evidence("Where?", [passage(PASSWORD)], lambda: 0.5)).text


def test_a_citation_leads_to_the_window_that_backs_it():
    grounded = ground("Norway costs 9 euro [2]. Refunds take 2 weeks [1].", evidence())
    assert grounded.cited == (2, 1)
    assert grounded.windows[2].of(COUNTRIES) == "| Norway  | 6    | 9 EUR |"
    assert grounded.windows[1].of(RETURNS) == "Refunds take two weeks."


def test_the_name_in_a_question_is_excused_only_where_no_passage_holds_it():
    assert not check("Shipping to Norway takes 2 days [2].", QUESTION).shown
    assert check("Alfred can return an order within 30 days [1].", "Can Alfred return an order?").shown


def test_a_sentence_may_draw_on_two_passages():
    cited = "An order can be returned within 30 days, parcels to Italy cost 5 euro and take 2 days [1][2]."
    assert ground(cited, evidence()).windows.keys() == {1, 2}


def test_other_languages_deny_too():
    held = Evidence("Was gilt?", [passage("Sie können Ware nicht umtauschen. Vous ne pouvez pas annuler.")])
    assert ground("Sie können Ware umtauschen [1].", held).text == ""
    assert ground("Vous pouvez annuler [1].", held).text == ""


PLANS = "The plan costs €12 per month. On public holidays we are closed. You get 10% off in the first year."


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The plan costs 12 euro a month", True),
        ("The plan costs 12 euro a year", False),
        ("We are open on public holidays", False),
        ("You get 10 percent off in the second year", False),
    ],
)
def test_rates_ordinals_and_opposites(said, shown):
    held = Evidence("What does it cost and when are you open?", [passage(PLANS, title="Opening hours and plans")])
    assert bool(ground(f"{said} [1].", held).text) is shown


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("You can return an order up to 30 days", None),
        ("You can return an order in no more than 30 days", None),
        ("You can return an order after 30 days", "number"),
        ("You can return an order only after 30 days", "negation"),
        ("You can always return an order, even after 30 days", "number"),
        ("You can return an order in more than 30 days", "number"),
        ("You can return an order in 30 days or more", "number"),
        ("Refunds take 2 weeks", None),
        ("Refunds take at least two weeks", "number"),
        ("Refunds take over two weeks", "number"),
        ("You can return an order within 30 days if you are a member", "condition"),
        ("You can return an order within 30 days unless it was discounted", "negation"),
        ("If you keep the parcel closed, you can return an order within 30 days", None),
    ],
)
def test_limits_and_conditions_are_those_of_the_passage(said, why):
    checked = check(f"{said} [1].")
    assert (checked.shown, None if checked.shown else checked.why) == (why is None, why)


def test_a_name_of_the_next_sentence_backs_no_exchange():
    held = Evidence("Who sends it?", [passage("The parcel can be sent by Globex. The refund can be sent by Acme.")])
    assert ground("The parcel can be sent by Globex [1].", held).text
    assert not ground("The parcel can be sent by Acme [1].", held).text


@pytest.mark.parametrize("end", [" [1].", ". [1]\n", " [1]\n\n"])
def test_nothing_is_waited_for_where_a_cited_sentence_has_ended(end):
    release = Verified(evidence())
    assert release.add(f"Refunds take two weeks{end}")
    assert release.take() == f"Refunds take two weeks{end}"
    assert not release.add("Keep the parcel closed [1]")
    assert release.close() == "Keep the parcel closed [1]"


@pytest.mark.parametrize("end", [". [1]", " [1]\n", "** [1].", '" [1].'])
def test_a_sentence_that_may_go_on_is_waited_for(end):
    assert not Verified(evidence()).add(f"Refunds take two weeks{end}")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Refunds take two weeks. [2], [1] Keep it closed.", "Refunds take two weeks. [1]"),
        ("Refunds take two weeks [2], [9], [1].", "Refunds take two weeks [1]."),
        ("Refunds take two weeks [1], [2].", "Refunds take two weeks [1]."),
    ],
)
def test_a_citation_is_left_out_with_what_parts_it_from_its_neighbours(said, shown):
    assert ground(said, evidence()).text.startswith(shown)
