"""The scheduler of periodic tasks: a clock that is put back does not silence it, and it is missed when it hangs."""

from datetime import timedelta
from typing import Any

import structlog
from celery import beat

from assistant.project import signs

AHEAD = timedelta(seconds=5)
log = structlog.get_logger(__name__)


class Scheduler(beat.Scheduler):
    """Celery's, but nothing is waited for that was last sent in what is now the future.

    Celery would send it when the clock shows that time again: hours later, and the workers' canaries with it.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due, and leave a sign of it; the seconds until something is, few as our tasks are frequent."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if (entry.last_run_at or now) > now + AHEAD]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # which is sorted by when each is due
        seconds = float(super().tick(*arguments, **options))
        try:
            signs.note(signs.BEAT)
        except Exception as error:  # the broker is away: so it is for all
            log.debug("no heartbeat could be written", error=str(error))
        return seconds
