"""WS /ws/events: one's own events as they happen.

The client says who it is by an Authorization header, or, as browsers cannot send one, by its
first message {"token": "...", "after": "..."}. What is sent is what GET /events answers, an event
a message, each with its `position`. Closed with 4401 for no or a bad token, 4400 for a bad `after`,
4429 for too many connections: at once, or in a minute, as each is counted like a call.
"""

import asyncio
import io
import json
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from backend.accounts.models import ApiKey, User
from backend.api.authentication import find_bearer
from backend.api.event_stream import LOOK_AGAIN_SECONDS, Listener, in_database
from backend.api.policy import RULES
from backend.api.rate_limit import count_refused
from backend.core.errors import RefusedError
from backend.events.models import Event
from backend.events.selectors import (
    Position,
    events_after,
    latest_position,
    parse_position,
    position_of,
)
from backend.events.services import as_document

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATH = "/ws/events"
MAX_FIRST_MESSAGE = 2000
FIRST_MESSAGE_SECONDS = 10
MAX_CONNECTIONS = 20  # a user and process
PAGE = 200
# However quiet it is, somebody who was shut out is noticed.
_QUIET_SECONDS = 60.0

_connections: Counter[UUID] = Counter()


async def serve_events(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI application for websocket connections; any other path is refused."""
    await receive()  # websocket.connect
    if scope["path"] != PATH:
        await send({"type": "websocket.close", "code": 4404})
        return
    await send({"type": "websocket.accept"})
    try:
        secret, after = await _first_words(scope, receive)
        user = await in_database(_enter)(scope, secret)
        position = parse_position(after) if after else None
    except AuthenticationFailed:
        await send({"type": "websocket.close", "code": 4401})
        return
    except RefusedError as error:
        code = 4429 if error.status == 429 else 4400
        await send({"type": "websocket.close", "code": code})
        return
    if _connections[user.id] >= MAX_CONNECTIONS:
        await send({"type": "websocket.close", "code": 4429})
        return
    _connections[user.id] += 1
    try:
        await _tell(user, secret, position, receive=receive, send=send)
    finally:
        _connections[user.id] -= 1


async def _first_words(scope: Message, receive: Receive) -> tuple[str, str]:
    """The token and `after`, as the client says them; "" for what it does not say."""
    headers = dict(scope["headers"])
    if bearer := headers.get(b"authorization", b"").decode("latin-1"):
        scheme, _, secret = bearer.partition(" ")
        return (secret.strip() if scheme.lower() == "bearer" else ""), ""
    try:
        message = await asyncio.wait_for(receive(), FIRST_MESSAGE_SECONDS)
        text = message.get("text") or ""
        said = json.loads(text) if len(text) <= MAX_FIRST_MESSAGE else None
    except (ValueError, TimeoutError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("token"), str):
        return "", ""
    return said["token"], str(said.get("after") or "")


def _enter(scope: Message, secret: str) -> User:
    """Who connects. It is counted as a call to GET /events is, let in or not.

    Raises AuthenticationFailed, RefusedError too_many_requests.
    """
    request = Request(ASGIRequest({**scope, "method": "GET"}, io.BytesIO()))
    try:
        request.user, request.auth = find_bearer(secret)
    finally:
        count_refused(request, is_known=request.auth is not None)
    return _admit(secret)


def _admit(secret: str) -> User:
    """Raises AuthenticationFailed, for a key without the scope of GET /events too."""
    user, auth = find_bearer(secret)
    scope = RULES["events"]["GET"].scope
    if isinstance(auth, ApiKey) and scope not in auth.scopes:
        raise AuthenticationFailed
    return user


async def _tell(
    user: User, secret: str, after: Position | None, *, receive: Receive, send: Send
) -> None:
    position = after or await in_database(latest_position)(user)
    gone = asyncio.create_task(_wait_for_end(receive))
    try:
        async with Listener.here().waiting(user.id) as arrived:
            patience = _QUIET_SECONDS
            while not gone.done():
                arrived.clear()
                try:
                    await in_database(_admit)(secret)
                except AuthenticationFailed:
                    await send({"type": "websocket.close", "code": 4401})
                    return
                events = await in_database(events_after)(user, position, limit=PAGE)
                for event in events:
                    position = position_of(event)
                    await send({"type": "websocket.send", "text": _text(event, position)})
                if events:
                    patience = _QUIET_SECONDS
                    continue
                heard = asyncio.create_task(arrived.wait())
                await asyncio.wait(
                    [gone, heard], timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
                if heard.done():
                    patience = LOOK_AGAIN_SECONDS
                heard.cancel()
    finally:
        gone.cancel()


async def _wait_for_end(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass  # nothing more is expected of a client


def _text(event: Event, position: Position) -> str:
    return json.dumps({**as_document(event), "position": str(position)})
