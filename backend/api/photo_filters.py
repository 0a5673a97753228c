"""The filters that every list of photos takes, read from a query string."""

from datetime import UTC, date, datetime
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter

# Each costs the database a look into another table.
MAX_WORDS = 10

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}

FILTER_PARAMETERS = [
    OpenApiParameter("person", UUID, many=True, description="All must be there."),
    OpenApiParameter("label", str, many=True, description="English or Chinese."),
    OpenApiParameter("tag", str, many=True),
    OpenApiParameter("from", str, description="A day or a moment, ISO 8601."),
    OpenApiParameter("to", str, description="A day (included) or a moment (excluded), ISO 8601."),
    OpenApiParameter("bbox", str, description="west,south,east,north in degrees."),
    OpenApiParameter("place", str, description="A city, region or country."),
    OpenApiParameter("status", str, enum=[*Photo.Status.values, "trashed"]),
    OpenApiParameter("favorite", bool),
    OpenApiParameter("archived", bool),
    OpenApiParameter("trashed", bool, description="The trash instead of the album."),
    OpenApiParameter("has_text", bool),
]


def read_filter(request: Request) -> PhotoFilter:
    """Raises ValidationError naming the parameter that cannot be read."""
    return read_query(request.query_params)


def read_query(query: QueryDict) -> PhotoFilter:
    """As read_filter."""
    status = query.get("status", "")
    if status and status not in [*Photo.Status.values, "trashed"]:
        raise ValidationError({"status": "There is no such status."})
    if query.get("album"):
        raise RefusedError("unknown_album", status=404)
    start, end = _read_time(query, "from"), _read_time(query, "to")
    return PhotoFilter(
        from_=start if isinstance(start, datetime) else None,
        to=end if isinstance(end, datetime) else None,
        first_day=None if isinstance(start, datetime) else start,
        last_day=None if isinstance(end, datetime) else end,
        bbox=read_bbox(query),
        place=_read_text(query, "place"),
        status="" if status == "trashed" else status,
        tags=_read_words(query, "tag"),
        labels=_read_words(query, "label"),
        people=_read_uuids(query, "person"),
        favorite=read_bool(query, "favorite"),
        archived=read_bool(query, "archived"),
        trashed=status == "trashed" or bool(read_bool(query, "trashed")),
        has_text=read_bool(query, "has_text"),
    )


def _clean(text: str) -> str:
    # Postgres stores no NUL, so nothing can match one.
    return text.replace("\x00", "")[:200]


def _read_text(query: QueryDict, name: str) -> str:
    return _clean(query.get(name, ""))


def _read_words(query: QueryDict, name: str) -> list[str]:
    words = list(dict.fromkeys(_clean(word) for word in query.getlist(name) if word))
    if len(words) > MAX_WORDS:
        raise ValidationError({name: f"At most {MAX_WORDS} at once."})
    return words


def read_bool(query: QueryDict, name: str) -> bool | None:
    """None if it is not there. Raises ValidationError."""
    text = query.get(name, "")
    if not text:
        return None
    if text.lower() not in _TRUTHS:
        raise ValidationError({name: "Write true or false."})
    return _TRUTHS[text.lower()]


def _read_time(query: QueryDict, name: str) -> datetime | date | None:
    """A moment, or a day by the clock of wherever a photo was taken."""
    text = query.get(name, "")
    if not text:
        return None
    try:
        # A "+" in a query string arrives as a space.
        moment = parse_datetime(text.replace(" ", "+")) if "T" in text else None
        day = None if "T" in text else parse_date(text)
    except ValueError:
        moment = day = None
    if moment is not None:
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if day is None:
        raise ValidationError({name: "Write a date such as 2023-05-01, or a moment in ISO 8601."})
    return day


def read_bbox(query: QueryDict) -> tuple[float, float, float, float] | None:
    """west, south, east, north; west > east crosses the date line. Raises ValidationError."""
    text = query.get("bbox", "")
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise ValidationError({"bbox": "Write west,south,east,north in degrees."})
    return west, south, east, north


def _read_uuids(query: QueryDict, name: str) -> list[UUID]:
    try:
        return [UUID(text) for text in _read_words(query, name)]
    except ValueError as error:
        raise ValidationError({name: "Write the id of a person."}) from error
