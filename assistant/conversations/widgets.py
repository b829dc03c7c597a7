"""A widget as answers need it."""

from django.db import connection

from assistant.models import Widget
from knowledge.models import Collection

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
