"""Progress comes late, twice, or not at all; what a connection shows stays a prefix of the truth."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.events.catalogue import AnswerDelta
from assistant.realtime.turn_view import TurnView

PIECES = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=8)


def shown(frames, text=""):
    for frame in frames:
        if frame["type"] == "answer.delta":
            assert frame["offset"] in (0, len(text))
            text = text[: frame["offset"]] + frame["text"]
    return text


def deltas(pieces):
    offset = 0
    for piece in pieces:
        yield AnswerDelta("t", offset, piece).frame()
        offset += len(piece)


@given(PIECES, st.data())
def test_lost_and_doubled_deltas_never_show_a_wrong_text(pieces, data):
    view, sent, whole = TurnView("t"), [], "".join(pieces)
    for delta in deltas(pieces):
        for _ in range(data.draw(st.integers(0, 2))):
            sent += view.take(delta, 1)
        assert whole.startswith(shown(sent))
        assert shown(sent) == view.text
    sent += view.fill(whole)
    assert shown(sent) == whole


@given(PIECES)
def test_an_older_attempt_shows_nothing(pieces):
    view = TurnView("t")
    view.take(AnswerDelta("t", 0, "newer").frame(), 2)
    assert [frame for delta in deltas(pieces) for frame in view.take(delta, 1)] == []
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
