"""The ASGI application: HTTP by Django, WebSockets by Channels."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter

from assistant.answering import warming
from assistant.project.measuring import measured
from assistant.realtime.lifespan import lifespan
from assistant.realtime.routing import websocket_urlpatterns

routes: Any = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns), "lifespan": lifespan})
application = measured(routes)
# Whoever serves it: the first notice would load them within a transaction.
warming.load_tables()
