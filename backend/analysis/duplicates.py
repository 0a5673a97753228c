"""Gathering photos that show the same picture or the same moment, for a person to thin out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.analysis.similar import search_nearest, shown_features
from backend.core.locks import lock
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from functions.contract import Kind

DUPLICATE, BURST = DuplicateGroup.Kind.DUPLICATE, DuplicateGroup.Kind.BURST

# How many of the nearest are looked at, by hash and by features.
CANDIDATES = 20
# Chosen on ../shared/data/duplicates and 260 other photos: see docs/benchmarks.md.
# Bits by which two hashes of 64 differ. Copies differ in 6 at most, other photos in 12 at least;
SAME_BITS = 8
# a hash says little of a plain picture, so features must not contradict it (.31: squeezed).
SAME_BITS_DISTANCE = 0.4
# Features this near need no hash: cropped or edited a little.
SAME_DISTANCE = 0.03
# Taken within this time of each other, and alike.
BURST_TIME = timedelta(seconds=3)
BURST_DISTANCE = 0.15

_NEAR = """
with mine as (
    select photo.id, photo.taken_at, photo.camera_model, hash.bits, features.embedding
    from photos_photo as photo
    join analysis_picturehash as hash on hash.photo_id = photo.id
    join analysis_imagefeatures as features on features.id = %(features)s
    where photo.id = %(photo)s
),
near as (
    (
        select hash.photo_id from analysis_picturehash as hash
        join photos_photo as photo on photo.id = hash.photo_id
        where photo.owner_id = %(owner)s and photo.in_library and photo.id <> %(photo)s
        order by hash.bits <~> (select bits from mine)
        limit %(limit)s
    )
    union
    (
        select features.photo_id from analysis_imagefeatures as features
        join analysis_analysis as analysis
            on analysis.id = features.analysis_id and analysis.model = %(model)s
        join photos_photo as photo on photo.id = features.photo_id
        where photo.owner_id = %(owner)s and photo.in_library and photo.id <> %(photo)s
        order by features.embedding <=> (select embedding from mine)
        limit %(limit)s
    )
)
select near.photo_id,
    bit_count(hash.bits # mine.bits),
    features.embedding <=> mine.embedding,
    case when photo.camera_model = mine.camera_model then photo.taken_at - mine.taken_at end
from near
cross join mine
join photos_photo as photo on photo.id = near.photo_id
join analysis_picturehash as hash on hash.photo_id = photo.id
join analysis_imagefeatures as features on features.photo_id = photo.id
join analysis_analysis as analysis
    on analysis.id = features.analysis_id and analysis.model = %(model)s
"""


def compare(*, bits: int, distance: float, apart: timedelta | None) -> DuplicateGroup.Kind | None:
    """What two photos are to each other; None if they are merely two photos.

    bits: in which their hashes differ. distance: between their features. apart: the time between
    them, if one camera took both.
    """
    same = distance <= SAME_DISTANCE or (bits <= SAME_BITS and distance <= SAME_BITS_DISTANCE)
    # A copy keeps the time to the second; so may a burst, but its pictures differ.
    if same and not apart:
        return DUPLICATE
    if apart is not None and abs(apart) <= BURST_TIME and distance <= BURST_DISTANCE:
        return BURST
    return DUPLICATE if same else None


def find_duplicates(*, limit: int) -> int:
    """Photos that were not compared yet are with their duplicates. Returns how many photos.

    Several workers may run this at once.
    """
    count = 0
    while count < limit and (photo := Photo.objects.filter(duplicates_stale=True).first()):
        with transaction.atomic():
            # Before any row: see resolve_group. Two photos of one burst that are looked at
            # together would each found a group.
            lock("duplicates", photo.owner_id)
            waits = Photo.objects.filter(id=photo.id, duplicates_stale=True)
            if waits.update(duplicates_stale=False):
                group_photo(photo)
                count += 1
    return count


@transaction.atomic
def group_photo(photo: Photo) -> None:
    """The photo is in a group with those that it duplicates, or in none. Safe to run again.

    Groups that it connects become one. One that a person has reviewed is up for review again,
    but only if the photo is new to it.
    """
    lock("duplicates", photo.owner_id)
    GroupedPhoto.objects.filter(photo=photo, group__reviewed_at__isnull=True).delete()
    kept = GroupedPhoto.objects.filter(photo=photo).first()
    alike = _find_alike(photo)
    if kept is not None:
        known = kept.group.members.values_list("photo_id", flat=True)
        alike = {key: kind for key, kind in alike.items() if key not in set(known)}
    if not alike:
        return
    groups = list(
        DuplicateGroup.objects.filter(members__photo__in=[photo.id, *alike])
        .distinct()
        .order_by("id")
    )
    group = groups[0] if groups else DuplicateGroup(owner_id=photo.owner_id)
    kinds = {*alike.values(), *(known.kind for known in groups)}
    group.kind, group.reviewed_at = BURST if BURST in kinds else DUPLICATE, None
    group.save()
    GroupedPhoto.objects.filter(group__in=groups[1:]).update(group=group)
    DuplicateGroup.objects.filter(id__in=[other.id for other in groups[1:]]).delete()
    for key in (photo.id, *alike):
        GroupedPhoto.objects.update_or_create(photo_id=key, defaults={"group": group})


def _find_alike(photo: Photo) -> dict[UUID, DuplicateGroup.Kind]:
    features = shown_features().filter(photo=photo).values_list("id", flat=True).first()
    if features is None or not photo.in_library:
        return {}
    search_nearest(photo.owner_id)
    values: dict[str, Any] = {
        "photo": photo.id,
        "owner": photo.owner_id,
        "features": features,
        "model": active_model(Kind.LABELS),
        "limit": CANDIDATES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, values)
        compared = {
            key: compare(bits=bits, distance=distance, apart=apart)
            for key, bits, distance, apart in cursor.fetchall()
        }
    return {key: kind for key, kind in compared.items() if kind is not None}
