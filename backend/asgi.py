"""The web server's way in."""

import os
import threading
from typing import cast

from django.core.asgi import get_asgi_application

from backend.api.body_limit import App, Message, Receive, Send, limit_body
from backend.core.places import find_place

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

# The table of places takes a second to load; no upload should wait for it.
threading.Thread(target=find_place, args=(0.0, 0.0), daemon=True).start()

_pages = limit_body(cast(App, get_asgi_application()))

from backend.api.websocket import serve_events  # noqa: E402 - wants Django to be set up


async def application(scope: Message, receive: Receive, send: Send) -> None:
    await (serve_events if scope["type"] == "websocket" else _pages)(scope, receive, send)
