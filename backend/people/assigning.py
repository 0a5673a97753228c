"""A face meets the library: it joins a person, starts one, or waits."""

import logging
import random
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from backend.people.consent import may_look_for_faces
from backend.people.distances import Distances, distances_among
from backend.people.holding import hold_people
from backend.people.models import Face, FaceRejection, Person
from backend.people.nearness import (
    MOST_EXEMPLARS,
    Link,
    Neighbour,
    crowd_of,
    links_between,
    nearest_exemplars,
    people_among,
)
from backend.photos.models import Photo

logger = logging.getLogger(__name__)

# Below this a face is too small, blurred or turned to say who it is: it may join a person that
# others started, but starts none.
STARTING_QUALITY = 0.3
# So many waiting faces near one that found its person are asked whether it is theirs too.
MOST_FOLLOWERS = 10
# They lie no farther from it than this, times the distance at which faces join.
_REACH = 1.1


def assign_stale_photos(*, model: str, limit: int = 100) -> int:
    """Photos whose faces are new have them with their people. Returns how many photos.

    Several workers may run this at once: one owner's photos are taken one at a time. A photo that
    fails is told in the log, stays stale, and stops no other.
    """
    count, failed = 0, set[UUID]()
    stale = Photo.objects.filter(people_stale=True)
    while count < limit:
        photo = stale.exclude(id__in=failed).select_related("owner").order_by("id").first()
        if photo is None:
            break
        try:
            count += _assign_if_stale(photo, model=model)
        except (OperationalError, InterfaceError):
            raise  # the database is away, for all of them
        except Exception:
            logger.exception("the faces of photo %s cannot be assigned", photo.id)
            failed.add(photo.id)
    return count


@transaction.atomic
def _assign_if_stale(photo: Photo, *, model: str) -> bool:
    """False if another worker was sooner."""
    hold_people(photo.owner_id)
    stale = Photo.objects.filter(id=photo.id, people_stale=True)
    if not stale.select_for_update().exists():
        return False
    assign_people(photo, model=model)
    stale.update(people_stale=False, search_stale=True)
    return True


@transaction.atomic
def assign_people(photo: Photo, *, model: str) -> None:
    """Each of the photo's faces is with its person, as far as that can be told. Safe to run again.

    Two faces of one photo are never one person, and a face never goes to a person it was
    rejected for. Costs the same however many faces the library has.
    """
    if not may_look_for_faces(photo):
        return
    hold_people(photo.owner_id)
    limits = distances_among(crowd_of(photo.owner_id, model=model), model=model)
    for face in Face.objects.filter(photo=photo, model=model).order_by("-quality"):
        if face.person_id is None and not face.confirmed:
            place_face(face, limits)


def place_face(face: Face, limits: Distances) -> UUID | None:
    """The waiting face is with the person it belongs to, or waits on. Returns the person's id.

    Waiting faces near it that belong there as well have followed it. Runs while the owner's
    people are held.
    """
    near = nearest_exemplars(face)
    link = _person_to_join(face, near, limits)
    if link is not None:
        person_id = link.person_id
        joined = join_person(face, person_id, exemplars=link.exemplars)
    else:
        partner = _partner(face, near, limits)
        if partner is None:
            return None
        person_id = Person.objects.create(owner_id=face.owner_id).id
        let_join(partner, person_id, exemplars=0)
        joined = join_person(face, person_id, exemplars=1)
    if not joined:
        return None  # somebody has said who it is in the meantime
    let_follow(person_id, near, limits)
    return person_id


def _person_to_join(face: Face, near: list[Neighbour], limits: Distances) -> Link | None:
    for link in links_between([face.id], people_among(near)):
        if link.distance <= (limits.join if link.exemplars >= 3 else limits.few):
            return link
    return None


def _partner(face: Face, near: list[Neighbour], limits: Distances) -> Face | None:
    """A waiting face that is so near that the two start a person together."""
    if face.quality < STARTING_QUALITY:
        return None
    for one in near:
        if one.distance > limits.start:
            break
        if one.person_id is None and one.quality >= STARTING_QUALITY:
            partner = _held_if_free(one.id)
            if partner is not None:
                return partner
    return None


