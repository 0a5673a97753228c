"""A face meets the library: it joins a person, starts one, or waits."""

import random
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from backend.people.consent import may_look_for_faces
from backend.people.distances import Distances, distances_among
from backend.people.holding import hold_people
from backend.people.models import Face, FaceRejection, Person
from backend.people.nearness import (
    MOST_EXEMPLARS,
    Neighbour,
    crowd_of,
    links_between,
    nearest_exemplars,
    people_among,
)
from backend.photos.models import Photo

# Below this a face is too small, blurred or turned to say who it is: it may join a person that
# others started, but starts none.
STARTING_QUALITY = 0.3
# So many waiting faces near one that found its person are asked whether it is theirs too.
MOST_FOLLOWERS = 10


def assign_stale_photos(*, model: str, limit: int = 100) -> int:
    """Photos whose faces are new have them with their people. Returns how many photos.

    Several workers may run this at once: one owner's photos are taken one at a time.
    """
    count = 0
    while count < limit:
        photo = Photo.objects.filter(people_stale=True).order_by("id").first()
        if photo is None:
            break
        with transaction.atomic():
            hold_people(photo.owner_id)
            stale = Photo.objects.select_for_update().filter(id=photo.id, people_stale=True)
            if stale.exists():
                assign_people(photo, model=model)
                stale.update(people_stale=False, search_stale=True)
                count += 1
    return count


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
    refused = _refused_people(face)
    near = nearest_exemplars(face, refused=refused)
    person_id = _person_to_join(face, near, limits)
    if person_id is None:
        partner = _partner(face, near, limits)
        if partner is None:
            return None
        person_id = Person.objects.create(owner_id=face.owner_id).id
        join_person(partner.id, person_id)
    if not join_person(face.id, person_id):
        return None  # somebody has said who it is in the meantime
    let_follow(person_id, near, limits)
    return person_id


def _refused_people(face: Face) -> set[UUID]:
    """Whom the face cannot be: those it was rejected for, and those beside it."""
    rejected = FaceRejection.objects.filter(face=face).values_list("person_id", flat=True)
    beside = Face.objects.filter(
        photo_id=face.photo_id, model=face.model, person__isnull=False
    ).values_list("person_id", flat=True)
    return {person_id for person_id in (*rejected, *beside) if person_id is not None}


def _person_to_join(face: Face, near: list[Neighbour], limits: Distances) -> UUID | None:
    for link in links_between([face.id], people_among(near)):
        if link.distance <= (limits.join if link.exemplars >= 3 else limits.few):
            return link.person_id
    return None


def _partner(face: Face, near: list[Neighbour], limits: Distances) -> Neighbour | None:
    """A waiting face that is so near that the two start a person together."""
    if face.quality < STARTING_QUALITY:
        return None
    for one in near:
        if one.distance > limits.start:
            break
        if one.person_id is None and one.quality >= STARTING_QUALITY and _is_free(one.id):
            return one
    return None


def _is_free(face_id: UUID) -> bool:
    """Holds the face if nobody has said that it is nobody; its photo may be in other hands."""
    free = Face.objects.filter(id=face_id, person__isnull=True, confirmed=False)
    return free.select_for_update(skip_locked=True).exists()


def let_follow(person_id: UUID, near: Iterable[Neighbour], limits: Distances) -> int:
    """Those of the waiting neighbours that are near enough to the person have joined it.

    Returns how many. Those that cannot be the person are left out.
    """
    waiting = [one for one in near if one.person_id is None][:MOST_FOLLOWERS]
    joined = 0
    kept_out = refused_faces(person_id, waiting)
    for link in links_between([one.id for one in waiting], [person_id]):
        if link.exemplars < 2 or link.distance > limits.join:
            continue
        if link.face_id in kept_out or not _is_free(link.face_id):
            continue
        joined += join_person(link.face_id, person_id)
        # Of two faces of one photo the nearer one is the person.
        kept_out |= refused_faces(person_id, waiting)
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


def join_person(face_id: UUID, person_id: UUID) -> bool:
    """The waiting face belongs to the person, unless somebody has spoken for it. True if so.

    It stands for the person among new faces if few enough do, or else by lot, so that those who
    do are at any time a fair sample of all the person's faces.
    """
    free = Face.objects.filter(id=face_id, person__isnull=True, confirmed=False)
    exemplar = takes_exemplar_place(face_id, person_id)
    if not free.update(person_id=person_id, exemplar=exemplar):
        return False
    # A photo that is in other hands just now is being indexed anew anyway.
    photos = Photo.objects.select_for_update(skip_locked=True, of=("self",))
    Photo.objects.filter(id__in=photos.filter(faces=face_id)).update(search_stale=True)
    return True


def takes_exemplar_place(face_id: UUID, person_id: UUID) -> bool:
    """Whether the face is to stand for the person; the one it replaces stands back."""
    face = Face.objects.only("model").get(id=face_id)
    standing = Face.objects.filter(person_id=person_id, model=face.model, exemplar=True)
    ids = list(standing.order_by("id").values_list("id", flat=True)[: MOST_EXEMPLARS + 1])
    if len(ids) < MOST_EXEMPLARS:
        return True
    count = Person.with_merged.only("face_count").get(id=person_id).face_count
    # By the face's id, so that the same faces always make the same choice.
    lot = random.Random(face_id.int)  # noqa: S311
    if lot.random() * (count + 1) >= MOST_EXEMPLARS:
        return False
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
