"""Stored pictures, by signed address: what a photo's `urls` and its redirects point to.

They pass through this server, because object storage cannot be told to send
`X-Content-Type-Options: nosniff`; no hostile bytes are ever served as anything but a picture or
an attachment.
"""

import asyncio
import functools
import re
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signing
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import reverse

from backend.accounts.models import User
from backend.albums.links import living_links, photos_shown_by
from backend.albums.selectors import find_shared_photo
from backend.api.problems import plain_problem, read_only
from backend.api.review_queues import look_at
from backend.core import storage
from backend.core.errors import StorageError
from backend.core.grants import Grants
from backend.photos.cleaning import CLEANABLE, clean
from backend.photos.models import Photo
from backend.photos.services import photo_id_of_key
from functions.contract import ORIGINALS, Rendition, original_key, rendition_key

_grants = Grants(salt="backend.api.objects")
# The rest from one byte on: what goes on with a download that broke off.
_RANGE = re.compile(r"bytes=(\d{1,18})-\Z")
# Types that browsers show as pictures and never run; every other original is an attachment.
_PICTURES = {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"}


def through_membership(user_id: UUID) -> str:
    """For object_url: who asks is shown the photo by an album."""
    return f"member:{user_id}"


def through_link(link_id: UUID) -> str:
    """For object_url: who asks is shown the photo by a link."""
    return f"link:{link_id}"


def through_review(queue: str, user_id: UUID) -> str:
    """For object_url: who asks is shown the photo by a queue of what a person has to look at."""
    return f"review:{queue}:{user_id}"


def object_url(
    photo: Photo, name: str, *, through: str = "", with_location: bool = False
) -> str | None:
    """A path that serves the thumbnail, preview or original for a while; None if not made yet.

    through: how somebody else than its owner comes to see the photo, which is asked again at each
    request. Originals then have other names and are cleaned of what they say besides the picture;
    None for one that cannot be. with_location: where they were made they may go on saying.
    """
    if name == "original":
        if photo.status == Photo.Status.AWAITING_UPLOAD:
            return None
        # Only what inspection has seen is a picture; the uploader's word for it is not enough.
        shown = photo.has_renditions and photo.content_type in _PICTURES
        content_type = photo.content_type if shown else "application/octet-stream"
        if through and content_type not in CLEANABLE:
            return None
        filename = other_name(photo.id, photo.content_type) if through else photo.filename
        shown_as = [original_key(str(photo.id)), content_type, filename]
    else:
        if not photo.has_renditions:
            return None
        shown_as = [rendition_key(str(photo.id), Rendition(name)), "image/jpeg", ""]
    is_short = through.startswith(("link:", "review:"))
    expiry = _expiry(settings.LINK_URL_SECONDS if is_short else settings.OBJECT_URL_SECONDS)
    grant = [*shown_as, expiry, through, with_location]
    return _prefix() + _grants.sign_object(grant)


@functools.cache
def _prefix() -> str:
    """What stands before the grant in every address; a grant needs no quoting."""
    return reverse("object", args=["x"]).removesuffix("x")


def other_name(name: object, content_type: str) -> str:
    """A file name that does not tell what the owner called it."""
    kind = content_type.removeprefix("image/")
    return f"{name}.{'jpg' if kind == 'jpeg' else kind}"


def _expiry(seconds: int) -> int:
    """Unix time, the same for half of so many seconds, so that browsers can keep a picture."""
    step = seconds // 2
    return (int(time.time()) // step + 3) * step


def _is_still_shown(through: str, key: str) -> bool:
    photo_id = photo_id_of_key(key)
    kind, _, identity = through.partition(":")
    if photo_id is None:
        return False
    if kind == "link":
        link = living_links().filter(id=identity).first()
        if link is None or (key.startswith(ORIGINALS) and not link.allow_download):
            return False
        return photos_shown_by(link).filter(id=photo_id).exists()
    if kind == "review":
        if key.startswith(ORIGINALS):
            return False
        queue, _, user_id = identity.partition(":")
        return look_at(queue, user_id, photo_id)
    viewer = User.objects.filter(id=identity, is_active=True).first()
    return viewer is not None and find_shared_photo(viewer, photo_id) is not None


@read_only
async def serve_object(request: HttpRequest, grant: str) -> HttpResponseBase:
    """Stream what a signed address grants, or by `Range: bytes=N-` the rest of it.

    404 for a bad, expired or emptied address, 416 for a rest that there is not.
    """
    found = _RANGE.match(request.headers.get("Range", ""))
    start = int(found[1]) if found else 0
    try:
        key, content_type, filename, expires, through, with_location = _grants.unsign_object(grant)
        if expires < time.time():
            raise signing.SignatureExpired
        if through and not await sync_to_async(_is_still_shown)(through, key):
            return plain_problem("not_found", 404)
        is_cleaned = through and key.startswith(ORIGINALS)
        # What is cleaned is read from its beginning: the picture's place in it must be known.
        first = 0 if is_cleaned else start
        opened = await asyncio.to_thread(storage.open_object, key, start=first)
    except signing.BadSignature:
        opened = None
    except StorageError:
        return plain_problem("unavailable", 503)
    if opened is None or start >= opened.size > 0:
        return plain_problem("bad_range", 416) if start else plain_problem("not_found", 404)
    chunks = opened.chunks
    if is_cleaned:
        chunks = _skip(clean(chunks, content_type, keep_location=with_location), start)
    response: HttpResponseBase
    if opened.size <= 1024**2 and not found:
        body = await asyncio.to_thread(b"".join, chunks)
        response = HttpResponse(body, content_type=content_type)
    else:
        status = 206 if found else 200
        response = StreamingHttpResponse(_stream(chunks), status=status, content_type=content_type)
        if found:
            last = opened.size - 1
            response["Content-Range"] = f"bytes {start}-{last}/{opened.size}"
    response["Accept-Ranges"] = "bytes"
    disposition = "inline" if content_type in _PICTURES else "attachment"
    if filename:
        disposition += f"; filename*=UTF-8''{quote(filename, safe='')}"
    response["Content-Disposition"] = disposition
    response["Content-Length"] = str(opened.size - start)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    kept = f"max-age={settings.OBJECT_URL_SECONDS // 2}, immutable"
    # What others may see now they may not see later: browsers ask each time.
    response["Cache-Control"] = f"private, {'no-cache' if through else kept}"
    return response


def _skip(chunks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for chunk in chunks:
        if count < len(chunk):
            yield chunk[count:]
        count = max(0, count - len(chunk))


async def _stream(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(next, chunks, b""):
        yield chunk
