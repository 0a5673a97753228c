"""Libraries of any size that nobody took: rows by COPY, in the shape of real photos."""

import random
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection, models

from backend.accounts.models import User
from backend.analysis.models import Analysis, ImageFeatures
from backend.photos.models import Photo
from functions.contract import FEATURE_DIMENSIONS, MODELS, Kind

YEARS = 20
LAST_DAY = datetime(2026, 11, 1, tzinfo=UTC)
CITIES = 300
SHAPES = [(4032, 3024), (3024, 4032), (4000, 2250), (1080, 2340), (3000, 3000), (6000, 4000)]
# Real features lie near a surface of few dimensions; random ones would all be equally far apart.
SURFACE = 32
BATCH = 20_000


def cities() -> list[tuple[float, float]]:
    """Latitudes and longitudes; the first is home."""
    chance = random.Random("cities")
    return [(chance.uniform(-50, 60), chance.uniform(-179, 179)) for _ in range(CITIES)]


def set_defaults() -> None:
    """COPY may leave out what is always the same. For a database of a benchmark's own only."""
    with connection.cursor() as cursor:
        for template in (
            Photo(
                filename="IMG_0001.jpg",
                content_type="image/jpeg",
                size=3_000_000,
                status=Photo.Status.READY,
                created_at=LAST_DAY,
                ticket_at=LAST_DAY,
                has_renditions=True,
                moderation_verdict=Photo.Moderation.OK,
            ),
            Analysis(
                kind=Kind.LABELS,
                model=MODELS[Kind.LABELS][0],
                state=Analysis.State.DONE,
                queued_at=LAST_DAY,
                due_at=LAST_DAY,
            ),
        ):
            table = template._meta.db_table
            for field in template._meta.concrete_fields:
                if field.null or field.primary_key or field.is_relation or field.generated:
                    continue
                value = cursor.mogrify("%s", [getattr(template, field.attname)])
                cursor.execute(f"alter table {table} alter {field.column} set default {value}")


def add_library(*, photos: int, described: int) -> User:
    """An owner with so many photos over twenty years, so many of them with image features.

    Two thirds of the photos know where they were taken: at home, or for the first week of every
    two months in a city, in some more often than in others.
    """
    owner = User.objects.create_user(f"synthetic-{photos}-{uuid.uuid4().hex[:6]}", password=None)
    chance, places = random.Random(photos), cities()
    columns = ["id", "owner_id", "sha256", "taken_at", "width", "height", "latitude", "longitude"]
    left = described
    for first in range(0, photos, BATCH):
        numbers = range(first, min(photos, first + BATCH))
        rows = [_photo_row(owner, photos, number, places, chance) for number in numbers]
        _copy(Photo, columns, rows)
        _add_features([str(row[0]) for row in rows[:left]], seed=first)
        left = max(0, left - len(rows))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze photos_photo")
        cursor.execute("vacuum analyze analysis_imagefeatures")
    return owner


def _photo_row(
    owner: User,
    photos: int,
    number: int,
    places: list[tuple[float, float]],
    chance: random.Random,
) -> tuple[object, ...]:
    taken_at = LAST_DAY - timedelta(days=365 * YEARS) * (1 - number / photos)
    # UUIDv7: milliseconds, version, what is left to chance.
    moment = f"{int(taken_at.timestamp() * 1000):012x}"
    key = uuid.UUID(f"{moment}7{chance.getrandbits(12):03x}8{chance.getrandbits(60):015x}")
    width, height = chance.choice(SHAPES)
    latitude = longitude = "\\N"
    if number % 3:
        months, days = divmod((LAST_DAY - taken_at).days, 60)
        place = int(CITIES * random.Random(months).random() ** 3) if days < 7 else 0
        latitude = f"{places[place][0] + chance.gauss(0, 0.03):.6f}"
        longitude = f"{places[place][1] + chance.gauss(0, 0.03):.6f}"
    return (
        key, owner.id, f"{number:064x}", taken_at.isoformat(), width, height, latitude, longitude,
    )  # fmt: skip


def _add_features(photo_ids: list[str], *, seed: int) -> None:
    if not photo_ids:
        return
    surface = np.random.default_rng(0).standard_normal((SURFACE, FEATURE_DIMENSIONS))
    chance = np.random.default_rng(seed)
    points = chance.standard_normal((len(photo_ids), SURFACE)) @ surface
    points += chance.standard_normal(points.shape)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    _copy(Analysis, ["id", "photo_id"], ((photo_id, photo_id) for photo_id in photo_ids))
    vectors = (
        (photo_id, photo_id, "[" + ",".join(f"{number:.4f}" for number in point) + "]")
        for photo_id, point in zip(photo_ids, points.tolist(), strict=True)
    )
    _copy(ImageFeatures, ["photo_id", "analysis_id", "embedding"], vectors)


def _copy(
    model: type[models.Model], columns: list[str], rows: Iterable[tuple[object, ...]]
) -> None:
    into = f"copy {model._meta.db_table} ({', '.join(columns)}) from stdin"
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write("\t".join(map(str, row)) + "\n")
