"""Each way to cut a sentence short cuts what it says it cuts, and each alteration what it says."""

from random import Random

import pytest

from benchmarks.evaluation.alterations import altered
from benchmarks.evaluation.shortenings import GRANTED, TURNED, is_told, premise, shortened

CONDITIONAL = "You can get a refund if you cancel the contract early."


@pytest.mark.parametrize(
    ("kind", "sentence", "left"),
    [
        ("condition dropped", CONDITIONAL, "You can get a refund."),
        ("condition dropped", "If the light is red, press the round key twice.", "Press the round key twice."),
        ("condition dropped", "Restart the printer again if necessary.", None),
        ("exception dropped", "Returns of shoes are possible, but not of socks.", "Returns of shoes are possible."),
        ("limit dropped", "Send it back within 14 days of purchase.", "Send it back of purchase."),
        ("usually dropped", "The export usually takes an hour.", "The export takes an hour."),
        ("an aside in brackets", "Open the menu (three lines) with a click.", "Open the menu with a click."),
        ("an aside in brackets", "Open the menu (not the list) with a click.", None),
        ("an example", "Choose a bright new colour, such as blue.", "Choose a bright new colour."),
        ("please", "Now please restart the printer.", "Now restart the printer."),
        ("a second clause", "Open the large menu, and click the key.", "Open the large menu."),
        ("a second clause", "Open the large menu, and click the key if it is red.", None),
        (TURNED, CONDITIONAL, "If you cancel the contract early, you can get a refund."),
        (GRANTED, CONDITIONAL, "You can get a refund."),
    ],
)
def test_a_cut_leaves_the_rest(kind: str, sentence: str, left: str | None) -> None:
    assert shortened(sentence, kind, Random(1)) == left


def test_a_premise_is_the_condition_as_the_customer_tells_it() -> None:
    assert premise(CONDITIONAL) == "You cancel the contract early."
    assert premise("You can get a refund unless you cancel it early.") is None
    assert is_told("I cancel my contract early. Why?", CONDITIONAL)
    assert not is_told("Why?", CONDITIONAL)


@pytest.mark.parametrize(
    ("kind", "sentence", "said"),
    [
        ("prefix", "The offer is available here.", "The offer is unavailable here."),
        ("modality", "It may take an hour.", ("It will take an hour.", "It must take an hour.")),
        ("half of the day", "It closes at 6 p.m. today.", "It closes at 6 a.m. today."),
        ("one of several", "Use two keys for it.", "Use one key for it."),
        ("roles", "The server calls a client now.", "The client calls a server now."),
        ("antonym", "The trial starts today.", "The trial ends today."),
    ],
)
def test_an_alteration_changes_one_thing(kind: str, sentence: str, said: str | tuple[str, ...]) -> None:
    changed = altered(sentence, kind, Random(1), (), ())
    assert changed
    assert changed.text in said
