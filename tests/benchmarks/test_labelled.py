"""Where the sections of the labelled questions stand, and whether they are shown."""

import pytest

from assistant.llm.blocks import Span
from benchmarks.evaluation import labelled

TEXT = (
    "Before all.\n\n## USA\n\nShips from Ohio.\n\n### Order processing\n\n1. Wait.\n2. Wait on.\n\n"
    "## Europe\n\n### Order processing {#eu}\n\n* Wait longer.\n"
)


@pytest.mark.parametrize(
    ("section", "begins", "ends"),
    [
        ("", "Before all.", "Before all."),
        ("usa", "## USA", "2. Wait on."),
        ("usa/order-processing", "### Order processing\n\n1.", "2. Wait on."),
        ("europe/order-processing", "### Order processing {#eu}", "* Wait longer."),
    ],
)
def test_a_section_is_named_by_its_headings(section: str, begins: str, ends: str) -> None:
    (place,) = labelled.places(TEXT, [section])
    assert place.of(TEXT).startswith(begins)
    assert place.of(TEXT).strip().endswith(ends)


def test_a_section_is_shown_by_its_own_words_and_its_steps_by_most_of_them() -> None:
    places = labelled.places(TEXT, ["usa"])
    heading, steps = Span(13, 19), Span(TEXT.index("1. Wait"), TEXT.index("## Europe"))
    assert not labelled.shows(TEXT, places, [heading])
    assert labelled.shows(TEXT, places, [steps])
    assert labelled.shows_steps(TEXT, places, [steps])
    assert not labelled.shows_steps(TEXT, places, [Span(steps.start, steps.start + 7)])


def test_the_questions_are_of_both_parts_and_differ() -> None:
    asked = labelled.questions()
    assert len({(q.collection, q.text) for q in asked}) == len(asked)
    assert {(q.collection, q.part) for q in asked} == {
        (collection, part) for collection in ("arduino", "gnome") for part in ("tuning", "holdout")
    }
