"""Requests of bounded length, whoever sends them."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from backend.api.problems import CONTENT_TYPE, problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# Photos go to object storage, so hardly any request is long; Django would take a longer one in
# before it looks who sent it.
MAX_BODY_BYTES = 4 * 1024**2
# What is longer here, a picture to look at, must come from somebody who is known by then.
_PICTURES = "/api/v1/predict/"
_FORM_BYTES = 64 * 1024


def limit_body(app: App) -> App:
    """The same application, for requests of bounded length; longer ones are answered 413."""

    async def limited(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        received = 0
        has_answered = False
        most = MAX_BODY_BYTES
        if _declared_length(scope) > most and scope.get("path", "").startswith(_PICTURES):
            most = await _limit_of_pictures(scope)

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A client that lies about its length, or does not tell it, is cut off.
            return message if received <= most else {"type": "http.disconnect"}

        async def watched(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        if _declared_length(scope) > most:
            await _refuse(scope, send, most)
            return
        await app(scope, counted, watched)
        if received > most and not has_answered:
            await _refuse(scope, send, most)

    return limited


async def _limit_of_pictures(scope: Message) -> int:
    """More than for others, if the request says who sends it."""
    # These want Django to be set up.
    from rest_framework.exceptions import AuthenticationFailed

    from backend.api.authentication import find_bearer
    from backend.api.event_stream import in_database

    scheme, _, secret = _header(scope, b"authorization").partition(b" ")
    if scheme.lower() != b"bearer":
        return MAX_BODY_BYTES
    try:
        await in_database(find_bearer)(secret.decode("latin-1").strip())
    except AuthenticationFailed:
        return MAX_BODY_BYTES
    return int(settings.PREDICT_BYTES) + _FORM_BYTES


async def _refuse(scope: Message, send: Send, most: int) -> None:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = _header(scope, b"accept-language").decode("latin-1")
    with translation.override(translation.get_language_from_request(request)):
        document = problem("too_large", 413, values={"limit": most})
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(document).encode()})


def _declared_length(scope: Message) -> int:
    length = _header(scope, b"content-length")
    return int(length) if length.isdigit() else 0


def _header(scope: Message, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
