"""Photos that look alike, by the nearest image features."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from pgvector.django import CosineDistance

from backend.analysis.models import ImageFeatures
from backend.core.errors import RefusedError
from backend.photos.models import Month, Photo
from backend.registry.selectors import active_model
from functions.contract import Kind

# Photos whose vectors are compared one by one.
SMALL_LIBRARY = 2000


def similar_photos(photo: Photo, *, limit: int) -> list[tuple[Photo, float]]:
    """Those of the owner's library that look most like a photo, with their distances.

    Raises RefusedError not_ready if nobody has described the photo yet.
    """
    near = nearest_first(photo).values_list("photo_id", "distance")
    with transaction.atomic():
        search_nearest(photo.owner_id)
        # One more than asked for: the photo itself is its own nearest.
        distances: dict[UUID, float] = dict(near[: limit + 1])
    photos = Photo.objects.exclude(id=photo.id).in_bulk(distances)
    found = [(other, distances[key]) for key, other in photos.items()]
    return sorted(found, key=lambda pair: pair[1])[:limit]


def nearest_first(photo: Photo) -> QuerySet[Any]:
    """ImageFeatures of the owner's library, each with its `distance` to the photo's.

    Raises RefusedError not_ready.
    """
    mine = shown_features().filter(photo=photo).first()
    if mine is None:
        raise RefusedError("not_ready", status=409)
    return (
        shown_features()
        .filter(photo__owner_id=photo.owner_id, photo__in_library=True)
        .annotate(distance=CosineDistance("embedding", mine.embedding))
        .order_by("distance")
    )


def shown_features() -> QuerySet[ImageFeatures]:
    """Those of the active model: distances between two models' features mean nothing."""
    return ImageFeatures.objects.filter(analysis__model=active_model(Kind.LABELS))


def search_nearest(owner_id: UUID) -> None:
    """Until the transaction ends, searches for the nearest go the way that suits the owner.

    One index holds everybody's photos, so that a search must go on past those of others. For a
    small library that would be most of them: the planner then compares all of its photos. For a
    large one it would do so too, because it does not count that vectors lie apart from their
    rows (10,000 take .2 s): without sorting only the index is left.
    """
    size = Month.objects.filter(owner_id=owner_id).aggregate(Sum("count", default=0))
    with connection.cursor() as cursor:
        # Not quite in order, and three times as fast as strictly so.
        cursor.execute("set local hnsw.iterative_scan = relaxed_order")
        if size["count__sum"] > SMALL_LIBRARY:
            cursor.execute("set local enable_sort = off")
            # An owner of one photo in a thousand finds 40.
            cursor.execute("set local hnsw.max_scan_tuples = 40000")
