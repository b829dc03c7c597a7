import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "name", ["calibrate_confidence", "train_reranker", "train_fusion", "train_extracts", "train_acts", "train_planted"]
)
def test_what_learns_can_be_started_where_nothing_is_set_up(name):
    """A module that needs Django before `main` sets it up would do so here, where no test has."""
    bare = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-c", f"import benchmarks.{name}"]
    done = subprocess.run(command, env=bare, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
