"""The order in which those who wait for a person are served: danger first, then law, then the longest wait."""

from django.db.models import Case, IntegerField, Value, When

from assistant.answers import LEGAL, SAFETY

# Why some cannot wait their turn, the most pressing first.
PRESSING = (SAFETY, LEGAL)
# The rank of all others, and of a list in which nothing presses.
USUAL = len(PRESSING)


def rank() -> Case:
    """How pressing a wait is, as an expression on conversations: 0 comes first, USUAL last."""
    pressing = (When(handoff_reason=reason, then=Value(place)) for place, reason in enumerate(PRESSING))
    return Case(*pressing, default=Value(USUAL), output_field=IntegerField())
