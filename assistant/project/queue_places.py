"""A worker's place for a task is free again when the task is done, even if the broker could not be told.

Kombu keeps the place taken when the acknowledgement fails with its connection. One task at a time is all that a worker
takes, so it would consume nothing from then on, and never notice (celery issues 8030 and 8091 tell of such workers).
The broker gives out the task once more, and the rows see to it that nothing is done twice.
"""

from kombu.transport import redis, virtual


class QoS(redis.QoS):
    """Forgets a task that is done before the broker is told: telling may fail."""

    def ack(self, delivery_tag: str) -> None:
        """Tell the broker that the task is done. Raises the client's errors of connection."""
        virtual.QoS.ack(self, delivery_tag)
        self._remove_from_indices(delivery_tag).execute()  # type: ignore[attr-defined]

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give the task back, or drop it. Raises the client's errors of connection."""
        virtual.QoS.ack(self, delivery_tag)
        if requeue:
            self.restore_by_tag(delivery_tag, leftmost=True)
        else:
            self._remove_from_indices(delivery_tag).execute()  # type: ignore[attr-defined]


def use() -> None:
    """Have every channel of this process keep its places so."""
    redis.Channel.QoS = QoS
