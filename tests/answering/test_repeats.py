"""A model that goes in circles: what was shown once is not shown again, before anybody takes it back."""

import pytest

from assistant.answering.cleaned import Cleaned
from assistant.answering.grounding import ground
from assistant.answering.release import Evidence, Verified
from tests.answering.evidence import evidence, passage

ONCE = "You can return an order within 30 days [1]. Keep the parcel closed. Refunds take two weeks [1]. "


def shown(kind, text):
    """What was let through of a text that came word by word, before it was whole."""
    release, told = kind(evidence()), ""
    for word in text.split(" "):
        if release.add(f"{word} "):
            told += release.take()
    return told


@pytest.mark.parametrize("kind", [Verified, Cleaned])
def test_a_sentence_that_was_shown_is_not_shown_again(kind):
    told = shown(kind, ONCE * 6)
    for sentence in ("within 30 days", "parcel closed", "two weeks"):
        assert told.count(sentence) == 1


def test_it_is_dropped_with_the_reason_and_what_is_new_behind_it_is_shown():
    release = Verified(evidence())
    release.add(f"{ONCE}You can return an order within 30 days [1]. We cannot refund shipping [1].")
    assert release.close().endswith("We cannot refund shipping [1].")
    assert [check.why for check in release.checks if not check.shown] == ["said before"]


def test_a_step_may_come_again_but_not_right_after_itself():
    steps = "1. Keep the parcel closed [1].\n2. Keep the parcel closed [1].\n3. Refunds take two weeks [1].\n"
    text = shown(Verified, f"{steps}4. Keep the parcel closed [1].\n\nYes. ")
    assert text.count("parcel closed") == 2


def test_a_sentence_whose_first_try_was_not_backed_may_be_said_again_with_its_source():
    assert "30 days" in shown(
        Verified, "You can return an order within 30 days [2]. You can return an order within 30 days [1]. Refunds "
    )


@pytest.mark.parametrize("kind", [Verified, Cleaned])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Press Ctrl and + to zoom in the page", "Press Ctrl and - to zoom in the page"),
        ("Run `git add .` in the folder", "Run `git add *` in the folder"),
        ("The page counts to -5 points here", "The page counts to 5 points here"),
    ],
)
def test_signs_tell_sentences_apart(kind, one, other):
    held = Evidence("How?", [passage(f"{one}. {other}.")], lambda: 0.0)
    release = kind(held)
    release.add(f"{one} [1]. {other} [1].")
    assert release.close() == f"{one} [1]. {other} [1]."


FIRST = "Open the Settings app first"
PROCEDURES = (
    f"{FIRST} [1]. Then click Update now in the list [1].\n\n{FIRST} [1]. Then click Install now in the list [1]."
)


@pytest.mark.parametrize("kind", [Verified, Cleaned])
def test_two_procedures_in_prose_may_share_a_step(kind):
    held = Evidence("How?", [passage(PROCEDURES.replace(" [1]", ""))], lambda: 0.0)
    release = kind(held)
    release.add(PROCEDURES)
    assert release.close() == PROCEDURES


@pytest.mark.parametrize("kind", [Verified, Cleaned])
def test_a_paragraph_that_came_whole_twice_does_not_come_again(kind):
    told = shown(kind, f"{ONCE.strip()}\n\n" * 6)
    assert told.count("within 30 days") == told.count("two weeks") == 2
    told = shown(kind, "Refunds take two weeks [1].\n\nWe cannot refund shipping [1].\n\n" * 6)
    assert told.count("two weeks") == told.count("refund shipping") == 1


def test_what_is_streamed_before_its_check_is_what_the_check_keeps():
    text = f"{ONCE}You can return an order within 30 days [1]. Refunds take two weeks [1]."
    streamed = Cleaned(evidence())
    streamed.add(text)
    assert (streamed.take() + streamed.close()).strip() == ground(text, evidence()).text == ONCE.strip()
