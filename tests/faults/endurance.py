"""`python -m tests.faults.endurance`: load while one thing after another breaks, and what came of it.

Every customer's log is held against the database afterwards. Exit status 1 when any promise was broken.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time
from typing import Any

import psycopg
import stamina

from tests.faults import figures, mails
from tests.faults.agents import Agent
from tests.faults.catalogue import FAULTS, LONG_FAULTS, REPEATS_A_MAIL, STANDS_STILL, Fault
from tests.faults.load import Load
from tests.faults.marks import MARKS
from tests.faults.oracle import BREACHES, judged, stored_head
from tests.faults.surroundings import START_SECONDS, STRANGER, Scene, breakable, movable_clock
from tests.product import CHECKOUT, eventually, started
from tests.services import CONFIGURED_BY_SHELLS

# At 13 a second one web process is at its limit on a slow day: what waits after a kill then grows.
MESSAGES, A_SECOND = 20_000, 10.0
SEED = 20
# The product's own words, kept when a promise was broken.
LOG = CHECKOUT / "test-results" / "endurance.log"
PAUSE_SECONDS, MENDED_SECONDS = 2.0, 120.0
# A mail waits until its customer is seen to be gone, and longer after a process died with it; then an import waits for
# two minutes, and what it left aside for another.
OWED_SECONDS = 300.0
# Nothing breaks before: a product that has just started is slow, and no measure.
WARM_AFTER, WARM_SECONDS = 20, 300.0
# The model server's: so many seconds to the first token and for each that follows.
FIRST_SECONDS, TOKEN_SECONDS = 0.2, 0.02
# A strike that has just lost its connection to the one before it is made again.
REPEATED = stamina.AsyncRetryingCaller(attempts=3).on(psycopg.OperationalError)
ACTIVITY = """
SELECT application_name = %s, state LIKE 'idle in transaction%%' AND state_change < clock_timestamp() - interval '1 s',
       left(query, 100)
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""


@dataclass
class Activity:
    """What the database was seen to hold for the product, looked at once a second while it answered.

    `idle` are statements after which nothing came for over a second, within a transaction, each with when it was seen
    (time.monotonic()); `workers` are the ids of all processes that answered for others than the web. What the faults
    themselves hold is nobody's.
    """

    looks: int = 0
    most_connections: int = 0
    idle: list[tuple[float, str]] = field(default_factory=list)
    workers: set[str] = field(default_factory=set)

    async def watch(self, scene: Scene) -> None:
        while True:
            self.workers.add(str(scene.product.pid("answers")))
            with contextlib.suppress(psycopg.OperationalError):
                await asyncio.to_thread(self._look, scene)
            await asyncio.sleep(1)

    def _look(self, scene: Scene) -> None:
        with scene.postgres() as database:
            rows = database.execute(ACTIVITY, [STRANGER]).fetchall()
        theirs = [(idle, str(query)) for ours, idle, query in rows if not ours]
        self.looks += 1
        self.most_connections = max(self.most_connections, len(theirs))
        self.idle += [(monotonic(), query) for idle, query in theirs if idle]


def faults_called(pattern: str = "", clock: bool = False) -> list[Fault]:
    """What breaks under a load: what the pattern matches, also of what takes minutes; without one all but that.

    Where the clock can be moved that is all that breaks: what moves it costs a process four times its processor time.
    """
    named = [each for each in (*FAULTS, *LONG_FAULTS) if re.search(pattern, each.name)] if pattern else FAULTS
    return [each for each in named if each.name.startswith("clock") == clock]


def drawn(faults: Sequence[Fault], strikes: int, chance: random.Random) -> list[Fault]:
    """So many faults in a random order: each once before any comes again. 0 strikes: each once."""
    strikes = strikes or len(faults)
    order: list[Fault] = []
    while len(order) < strikes:
        order += chance.sample(faults, len(faults))
    return order[:strikes]


async def endure(scene: Scene, messages: int, strikes: int, a_second: float, only: str = "") -> dict[str, Any]:
    """Load and faults until both are done; the figures, of which all in "breaches" are to be zero.

    0 `strikes`: each of the faults once.
    """
    faults = faults_called(only, bool(scene.clock))
    assert faults, f"no fault is called {only}"
    scene.model.set(first=FIRST_SECONDS, token=TOKEN_SECONDS, marks=MARKS)
    agent = Agent(f"http://127.0.0.1:{scene.web.port}", *scene.product.agent)
    activity = Activity()
    load = Load(
        scene.chat_url, scene.product.widget, messages, a_second, agent, lambda which: stored_head(scene.product, which)
    )
    began = monotonic()
    watching = asyncio.create_task(activity.watch(scene))
    writing = asyncio.create_task(load.run(SEED))
    await asyncio.to_thread(eventually, lambda: load.answered >= WARM_AFTER, "some are answered", WARM_SECONDS)
    struck = [await strike(scene, load, fault) for fault in drawn(faults, strikes, random.Random(SEED))]
    load.enough.set()
    await writing
    watching.cancel()
    minutes = round((monotonic() - began) / 60, 1)
    return {"minutes": minutes, **await asyncio.to_thread(summary, scene, load, struck, activity)}


