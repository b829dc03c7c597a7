"""A model that goes in circles: what was shown once is not shown again, before anybody takes it back."""

import pytest

from assistant.answering.release import Cleaned, Verified
from tests.answering.evidence import evidence

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
