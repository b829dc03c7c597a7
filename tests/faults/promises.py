"""What is promised of the product under load, and what of it a load did not keep: pure functions of its figures."""

from typing import Any

from tests.faults.catalogue import FAULTS, LONG_FAULTS
from tests.faults.endurance import faults_called

FAULTY = "Load with faults"
SPREAD = "Load with faults over two web processes and workers"
CLOCK = "Load while the clock is moved"
DEPLOYS = "Load while web process and workers restart"
LONG = {f"Load with {fault.name}": fault.name for fault in LONG_FAULTS}
# Of what was to happen under a load, by its title or under any: which of its figures, and so many (per cent) at least.
LEAST = {"": ("answers known by a mark", 80.0), FAULTY: ("imports struck", 2), SPREAD: ("ended by workers", 25.0)}
DEPLOY = "web process and workers restarted"
# What is to strike under each load, at least once.
TO_STRIKE = {
    **{title: {fault.name for fault in faults_called()} for title in (FAULTY, SPREAD)},
    CLOCK: {fault.name for fault in faults_called(clock=True)},
    DEPLOYS: {DEPLOY},
    **{title: {fault} for title, fault in LONG.items()},
}
# What is promised of a fault alone in a whole product: of which of its columns, and so many seconds at most. At p99
# after its end; of the outcomes of what was asked while it lasted, from the asking, of every one.
OUTCOME = "outcome"
PROMISED = {
    **{fault.name: {OUTCOME: 45} for fault in FAULTS if fault.name.startswith("model ")},
    "models silent for 10 min": {OUTCOME: 20},
    "web process killed": {"acknowledged": 5, "caught up": 5, "answered": 30},
    "web process frozen": {"acknowledged": 5, "caught up": 5},
    "web process and workers killed": {"answered": 30},
    "broker killed": {"whole": 30},
    "broker frozen": {"whole": 30},
    "broker lost on the way": {"whole": 30},
    "broker's connections cut three times": {"whole": 30},
    "broker emptied": {"whole": 30},
    **{name: {"acknowledged": 15} for name in ("database killed", "database lost on the way")},
    DEPLOY: {"answered": 45},
}
# Only where workers have many of the turns do customers feel it.
PROMISED_OF_WORKERS = {"worker of answers killed": {"answered": 30}, "broker emptied": {"answered": 30}}
# Over how long reconnects are spread at least, and how seldom chance alone would make them seem closer.
RECONNECTS_SECONDS, BY_CHANCE = 10, 0.001
# From a turn's newest message on, whatever breaks: its deadline, a sweep, and a database that is away meanwhile.
OUTCOME_SECONDS = 60
ANY_OUTCOME = "any outcome"
# To the database, of a whole product, and what comes with a second web process, where workers answer and import, too.
CONNECTIONS, SECOND_CONNECTIONS = 20, 15
# At what it holds, of one that is due each second.
LOOKS_A_MINUTE = 20
IDLE = "idle within a transaction for over 1 s"
# Of messages while hundreds of a model's streams hang, at p95.
ACKNOWLEDGED_MS = 200


def not_kept(title: str, load: dict[str, Any]) -> int:
    """How many promises a load broke; one that proves too little, or broke off, is one."""
    if not load:
        return 1
    broken = [*late(title, load), *too_few(title, load), *asked_too_much(load["database"], connections(title))]
    breaches: dict[str, int] = load["breaches"]
    return sum(breaches.values()) + len(broken)


def promised(title: str) -> dict[str, dict[str, float]]:
    """Of each fault, the seconds that are promised of its columns under this load."""
    of_workers = PROMISED_OF_WORKERS if title == SPREAD else {}
    return {name: {**PROMISED.get(name, {}), **of_workers.get(name, {})} for name in {*PROMISED, *of_workers}}


def too_few(title: str, load: dict[str, Any]) -> list[str]:
    """What tells that a load proves less than it was to: figures, faults that never struck, and what nobody felt."""
    figures = [name for where, (name, share) in LEAST.items() if where in ("", title) and load[name] < share]
    told = load["told to wait"]
    if title == DEPLOYS and not (told["of"] and told["longest"] >= RECONNECTS_SECONDS * BY_CHANCE ** (1 / told["of"])):
        figures.append(f"reconnects spread over {RECONNECTS_SECONDS} s")
    if load["database"]["looks"] < LOOKS_A_MINUTE * load["minutes"]:
        figures.append("looks at the database")
    never = [f"{name} never struck" for name in sorted(TO_STRIKE[title] - load["recoveries"].keys())]
    return figures + never + unfelt(title, load)


def unfelt(title: str, load: dict[str, Any]) -> list[str]:
    """What is promised of a fault that struck and was not seen of anybody."""
    looked = _looked_at(title, load)
    return [f"{promise_of(*each)} of nobody" for each in looked if not load["recoveries"][each[0]][each[1]]["of"]]


def late(title: str, load: dict[str, Any], times: float = 1.0) -> list[str]:
    """What came later than so many times what was promised: of a fault, and of any turn that ended too late."""
    looked = _looked_at(title, load)
    found = [promise_of(*each) for each in looked if _came(load, *each) > times * promised(title)[each[0]][each[1]]]
    return [*found, ANY_OUTCOME] if (load["outcome"]["longest"] or 0) > times * OUTCOME_SECONDS else found


def _looked_at(title: str, load: dict[str, Any]) -> list[tuple[str, str]]:
    """Each fault that struck, with each of its columns of which something is promised."""
    struck = promised(title).keys() & load["recoveries"].keys()
    return [(name, column) for name in sorted(struck) for column in promised(title)[name]]


def promise_of(name: str, column: str) -> str:
    """How it is called."""
    return f"{name}: {column}"


def _came(load: dict[str, Any], name: str, column: str) -> float:
    """Seconds; 0 where nobody felt it, which is told apart."""
    seconds: float | None = load["recoveries"][name][column]["longest" if column == OUTCOME else "p99"]
    return seconds or 0.0


def connections(title: str) -> int:
    """How many the product may hold to the database under this load."""
    return CONNECTIONS + (SECOND_CONNECTIONS if title == SPREAD else 0)


def asked_too_much(database: dict[str, Any], most: int) -> list[str]:
    """What the product was not to ask of the database: more connections than that, and a transaction left idle."""
    found = [f"over {most} connections to the database"] if database["most_connections"] > most else []
    return [*found, IDLE] if database["idle"] else found


def not_kept_while_streams_hang(hung: dict[str, Any]) -> list[str]:
    """What others, or the database, felt of hundreds of streams that hang; that it broke off, or too few hung."""
    if not hung:
        return ["it broke off"]
    found = asked_too_much(hung, CONNECTIONS)
    if hung["hanging"] < hung["streams"]:
        found.append(f"only {hung['hanging']} of {hung['streams']} hung")
    if hung["acknowledged"] < hung["others"]:
        found.append(f"only {hung['acknowledged']} of {hung['others']} acknowledged")
    if (hung["p95_ms"] or 0) > ACKNOWLEDGED_MS:
        found.append(f"acknowledged within {ACKNOWLEDGED_MS} ms (p95)")
    return found
