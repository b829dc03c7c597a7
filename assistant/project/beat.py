"""The scheduler of periodic tasks, which a clock that is put back does not silence."""

from datetime import timedelta
from typing import Any

from celery import beat

AHEAD = timedelta(seconds=5)


class Scheduler(beat.Scheduler):
    """Celery's, but nothing is waited for that was last sent in what is now the future.

    Celery would send it when the clock shows that time again: hours later, and the workers' canaries with it.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due; the seconds until something is."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if (entry.last_run_at or now) > now + AHEAD]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # which is sorted by when each is due
        return float(super().tick(*arguments, **options))
