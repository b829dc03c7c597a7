import json
import math
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import evaluation, figures
from assistant.answering.asking import answer_once
from assistant.answers import Answer, AnswerUnavailable, Source
from assistant.models import Conversation
from assistant.states import Decision
from knowledge.indexing import index_documents
from tests.knowledge.library import article

GRADED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40)


def split(graded):
    """Confidences, and 1 where the truth is true."""
    return np.array([c for c, _ in graded], dtype=float), np.array([t for _, t in graded], dtype=float)


@given(GRADED)
def test_figures_stay_between_0_and_1(graded):
    for figure in (figures.auroc, figures.calibration_error):
        value = figure(*split(graded))
        assert math.isnan(value) or 0 <= value <= 1 + 1e-9


@given(GRADED)
def test_auroc_mirrors_when_truth_is_swapped(graded):
    straight = figures.auroc(*split(graded))
    swapped = figures.auroc(*split([(c, not t) for c, t in graded]))
    assert math.isnan(straight) == math.isnan(swapped)
    assert math.isnan(straight) or straight + swapped == pytest.approx(1)


def test_known_values():
    assert figures.auroc(*split([(0.9, True), (0.5, True), (0.5, False), (0.1, False)])) == 0.875
    assert figures.calibration_error(*split([(0.9, True), (0.9, False)])) == pytest.approx(0.4)
    assert figures.token_f1("The red  box!", "a red ball") == pytest.approx(0.5)
    assert figures.token_f1("", "") == 1
    assert math.isnan(figures.auroc(*split([(0.5, True)])))


@given(st.text(), st.text())
def test_token_f1_is_symmetric(left, right):
    assert figures.token_f1(left, right) == figures.token_f1(right, left)


def lines(tmp_path, *rows):
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(path)


def run(questions, *arguments):
    """What the command prints, as JSON."""
    out = StringIO()
    call_command(
        "evaluate", "answers", "--questions", questions, "--collection", "shop", *arguments, "--json", stdout=out
    )
    return json.loads(out.getvalue())


def test_the_command_runs_the_real_code_and_stores_nothing(shop, tmp_path):
    questions = lines(
        tmp_path,
        {"_id": "a", "text": "How do I reset my board?", "expect": "answer", "articles": ["reset-board"],
         "answer": "Unplug the cable, hold the RESET button and plug it in again."},
        {"_id": "b", "text": "What is the capital of Mongolia?", "expect": "abstain"},
        {"_id": "c", "text": "and to Norway?", "history": [{"role": "customer", "text": "How much is shipping?"}]},
    )  # fmt: skip
    written = tmp_path / "out.jsonl"
    found = run(questions, "--out", str(written))
    assert (found["questions"], found["decision_accuracy"], found["auroc"]) == (3, 1, 1)
    assert found["abstention"] == {"precision": 1, "recall": 1}
    assert found["citation"]["recall"] == 1
    assert 0 < found["token_f1"] < 1
    answers = [json.loads(line) for line in written.read_text().splitlines()]
    assert [answer["_id"] for answer in answers] == ["a", "b", "c"]
    assert "Norway" in answers[2]["answer"]
    assert not Conversation.objects.exists()


def test_each_figure_has_its_bounds_and_an_article_that_is_not_there_is_named(shop, tmp_path, capsys):
    asked = {"text": "How do I reset my board?", "expect": "answer"}
    questions = lines(
        tmp_path,
        {"_id": "a", "articles": ["reset-board"], **asked},
        {"_id": "b", "articles": ["reset-bored", "reset-board"], **asked},
    )
    found = run(questions)
    assert found["intervals"].keys() == figures.FIGURES.keys()
    assert found["intervals"]["decision_accuracy"] == [1, 1]
    low, high = found["intervals"]["citation.recall"]
    assert low <= found["citation"]["recall"] <= high
    assert found["intervals"]["token_f1"] == [None, None]
    assert "none can cite it: reset-bored\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("decision", "expect", "recall"),
    [
        (Decision.ANSWER, Decision.ANSWER, 1),
        (Decision.ABSTAIN, Decision.ANSWER, 0.5),
        (Decision.ABSTAIN, None, 0.5),
        (Decision.CLARIFY, Decision.CLARIFY, 1),
        (Decision.ABSTAIN, Decision.ABSTAIN, 1),
    ],
)
def test_to_abstain_raises_no_recall_of_citations(decision, expect, recall):
    source = Source(1, "reset-board", "Reset board", "", "", "", 1.0, 1, 1)
    answered = Answer(Decision.ANSWER, "", "Hold it [1]", 0.9, (source,), timings_ms={"total": 1.0})
    other = replace(answered, decision=decision, sources=(source,) if decision is Decision.ANSWER else ())
    of_it = evaluation.Case("a", "How?", expect=Decision.ANSWER, articles=("reset-board",))
    of_other = replace(of_it, id="b", expect=expect)
    found = evaluation.figures([evaluation.Result(of_it, answered), evaluation.Result(of_other, other)])
    assert found["citation"] == {"precision": 1, "recall": recall}


