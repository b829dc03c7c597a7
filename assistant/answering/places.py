"""Who waits in the queue is told their place, and after SLOW_NOTICE_SECONDS that it takes longer, worker or not."""

from django.conf import settings

from assistant.answering import admission, estimates, turns
from assistant.answering.admission import Place
from assistant.events.catalogue import AnswerStatus
from assistant.events.doorbell import conversation_group, hub
from assistant.events.publish import progress
from assistant.events.threads import in_thread


async def say_places(turn_id: str | None = None) -> None:
    """Tell those who wait in the queue, this one or any, their place, and that it takes longer once it does.

    Each process tells those who are connected to it, again and again: one that comes back has forgotten it.
    """
    waiting = await in_thread(admission.line, turn_id)
    here = [place for place in waiting if hub.count(conversation_group(place.conversation_id))]
    await in_thread(turns.mark_late, *(place.turn_id for place in here if place.is_late))
    whole = await estimates.recent.seconds_left(0.0, False) if here and settings.GENERATIVE else None
    for place in here:
        frame = _in_line(place, whole)
        progress(place.conversation_id, frame, attempt=place.attempt, after=place.head, elsewhere=False)


def _in_line(place: Place, whole_seconds: float | None) -> AnswerStatus:
    """What is told of a place; `whole_seconds` is what an answer takes, None where too little was observed."""
    seconds = None
    if whole_seconds is not None:
        seconds = admission.seconds_in_line(place.position, place.beside, whole_seconds)
        seconds = min(seconds, max(1, round(place.seconds_left)))
    status = "delayed" if place.is_late else "searching"
    return AnswerStatus(str(place.turn_id), status, estimate_seconds=seconds, position=place.position)
