"""Learns assistant/llm/extracts.json on real questions with experts' answers, and on sections of two help centres.

Run it with EVALUATION_DATA set to the folder of evaluation sets. It starts services of its own.

Listwise softmax regression (ListNet, Cao et al. 2007) on the tuning parts: each stretch of the articles found is to be
the more likely, the more words it shares with the expert's answer (token F1). Of a help centre, where the section that
answers is known, half counts for being in it and half for the words shared with its beginning. The table gives the mean
of that of the likeliest stretch, fourfold cross-validated on the tuning parts and on the holdout parts.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import django
import numpy as np
from django.core.management import call_command
from numpy.typing import NDArray

from benchmarks import listwise
from benchmarks.evaluation import sets
from tests import services

if TYPE_CHECKING:
    from assistant.llm.extracts import Extract
    from benchmarks.evaluation.labelled import Labelled

# Chosen by cross-validation on the tuning parts, like the set of features.
RIDGE = 3.0
# How sharply the target prefers the better stretch: at .1 answers are shorter, at .3 longer, and neither better.
TEMPERATURE = 0.15
# Features that vary less are not blown up.
LEAST_DEVIATION = 0.15
# Of a section, as the answer that it is; of one with steps, up to their end.
SECTION_CHARACTERS = 1_200
STEPS_CHARACTERS = 2_500
FOLDS = 4
KINDS = ("techqa", "arduino", "gnome", "xquad")
PASSAGES = 6
Floats = NDArray[np.float64]
# How good an answer a stretch of an article is, 0..1, from the article's id and its text.
Good = Callable[[str, str, "Extract"], float]


@dataclass(frozen=True)
class Case:
    """A question's stretches: features (stretches, features), and how good an answer each is, 0..1."""

    kind: str
    part: sets.Part
    features: Floats
    good: Floats
    weight: float


def main() -> None:
    data = sets.folder()
    services.prepare_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
    django.setup()
    try:
        with services.running():
            call_command("migrate", verbosity=0)
            names: list[str] = []
            write(list(cases(data, names)), names)
    finally:
        services.remove_data()


def write(found: Sequence[Case], names: Sequence[str]) -> None:
    """Learn the weights of these features, tell how good they are, and write them."""
    from assistant.llm import extracts

    tuning = [case for case in found if case.part == "tuning"]
    weights = learn(tuning, names)
    _report(found, weights, names)
    written = {
        "learned_by": "python -m benchmarks.train_extracts",
        "questions": {kind: sum(case.kind == kind for case in tuning) for kind in KINDS},
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    }
    path = Path(extracts.__file__).with_name("extracts.json")
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def cases(data: Path, names: list[str]) -> Iterator[Case]:
    """xquad's questions ask for one fact of an encyclopedia: they count less than customers' questions."""
    from benchmarks.evaluation import labelled
    from benchmarks.evaluation.corpora import ingested

    slug = ingested(data, "techqa")
    for question in sets.techqa():
        if question.answer:
            yield _case("techqa", question.text, slug, question.part, names, _like(question.answer))
    for asked in labelled.questions():
        slug = ingested(data, asked.collection)
        yield from _labelled(asked, slug, names)
    slug = ingested(data, "xquad_noise")
    for question in sets.xquad("en")[::2]:
        if sentence := sets.xquad_sentence(question):
            yield _case("xquad", question.text, slug, question.part, names, _like(sentence), 0.3)


def _labelled(asked: "Labelled", slug: str, names: list[str]) -> Iterator[Case]:
    """The question as a case; none where its article was not found, so that nothing is right."""
    good = partial(_in_section, asked)
    case = _case(asked.collection, asked.text, slug, asked.part, names, good)
    if case.good.max() > 0:
        yield case


def _case(
    kind: str, question: str, slug: str, part: sets.Part, names: list[str], good: "Good", weight: float = 1.0
) -> Case:
    from assistant.answering.readings import look_up
    from assistant.llm.extracts import extracts
    from assistant.llm.wanted import wanted_in

    looked_up = look_up(question, slug, "en", PASSAGES)
    readings, articles = looked_up.readings, [passage.article for passage in looked_up.passages]
    found = extracts(readings, wanted_in(looked_up.lookup, [(r.text, r.language) for r in readings]))
    names[:] = list(found[0].features)
    features = np.array([[extract.features[name] for name in names] for extract in found])
    marks = [good(articles[e.reading], readings[e.reading].text, e) for e in found]
    return Case(kind, part, features, np.array(marks), weight)


def _like(answer: str) -> "Good":
    """How many words a stretch shares with an answer."""
    from assistant.answering.figures import token_f1

    return lambda _, text, extract: token_f1(text[extract.start : extract.end], answer)


def _in_section(asked: "Labelled", article: str, text: str, extract: "Extract") -> float:
    """Half for being mostly in a section that answers, half for the words it shares with the beginning of that."""
    from assistant.answering.figures import token_f1
    from benchmarks.evaluation import labelled

    places = labelled.places(text, asked.sections) if labelled.is_article(asked, article) else []
    inside = sum(labelled.shared(place, extract) for place in places) / (extract.end - extract.start)
    if inside <= 0.5:
        return 0.0
    steps = labelled.first_list(text, places) if asked.steps else None
    start = text.find("\n", places[0].start) if asked.sections[0] else 0
    end = min(places[0].end, places[0].start + SECTION_CHARACTERS)
    if steps:
        end = min(steps.end, places[0].start + STEPS_CHARACTERS)
    return inside * (1 + token_f1(text[extract.start : extract.end], text[start:end])) / 2


def learn(cases: Sequence[Case], names: Sequence[str]) -> Floats:
    """Weights of the features: each stretch is to have its share of the odds by how good it is."""
    whole = np.concatenate([case.features for case in cases])
    scale = np.maximum(whole.std(axis=0), LEAST_DEVIATION)
    lists = [listwise.Ranked(case.features, partial(_by_good, case.good), case.weight) for case in cases]
    return listwise.learn(lists, scale, np.full(len(names), RIDGE), np.zeros(len(names)))


def _by_good(good: Floats, scores: Floats) -> Floats:
    return listwise.softmax(good / TEMPERATURE)


def _report(cases: Sequence[Case], weights: Floats, names: Sequence[str]) -> None:
    tuning = [case for case in cases if case.part == "tuning"]
    fold = np.random.default_rng(0).integers(0, FOLDS, len(tuning))
    validated = {
        id(case): _chosen(case, held_out)
        for number in range(FOLDS)
        for held_out in [learn([case for case, k in zip(tuning, fold, strict=True) if k != number], names)]
        for case, k in zip(tuning, fold, strict=True)
        if k == number
    }
    for kind in KINDS:
        inside = [validated[id(case)] for case in tuning if case.kind == kind]
        outside = [_chosen(case, weights) for case in cases if case.kind == kind and case.part == "holdout"]
        best = [case.good.max() for case in cases if case.kind == kind and case.part == "holdout"]
        print(
            f"{kind:8} validated {np.mean(inside):.3f} of {len(inside)}, holdout {np.mean(outside):.3f} "
            f"of {len(outside)}, the best stretch there {np.mean(best):.3f}"
        )


def _chosen(case: Case, weights: Floats) -> float:
    return float(case.good[np.argmax(case.features @ weights)])


if __name__ == "__main__":
    main()