def test_what_the_file_cannot_give_is_null(shop, tmp_path):
    found = run(lines(tmp_path, {"_id": "a", "text": "hi"}))
    unknown = {"decision_accuracy", "auroc", "calibration_error", "token_f1"}
    assert {key for key, value in found.items() if value is None} == unknown
    assert found["citation"] == {"precision": None, "recall": None}


@pytest.mark.parametrize("row", ['{"_id": 1}', "no json", '{"_id": 1, "text": "x", "expect": "maybe"}'])
def test_an_unusable_file_is_status_2(shop, tmp_path, row):
    path = tmp_path / "questions.jsonl"
    path.write_text(row)
    with pytest.raises(CommandError) as error:
        call_command("evaluate", "answers", "--questions", str(path), "--collection", "shop")
    assert error.value.returncode == 2


def test_an_unknown_collection_is_status_2(transactional_db, tmp_path):
    questions = lines(tmp_path, {"_id": "a", "text": "How do I reset it?"})
    with pytest.raises(CommandError) as error:
        call_command("evaluate", "answers", "--questions", questions, "--collection", "nowhere")
    assert error.value.returncode == 2


def test_runs_over_the_same_questions_and_articles_are_compared(shop, tmp_path, settings, capsys):
    settings.DATA_DIR = tmp_path
    questions = lines(
        tmp_path, *({"_id": str(i), "text": "How do I reset my board?", "expect": "answer"} for i in "ab")
    )
    for name in ("before", "after"):
        run(questions, "--name", name)
    capsys.readouterr()
    call_command("evaluate", "compare", "before", "after", "--json")
    compared = json.loads(capsys.readouterr().out)
    assert compared["figures"]["decision_accuracy"]["difference"] == {"value": 0, "low": 0, "high": 0, "p": 1}
    assert compared["figures"]["auroc"]["first"]["value"] is None
    assert compared["first"]["settings"]["calibration"]
    assert compared["first"]["settings"]["model"] is None
    index_documents([article("warranty", "The warranty lasts two years.")])
    run(questions, "--name", "later")
    with pytest.raises(CommandError, match="the articles differ") as caught:
        call_command("evaluate", "compare", "before", "later")
    assert caught.value.returncode == 2


def test_a_question_that_one_run_could_not_run_is_left_out_of_both(shop, tmp_path, settings, capsys, monkeypatch):
    settings.DATA_DIR = tmp_path
    asked = {"right": "How do I reset my board?", "wrong": "What is the capital of Mongolia?"}
    questions = lines(
        tmp_path,
        *({"_id": f"{kind}{i}", "text": text, "expect": "answer"} for kind, text in asked.items() for i in range(4)),
    )
    run(questions, "--name", "before")

    async def away(question):
        if question.text == asked["wrong"]:
            raise AnswerUnavailable("away")
        return await answer_once(question)

    monkeypatch.setattr(evaluation, "answer_once", away)
    with pytest.raises(CommandError, match="4 questions could not be run"):
        run(questions, "--name", "after")
    capsys.readouterr()
    call_command("evaluate", "compare", "before", "after", "--json")
    compared = json.loads(capsys.readouterr().out)
    accuracy = compared["figures"]["decision_accuracy"]
    assert accuracy["difference"] == {"value": 0, "low": 0, "high": 0, "p": 1}
    assert accuracy["first"]["value"] == 1
    assert (compared["questions"], compared["left_out"]) == (4, ["wrong0", "wrong1", "wrong2", "wrong3"])
    call_command("evaluate", "compare", "before", "after")
    assert "4 questions that both could run, 4 left out of both" in capsys.readouterr().out
    monkeypatch.setattr(evaluation, "answer_once", _away)
    with pytest.raises(CommandError):
        run(questions, "--name", "never")
    with pytest.raises(CommandError, match="no question that both could run"):
        call_command("evaluate", "compare", "before", "never")


async def _away(question):
    raise AnswerUnavailable("away")
