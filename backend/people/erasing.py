"""Removing what was measured of somebody, everywhere, with a record of it."""

import hashlib
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import User
from backend.people.holding import hold_people
from backend.people.models import (
    ErasedFace,
    Erasure,
    Face,
    FaceRejection,
    MovedFace,
    Person,
    Proposal,
)
from backend.people.recording import SAME_FACE_OVERLAP, overlap
from backend.photos.models import Photo
from backend.photos.services import renew_search


@transaction.atomic
def erase_person(person: Person, *, erased_by: User) -> Erasure:
    """No vector, box or other trace of the person's faces is left, under any model.

    The person and their name stay, for those are words and not measurements. The faces do not come
    back when their photos are analysed again. Asked for again while there is nothing more to
    erase, it answers with the earlier record.
    """
    hold_people(person.owner_id)
    faces = Face.objects.filter(id__in=_everywhere(Face.objects.filter(person=person)))
    if not faces.exists():
        done = Erasure.objects.filter(owner_id=person.owner_id, person_id=person.id).first()
        if done is not None:
            return done
    record = _erase(
        faces,
        owner_id=person.owner_id,
        scope=Erasure.Scope.PERSON,
        person_id=person.id,
        erased_by=erased_by,
    )
    Proposal.objects.filter(person=person).delete()
    Proposal.objects.filter(other=person).delete()
    return record


@transaction.atomic
def erase_owner(owner: User, *, erased_by: User) -> Erasure:
    """The same for every face in the owner's photos, whether somebody knew whose it was or not.

    The faces may be looked for again only if the owner asks for it (see consent).
    """
    hold_people(owner.id)
    record = _erase(
        Face.objects.filter(owner=owner),
        owner_id=owner.id,
        scope=Erasure.Scope.EVERYTHING,
        erased_by=erased_by,
    )
    Proposal.objects.filter(owner=owner).delete()
    return record


@transaction.atomic
def erase_photos(owner: User, photo_ids: Collection[UUID]) -> Erasure | None:
    """The same for every face in these photos of the owner's, because the owner has said so.

    Returns the record; None if there was no face to erase. The faces may be looked for again only
    once the photos allow it (see consent).
    """
    hold_people(owner.id)
    faces = Face.objects.filter(owner=owner, photo__in=photo_ids)
    people = set(faces.filter(person__isnull=False).values_list("person_id", flat=True))
    if not faces.exists():
        return None
    record = _erase(faces, owner_id=owner.id, scope=Erasure.Scope.PHOTOS, erased_by=owner)
    # Fewer faces stand for them now: the night looks at them again.
    Person.objects.filter(id__in=people).update(changed=True)
    gone = Person.objects.filter(id__in=people, face_count=0)
    Proposal.objects.filter(Q(person__in=gone) | Q(other__in=gone)).delete()
    return record


def _everywhere(faces: QuerySet[Face]) -> set[UUID]:
    """The faces, and what other models saw in their places."""
    found = list(faces.defer("embedding"))
    beside: dict[UUID, list[Face]] = {}
    for face in Face.objects.filter(photo__in={one.photo_id for one in found}).defer("embedding"):
        beside.setdefault(face.photo_id, []).append(face)
    return {
        other.id
        for face in found
        for other in beside[face.photo_id]
        if other.id == face.id
        or (
            other.model != face.model
            and not other.confirmed
            and overlap(face, other) >= SAME_FACE_OVERLAP
        )
    }


def _erase(
    faces: QuerySet[Face],
    *,
    owner_id: UUID,
    scope: Erasure.Scope,
    erased_by: User,
    person_id: UUID | None = None,
) -> Erasure:
    rows = list(
        faces.order_by("id").values_list(
            "id", "photo_id", "model", "left", "top", "width", "height"
        )
    )
    ids = [row[0] for row in rows]
    photos = sorted({row[1] for row in rows})
    list(Photo.objects.filter(id__in=photos).order_by("id").select_for_update().values_list("id"))
    if person_id is not None:
        ErasedFace.objects.bulk_create(
            [
                ErasedFace(photo_id=photo_id, left=left, top=top, width=width, height=height)
                for _, photo_id, _, left, top, width, height in rows
            ],
            batch_size=2000,
        )
    gone = Face.objects.filter(id__in=ids)
    _, counts = gone.delete()
    renew_search(Photo.objects.filter(id__in=photos))
    removed = {
        "faces": counts.get("people.Face", 0),
        "vectors": len(ids),
        # They are cut from the preview whenever one is shown, by the box, which is gone.
        "crops": 0,
        "rejections": counts.get("people.FaceRejection", 0),
        "moves": counts.get("people.MovedFace", 0),
        "photos": len(photos),
        "models": sorted({row[2] for row in rows}),
        "left": Face.objects.filter(id__in=ids).count()
        + FaceRejection.objects.filter(face__in=ids).count()
        + MovedFace.objects.filter(face__in=ids).count(),
    }
    lines = "".join(f"{face_id}\n" for face_id in ids)
    return Erasure.objects.create(
        owner_id=owner_id,
        scope=scope,
        person_id=person_id,
        erased_by=erased_by,
        removed=removed,
        digest=hashlib.sha256(lines.encode()).hexdigest(),
    )
