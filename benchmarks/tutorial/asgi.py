"""The ASGI application: the chat, at whatever address."""

from typing import Any

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter

from benchmarks.tutorial.chat import Chat

urlpatterns: list[Any] = []
application = ProtocolTypeRouter({"http": http, "websocket": Chat.as_asgi()})
