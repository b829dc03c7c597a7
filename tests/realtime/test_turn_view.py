"""Progress comes late, twice, or not at all; what a connection shows stays a prefix of the truth."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.events.catalogue import AnswerDelta
from assistant.events.checksums import checksum
from assistant.realtime.turn_view import TurnView

PIECES = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=8)
# Texts that begin alike.
ALIKE = st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=5)


def shown(frames, text=""):
    for frame in frames:
        if frame["type"] == "answer.delta":
            assert frame["offset"] in (0, len(text))
            text = text[: frame["offset"]] + frame["text"]
    return text


def streamed(pieces):
    """The deltas of one text, and the checksum of what each goes on from."""
    whole = ""
    for piece in pieces:
        yield AnswerDelta("t", len(whole), piece).frame(), checksum(whole)
        whole += piece


def told(view, deltas):
    """What the view sends on for a stream's deltas: (frame, follows)."""
    return [frame for delta, follows in deltas for frame in view.take(delta, 1, follows)]


@given(st.lists(PIECES | ALIKE, min_size=1, max_size=3), st.data())
def test_lost_and_doubled_deltas_never_show_a_wrong_text(texts, data):
    view, sent, kept = TurnView("t"), [], ""
    for number, pieces in enumerate(texts):
        for delta, follows in streamed(pieces):
            times = data.draw(st.integers(0, 2))
            sent += told(view, [(delta, follows)] * times)
            if data.draw(st.booleans()):
                kept = "".join(pieces)[: delta["offset"]]
            if data.draw(st.booleans()):
                sent += view.fill(kept)
            begun = ["".join(each) for each in texts[: number + 1]]
            assert any(each.startswith(shown(sent)) for each in begun)
            assert shown(sent) == view.text
    told_again = told(view, [(AnswerDelta("t", len(begun[-1]), "!").frame(), checksum(begun[-1]))])
    sent += told_again + view.fill(begun[-1])
    assert shown(sent) == begun[-1] + "!"


def test_of_a_text_that_was_begun_anew_nothing_is_put_behind_the_text_of_before():
    view = TurnView("t")
    view.announce(1, "A. Beginning of sent")
    whole = "A. Other sentence."
    assert told(view, [(AnswerDelta("t", len(whole), " More words.").frame(), checksum(whole))]) == []
    assert view.fill("A. Beginning of sent") == []
    assert view.fill(whole) == [AnswerDelta("t", 0, "A. Other sentence. More words.").frame()]


def test_what_came_last_decides_which_of_two_texts_that_begin_alike_is_gone_on_with():
    view, new = TurnView("t"), "A. Other sentence."
    old = (AnswerDelta("t", 3, "Beginning of a sentence that is taken back").frame(), checksum("A. "))
    newer = (AnswerDelta("t", len(new), " More.").frame(), checksum(new))
    assert told(view, [old, newer]) == []
    assert view.fill(new) == [AnswerDelta("t", 0, new + " More.").frame()]
    assert view.ahead == []


def test_a_delta_of_the_new_text_that_begins_alike_begins_it_anew_here_too():
    view = TurnView("t")
    view.announce(1, "A. Old")
    assert told(view, [(AnswerDelta("t", 3, "Other words").frame(), checksum("A. "))]) == [
        AnswerDelta("t", 0, "A. Other words").frame()
    ]


@given(PIECES)
def test_an_older_attempt_shows_nothing(pieces):
    view = TurnView("t")
    view.take(AnswerDelta("t", 0, "newer").frame(), 2)
    assert [frame for delta, _ in streamed(pieces) for frame in view.take(delta, 1)] == []
    assert view.text == "newer"


def test_a_newer_attempt_starts_anew():
    view = TurnView("t")
    view.take(AnswerDelta("t", 0, "older text").frame(), 1)
    assert view.take(AnswerDelta("t", 0, "new").frame(), 2)[0]["offset"] == 0
    assert view.text == "new"


def test_announcing_gives_the_text_so_far():
    view = TurnView("t")
    assert [frame["type"] for frame in view.announce(3, "so far")] == ["answer.started", "answer.delta"]
    assert view.take(AnswerDelta("t", 3, "far, so good").frame(), 3) == [AnswerDelta("t", 6, ", so good").frame()]
