"""Which bytes of a file a request asks for."""

import re
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from rest_framework.request import Request

from backend.core.errors import RefusedError

_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\Z")


def asked_range(request: HttpRequest | Request, *, etag: str, size: int) -> tuple[int, int] | None:
    """The first byte asked for and the one behind the last; None for everything.

    So it is too if the file is another one by now, for what cannot be understood, and for several
    ranges at once. Raises RefusedError bad_range for what lies behind the end.
    """
    found = _RANGE.match(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", etag) != etag:
        return None
    if found[3] is not None:
        start, end = max(0, size - int(found[3])), size
    else:
        start = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= size or start == end:
        raise RefusedError("bad_range", status=416)
    return start, end


def until(pieces: Iterator[bytes], *, left: int) -> Iterator[bytes]:
    """The first `left` bytes."""
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


async def stream(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, which are not empty, without holding other requests up."""
    following = sync_to_async(lambda: next(pieces, b""))
    while piece := await following():
        yield piece
