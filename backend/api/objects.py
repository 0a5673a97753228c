"""Stored pictures, by signed address: what a photo's `urls` and its redirects point to.

They pass through this server, because object storage cannot be told to send
`X-Content-Type-Options: nosniff`; no hostile bytes are ever served as anything but a picture or
an attachment.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import reverse

from backend.api.problems import plain_problem, read_only
from backend.core import storage
from backend.core.errors import StorageError
from backend.photos.models import Photo
from functions.contract import Rendition, original_key, rendition_key

_signer = signing.Signer(salt="backend.api.objects")
# Types that browsers show as pictures and never run; every other original is an attachment.
_PICTURES = {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"}


def object_url(photo: Photo, name: str) -> str | None:
    """A path that serves the thumbnail, preview or original for a while; None if not made yet."""
    if name == "original":
        if photo.status == Photo.Status.AWAITING_UPLOAD:
            return None
        # Only what inspection has seen is a picture; the uploader's word for it is not enough.
        shown = photo.has_renditions and photo.content_type in _PICTURES
        content_type = photo.content_type if shown else "application/octet-stream"
        grant = [original_key(str(photo.id)), content_type, photo.filename]
    else:
        if not photo.has_renditions:
            return None
        grant = [rendition_key(str(photo.id), Rendition(name)), "image/jpeg", ""]
    return reverse("object", args=[_signer.sign_object([*grant, _expiry()], compress=True)])


def _expiry() -> int:
    """Unix time, the same for half of OBJECT_URL_SECONDS, so that browsers can keep a picture."""
    step = settings.OBJECT_URL_SECONDS // 2
    return (int(time.time()) // step + 3) * step


@read_only
async def serve_object(request: HttpRequest, grant: str) -> HttpResponseBase:
    """Stream what a signed address grants. 404 for a bad, expired or emptied one."""
    try:
        key, content_type, filename, expires = _signer.unsign_object(grant)
        if expires < time.time():
            raise signing.SignatureExpired
        opened = await asyncio.to_thread(storage.open_object, key)
    except signing.BadSignature:
        opened = None
    except StorageError:
        return plain_problem("unavailable", 503)
    if opened is None:
        return plain_problem("not_found", 404)
    response: HttpResponseBase
    if opened.size <= 1024**2:
        body = await asyncio.to_thread(b"".join, opened.chunks)
        response = HttpResponse(body, content_type=content_type)
    else:
        response = StreamingHttpResponse(_stream(opened.chunks), content_type=content_type)
    disposition = "inline" if content_type in _PICTURES else "attachment"
    if filename:
        disposition += f"; filename*=UTF-8''{quote(filename, safe='')}"
    response["Content-Disposition"] = disposition
    response["Content-Length"] = str(opened.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = f"private, max-age={settings.OBJECT_URL_SECONDS // 2}, immutable"
    return response


async def _stream(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(next, chunks, b""):
        yield chunk
