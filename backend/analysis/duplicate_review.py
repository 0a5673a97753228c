"""Showing a person their duplicates, the best first, and doing what they say."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, Prefetch, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.core.errors import RefusedError
from backend.core.locks import lock
from backend.people.models import Face
from backend.photos.models import Photo
from backend.photos.services import trash_photo
from backend.registry.selectors import active_model
from functions.contract import Kind


def duplicate_groups_of(user: User) -> QuerySet[DuplicateGroup]:
    """The user's groups, of which two photos at least are still in the library."""
    return (
        DuplicateGroup.objects.filter(owner=user)
        .annotate(left=Count("members", filter=Q(members__photo__in_library=True)))
        .filter(left__gte=2)
        .prefetch_related(
            Prefetch(
                "members",
                GroupedPhoto.objects.filter(photo__in_library=True).select_related("photo"),
            )
        )
    )


def best_first(photos: Iterable[Photo]) -> list[Photo]:
    """The photos, those most worth keeping first.

    What a person said counts most; then more pixels; then clearer faces; then more bytes, which
    of equal pictures is the one less compressed, and of a burst the sharper; then the older.
    """
    photos = list(photos)
    clearness = dict(
        Face.objects.filter(photo__in=photos, model=active_model(Kind.FACES))
        .values_list("photo_id")
        .annotate(Avg("quality"))
    )
    return sorted(
        photos,
        key=lambda photo: (
            not photo.favorite,
            not photo.description,
            -(photo.width or 0) * (photo.height or 0),
            -clearness.get(photo.id, 0.0),
            -photo.size,
            photo.id,
        ),
    )


def show_duplicates_once(photos: Iterable[Photo]) -> list[Photo]:
    """The photos in their order, of each group of duplicates the best one only."""
    photos = list(photos)
    groups = dict(GroupedPhoto.objects.filter(photo__in=photos).values_list("photo_id", "group_id"))
    taken: set[UUID] = set()
    best: set[UUID] = set()
    for photo in best_first(photo for photo in photos if photo.id in groups):
        if groups[photo.id] not in taken:
            taken.add(groups[photo.id])
            best.add(photo.id)
    return [photo for photo in photos if photo.id not in groups or photo.id in best]


@transaction.atomic
def resolve_group(group: DuplicateGroup, *, keep: Collection[UUID]) -> int:
    """The group is reviewed: what is not kept is in the trash. Returns how many photos went there.

    To keep all is to say that none is one too many. Safe to run twice. Raises RefusedError
    keep_one, not_in_group.
    """
    if not keep:
        raise RefusedError("keep_one")
    # Taken before any row, as by duplicates.find_duplicates.
    lock("duplicates", group.owner_id)
    photos = {
        member.photo_id: member.photo
        for member in GroupedPhoto.objects.filter(group=group).select_related("photo")
    }
    if not set(keep) <= set(photos):
        raise RefusedError("not_in_group")
    gone = [photo for key, photo in photos.items() if key not in keep and photo.in_library]
    for photo in gone:
        trash_photo(photo)
    DuplicateGroup.objects.filter(id=group.id).update(reviewed_at=timezone.now())
    return len(gone)


def forget_groups() -> int:
    """Groups of fewer than two photos are gone. Returns how many. Safe to run again."""
    single = DuplicateGroup.objects.annotate(size=Count("members")).filter(size__lt=2)
    return DuplicateGroup.objects.filter(id__in=single.values("id")).delete()[0]
