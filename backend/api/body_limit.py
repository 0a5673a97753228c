"""Requests of bounded length, whoever sends them."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.http import HttpRequest
from django.utils import translation

from backend.api.problems import CONTENT_TYPE, problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# Photos go to object storage, so no request is long; Django would write a longer one to the disk
# before it looks who sent it.
MAX_BODY_BYTES = 4 * 1024**2


def limit_body(app: App) -> App:
    """The same application, for requests of bounded length; longer ones are answered 413."""

    async def limited(scope: Message, receive: Receive, send: Send) -> None:
        received = 0
        has_answered = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A client that lies about its length, or does not tell it, is cut off.
            return message if received <= MAX_BODY_BYTES else {"type": "http.disconnect"}

        async def watched(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        if scope["type"] == "http" and _declared_length(scope) > MAX_BODY_BYTES:
            await _refuse(scope, send)
            return
        await app(scope, counted, watched)
        if received > MAX_BODY_BYTES and not has_answered:
            await _refuse(scope, send)

    return limited


async def _refuse(scope: Message, send: Send) -> None:
    request = HttpRequest()
    for name, value in scope["headers"]:
        if name == b"accept-language":
            request.META["HTTP_ACCEPT_LANGUAGE"] = value.decode("latin-1")
    with translation.override(translation.get_language_from_request(request)):
        document = problem("too_large", 413, values={"limit": MAX_BODY_BYTES})
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(document).encode()})


def _declared_length(scope: Message) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
