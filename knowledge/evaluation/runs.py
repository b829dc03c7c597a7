"""Runs that are kept: one JSON file each under DATA_DIR, named after what was measured and when.

Files, and not rows: a run is written once and read whole, it outlives the database that it was measured on, and a
baseline can be carried to another machine or kept in version control.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
from django.conf import settings
from django.utils import timezone

from knowledge.evaluation.provenance import commit
from knowledge.evaluation.resampling import Columns

Kind = Literal["retrieval", "answers"]
SHOWN_NAMES = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class UnknownRun(Exception):
    """No run has this name, or its file cannot be read; the message says which, and names those there are."""


class UnusableName(ValueError):
    """A run cannot be called so; the message says why."""


@dataclass(frozen=True)
class Run:
    """One evaluation as it was measured.

    `commit` is None without a checkout; `settings` are what the figures depend on besides it. `data` has a hash of
    each part of what was asked: only runs with the same hashes may be compared. `columns` hold one number a question
    in the order of `ids`; None where it is not known. `figures` are those of `--json`.
    """

    name: str
    kind: Kind
    date: str
    commit: str | None
    settings: Mapping[str, str | int | None]
    data: Mapping[str, str]
    figures: Mapping[str, Any]
    ids: Sequence[str]
    columns: Mapping[str, Sequence[float | None]]

    def arrays(self) -> Columns:
        """The columns with nan where a number is not known."""
        return {name: np.array(column, dtype=np.float64) for name, column in self.columns.items()}


def keep(
    kind: Kind,
    name: str | None,
    *,
    measured_with: Mapping[str, str | int | None],
    data: Mapping[str, str],
    figures: Mapping[str, Any],
    ids: Sequence[str],
    columns: Columns,
) -> Run:
    """Stores a run under its name, by default one of kind and time. Raises UnusableName and OSError."""
    now = timezone.now()
    run = Run(
        name=name or free_name(f"{kind}-{now:%Y%m%d-%H%M%S}"),
        kind=kind,
        date=now.isoformat(timespec="seconds"),
        commit=commit(),
        settings=measured_with,
        data=data,
        figures=figures,
        ids=ids,
        columns={name: [None if np.isnan(x) else float(x) for x in column] for name, column in columns.items()},
    )
    check_name(run.name)
    folder().mkdir(exist_ok=True)
    with _file(run.name).open("xb") as out:
        out.write(orjson.dumps(asdict(run)))
    return run


def find(wanted: str) -> Run:
    """The run of that name, or of the file at that path. Raises UnknownRun."""
    path = _file(wanted) if _NAME.fullmatch(wanted) and _file(wanted).is_file() else Path(wanted)
    try:
        held = orjson.loads(path.read_bytes())
        run = Run(**{field.name: held[field.name] for field in fields(Run)})
        if any(len(column) != len(run.ids) for column in run.columns.values()) or run.kind not in (
            "retrieval",
            "answers",
        ):
            raise ValueError("its parts do not fit together")
        run.arrays()
    except FileNotFoundError as error:
        raise UnknownRun(f"There is no run {wanted}. {_those_there_are()}") from error
    except OSError as error:
        raise UnknownRun(f"The run {wanted} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnknownRun(f"{path} is not a stored run: {error}.") from error
    return run


def check_name(name: str) -> None:
    """Raises UnusableName for one that is taken or cannot name a file."""
    if not _NAME.fullmatch(name):
        raise UnusableName(f"{name!r} cannot name a run: use up to 100 letters, digits, dots, dashes and underscores")
    if _file(name).exists():
        raise UnusableName(f"there is a run {name} already: choose another name")


def free_name(name: str) -> str:
    """The name, numbered when two runs end within one second."""
    number = 2
    free = name
    while _file(free).exists():
        free, number = f"{name}-{number}", number + 1
    return free


def folder() -> Path:
    """Where the runs of this installation are."""
    return Path(settings.DATA_DIR) / "evaluations"


def _file(name: str) -> Path:
    return folder() / f"{name}.json"


def _those_there_are() -> str:
    newest = sorted(folder().glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    if not newest:
        return "None is stored yet: every `manage.py evaluate retrieval` and `evaluate answers` stores one."
    return f"The newest are: {', '.join(path.stem for path in newest[:SHOWN_NAMES])}."
