"""What was said and ended, counted for /metrics once its transaction is committed."""

from django.db import transaction

from assistant import metrics
from assistant.models import Turn
from assistant.states import Role, TurnStatus


def count_message(role: Role) -> None:
    """One message more by this kind of author."""
    transaction.on_commit(metrics.messages.labels(str(role)).inc)


def count_turn(turn: Turn) -> None:
    """The turn's outcome, and its latencies if it was answered; call when its last fields are set."""

    def count() -> None:
        metrics.turns.labels(str(turn.decision) or "none", str(turn.status)).inc()
        if turn.status == TurnStatus.DONE and turn.finished_at:
            # An answer that was not streamed shows its first text when it is whole.
            first = turn.first_token_at or turn.finished_at
            metrics.first_token_seconds.observe((first - turn.created_at).total_seconds())
            metrics.turn_seconds.observe((turn.finished_at - turn.created_at).total_seconds())

    transaction.on_commit(count)
