"""Which process is forked anew, and when; and how all of them end."""

import signal
import subprocess
import sys

import psutil
import pytest

from assistant.project.forks import LEAST_SECONDS, LONGEST_PAUSE_SECONDS, PAUSE_SECONDS, Forks

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux alone")


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


def test_what_cannot_be_forked_is_tried_later(forks: Forks) -> None:
    forks.try_later("beat", 100.0)
    assert forks.due["beat"] == 100 + PAUSE_SECONDS


# Each line in one write: two processes share the pipe.
SLOW_TO_END = """
import os, signal, sys, time
from assistant.project import forks
name = forks.return_in_forks(("web", "beat"))
def end(*_):
    time.sleep(2 if name == "web" else 0)
    os.write(1, f"-{name}\\n".encode())
    sys.exit()
signal.signal(signal.SIGTERM, end)
os.write(1, f"{name}\\n".encode())
while True:
    signal.pause()
"""


@on_linux
def test_told_to_end_it_waits_for_the_last_of_them_without_work() -> None:
    with subprocess.Popen([sys.executable, "-c", SLOW_TO_END], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert {parent.stdout.readline().strip() for _ in range(2)} == {"web", "beat"}
        began = sum(psutil.Process(parent.pid).cpu_times()[:2])
        parent.send_signal(signal.SIGTERM)
        assert parent.stdout.readline().strip() == "-beat"
        assert parent.stdout.readline().strip() == "-web"
        assert sum(psutil.Process(parent.pid).cpu_times()[:2]) - began < 0.5
        assert parent.wait(10) == 0


HANGS = """
import os, signal
from assistant.project import forks
forks.ENDS_WITHIN_SECONDS = 1.0
name = forks.return_in_forks(("web", "beat"))
def hangs_here():
    while True:
        signal.pause()
if name == "web":
    signal.signal(signal.SIGTERM, lambda *_: None)
os.write(1, f"{name}\\n".encode())
hangs_here()
"""


@on_linux
def test_what_does_not_end_says_where_it_hangs_and_is_killed() -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HANGS], text=True, **pipes) as parent:
        assert parent.stdout is not None
        assert {parent.stdout.readline().strip() for _ in range(2)} == {"web", "beat"}
        parent.send_signal(signal.SIGTERM)
        try:
            _, said = parent.communicate(timeout=20)
        finally:
            parent.kill()
    assert parent.returncode == 0
    assert said.count("in hangs_here") == 1
