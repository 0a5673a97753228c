"""A photo filter as it is written: in a query string, or in JSON that means one."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime

from backend.core.errors import bad_field
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter

# Each costs the database a look into another table.
MAX_WORDS = 10

STATUSES = [*Photo.Status.values, "trashed"]
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def read_query(query: QueryDict) -> PhotoFilter:
    """Raises RefusedError invalid naming the parameter that cannot be read."""
    status = query.get("status", "")
    if status and status not in STATUSES:
        raise bad_field("status", "There is no such status.")
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


def query_of(names: dict[str, Any], *, field: str) -> QueryDict:
    """A JSON object as the query string that means the same.

    Raises RefusedError invalid, which says where below `field` it means nothing.
    """
    query = QueryDict(mutable=True)
    for name, value in names.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str | int | float | bool) for each in values):
            raise bad_field(f"{field}.{name}", "Write text, a number, true or false.")
        words = [each if isinstance(each, str) else json.dumps(each) for each in values]
        query.setlist(name, words)
    return query


def _clean(text: str) -> str:
    # Postgres stores no NUL, so nothing can match one.
    return text.replace("\x00", "")[:200]


def _read_text(query: QueryDict, name: str) -> str:
    return _clean(query.get(name, ""))


def _read_words(query: QueryDict, name: str) -> list[str]:
    words = list(dict.fromkeys(_clean(word) for word in query.getlist(name) if word))
    if len(words) > MAX_WORDS:
        raise bad_field(name, "At most {most} at once.", most=MAX_WORDS)
    return words


def read_bool(query: QueryDict, name: str) -> bool | None:
    """None if it is not there. Raises RefusedError invalid."""
    text = query.get(name, "")
    if not text:
        return None
    if text.lower() not in _TRUTHS:
        raise bad_field(name, "Write true or false.")
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
        raise bad_field(name, "Write a date such as 2023-05-01, or a moment in ISO 8601.")
    return day


def read_bbox(query: QueryDict) -> tuple[float, float, float, float] | None:
    """west, south, east, north; west > east crosses the date line. Raises RefusedError invalid."""
    text = query.get("bbox", "")
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise bad_field("bbox", "Write west,south,east,north in degrees.")
    return west, south, east, north


def _read_uuids(query: QueryDict, name: str) -> list[UUID]:
    try:
        return [UUID(text) for text in _read_words(query, name)]
    except ValueError as error:
        raise bad_field(name, "Write the id of a person.") from error
