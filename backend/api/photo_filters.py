"""The filters that every list of photos takes, read from a request."""

from dataclasses import replace
from uuid import UUID

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from backend.accounts.models import ApiKey
from backend.albums.selectors import find_album, photos_in
from backend.api.policy import require_scope
from backend.api.requests import signed_in
from backend.core.errors import RefusedError
from backend.photos.filters import STATUSES, read_query
from backend.photos.selectors import PhotoFilter

FILTER_PARAMETERS = [
    OpenApiParameter("album", UUID, description="One that the caller sees; others' photos too."),
    OpenApiParameter("person", UUID, many=True, description="All must be there."),
    OpenApiParameter("label", str, many=True, description="English or Chinese."),
    OpenApiParameter("tag", str, many=True),
    OpenApiParameter("from", str, description="A day or a moment, ISO 8601."),
    OpenApiParameter("to", str, description="A day (included) or a moment (excluded), ISO 8601."),
    OpenApiParameter("bbox", str, description="west,south,east,north in degrees."),
    OpenApiParameter("place", str, description="A city, region or country."),
    OpenApiParameter("status", str, enum=STATUSES),
    OpenApiParameter("favorite", bool),
    OpenApiParameter("archived", bool),
    OpenApiParameter("trashed", bool, description="The trash instead of the album."),
    OpenApiParameter("has_text", bool),
]


# What may be asked of others' photos in an album.
_TELLS_NOTHING = {"album", "from", "to", "fields", "cursor", "page_size"}


def read_filter(request: Request, query: QueryDict | None = None) -> PhotoFilter:
    """From the address unless another query is given.

    Raises RefusedError: invalid naming the parameter that cannot be read; unknown_album.
    """
    query = request.query_params if query is None else query
    wanted = read_query(query)
    album_id = query.get("album")
    if not album_id:
        return wanted
    require_scope(request, ApiKey.Scope.ALBUMS_READ)
    user = signed_in(request)
    try:
        album = find_album(user, UUID(album_id))
    except ValueError:
        album = None
    if album is None:
        raise RefusedError("unknown_album", status=404)
    photos = photos_in(album, user)
    if query.keys() - _TELLS_NOTHING:
        # Whether a photo fits would tell what others are not shown of it, such as where it is.
        photos = photos.filter(owner=user)
    return replace(wanted, among=photos)
