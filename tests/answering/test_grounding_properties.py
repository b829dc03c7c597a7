"""What holds for every text of a model, in whatever pieces it comes."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.cleaned import Cleaned
from assistant.answering.grounding import ground
from assistant.answering.release import Evidence, Verified
from assistant.answering.statements import statements
from tests.answering.evidence import COUNTRIES, RETURNS, evidence, passage

WORDS = ["parcel", "refund", "order", "label", "Norway", "Italy", "days", "euro", "not", "never", "costs", "within"]
word = st.one_of(
    st.sampled_from(WORDS), st.integers(2, 3000).map(str), st.sampled_from(["8.10", "9,50", "v2.1", "x86"])
)
sentence = st.lists(word, min_size=2, max_size=9).map(lambda said: f"{' '.join(said).capitalize()}.")
citation = st.sampled_from([" [1]", " [2]", " [1][2]", " [9]", "", ""])
end = st.sampled_from(
    [" ", "\n", "\n\n", "\n- ", "\n2. ", "\n\n```\nlabel --print\n```\n", " ![x](https://evil.example/p) ", "\n\n[1] "]
)
text = st.lists(st.tuples(sentence, citation, end), min_size=1, max_size=6).map(
    lambda parts: "".join(said[:-1] + cited + "." + after for said, cited, after in parts)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(sentence, min_size=1, max_size=6, unique=True), st.data())
def test_nothing_that_stands_in_a_cited_passage_is_dropped(sentences, data):
    held = Evidence("What is it?", [passage(" ".join(sentences)), passage(COUNTRIES, 2)])
    chosen = data.draw(st.sampled_from(sentences))
    grounded = ground(f"{chosen[:-1]} [1].", held)
    assert [check.why for check in grounded.checks] == ["verbatim"]
    assert grounded.text == f"{chosen[:-1]} [1]."
    assert grounded.windows[1].of(" ".join(sentences)).lower().startswith(chosen[:-1].lower())


@settings(max_examples=80, deadline=None)
@given(text)
def test_no_number_is_shown_that_no_passage_holds(said):
    shown = ground(said, evidence()).text
    stated = re.sub(r"\[\d+\]|^\s*(?:[-*]|\d+\.)\s", " ", shown, flags=re.M)
    known = set(re.findall(r"\d+", RETURNS + COUNTRIES)) | {"30", "2"}
    assert set(re.findall(r"\d+", stated)) <= known


@settings(deadline=None)
@given(st.one_of(text, st.text(alphabet="aB1 .:\n-[]|`#*)", max_size=60)))
def test_the_statements_of_a_text_joined_are_the_text(said):
    found, _ = statements(said)
    assert "".join(each.before + each.text + each.after for each in found) == said


@settings(max_examples=60, deadline=None)
@given(text, st.data())
def test_the_pieces_that_a_text_comes_in_change_nothing(said, data):
    held = evidence()
    whole, pieces = ground(said, held), Verified(held)
    shown, left = "", said
    while left:
        size = data.draw(st.integers(1, max(len(left) // 2, 1)))
        shown += pieces.take() if pieces.add(left[:size]) else ""
        left = left[size:]
    assert (shown + pieces.close()).strip() == whole.text or not whole.text
    assert pieces.cited == whole.cited
    assert set(whole.windows) == set(whole.cited)


@settings(max_examples=60, deadline=None)
@given(text, st.data())
def test_what_is_only_cleaned_holds_no_image_and_no_foreign_citation(said, data):
    pieces, shown = Cleaned(evidence()), ""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=12)))
    for start, stop in zip([0, *cuts], [*cuts, len(said)], strict=True):
        shown += pieces.take() if pieces.add(said[start:stop]) else ""
    shown += pieces.close()
    assert "evil.example" not in shown
    assert "![" not in shown
    assert {int(number) for number in re.findall(r"\[(\d+)\]", shown)} <= {1, 2}
