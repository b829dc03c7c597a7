"""Addresses of the sockets."""

from typing import Any, cast

from django.urls import path

from assistant.realtime.consumers import chat
from assistant.realtime.desk_consumer import desk

# Django's type for a view knows nothing of ASGI applications, which URLRouter takes.
websocket_urlpatterns: list[Any] = [
    path("ws/chat/", cast(Any, chat)),
    path("ws/desk/", cast(Any, desk)),
]
