"""Requests of bounded length, whoever sends them."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# Photos go to object storage, so no request is long; Django would write a longer one to the disk
# before it looks who sent it.
MAX_BODY_BYTES = 4 * 1024**2


_TOO_LARGE = json.dumps(
    {
        "type": "about:blank",
        "title": "too large",
        "status": 413,
        "code": "too_large",
        "detail": f"The file is larger than {MAX_BODY_BYTES} bytes.",
    }
).encode()


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
            await _refuse(send)
            return
        await app(scope, counted, watched)
        if received > MAX_BODY_BYTES and not has_answered:
            await _refuse(send)

    return limited


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})


def _declared_length(scope: Message) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
