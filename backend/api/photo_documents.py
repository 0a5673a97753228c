"""A photo as clients get it: what photo_schema describes, made by plain functions.

Serializers ask each field of each photo, which takes five times as long, and lists hold five
hundred. Tests compare the two.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request

from backend.api.objects import object_url, through_membership
from backend.api.photo_findings import find_findings, no_findings
from backend.api.requests import origin_of, signed_in
from backend.core.places import wgs84_to_gcj02
from backend.photos.models import Photo
from backend.wechat.text_checks import hidden_texts

# The columns that a summary is made of, and those that lists are ordered by.
_SUMMARY = (
    *("id", "owner_id", "filename", "content_type", "size", "sha256", "width", "height"),
    *("status", "trashed_at", "taken_at", "taken_at_source", "created_at", "placeholder", "color"),
    *("favorite", "archived", "moderation_verdict", "moderation_score", "has_renditions"),
    "shown_at",
)
# What others see of a photo that an album shows to them.
_SHOWN_TO_OTHERS = {
    *("id", "owner", "content_type", "size", "width", "height", "status", "taken_at"),
    *("taken_at_source", "created_at", "placeholder", "color", "description", "camera", "urls"),
}
_HIDDEN: dict[str, Any] = {
    **{"filename": "", "sha256": "", "favorite": False, "archived": False},
    **{"moderation": {"verdict": Photo.Moderation.OK, "score": None}, "location": None},
    "sharing_check": None,
    **{"labels": [], "tags": [], "faces": [], "text": {"full": "", "lines": []}, "analyses": []},
}


def summary_rows(photos: QuerySet[Photo], *more: str) -> QuerySet[Photo, Any]:
    """Rows that summarise_photo takes, and more columns: they cost a third of what photos do."""
    return photos.values_list(*_SUMMARY, *more, named=True)


def summarise_photo(photo: Any, request: Request | None) -> dict[str, Any]:
    """As PhotoSummarySerializer describes it, for whoever asks.

    photo: a Photo, or one of summary_rows. Others than its owner get no file name and no hash.
    """
    through = _through(photo, request)
    document = {
        "id": photo.id,
        "owner": photo.owner_id,
        "filename": photo.filename,
        "content_type": photo.content_type,
        "size": photo.size,
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "status": "trashed" if photo.trashed_at is not None else photo.status,
        "taken_at": photo.taken_at and _local(photo.taken_at),
        "taken_at_source": photo.taken_at_source,
        "created_at": _local(photo.created_at),
        "placeholder": photo.placeholder,
        "color": photo.color,
        "favorite": photo.favorite,
        "archived": photo.archived,
        "moderation": {"verdict": photo.moderation_verdict, "score": photo.moderation_score},
        "urls": _urls(photo, request, through),
    }
    return _hide(document) if through else document


def describe_photos(
    request: Request, photos: Iterable[Photo], *, are_new: bool = False
) -> list[dict[str, Any]]:
    """As PhotoSerializer describes them, for whoever asks, who was found to see them.

    are_new: nothing can have been found in them or said of them so far. Else one query, and where
    WeChat is asked one more. For others than their owner there is no location, no people and no
    words but a description that may be shown.
    """
    listed = list(photos)
    user = signed_in(request)
    found = {} if are_new else find_findings([photo.id for photo in listed])
    hidden = hidden_texts(photo.description for photo in listed if photo.owner_id != user.id)
    documents = []
    for photo in listed:
        document = summarise_photo(photo, request)
        document |= _describe(photo, no_findings() if are_new else found[photo.id])
        if photo.owner_id != user.id:
            document = _hide(document)
            if photo.description in hidden:
                document["description"] = ""
        documents.append(document)
    return documents


def _describe(photo: Photo, found: dict[str, Any]) -> dict[str, Any]:
    check = found.pop("check")
    return {
        "description": photo.description,
        "sharing_check": _sharing_check(photo, check) if settings.WECHAT_CHECKS else None,
        "camera": {
            "make": photo.camera_make,
            "model": photo.camera_model,
            "lens": photo.lens,
            "iso": photo.iso,
            "f_number": photo.f_number,
            "exposure": photo.exposure,
            "focal_length": photo.focal_length,
        },
        "location": locate_photo(photo),
        **found,
    }


def _sharing_check(photo: Photo, check: dict[str, str] | None) -> dict[str, str | None]:
    return {"verdict": photo.wechat_verdict, **(check or {"state": None, "code": ""})}


def locate_photo(photo: Photo) -> dict[str, Any] | None:
    """As LocationSerializer describes it; None if nobody knows."""
    if photo.latitude is None or photo.longitude is None:
        return None
    latitude, longitude = wgs84_to_gcj02(photo.latitude, photo.longitude)
    return {
        "latitude": photo.latitude,
        "longitude": photo.longitude,
        "gcj02": {"latitude": latitude, "longitude": longitude},
        "place": {"country": photo.country, "region": photo.region, "city": photo.city},
    }


def photo_urls(photo: Any, request: Request | None) -> dict[str, str | None]:
    """As UrlsSerializer describes them: absolute if the request is known.

    Others' photos have addresses for the caller alone.
    """
    return _urls(photo, request, _through(photo, request))


def _urls(photo: Any, request: Request | None, through: str) -> dict[str, str | None]:
    origin = origin_of(request) if request else ""
    return {
        name: path and origin + path
        for name in ("thumbnail", "preview", "original")
        for path in [object_url(photo, name, through=through)]
    }


def _through(photo: Any, request: Request | None) -> str:
    """How the caller comes to see the photo: "" as its owner."""
    if request is None or signed_in(request).id == photo.owner_id:
        return ""
    return through_membership(signed_in(request).id)


def _hide(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if name in _SHOWN_TO_OTHERS else _HIDDEN[name]
        for name, value in document.items()
    }


def _local(moment: datetime) -> datetime:
    """By the clock of TIME_ZONE, as rest_framework's DateTimeField writes it."""
    return moment.astimezone(timezone.get_default_timezone())
