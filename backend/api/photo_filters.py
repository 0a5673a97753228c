"""The filters that every list of photos takes, read from a query string."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter

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
    query: QueryDict = request.query_params
    status = query.get("status", "")
    if status and status not in [*Photo.Status.values, "trashed"]:
        raise ValidationError({"status": "There is no such status."})
    return PhotoFilter(
        from_=_read_moment(query, "from", end_of_day=False),
        to=_read_moment(query, "to", end_of_day=True),
        bbox=_read_bbox(query),
        place=_read_text(query, "place"),
        status="" if status == "trashed" else status,
        tags=[_clean(tag) for tag in query.getlist("tag") if tag],
        labels=[_clean(label) for label in query.getlist("label") if label],
        people=_read_uuids(query, "person"),
        favorite=_read_bool(query, "favorite"),
        archived=_read_bool(query, "archived"),
        trashed=status == "trashed" or bool(_read_bool(query, "trashed")),
        has_text=_read_bool(query, "has_text"),
    )


def _clean(text: str) -> str:
    # Postgres stores no NUL, so nothing can match one.
    return text.replace("\x00", "")[:200]


def _read_text(query: QueryDict, name: str) -> str:
    return _clean(query.get(name, ""))


def _read_bool(query: QueryDict, name: str) -> bool | None:
    text = query.get(name, "")
    if not text:
        return None
    if text.lower() not in _TRUTHS:
        raise ValidationError({name: "Write true or false."})
    return _TRUTHS[text.lower()]


def _read_moment(query: QueryDict, name: str, *, end_of_day: bool) -> datetime | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        # A "+" in a query string arrives as a space.
        moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        day = None if moment and ("T" in text or ":" in text) else parse_date(text)
    except ValueError:
        moment = day = None
    if day is not None:
        if end_of_day:
            day += timedelta(days=1) if day.year < 9999 else timedelta()
        return datetime.combine(day, time.min, tzinfo=UTC)
    if moment is None:
        raise ValidationError({name: "Write a date such as 2023-05-01, or a moment in ISO 8601."})
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_bbox(query: QueryDict) -> tuple[float, float, float, float] | None:
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
        return [UUID(text) for text in query.getlist(name) if text]
    except ValueError as error:
        raise ValidationError({name: "Write the id of a person."}) from error
