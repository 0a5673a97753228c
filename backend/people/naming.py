"""What a person says of people and faces. It outlives everything that networks say."""

from uuid import UUID

from django.db import transaction

from backend.core.errors import RefusedError, bad_field
from backend.people.assigning import draws_exemplar_place, let_follow
from backend.people.distances import distances_among
from backend.people.holding import hold_people
from backend.people.models import Distinction, Face, FaceRejection, Person, Proposal
from backend.people.nearness import MOST_EXEMPLARS, crowd_of, nearest_exemplars
from backend.photos.models import Photo
from backend.photos.services import renew_search


def clean_name(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())[:100]


@transaction.atomic
def name_person(person: Person, name: str) -> None:
    """The person has the name, and search knows it soon. Safe to run twice."""
    person.name = clean_name(name)
    person.save(update_fields=["name"])
    renew_search(Photo.objects.filter(faces__person=person))


@transaction.atomic
def hide_person(person: Person, *, hidden: bool) -> None:
    """Search and lists know the person, or do not. Safe to run twice."""
    person.hidden = hidden
    person.save(update_fields=["hidden"])
    renew_search(Photo.objects.filter(faces__person=person))


@transaction.atomic
def choose_cover(person: Person, face_id: UUID | None) -> None:
    """The face stands for the person in lists; None leaves the choice to the album.

    Raises RefusedError not_their_face if the face is not the person's.
    """
    if face_id is not None and not Face.objects.filter(id=face_id, person=person).exists():
        raise RefusedError("not_their_face", status=409)
    person.cover_id = face_id
    person.save(update_fields=["cover"])


def hold_face(face: Face) -> Face:
    """The face as it is now.

    Nobody else changes the owner's people, and no result for the photo comes, until this
    transaction ends. Raises RefusedError not_found if it is gone.
    """
    hold_people(face.owner_id)
    Photo.objects.select_for_update().filter(id=face.photo_id).first()
    held = Face.objects.filter(id=face.id).first()
    if held is None:
        raise RefusedError("not_found", status=404)
    return held


@transaction.atomic
def name_face(face: Face, name: str) -> Person:
    """The face's person has the name; a face that belonged to nobody starts the person.

    The face is confirmed: somebody looked at it and said who it is.
    """
    face = hold_face(face)
    person = face.person or Person.objects.create(owner_id=face.owner_id)
    assign_face(face, person)
    name_person(person, name)
    return person


@transaction.atomic
def assign_face(face: Face, person: Person) -> None:
    """The face is the person's by somebody's word, and never goes back to whom it was with.

    Faces that wait near it may follow. Raises RefusedError already_in_photo if another face of
    the photo is the person by somebody's word; one that only a network took for the person waits
    again. Safe to run twice.
    """
    face = hold_face(face)
    beside = Face.objects.filter(photo_id=face.photo_id, model=face.model, person=person)
    beside = beside.exclude(id=face.id)
    if beside.filter(confirmed=True).exists():
        raise RefusedError("already_in_photo", status=409)
    beside.update(person=None)
    if face.person_id is not None and face.person_id != person.id:
        FaceRejection.objects.get_or_create(face=face, person_id=face.person_id)
    FaceRejection.objects.filter(face=face, person=person).delete()
    if face.person_id != person.id:
        standing = person.faces.filter(model=face.model, exemplar=True).count()
        face.exemplar = standing < MOST_EXEMPLARS or draws_exemplar_place(face, person.id)
    face.person, face.confirmed = person, True
    face.save(update_fields=["person", "confirmed", "exemplar"])
    limits = distances_among(crowd_of(face.owner_id, model=face.model), model=face.model)
    let_follow(person.id, nearest_exemplars(face), limits)
    renew_search(Photo.objects.filter(id=face.photo_id))


@transaction.atomic
def assign_face_to_name(face: Face, name: str) -> Person:
    """The face is the person's whom the owner calls so: the one with most faces, or somebody new.

    Raises RefusedError: invalid if the name is empty, and as assign_face does.
    """
    name = clean_name(name)
    if not name:
        raise bad_field("name", "Write a name.", code="blank")
    hold_people(face.owner_id)
    known = Person.objects.filter(owner_id=face.owner_id, name__iexact=name)
    person = known.order_by("-face_count", "id").first()
    person = person or Person.objects.create(owner_id=face.owner_id, name=name)
    assign_face(face, person)
    return person


@transaction.atomic
def reject_face(face: Face, person: Person | None = None) -> None:
    """The face is not the person (the one it is with, if None), and never will be by itself.

    It waits, and may find another person soon. Raises RefusedError face_has_no_person. Safe to
    run twice.
    """
    face = hold_face(face)
    rejected = person or face.person
    if rejected is None:
        raise RefusedError("face_has_no_person", status=409)
    FaceRejection.objects.update_or_create(
        face=face, person=rejected, defaults={"regrouping": None}
    )
    if face.person_id == rejected.id:
        Person.objects.filter(cover=face).update(cover=None)
        face.person, face.confirmed = None, False
        face.save(update_fields=["person", "confirmed"])
        Photo.objects.filter(id=face.photo_id).update(people_stale=True)
        renew_search(Photo.objects.filter(id=face.photo_id))


@transaction.atomic
def move_face(face: Face, person: Person | None) -> None:
    """The face belongs to the person, or to nobody, and never goes back to whom it was with.

    Raises RefusedError already_in_photo. Safe to run twice.
    """
    face = hold_face(face)
    if person is not None:
        assign_face(face, person)
    elif face.person_id is not None:
        reject_face(face)


@transaction.atomic
def confirm_faces(faces: list[Face]) -> int:
    """Somebody has said that each is who it is with. Returns how many. Safe to run twice."""
    ids = [face.id for face in faces]
    return Face.objects.filter(id__in=ids, person__isnull=False).update(confirmed=True)


@transaction.atomic
def tell_apart(person: Person, other: Person) -> None:
    """The two are not one: they are neither proposed nor merged by themselves. Safe to run twice.

    Raises RefusedError merge_with_self.
    """
    if person.id == other.id:
        raise RefusedError("merge_with_self", status=400)
    first, second = sorted((person.id, other.id))
    Distinction.objects.update_or_create(
        first_id=first, second_id=second, defaults={"regrouping": None}
    )
    both = [person.id, other.id]
    Proposal.objects.filter(person_id__in=both, other_id__in=both).delete()


def forget_people() -> int:
    """Unnamed people whom no face shows any more are gone. Returns how many.

    A name is a person's word, so a named one stays until somebody removes it.
    """
    unseen = Person.objects.filter(name="", faces__isnull=True)
    return unseen.delete()[1].get("people.Person", 0)
