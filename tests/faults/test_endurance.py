"""A slice of the long run: every process dies or is told to go, and connections break, while customers write."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.endurance import endure, faults_called
from tests.faults.promises import SPREAD, connections, late, unfelt
from tests.faults.surroundings import breakable

pytestmark = [pytest.mark.fault, pytest.mark.services, pytest.mark.timeout(900)]

MESSAGES, A_SECOND = 2_000, 13.0
WHAT_BREAKS, EACH_ONCE = "killed|restarted|connections (cut$|ended)", 0
# Other tests have the processors too: what takes so many times what is promised is no slow day, but broken.
SLOWER = 5


def test_nothing_is_lost_or_doubled_while_every_process_dies_once(tmp_path: Path, first_started: Path) -> None:
    with breakable(first_started, tmp_path, spread=True) as scene:
        came_to = asyncio.run(endure(scene, MESSAGES, EACH_ONCE, A_SECOND, WHAT_BREAKS))
    assert not any(came_to["breaches"].values()), (came_to["found"], scene.product.log[-5000:])
    assert came_to["messages"] >= MESSAGES
    assert came_to["recoveries"].keys() == {fault.name for fault in faults_called(WHAT_BREAKS)}
    assert unfelt(SPREAD, came_to) == []
    assert late(SPREAD, came_to, SLOWER) == [], came_to["recoveries"]
    assert came_to["database"]["most_connections"] <= connections(SPREAD)
    assert came_to["ended by workers"] > 10
    assert came_to["imports struck"] == 2
