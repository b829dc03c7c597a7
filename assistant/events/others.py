"""Whether there are other web processes: where there are none, nothing goes through the broker for nobody to hear.

Each web process says that it is there when it begins and every 12 s. Who has just begun, who heard nothing for a
while, and who serves nobody and so hears nothing, takes it that there are others.
"""

import time

# The first word of one that begins may be lost; the next comes soon.
UNKNOWN_SECONDS = 40.0
# Of three words, none came.
GONE_SECONDS = 40.0


class Others:
    """What a web process has heard of the others, by monotonic clock. Safe from any thread."""

    def __init__(self) -> None:
        self._listening_since: float | None = None
        self._heard_at = float("-inf")

    def listen(self) -> None:
        """From now on they are heard; what was before is not known."""
        self._listening_since = time.monotonic()

    def deafen(self) -> None:
        """They are not heard any more."""
        self._listening_since = None

    def hear(self) -> None:
        """One of them is there."""
        self._heard_at = time.monotonic()

    def may_be_there(self) -> bool:
        """False once none has been heard for so long that there is none."""
        now, since = time.monotonic(), self._listening_since
        return since is None or now - since < UNKNOWN_SECONDS or now - self._heard_at < GONE_SECONDS


others = Others()
