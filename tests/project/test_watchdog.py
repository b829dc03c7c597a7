"""When a worker's silence, or that of beat, is held against it, and what becomes of one that hangs."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from assistant.project import health, signs, supervision, watchdog
from assistant.project.watchdog import STALLED_AFTER_SECONDS, Watch
from tests.contract.server import ROOT, environment
from tests.product import eventually

NOW = 1_000_000.0
LIMIT = STALLED_AFTER_SECONDS["answers"]


def test_silence_lasts_since_the_last_sign_of_life():
    watch = Watch(NOW - 500)
    assert watch.hear("answers", NOW, 20.0, 0) == 20
    assert watch.hear("answers", NOW + 50, 70.0, 0) == 70


def test_a_worker_never_heard_is_silent_since_it_was_watched():
    watch = Watch(NOW)
    assert watch.hear("answers", NOW + LIMIT + 1, None, 0) > LIMIT


def test_a_fresh_worker_has_its_time_to_come_up():
    watch = Watch(NOW)
    assert watch.hear("answers", NOW + 90, None, NOW + 80) == 10


def test_a_broker_that_is_away_is_no_fault_of_a_worker():
    watch = Watch(NOW)
    watch.excuse(NOW + 300)
    assert watch.hear("answers", NOW + 310, None, 0) == 10
    assert watch.hear("ingestion", NOW + 310, 400.0, 0) == 10


def test_a_broker_that_came_back_empty_is_not_either():
    watch = Watch(NOW)
    watch.hear("answers", NOW + 10, 1.0, 0)
    assert watch.hear("answers", NOW + 300, None, 0) == 0
    assert watch.hear("answers", NOW + 361, None, 0) > LIMIT


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_was_moved_is_not_held_against_a_worker_and_no_excuse_for_long(hours):
    watch, moved = Watch(NOW), hours * 3600
    watch.see_clock(NOW, 100)
    watch.hear("answers", NOW, 1.0, NOW)
    watch.see_clock(NOW + moved + 5, 105)
    assert watch.hear("answers", NOW + moved + 5, max(0.0, moved), NOW) <= 5
    watch.see_clock(NOW + moved + 405, 505)
    assert watch.hear("answers", NOW + moved + 405, None, NOW) <= 5  # what it had said is gone, once
    assert watch.hear("answers", NOW + moved + 805, None, NOW) > LIMIT


@given(st.lists(st.floats(0, 40), min_size=1), st.floats(0, 30))
def test_a_worker_heard_at_every_look_is_never_stalled(gaps, lateness):
    watch, now = Watch(NOW), NOW
    for gap in gaps:
        now += gap
        assert watch.hear("answers", now, min(lateness, now - NOW), 0) <= lateness + 1e-6


@pytest.fixture
def beat(embedded_services: None) -> Iterator[None]:
    """The clock as the product runs it: a fork, which another follows when it ends."""
    cache.delete("heartbeat:beat")
    supervision.prepared_file().touch()
    command = [sys.executable, "-m", "assistant.project.processes", signs.BEAT]
    forks = subprocess.Popen(command, cwd=ROOT, env={**environment(), "DATA_DIR": str(supervision.places.data_dir())})
    try:
        eventually(lambda: signs.ages_seconds()[signs.BEAT] is not None, "beat ticks")
        yield
    finally:
        forks.terminate()
        forks.wait(30)
        supervision.prepared_file().unlink()
        supervision.pid_file(signs.BEAT).unlink()


@pytest.mark.services
def test_a_beat_that_hangs_is_seen_and_replaced(beat: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STARTED", time.monotonic() - health.START_SECONDS)
    monkeypatch.setitem(STALLED_AFTER_SECONDS, signs.BEAT, STALLED_AFTER_SECONDS[signs.BEAT] / 4)
    monkeypatch.setattr(signs, "AWAY_AFTER_SECONDS", 7.0)
    assert health.beat_trouble() == ""
    hanging, watch = psutil.Process(int(supervision.pid_file(signs.BEAT).read_text())), Watch(time.time())
    hanging.suspend()
    since = time.time()
    eventually(lambda: health.beat_trouble().startswith("stands still"), "it is missed")

    def is_replaced() -> bool:
        watchdog.look(watch)
        with contextlib.suppress(psutil.NoSuchProcess):
            return hanging.status() == psutil.STATUS_ZOMBIE
        return True

    eventually(is_replaced, "it is killed, although stopped")
    eventually(lambda: time.time() - (signs.ages_seconds()[signs.BEAT] or time.time()) > since, "another ticks")
    assert health.beat_trouble() == ""
