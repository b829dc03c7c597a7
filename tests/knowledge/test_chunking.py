"""Chunks cover the text, keep exact offsets, follow structure and stay within the budget."""

import re

from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import BUDGET_TOKENS, MAX_HEADING_LENGTH, ChunkDraft, chunk, estimate_tokens
from knowledge.markdown import plain_text

STEPS = "\n".join(
    f"{n}. Open the settings page number {n} and choose the option that is called Option {n}." for n in range(1, 31)
)
TABLE = "| Board | Voltage |\n| --- | --- |\n" + "\n".join(
    f"| Board number {n} | {n} volts at most |" for n in range(80)
)


def structured() -> st.SearchStrategy[str]:
    """Texts that look like Markdown, blocks in any order, with any Unicode in them."""
    words = st.text(max_size=60)
    blocks = st.one_of(
        words,
        st.builds(lambda level, text: "#" * level + " " + text, st.integers(1, 6), words),
        st.lists(words, max_size=6).map(lambda items: "\n".join(f"- {item}" for item in items)),
        st.lists(words, max_size=6).map(lambda items: "\n".join(f"{n}. {item}" for n, item in enumerate(items))),
        words.map(lambda text: f"```\n{text}\n```"),
        words.map(lambda text: f"| a | b |\n| - | - |\n| {text} | x |"),
        words.map(lambda text: f"> {text}"),
        st.builds(lambda word, count: word * count, st.text(min_size=1, max_size=8), st.integers(1, 900)),
        st.sampled_from(["---", "===", "[a]: b", "    code", "~~~", "text:", "\r", "\x0b", "\u2028"]),
    )
    return st.lists(blocks, max_size=12).map("\n\n".join) | st.lists(blocks, max_size=12).map("\n".join)


def uncovered(text: str, chunks: list[ChunkDraft]) -> str:
    kept = list(text)
    for draft in chunks:
        kept[draft.start : draft.end] = " " * (draft.end - draft.start)
    return "".join(kept)


@given(structured() | st.text())
def test_offsets_are_exact_ordered_and_apart(text: str) -> None:
    position = 0
    for number, draft in enumerate(chunk(text, "Title")):
        assert draft.ordinal == number
        assert draft.text == text[draft.start : draft.end]
        assert draft.text.strip()
        assert draft.start >= position
        position = draft.end


@given(structured())
def test_nothing_but_headings_is_left_out(text: str) -> None:
    chunks = chunk(text, "")
    named = {name for draft in chunks for name in draft.heading_path}
    for line in filter(str.strip, uncovered(text, chunks).split("\n")):
        heading = re.fullmatch(r" {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*", line, re.DOTALL)
        assert heading, line
        assert plain_text(heading.group(1) or "")[:MAX_HEADING_LENGTH] in named | {""}


@given(structured())
def test_no_chunk_is_over_the_budget(text: str) -> None:
    assert all(estimate_tokens(draft.text) <= BUDGET_TOKENS for draft in chunk(text, "Title"))


@given(st.text(), st.text())
def test_the_estimate_never_grows_by_splitting_less(left: str, right: str) -> None:
    assert estimate_tokens(left + right) <= estimate_tokens(left) + estimate_tokens(right)


def test_chunks_carry_their_heading_path_and_anchor() -> None:
    text = "Intro.\n\n## Install it {#setup}\n\n### On **Linux**\n\nRun it.\n\n## Use it\n\nGo."
    assert [(c.heading_path, c.anchor, c.text) for c in chunk(text, "T")] == [
        ((), "", "Intro."),
        (("Install it", "On Linux"), "on-linux", "Run it."),
        (("Use it",), "use-it", "Go."),
    ]


def test_equal_headings_have_anchors_of_their_own() -> None:
    assert [c.anchor for c in chunk("## Go\n\na\n\n## Go\n\nb", "T")] == ["go", "go-1"]


def test_ids_that_the_author_gave_are_taken_first() -> None:
    chunks = chunk("## Go\n\na\n\n## Other {#go}\n\nb", "T")
    assert [(c.heading_path, c.anchor) for c in chunks] == [(("Go",), "go-1"), (("Other",), "go")]


def test_a_heading_with_nothing_under_it_is_a_chunk() -> None:
    assert [c.text for c in chunk("## One?\n\n## Two?\n\nYes.", "T")] == ["## One?", "Yes."]


def test_a_list_of_steps_is_cut_between_steps_only() -> None:
    chunks = chunk("Do this:\n\n" + STEPS, "T")
    assert len(chunks) > 1
    assert chunks[0].text.startswith("Do this:\n\n1. ")
    assert all(re.match(r"\d+\. ", c.text) for c in chunks[1:])
    assert all(c.text.endswith(".") for c in chunks)


def test_a_list_that_fits_is_never_cut() -> None:
    steps = "\n".join(STEPS.split("\n")[:8])
    chunks = chunk("A paragraph of words. " * 30 + "\n\n" + steps, "T")
    assert chunks[-1].text == steps


def test_a_table_is_cut_between_rows_and_its_columns_stay_known() -> None:
    first, *rest = chunk(TABLE, "T")
    assert first.text.startswith("| Board | Voltage |\n| --- | --- |\n| Board number 0 |")
    assert rest
    assert all(c.heading_path == ("Board | Voltage",) for c in rest)
    assert all(c.text.startswith("| Board number") and c.text.endswith("|") for c in rest)


def test_an_overlong_paragraph_is_cut_between_sentences() -> None:
    chunks = chunk("This sentence is of no great length at all. " * 60, "T")
    assert len(chunks) > 2
    assert all(c.text.startswith("This") and c.text.endswith("all.") for c in chunks)
