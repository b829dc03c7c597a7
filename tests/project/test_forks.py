"""Which process is forked anew, and when."""

import pytest

from assistant.project.forks import LEAST_SECONDS, LONGEST_PAUSE_SECONDS, PAUSE_SECONDS, Forks


@pytest.fixture
def forks() -> Forks:
    """Of a web process that runs as 7 and began at 100 s, and a clock that is due."""
    forks = Forks({"web": 0.0, "beat": 0.0})
    forks.began("web", 7, 100.0)
    return forks


def test_what_ends_is_due_at_once(forks: Forks) -> None:
    assert forks.ended(7, 100 + LEAST_SECONDS) == "web"
    assert forks.due == {"web": 100 + LEAST_SECONDS, "beat": 0.0}
    assert not forks.running


def test_what_does_not_start_is_tried_ever_more_slowly(forks: Forks) -> None:
    assert forks.ended(7, 100.0) == "web"
    assert forks.due["web"] == 100 + PAUSE_SECONDS
    forks.began("web", 8, 101.0)
    forks.ended(8, 101.0)
    assert forks.due["web"] == 101 + 2 * PAUSE_SECONDS
    for fork in range(100, 200):
        forks.began("web", fork, 200.0)
        forks.ended(fork, 200.0)
    assert forks.due["web"] == 200 + LONGEST_PAUSE_SECONDS


def test_what_ran_for_a_while_is_not_held_to_its_first_attempts(forks: Forks) -> None:
    forks.ended(7, 100.0)
    forks.began("web", 8, 101.0)
    forks.ended(8, 101 + LEAST_SECONDS)
    assert forks.due["web"] == 101 + LEAST_SECONDS


def test_a_child_that_is_no_fork_is_not_ours(forks: Forks) -> None:
    assert forks.ended(99, 100.0) is None
    assert forks.due == {"beat": 0.0}
