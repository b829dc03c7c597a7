"""The document of figures: one section is written anew, and the others stay as they are."""

from benchmarks.evaluation import report, tables
from knowledge.evaluation.resampling import Difference, Estimate

ONE = "## Retrieval\n\n| set |\n| --- |\n| techqa |"
OTHER = "## Decisions\n\nA line.\n\n### Below\n\nMore."


def test_a_section_written_anew_leaves_the_others_as_they_stand():
    written = report.document({"decisions": OTHER, "retrieval": ONE})
    assert written.index("## Retrieval") < written.index("## Decisions")
    assert report.read(written) == {"retrieval": ONE, "decisions": OTHER}
    again = report.document({**report.read(written), "retrieval": "## Retrieval\n\nnew"})
    assert report.read(again) == {"retrieval": "## Retrieval\n\nnew", "decisions": OTHER}
    assert report.document(report.read(written)) == written


def test_what_was_noted_by_hand_stays_below_the_new_figures():
    held = f"{ONE}\n\n{report.NOTE}\nWhat was tried."
    assert report.note(held) == f"\n\n{report.NOTE}\nWhat was tried."
    assert report.note(ONE) == ""


def test_a_section_says_when_it_was_measured():
    assert report.dated(OTHER, "Measured today.").startswith("## Decisions\n\nMeasured today.\n\nA line.")


def test_sections_that_are_not_there_are_not_listed(monkeypatch):
    monkeypatch.setattr(report, "SECTIONS", ("retrieval", "absent", "decisions"))
    assert report.available() == ["retrieval", "decisions"]


def test_figures_are_written_with_their_intervals():
    assert tables.cell(Estimate(0.9274, 0.9, 1.0)) == ".927 (.900 to 1.000)"
    assert tables.cell(Estimate(None, None, None)) == "-"
    assert tables.change(Difference(-0.0123, -0.03, 0.004, 0.2)) == "-.012 (-.030 to +.004), p .200"
    assert tables.table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
