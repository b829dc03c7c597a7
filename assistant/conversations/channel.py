"""Widgets as answers need them; and the channel of questions without a browser, the command line's and the API's.

That is a widget which no site can embed.
"""

from typing import Any

from django.db import connection

from assistant.models import Widget
from knowledge.models import Collection

CHANNEL_NAME = "Command line and API"
# Written out, as the ORM takes longer to write it than Postgres to answer it. The names are in the order of the model.
_WIDGET_FIELDS = (
    "id",
    "name",
    "collection_id",
    "grounding",
    "wrong_answer_cost",
    "cost_cap_conversation_usd",
    "cost_cap_day_usd",
    "active",
)
_WIDGET = f"""
SELECT collection.slug, {", ".join(f"widget.{name}" for name in _WIDGET_FIELDS)} FROM assistant_widget AS widget
JOIN knowledge_collection AS collection ON collection.id = widget.collection_id WHERE widget.id = %s
"""  # noqa: S608 - no stranger's text


def on_channel(prefix: str = "") -> dict[str, Any]:
    """What tells the channel's widgets from those of sites, as a filter; `prefix` leads to the widget."""
    return {f"{prefix}name": CHANNEL_NAME, f"{prefix}active": False}


def is_channel(widget: Widget) -> bool:
    """Whether what is asked there is asked by a program or on the command line, so that nobody is connected."""
    return all(getattr(widget, name) == value for name, value in on_channel().items())


def answering_as(widget: Widget) -> Widget:
    """The widget whose settings hold for its answers: itself.

    On the channel the collection's oldest active widget of a site, so that an answer is the one that customers get
    there; without one the channel's own settings, which are the recommended ones.
    """
    if not is_channel(widget):
        return widget
    of_sites = Widget.objects.filter(collection_id=widget.collection_id, active=True)
    return of_sites.order_by("pk").first() or widget


def widget_for_answers(widget_id: int) -> Widget:
    """The widget with what answers need of it and of its collection; other fields are read once they are asked for.

    Raises Widget.DoesNotExist.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WIDGET, [widget_id])
        held = cursor.fetchone()
    if held is None:
        raise Widget.DoesNotExist
    slug, *fields = held
    widget = Widget.from_db(connection.alias, _WIDGET_FIELDS, fields)
    widget.collection = Collection.from_db(connection.alias, ("id", "slug"), (widget.collection_id, slug))
    return widget
