import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import acts

LETTERS = st.text("abcdefgh", min_size=2, max_size=8)


@given(st.text(max_size=300))
def test_every_text_is_read_and_chances_add_up(text):
    for sentence in acts.sentences(text):
        chances = acts.learned().read(sentence)
        assert sum(chances.values()) == pytest.approx(1)
        assert all(0 <= chance <= 1 for chance in chances.values())


@given(LETTERS, st.integers(0, 7), st.sampled_from("xyz"))
def test_one_letter_more_less_or_other_is_one_slip(word, place, letter):
    at = place % len(word)
    assert acts.one_slip(word[:at] + letter + word[at:], word)
    assert acts.one_slip(word[:at] + word[at + 1 :], word)
    assert acts.one_slip(word[:at] + letter + word[at + 1 :], word)
    assert acts.one_slip(word[:at] + word[at : at + 2][::-1] + word[at + 2 :], word)
    assert not acts.one_slip(word + letter * 2, word)


def test_case_apostrophes_and_drawn_out_letters_make_no_difference():
    assert acts.plain_words("Don't") == acts.plain_words("dont")
    assert acts.plain_words("HELLOOOO") == acts.plain_words("hello")


def test_commas_end_a_sentence_and_punctuation_is_none():
    assert acts.sentences("No, don't transfer me. I want a refund!! ...") == [
        "No",
        "don't transfer me",
        "I want a refund",
    ]
