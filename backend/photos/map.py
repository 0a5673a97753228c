"""The photos of a library on a map: counts kept ready for every zoom, so that none are counted."""

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.core.locks import lock
from backend.photos.models import MapCell, MapChange, Photo

# Levels are kept in twos: at zoom z a cell is 64 or 128 points of a screen wide.
FINEST = 22  # 10 m at the equator; also in the migration that makes the function map_cell
MAX_ZOOM = 22
# A screen of 3840 x 2160 points shows about 2,000 cells.
MAX_CELLS = 4096

Bbox = tuple[float, float, float, float]

_ADD_UP = """
with changes as (
    delete from photos_mapchange where owner_id = %(owner)s
    returning cell, count, latitude_sum, longitude_sum
)
insert into photos_mapcell (owner_id, level, cell, count, latitude_sum, longitude_sum)
select %(owner)s, level, cell >> 2 * (%(finest)s - level),
    sum(count), sum(latitude_sum), sum(longitude_sum)
from changes cross join generate_series(2, %(finest)s, 2) as level
group by 2, 3
on conflict (owner_id, level, cell) do update set
    count = photos_mapcell.count + excluded.count,
    latitude_sum = photos_mapcell.latitude_sum + excluded.latitude_sum,
    longitude_sum = photos_mapcell.longitude_sum + excluded.longitude_sum
"""
# Ordered, because otherwise a crowded cell tempts the planner to read the whole table.
_CLUSTERS = """
select cell.cell, cell.count, cell.latitude_sum, cell.longitude_sum, photo.id
from photos_mapcell as cell
cross join lateral (
    select id from photos_photo
    where owner_id = %(owner)s and in_library
        and map_cell >= cell.cell << %(shift)s and map_cell < cell.cell + 1 << %(shift)s
    order by map_cell
    limit 1
) as photo
where cell.owner_id = %(owner)s and cell.level = %(level)s and cell.cell = any(%(cells)s)
order by cell.count desc, cell.cell
"""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Photos that stand close together on the map.

    latitude, longitude: where they are on average; bbox: of the cell that they are in, as west,
    south, east, north; photo: one of them.
    """

    count: int
    latitude: float
    longitude: float
    bbox: Bbox
    photo: Photo


def clusters_of(user: User, *, bbox: Bbox, zoom: int) -> list[Cluster]:
    """The library's photos in a part of the map, gathered by cells, the fullest first.

    bbox: west, south, east, north in degrees; west > east crosses the date line. zoom: of a map
    whose whole world is 256 * 2 ** zoom points wide, 0 to MAX_ZOOM. Raises RefusedError
    map_too_wide if more than MAX_CELLS cells would be in it.
    """
    level = min(zoom // 2 * 2 + 2, FINEST)
    cells = _cells_in(bbox, level)
    renew_cells(user.id)
    values: dict[str, Any] = {
        "owner": user.id,
        "level": level,
        "cells": list(cells),
        "shift": 2 * (FINEST - level),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLUSTERS, values)
        rows = cursor.fetchall()
    # What its thumbnail's address is made of.
    photos = Photo.objects.only("has_renditions").in_bulk([photo_id for *_, photo_id in rows])
    side = 360 / 2**level
    return [
        Cluster(
            count=count,
            latitude=latitude_sum / count / 1e6,
            longitude=longitude_sum / count / 1e6,
            bbox=_bbox_of(*cells[cell], side),
            photo=photos[photo_id],
        )
        for cell, count, latitude_sum, longitude_sum, photo_id in rows
        if photo_id in photos
    ]


def renew_cells(owner_id: UUID) -> None:
    """The owner's cells count every photo. Safe to run again, and side by side."""
    if not MapChange.objects.filter(owner_id=owner_id).exists():
        return
    with transaction.atomic():
        lock("map", owner_id)
        if not User.objects.filter(id=owner_id).exists():
            MapChange.objects.filter(owner_id=owner_id).delete()
            return
        with connection.cursor() as cursor:
            cursor.execute(_ADD_UP, {"owner": owner_id, "finest": FINEST})
        MapCell.objects.filter(owner_id=owner_id, count=0).delete()


def _cells_in(bbox: Bbox, level: int) -> dict[int, tuple[int, int]]:
    """The column and row of each cell that a bbox touches, by the cell's number."""
    west, south, east, north = bbox
    columns = (
        [_range(west, east, 180, level)]
        if west <= east
        else [_range(west, 180, 180, level), _range(-180, east, 180, level)]
    )
    rows = _range(south, north, 90, level)
    if sum(map(len, columns)) * len(rows) > MAX_CELLS:
        raise RefusedError("map_too_wide", most=MAX_CELLS)
    lefts = {column: _spread(column) for part in columns for column in part}
    ups = {row: _spread(row) << 1 for row in rows}
    return {left | up: (column, row) for column, left in lefts.items() for row, up in ups.items()}


def _range(start: float, end: float, most: int, level: int) -> range:
    """Columns (most = 180) or rows (most = 90) from one coordinate to another."""
    last = 2**level * most // 180 - 1
    first, final = (
        min(math.floor((degrees + most) / 360 * 2**level), last) for degrees in (start, end)
    )
    return range(first, final + 1)


def _spread(number: int) -> int:
    """The bits of a number in the even places, as the database's spread_bits."""
    return int(f"{number:b}", 4)


def _bbox_of(column: int, row: int, side: float) -> Bbox:
    west, south = column * side - 180, row * side - 90
    return west, south, west + side, south + side