def _held_if_free(face_id: UUID) -> Face | None:
    """The face, unless somebody has said that it is nobody, or its photo is in other hands."""
    free = Face.objects.filter(id=face_id, person__isnull=True, confirmed=False)
    return free.select_for_update(skip_locked=True).defer("embedding").first()


def let_follow(person_id: UUID, near: Iterable[Neighbour], limits: Distances) -> int:
    """Those of the waiting neighbours that are near enough to the person have joined it.

    Returns how many. Those that cannot be the person are left out.
    """
    waiting = [
        one for one in near if one.person_id is None and one.distance <= limits.join * _REACH
    ][:MOST_FOLLOWERS]
    links = [
        link
        for link in links_between([one.id for one in waiting], [person_id])
        if link.exemplars >= 2 and link.distance <= limits.join
    ]
    if not links:
        return 0
    joined = 0
    kept_out = refused_faces(person_id, waiting)
    for link in links:
        face = None if link.face_id in kept_out else _held_if_free(link.face_id)
        if face is not None:
            let_join(face, person_id, exemplars=link.exemplars + joined)
            joined += 1
            # Of two faces of one photo the nearer one is the person.
            kept_out |= {one.id for one in waiting if one.photo_id == face.photo_id}
    return joined


def refused_faces(person_id: UUID, waiting: Collection[Neighbour]) -> set[UUID]:
    """Those of the faces that were rejected for the person, or stand beside it in a photo."""
    rejected = FaceRejection.objects.filter(
        person_id=person_id, face_id__in=[one.id for one in waiting]
    ).values_list("face_id", flat=True)
    seats = set(
        Face.objects.filter(
            person_id=person_id, photo_id__in=[one.photo_id for one in waiting]
        ).values_list("photo_id", "model")
    )
    return {*rejected, *(one.id for one in waiting if (one.photo_id, one.model) in seats)}


def let_join(face: Face, person_id: UUID, *, exemplars: int) -> None:
    """A face of a photo that was looked at before belongs to the person, and search learns it."""
    join_person(face, person_id, exemplars=exemplars)
    # A photo that is in other hands just now is being indexed anew anyway.
    photos = Photo.objects.select_for_update(skip_locked=True).filter(id=face.photo_id)
    Photo.objects.filter(id__in=photos).update(search_stale=True)


def join_person(face: Face, person_id: UUID, *, exemplars: int) -> bool:
    """The waiting face belongs to the person, unless somebody has spoken for it. True if so.

    exemplars: how many faces stand for the person. This one does too if they are few enough, or
    else by lot, so that those who do are at any time a fair sample of all the person's faces.
    """
    free = Face.objects.filter(id=face.id, person__isnull=True, confirmed=False)
    exemplar = exemplars < MOST_EXEMPLARS or draws_exemplar_place(face, person_id)
    return bool(free.update(person_id=person_id, exemplar=exemplar))


def draws_exemplar_place(face: Face, person_id: UUID) -> bool:
    """Whether the lot falls on the face to stand for the person; whom it replaces stands back."""
    count = Person.objects.values_list("face_count", flat=True).get(id=person_id)
    # By the face's id, so that the same faces always make the same choice.
    lot = random.Random(face.id.int)  # noqa: S311
    if lot.random() * (count + 1) >= MOST_EXEMPLARS:
        return False
    standing = Face.objects.filter(person_id=person_id, model=face.model, exemplar=True)
    ids = list(standing.order_by("id").values_list("id", flat=True))
    if len(ids) >= MOST_EXEMPLARS:
        Face.objects.filter(id=lot.choice(ids)).update(exemplar=False)
    return True


def renew_exemplars(person_id: UUID, *, model: str) -> None:
    """As many faces as may stand for the person do: merges leave too many, and moves too few."""
    faces = Face.objects.filter(person_id=person_id, model=model)
    standing = list(faces.filter(exemplar=True).order_by("?").values_list("id", flat=True))
    Face.objects.filter(id__in=standing[MOST_EXEMPLARS:]).update(exemplar=False)
    if missing := max(0, MOST_EXEMPLARS - len(standing)):
        others = faces.filter(exemplar=False).order_by("?").values("id")[:missing]
        Face.objects.filter(id__in=others).update(exemplar=True)
