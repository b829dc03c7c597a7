"""What the supervisor runs, and the folder it writes into."""

import json
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from assistant.project.embedded import places
from assistant.project.embedded.commands import needed_services

CHECKOUT = Path(__file__).resolve().parents[2]
QUEUES = ("answers", "ingestion", "housekeeping")
# What does the product's work, and the process that they are forks of.
FORKED, FORKS = ("web", *QUEUES, "beat"), "forks"
FORKS_DIE_WITH_PARENT = sys.platform == "linux"


@dataclass(frozen=True)
class Program:
    """One supervised process, or one that forks these; those of the lowest priority start first and stop last."""

    name: str
    priority: int
    stop_signal: str = "TERM"
    stop_seconds: int = 15
    once: bool = False
    forked: tuple[str, ...] = ()


def programs() -> list[Program]:
    """Every process of the product, without the services that an address in the environment replaces."""
    signals = {"database": "INT", "broker": "TERM"}
    services = [Program(name, 10, signals[name], 30) for name in needed_services()]
    return [*services, Program("setup", 20, once=True), *_working()]


def _working() -> list[Program]:
    """What does the work, forked from one process where that can be: for who is killed leaves no forks behind."""
    if FORKS_DIE_WITH_PARENT:
        return [Program(FORKS, 20, stop_seconds=20, forked=FORKED)]
    return [Program(name, 20, stop_signal(name).name.removeprefix("SIG"), 20) for name in FORKED]


def stop_signal(name: str) -> signal.Signals:
    """What asks a process of ours to end.

    At TERM a worker finishes the tasks that it has begun, and turns are given back. QUIT gives an import some seconds
    and then hands it back to the queue, which takes a child: a worker without one would raise what it cannot do out of
    the task.
    """
    return signal.SIGQUIT if name == "ingestion" else signal.SIGTERM


def pid_file(name: str) -> Path:
    """Where the process `name` writes its id."""
    return places.run_dir() / f"{name}.pid"


def prepared_file() -> Path:
    """There once this run's migrations are applied."""
    return places.run_dir() / "prepared"


def first_run_file() -> Path:
    """What the first start made up, and whether it is finished: readable by the user who started it only."""
    return places.data_dir() / "first-run.json"


def is_first_start_finished() -> bool:
    """False while the demo help centre is being loaded, or was when a start was interrupted."""
    try:
        return bool(json.loads(first_run_file().read_text()).get("help_centre") != "loading")
    except (FileNotFoundError, json.JSONDecodeError):
        return True


def metrics_dir() -> Path:
    """Counters of every process, for /metrics."""
    return places.run_dir() / "metrics"


def forget_open_sockets() -> None:
    """Remove the gauges of web processes that were killed: their sockets are gone."""
    for file in metrics_dir().glob("gauge_livesum_*.db"):
        file.unlink()


def forget_last_run() -> None:
    """Remove what says that an earlier run got somewhere."""
    prepared_file().unlink(missing_ok=True)
    shutil.rmtree(metrics_dir(), ignore_errors=True)
    metrics_dir().mkdir()
    for name in (FORKS, *FORKED):
        pid_file(name).unlink(missing_ok=True)


def write_configuration() -> Path:
    """The supervisor's configuration file, written anew for this run."""
    file = places.run_dir() / "supervisord.conf"
    file.write_text(configuration())
    return file


def configuration() -> str:
    """The supervisor's configuration: one group of services, and one of what uses them, which stops first."""
    head = [
        "[supervisord]",
        "nodaemon=true",
        "logfile=/dev/null",
        "logfile_maxbytes=0",
        "loglevel=info",
        f"pidfile={_escape(pid_file('supervisor'))}",
        *(["user=root"] if os.geteuid() == 0 else []),
        "",
    ]
    chosen = programs()
    services = [program.name for program in chosen if program.priority == 10]
    others = [program.name for program in chosen if program.priority != 10]
    groups = [_group("services", services, 10)] if services else []
    return "\n".join([*head, *groups, _group("product", others, 20), *map(_section, chosen)])


def _group(name: str, members: list[str], priority: int) -> str:
    return f"[group:{name}]\nprograms={','.join(members)}\npriority={priority}\n"


def _section(program: Program) -> str:
    """A program that is restarted for ever, a second later each time that it does not even start."""
    named = " ".join(program.forked or (program.name,))
    lines = [
        f"[program:{program.name}]",
        f'command="{_escape(Path(sys.executable))}" -m assistant.project.processes {named}',
        f"directory={_escape(CHECKOUT)}",
        f"autorestart={'unexpected' if program.once else 'true'}",
        f"startsecs={0 if program.once else 3}",
        "startretries=1000000",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        "killasgroup=true",
        "redirect_stderr=true",
        "stdout_logfile=/dev/fd/1",
        "stdout_logfile_maxbytes=0",
        "",
    ]
    return "\n".join(lines)


def _escape(path: Path) -> str:
    return str(path).replace("%", "%%")
