"""What is shown of an article, and where it stands there."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from assistant.llm.blocks import Span, blocks
from assistant.llm.cleaning import cleaned, kept
from assistant.llm.extracts import Reading
from assistant.llm.passages import compose
from assistant.llm.showing import outside, shown

MARK = 501  # no article has such a citation of its own
INSERTED = re.compile(r"(?:[\s*]|Boards › )*")
ARTICLES = st.lists(
    st.sampled_from(
        [
            "# Reset the board {#reset}",
            "## *On* Linux\n",
            "Reset it\n========",
            "LED COLOURS\nThe red light means that the disk is full.",
            "Press the button. If the light stays red, unplug it. Then wait.",
            "Before you reset it, see [the ports](#ports)[^1] and ![a port](port.png) of the board.",
            "1. Hold the reset button.\n\n   ![held](a.png)\n\n\n2. Press [it](other.md).\n3. Wait.",
            "| Light | Meaning |\n|---|---|\n" + "\n".join(f"| light {n} | ![l](l.png) board {n} |" for n in range(7)),
            "```\nreset()\n\n\n![not an image](x.png)\n```",
            "    reset --board",
            "* one board ([more](#more))\n* two *boards*",
            "Except: the board of 2019 has no button.",
        ]
    )
    | st.text(alphabet="aB .!?\n*#|-`[]()^1>", max_size=60),
    min_size=1,
    max_size=8,
).map("\n\n".join)
QUESTIONS = st.sampled_from(["How do I reset the board?", "Which light means board 3?", "boards", "zebra"]) | st.text(
    max_size=30
)


@given(ARTICLES, QUESTIONS)
@example("## Reset\n\n1. ![a](a.png)\n\n\n   Hold [it](#it).\n2. Wait.", "How do I reset it?")
def test_the_article_cut_at_the_spans_is_what_is_shown(text, question):
    composition = compose(question, [Reading(text, 0, len(text), "Boards", 0.0)], first=MARK)
    if composition is None:
        return
    told, at = composition.text, 0
    for n, quotation in enumerate(composition.quotations, start=MARK):
        assert quotation.spans
        assert all(0 <= span.start < span.end <= len(text) for span in quotation.spans)
        ends = [0, *(span.end for span in quotation.spans)]
        assert all(span.start >= end for span, end in zip(quotation.spans, ends, strict=False))
        # The number may stand within, behind the last words that can carry one.
        mark = told.index(f"[{n}]", at)
        told = told[:mark].removesuffix(" ") + told[mark + len(f"[{n}]") :]
        for span in quotation.spans:
            words = span.of(text)
            begins = told.index(words, at)
            assert INSERTED.fullmatch(told, at, begins), told[at:begins]
            at = begins + len(words)
    assert INSERTED.fullmatch(told, at)


@given(ARTICLES)
def test_what_is_kept_of_a_stretch_is_what_is_left_of_it(text):
    for block in blocks(text):
        assert "".join(span.of(text) for span in kept(text, block)) == cleaned(block.of(text)).strip("\n")


def test_a_headings_words_have_their_place():
    text = "Intro.\n\n## On Linux {#linux}\n\nRun it."
    told = shown(text, blocks(text)[1:])
    assert told.markdown == "**On Linux**\n\nRun it."
    assert [span.of(text) for span in told.spans] == ["On Linux", "Run it."]


def test_what_follows_in_the_article_too_is_one_stretch():
    text = "Intro:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n\nAfter."
    told = shown(text, blocks(text))
    assert [span.of(text) for span in told.spans] == [text[: text.index("\n\n\n")], "After."]


def test_what_is_withheld_is_not_among_what_is_shown():
    spans = (Span(0, 10), Span(12, 20))
    assert outside((Span(3, 5), Span(8, 14), Span(30, 31)), spans) == (Span(0, 3), Span(5, 8), Span(14, 20))
    assert outside((), spans) == spans
