"""Other wordings of a question: each rule changes what it says it changes, the same way each time."""

from random import Random

import pytest

from benchmarks.evaluation.dialects import DIALECTS
from benchmarks.evaluation.wordings import WORDINGS


@pytest.mark.parametrize(
    ("dialect", "asked", "said"),
    [
        ("Scottish", "How do I save a label outside my account?", "How dae I save a wee label outwith ma account?"),
        ("Scottish", "It doesn't print, it needs to be mended.", "It disnae print, it needs mended."),
        ("Irish", "How can I stop my label?", "How would I go about stopping me label?"),
        (
            "Indian",
            "How do I save the label? I want one today.",
            "How I can save label? I am wanting one today itself.",
        ),
        ("African American", "Is the label printing?", "The label printin'?"),
        ("African American", "It isn't there and doesn't show any text.", "It ain't there and don't show no text."),
        ("of the American South", "Can I change your label?", "Might could I change y'all's label?"),
        ("Australian", "How do I set labels?", "How do I go about setting labels?"),
        ("British", "Can I print while I have labels?", "Am I able to print whilst I've got labels?"),
    ],
)
def test_a_dialect_rewords_by_its_rules(dialect: str, asked: str, said: str) -> None:
    assert DIALECTS[dialect]._replace(around=("{0}",))(asked, Random(1)) == said


def test_a_short_question_is_cut_to_its_key_words_and_a_case_is_left() -> None:
    cut = WORDINGS["shorter: its key words"]
    assert cut("How do I print the label of a parcel?", Random(1)) == "print label parcel"
    assert cut("a word " * 20, Random(1)) == "a word " * 20


@pytest.mark.parametrize("kind", [kind for kind in WORDINGS if kind.startswith("longer")])
def test_a_longer_wording_holds_the_question_as_it_was(kind: str) -> None:
    asked = "How do I print the {label}?"
    longer = WORDINGS[kind](asked, Random(1))
    assert longer.endswith(asked)
    assert len(longer) > 250


@pytest.mark.parametrize("kind", WORDINGS)
def test_a_wording_is_the_same_each_time(kind: str) -> None:
    asked = "How do I print the label of my parcel, and is there any color?"
    assert WORDINGS[kind](asked, Random("one")) == WORDINGS[kind](asked, Random("one"))
