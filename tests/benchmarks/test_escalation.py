"""The set of messages that are for a person, and near misses."""

from benchmarks.evaluation import escalation, sets


def test_every_kind_has_hits_and_near_misses_in_both_halves() -> None:
    found = {(trial.kind, trial.wanted, sets.part_of(trial.key)) for trial in escalation.trials()}
    halves = ("tuning", "holdout")
    assert found == {(kind, wanted, half) for kind in escalation.KINDS for wanted in (True, False) for half in halves}


def test_no_conversation_is_in_the_set_twice() -> None:
    texts = [(trial.kind, trial.texts) for trial in escalation.trials()]
    assert len(texts) == len(set(texts))
