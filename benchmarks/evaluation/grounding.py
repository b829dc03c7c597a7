"""What a model may say that the passages it cites do not: the check of benchmarks.grounding on the holdout part."""

from pathlib import Path

from benchmarks import grounding
from benchmarks.evaluation import grounding_languages
from benchmarks.evaluation.corpora import ingested
from benchmarks.evaluation.tables import cell, table

GOALS = {
    "altered among shown": "under .01",
    "own sentences that pass": "at least .95",
    "honestly shortened ones that pass": "at least .95",
}


def section(data: Path) -> str:
    """The table of what the check shows and keeps back."""
    slug = ingested(data, "techqa")
    outcomes = grounding.measure(list(grounding.found("holdout", slug)))
    questions = len({outcome.question for outcome in outcomes})
    told = (
        f"Over {questions} holdout questions of techqa: a stand-in for a model says sentences of the passages "
        "that were found, each cited; half of them reworded, one in five altered or taken from another document. 95 % "
        "intervals by resampling questions. The last kinds and what is honestly shortened "
        "are measured alone, each sentence an answer; an answer "
        "whose steps or exceptions would be missed is quoted from the passages instead."
    )
    rows = [
        (name, str(count), cell(estimated), GOALS.get(name, ""))
        for name, estimated, count in grounding.figures(outcomes)
    ]
    figures = table(("figure", "sentences", "share", "goal"), rows)
    return f"## Grounding\n\n{told}\n\n{figures}\n\n{grounding_languages.section()}"
