"""The web server's way in."""

import os
import threading
from typing import cast

from django.core.asgi import get_asgi_application

from backend.core.gazetteer import open_gazetteer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

_django = get_asgi_application()

# These want Django to be set up.
from backend.api.body_limit import App, Message, Receive, Send, limit_body  # noqa: E402
from backend.api.websocket import serve_events  # noqa: E402

_pages = limit_body(cast(App, _django))

# The tables of places take seconds to load; no upload or search should wait for them, and their
# loading no import.
threading.Thread(target=open_gazetteer, daemon=True).start()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    await (serve_events if scope["type"] == "websocket" else _pages)(scope, receive, send)
