"""Trips: days away from home, until a day at home or a gap in time ends them."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from backend.accounts.models import User
from backend.photos.map import FINEST, renew_cells
from backend.photos.models import MapCell

HOME_LEVEL = 10  # cells of 39 km at the equator
# Who moved house lived, then, where they were photographed on so many of the days around, and
# for longer than any trip.
HOME_SHARE = 0.25
HOME_WINDOW = timedelta(days=90)
AWAY_KM = 80.0  # further than a day out
GAP = timedelta(days=3)  # nobody takes photos every day
LEAST_DAYS = 2
LEAST_PHOTOS = 5
LONGEST = timedelta(days=30)

Point = tuple[float, float]  # latitude, longitude

# A row a day and cell, however many photos there are.
_STAYS = """
select (shown_local at time zone 'UTC')::date, map_cell >> %(shift)s,
    count(*), avg(latitude), avg(longitude)
from photos_photo
where owner_id = %(owner)s and in_library and map_cell is not null
    and shown_local >= %(first)s and shown_local < %(end)s
group by 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class _Stay:
    """Photos of one day in one cell, and where they were taken on average."""

    day: date
    cell: int
    count: int
    point: Point


@dataclass(frozen=True, kw_only=True)
class Trip:
    """first_day, last_day: by the clock of the place, both included."""

    first_day: date
    last_day: date


def trips_around(user: User, days: Iterable[date], *, margin: timedelta) -> list[Trip]:
    """The trips that some of the days lie in, or within a margin of; each once, in order."""
    home = _main_home(user)
    found: dict[date, Trip] = {}
    for day in days:
        # Mostly nobody was away: a few days tell, and only then more are read.
        if not any(_count_away(_stays(user, day, margin), home).values()):
            continue
        stays = _stays(user, day, HOME_WINDOW)
        photos_away = _count_away(stays, home + _homes_then(stays))
        for trip in _gather(photos_away):
            if trip.first_day - margin <= day <= trip.last_day + margin:
                found[trip.first_day] = trip
    return [found[first_day] for first_day in sorted(found)]


def _main_home(user: User) -> list[Point]:
    """Where the user took most photos; empty if no photo knows where it was taken."""
    renew_cells(user.id)
    cells = MapCell.objects.filter(owner=user, level=HOME_LEVEL).order_by("-count")[:1]
    return [
        (cell.latitude_sum / cell.count / 1e6, cell.longitude_sum / cell.count / 1e6)
        for cell in cells
    ]


def _homes_then(stays: list[_Stay]) -> list[Point]:
    days: dict[int, list[date]] = defaultdict(list)
    points = {stay.cell: stay.point for stay in stays}
    for stay in stays:
        days[stay.cell].append(stay.day)
    least = HOME_SHARE * len({stay.day for stay in stays})
    return [
        points[cell]
        for cell, there in days.items()
        if len(there) >= least and max(there) - min(there) > LONGEST
    ]


def _stays(user: User, day: date, around: timedelta) -> list[_Stay]:
    """From `around` before to `around` after a day."""
    values: dict[str, Any] = {
        "owner": user.id,
        "first": datetime.combine(day - around, time.min, tzinfo=UTC),
        "end": datetime.combine(day + around + timedelta(days=1), time.min, tzinfo=UTC),
        "shift": 2 * (FINEST - HOME_LEVEL),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STAYS, values)
        return [
            _Stay(day=day, cell=cell, count=count, point=(latitude, longitude))
            for day, cell, count, latitude, longitude in cursor.fetchall()
        ]


def _count_away(stays: list[_Stay], homes: list[Point]) -> dict[date, int]:
    """How many photos were taken away from home on each day that has photos, in order.

    0 for a day that was mostly spent at home.
    """
    away: dict[date, int] = defaultdict(int)
    at_home: dict[date, int] = defaultdict(int)
    for stay in stays:
        is_away = all(_kilometres(stay.point, home) > AWAY_KM for home in homes)
        (away if is_away else at_home)[stay.day] += stay.count
    return {day: away[day] if away[day] > at_home[day] else 0 for day in sorted({*away, *at_home})}


def _gather(photos_away: dict[date, int]) -> list[Trip]:
    trips: list[Trip] = []
    days: list[date] = []

    def finish() -> None:
        photos = sum(photos_away[day] for day in days)
        is_long_enough = len(days) >= LEAST_DAYS and photos >= LEAST_PHOTOS
        if is_long_enough and days[-1] - days[0] <= LONGEST:
            trips.append(Trip(first_day=days[0], last_day=days[-1]))
        days.clear()

    for day, photos in photos_away.items():
        if days and (not photos or day - days[-1] > GAP):
            finish()
        if photos:
            days.append(day)
    finish()
    return trips


def _kilometres(one: Point, other: Point) -> float:
    """The great circle between two points, by the haversine formula."""
    up, other_up = math.radians(one[0]), math.radians(other[0])
    across = math.radians(other[1] - one[1])
    half = math.sin((other_up - up) / 2) ** 2
    half += math.cos(up) * math.cos(other_up) * math.sin(across / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(min(1.0, half)))
