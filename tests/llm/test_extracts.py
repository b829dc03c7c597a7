"""Which stretch of the articles found is the likeliest answer."""

from assistant.llm.extracts import Extract, Reading, extracts
from assistant.llm.passages import compose
from assistant.llm.wanted import wanted_in

BOARDS = (
    "The zebra board has a new edition.\n\n"
    "## Does the zebra board two replace the zebra board one?\n\nYes, in nearly all projects it can take its place.\n\n"
    "## Specifications\n\n| | one | two |\n| --- | --- | --- |\n| Memory | 2 kB | 32 kB |"
)
ERRORS = (
    "An upload may fail.\n\n## zebra_recv(): not responding, zebra_sync(): attempt 1 of 10\n\n"
    "```\nzebra_recv(): not responding\n```\n\nTry this:\n\n1. Press the paw.\n2. Turn the tail.\n\n"
    "## lion_recv()\n\nThe lion is not responding to the zebra, as may happen. Feed it."
)


def reading(text: str, passage: str, title: str, log_odds: float) -> Reading:
    """The passage that holds these words, to the end of their paragraph."""
    start = text.index(passage)
    end = text.find("\n\n", start)
    return Reading(text, start, end if end > 0 else len(text), title, log_odds)


def found(question: str, *readings: Reading) -> list[Extract]:
    return extracts(readings, wanted_in(question, [(r.text, r.language) for r in readings]))


def test_a_heading_that_repeats_the_title_is_no_evidence_against_the_ranking() -> None:
    title = "What is the difference between the zebra board one and the zebra board two?"
    best = reading(BOARDS, "| | one", title, 0.0)
    other = reading(BOARDS, "Yes, in nearly", title, -2.5)
    shown = compose("difference in memory of the zebra board one and two", [best, other])
    assert shown
    assert "32 kB" in shown.text


def test_a_section_is_as_likely_as_its_best_passage() -> None:
    """The steps stand below the error message that was found."""
    title = "Errors of the zebra"
    message, lion = reading(ERRORS, "```", title, 0.0), reading(ERRORS, "The lion is", title, -1.0)
    runs = found("zebra_recv(): not responding", message, lion)
    steps = next(run for run in runs if "Press the paw" in ERRORS[run.start : run.end])
    assert steps.features["section"] == 1.0
    shown = compose("zebra_recv(): not responding", [message, lion])
    assert shown
    assert "Turn the tail" in shown.text


def test_what_a_link_leads_to_is_no_length() -> None:
    plain = "Feed the zebra with hay in the morning."
    linked = plain.replace("hay", f"[hay](https://zebra.example/{'long/' * 60})")
    lengths = [
        found("feed a zebra", Reading(text, 0, len(text), "", 0.0))[0].features["length"] for text in (plain, linked)
    ]
    assert abs(lengths[0] - lengths[1]) < 0.1


def test_the_heading_of_another_article_does_not_outvote_the_article_that_is_asked() -> None:
    """What the title of a far article leaves of the question is all of it."""
    right = "Small numbers stand behind what was taken from an article. Select one to see it."
    other = "Every question has an end.\n\n## Where an answer comes from\n\nSomebody writes it."
    readings = [
        Reading(right, 0, len(right), "See where an answer comes from", 0.0),
        Reading(other, 0, len(other), "Why it may be slow", -3.0),
    ]
    shown = compose("how do I see where an answer comes from", readings)
    assert shown
    assert shown.text.startswith("Small numbers")
