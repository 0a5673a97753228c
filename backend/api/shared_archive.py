"""All photos that a link shows, in one file."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.albums.links import living_links, photos_shown_by, tells_location
from backend.albums.models import Link
from backend.albums.selectors import order_in
from backend.api.objects import other_name
from backend.api.ranges import asked_range, stream, until
from backend.api.schema import problems
from backend.api.shared import ACCESS_PARAMETERS, PRIVATE, entered_link
from backend.core import storage
from backend.core.archive import Entry, archive_size, stream_archive
from backend.core.errors import RefusedError, StorageError
from backend.photos.cleaning import CLEANABLE, clean
from backend.photos.models import Photo
from functions.contract import Rendition, original_key, rendition_key

MAX_PHOTOS = 20_000
_QUESTIONS_AT_ONCE = 16


class ArchiveView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="get_link_archive",
        auth=[],
        parameters=[
            *ACCESS_PARAMETERS,
            OpenApiParameter(
                "Range", str, OpenApiParameter.HEADER, description="bytes=N-, N-M or -N"
            ),
            OpenApiParameter(
                "If-Range", str, OpenApiParameter.HEADER, description="The ETag to go on with."
            ),
        ],
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            (206, "application/zip"): OpenApiTypes.BINARY,
            304: OpenApiResponse(description="Not modified."),
            **problems(401, 403, 404, 409, 410, 416, 429, 503),
        },
    )
    def get(self, request: Request, token: str) -> HttpResponseBase:
        """Download everything as a ZIP, while it is made; a broken download goes on by Range.

        Originals, cleaned of what they say besides the picture and, if the link shows it, its
        location; where that cannot be (HEIC, TIFF, GIF, AVIF) there is the preview instead.
        """
        link, _ = entered_link(request, token)
        if not link.allow_download:
            raise RefusedError("download_not_allowed", status=403)
        entries, etag = plan_archive(link)
        size = archive_size(entries)
        part = asked_range(request, etag=etag, size=size)
        start, end = part or (0, size)
        headers: dict[str, str] = PRIVATE | {
            "ETag": etag,
            "Accept-Ranges": "bytes",
            "Content-Disposition": 'attachment; filename="photos.zip"',
            "Content-Length": str(end - start),
        }
        if part:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        kind: dict[str, Any] = {"status": 206 if part else 200, "content_type": "application/zip"}
        if request.method == "HEAD":
            return HttpResponse(headers=headers, **kind)
        pieces = until(stream_archive(entries, start=start), left=end - start)
        return StreamingHttpResponse(stream(pieces), headers=headers, **kind)


def plan_archive(link: Link) -> tuple[list[Entry], str]:
    """What is in the archive, and a name for exactly this. Raises RefusedError, StorageError."""
    photos = photos_shown_by(link).order_by(*order_in(link.album))
    needed = ("id", "owner_id", "content_type", "size", "has_renditions", "status")
    rows = list(photos.only(*needed)[: MAX_PHOTOS + 1])
    if len(rows) > MAX_PHOTOS:
        raise RefusedError("archive_too_large", status=409, limit=MAX_PHOTOS)
    # A phone's HEIC photos are a question to storage each, and nothing is sent before the last.
    with ThreadPoolExecutor(_QUESTIONS_AT_ONCE) as pool:
        entries = list(pool.map(partial(_plan_photo, link.id), rows, count(1)))
    planned = zip(rows, entries, strict=True)
    names = [f"{photo.id} {entry.name} {entry.size}" for photo, entry in planned]
    digest = hashlib.sha256(f"{link.id}\n{names}".encode()).hexdigest()
    return entries, f'"{digest[:32]}"'


def _plan_photo(link_id: UUID, photo: Photo, number: int) -> Entry:
    key, kind, size = original_key(str(photo.id)), photo.content_type, photo.size
    if kind not in CLEANABLE:
        key, kind = rendition_key(str(photo.id), Rendition.PREVIEW), "image/jpeg"
        stored = storage.head(key)
        if stored is None:
            raise StorageError(f"{key} is not there")
        size = stored.size
    read = partial(_read, link_id, photo.id, key, kind)
    return Entry(name=other_name(f"{number:05}", kind), size=size, read=read)


def _read(link_id: UUID, photo_id: UUID, key: str, kind: str) -> Iterator[bytes]:
    """Raises StorageError for what is not there, or not shown any more: the download breaks off."""
    link = living_links().filter(id=link_id, allow_download=True).first()
    photo = photos_shown_by(link).filter(id=photo_id).first() if link else None
    if link is None or photo is None:
        raise StorageError(f"{key} is not shown any more")
    opened = storage.open_object(key)
    if opened is None:
        raise StorageError(f"{key} is not there")
    return clean(opened.chunks, kind, keep_location=tells_location(link, photo))