async def strike(scene: Scene, load: Load, fault: Fault) -> figures.Struck:
    """Break one thing, and wait until the product has mended it, and customers are no longer held up by it."""
    await asyncio.sleep(PAUSE_SECONDS)
    began = monotonic()
    await REPEATED(fault.strike, scene)
    ended, since, whole = monotonic(), time(), None
    while whole is None and monotonic() < ended + MENDED_SECONDS:
        await asyncio.sleep(0.5)
        if await asyncio.to_thread(is_whole, scene, fault, since):
            whole = monotonic()
    for _ in range(int(MENDED_SECONDS)):
        if not load.owes(whole or ended):
            break
        await asyncio.sleep(1)
    mended = f"whole after {whole - ended:.1f} s" if whole else "not whole again"
    print(f"{fault.name}: {ended - began:.1f} s, {mended}", file=sys.stderr, flush=True)
    return figures.Struck(fault.name, began, ended, whole)


def is_whole(scene: Scene, fault: Fault, since: float) -> bool:
    """Whether nothing is missing after the fault, which ended at `since` of time.time().

    Where it was beat's, beat itself has to show it: the tasks in the queues are the scene's own.
    """
    ticks = scene.ticks(since) if fault.name.startswith("beat") else True
    return ticks and scene.product.is_whole() and scene.consumes(since)


def summary(scene: Scene, load: Load, struck: Sequence[figures.Struck], activity: Activity) -> dict[str, Any]:
    """The figures, once all is said and answered."""
    scene.product.wait_until_whole()
    with contextlib.suppress(AssertionError):  # then it is found below what is missing
        eventually(scene.owes_nothing, "nothing is owed", OWED_SECONDS)
    written = mails.written_to(scene.mails)
    breaches, ended, found = judged(scene.product, [*load.customers, *load.readers], written)
    # Who dies, or loses the database, between sending and storing repeats one.
    may_repeat = sum(one.name in REPEATS_A_MAIL for one in struck)
    breaches["mailed again"] += max(0, mails.repeated(written) - may_repeat)
    breaches["refused"] += len(load.agent.refused)
    breaches["waited in vain"] += len(load.waited_in_vain)
    not_imported = scene.library.missing(scene.postgres)
    breaches["not imported"] += len(not_imported)
    hanging = [line for line in scene.product.log.splitlines() if "does_not_end" in line]
    breaches["not whole again"] += sum(one.whole is None for one in struck) + len(hanging)
    customers = load.customers
    by_workers = [turn.owner.rpartition(":")[2] in activity.workers for turn in ended if turn.owner]
    return {
        "database": {
            "looks": activity.looks,
            "most_connections": activity.most_connections,
            "idle": Counter(figures.apart_from(STANDS_STILL, struck, activity.idle)),
        },
        "messages": load.sent,
        "acknowledged": sum(len(customer.sent_at.keys() & customer.acknowledged.keys()) for customer in customers),
        "conversations": len(customers),
        "taken over": sum(customer.taken_over for customer in customers),
        "mailed": {"times": len(written), "again": mails.repeated(written)},
        "second devices": len(load.readers),
        "connections": sum(customer.connections for customer in [*customers, *load.readers]),
        "told to wait": figures.spread([s for customer in customers for s in customer.told_to_wait]),
        "faults": len(struck),
        "breaches": {name: breaches[name] for name in BREACHES},
        "imports struck": scene.library.struck,
        "found": [*found, *load.agent.refused, *load.waited_in_vain, *not_imported, *hanging][:50],
        "answered by": figures.shares(Counter(turn.by for turn in ended)),
        "ended by workers": figures.percentage(by_workers),
        "answers known by a mark": figures.percentage([turn.marked for turn in ended if turn.marked is not None]),
        "acknowledgement": figures.spread([w.until - w.since for w in figures.acknowledgements(customers) if w.until]),
        "outcome": figures.spread([w.until - w.since for w in figures.outcomes(customers) if w.until]),
        "recoveries": figures.recoveries(struck, [*customers, *load.readers]),
    }


def run(messages: int, faults: int, a_second: float, only: str, clock: bool, spread: bool) -> dict[str, Any]:
    """The figures of a run on a product of its own, begun and ended here. Exits where no clock can be moved."""
    if clock and movable_clock(Path(tempfile.gettempdir())) is None:
        sys.exit("The clock cannot be moved: libfaketime is not installed.")
    for name in CONFIGURED_BY_SHELLS:
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="answerdesk-endurance-") as folder:
        template, broken = Path(folder) / "first", Path(folder) / "broken"
        for each in (Path(folder), template, broken):
            each.mkdir(exist_ok=True)
            each.chmod(0o755)
        with started(template, START_SECONDS):
            pass
        with breakable(template, broken, clock=clock, spread=spread) as scene:
            came_to = asyncio.run(endure(scene, messages, faults, a_second, only))
            if any(came_to["breaches"].values()):
                LOG.parent.mkdir(exist_ok=True)
                LOG.write_text(scene.product.log)
            return came_to


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--faults", type=int, default=0, help="0: each once")
    parser.add_argument("--a-second", type=float, default=A_SECOND, help="messages, where nothing is broken")
    parser.add_argument("--clock", action="store_true", help="move the clock, and break nothing else")
    parser.add_argument("--spread", action="store_true", help="over two web processes, and workers for most answers")
    parser.add_argument("--only", default="", help="faults whose names match this pattern, also the long ones")
    parser.add_argument("--out", type=Path, help="write the figures there instead")
    arguments = parser.parse_args()
    out = arguments.__dict__.pop("out")
    came_to = run(**vars(arguments))
    text = json.dumps(came_to, indent=1)
    out.write_text(text) if out else print(text)
    sys.exit(1 if any(came_to["breaches"].values()) else 0)


if __name__ == "__main__":
    main()
