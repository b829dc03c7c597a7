import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import evaluation
from assistant.models import Conversation

GRADED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40)


@given(GRADED)
def test_figures_stay_between_0_and_1(graded):
    for figure in (evaluation.auroc(graded), evaluation.calibration_error(graded)):
        assert figure is None or 0 <= figure <= 1


@given(GRADED)
def test_auroc_mirrors_when_truth_is_swapped(graded):
    straight, swapped = evaluation.auroc(graded), evaluation.auroc([(c, not t) for c, t in graded])
    assert (straight is None) == (swapped is None)
    assert straight is None or straight + swapped == pytest.approx(1)


def test_known_values():
    assert evaluation.auroc([(0.9, True), (0.5, True), (0.5, False), (0.1, False)]) == 0.875
    assert evaluation.calibration_error([(0.9, True), (0.9, False)]) == pytest.approx(0.4)
    assert evaluation.token_f1("The red  box!", "a red ball") == pytest.approx(0.5)
    assert evaluation.token_f1("", "") == 1
    assert evaluation.auroc([(0.5, True)]) is None


@given(st.text(), st.text())
def test_token_f1_is_symmetric(left, right):
    assert evaluation.token_f1(left, right) == evaluation.token_f1(right, left)


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
    figures = run(questions, "--out", str(written))
    assert (figures["questions"], figures["decision_accuracy"], figures["auroc"]) == (3, 1, 1)
    assert figures["abstention"] == {"precision": 1, "recall": 1}
    assert figures["citation"]["recall"] == 1
    assert 0 < figures["token_f1"] < 1
    answers = [json.loads(line) for line in written.read_text().splitlines()]
    assert [answer["_id"] for answer in answers] == ["a", "b", "c"]
    assert "Norway" in answers[2]["answer"]
    assert not Conversation.objects.exists()


def test_what_the_file_cannot_give_is_null(shop, tmp_path):
    figures = run(lines(tmp_path, {"_id": "a", "text": "hi"}))
    unknown = {"decision_accuracy", "auroc", "calibration_error", "token_f1"}
    assert {key for key, value in figures.items() if value is None} == unknown
    assert figures["citation"] == {"precision": None, "recall": None}


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
