"""What a person is told about an import: how far it is, how long it will take, what went wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.models import ImportRun

# A worker takes a queued run within a second or two; past this somebody should look.
UNCLAIMED_AFTER = timedelta(seconds=10)
STALLED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Progress:
    """`percent` is None until the number of articles is known; `seconds_left` until a few are done."""

    done: int
    total: int | None
    percent: int | None
    seconds_left: int | None
    seconds_taken: float | None
    finished: bool
    unclaimed: bool
    stalled: bool


def handled(run: ImportRun) -> int:
    """Articles that the run is through with, whatever came of them. What was removed was not in the files."""
    return run.added + run.changed + run.unchanged + run.skipped + run.failed


def progress_of(run: ImportRun, now: datetime) -> Progress:
    """The progress of a run as of `now`."""
    done, finished = handled(run), run.state in (ImportRun.State.DONE, ImportRun.State.FAILED)
    # Beside the articles that were expected there are files that turn out to be none.
    total = max(run.total, done) if run.total is not None else None
    percent = 100 * done // total if total else None
    ended = run.finished_at or now
    return Progress(
        done=done,
        total=total,
        percent=100 if run.state == ImportRun.State.DONE else percent,
        seconds_left=None if finished else _seconds_left(run, done, now),
        seconds_taken=(ended - run.started_at).total_seconds() if run.started_at else None,
        finished=finished,
        unclaimed=run.state == ImportRun.State.QUEUED and now - run.created_at > UNCLAIMED_AFTER,
        stalled=run.state == ImportRun.State.RUNNING and now - (run.renewed_at or now) > STALLED_AFTER,
    )


def _seconds_left(run: ImportRun, done: int, now: datetime) -> int | None:
    if not (run.started_at and run.total and done):
        return None
    taken = (now - run.started_at).total_seconds()
    return max(1, round(taken / done * (run.total - done)))
