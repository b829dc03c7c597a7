"""The channel of questions without a browser, the command line's and the API's: a widget that no site can embed."""

from typing import Any

from assistant.models import Widget

CHANNEL_NAME = "Command line and API"


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
