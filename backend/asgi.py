"""The web server's way in."""

import gc
import os
import threading

import django

from backend.core.gazetteer import open_gazetteer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

django.setup(set_prefix=False)

# These want Django to be set up.
from backend.api.body_limit import Message, Receive, Send, limit_body  # noqa: E402
from backend.api.websocket import serve_events  # noqa: E402
from backend.core.handler import Handler  # noqa: E402

_pages = limit_body(Handler())


def _open_tables() -> None:
    """The tables of places take seconds to load; no upload or search should wait for them, and
    their loading no import."""
    open_gazetteer()
    # They stay for ever, and looking through them for garbage would hold up calls.
    gc.collect()
    gc.freeze()


threading.Thread(target=_open_tables, daemon=True).start()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    await (serve_events if scope["type"] == "websocket" else _pages)(scope, receive, send)
