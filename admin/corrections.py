"""What a person says of findings: it outlives any later analysis.

The rules are those of the API's routes for the same words.
"""

from django.db import transaction

from backend.accounts.models import User
from backend.analysis.models import LabelVerdict
from backend.analysis.services import active_model
from backend.core.errors import RefusedError
from backend.people.models import Face, FaceRejection, Person
from backend.people.services import name_person
from backend.photos.models import Photo
from functions.contract import Kind


@transaction.atomic
def judge_label(photo: Photo, name: str, *, correct: bool, user: User) -> None:
    """The label is right or wrong by a person's word. Raises RefusedError unknown_label."""
    label = (
        photo.labels.filter(name=name, analysis__model=active_model(Kind.LABELS))
        .select_related("analysis")
        .first()
    )
    if label is None:
        raise RefusedError("unknown_label", status=404)
    LabelVerdict.objects.update_or_create(
        photo=photo,
        name=name,
        defaults={"correct": correct, "user": user, "model": label.analysis.model},
    )
    Photo.objects.filter(id=photo.id).update(search_stale=True)


@transaction.atomic
def name_face(face: Face, name: str) -> Person:
    """The face's person has the name; a face that belonged to nobody founds the person.

    The face is confirmed: somebody looked at it and said who it is.
    """
    person = face.person
    if person is None:
        person = Person.objects.create(owner_id=face.photo.owner_id)
        face.person = person
    face.confirmed = True
    face.save(update_fields=["person", "confirmed"])
    name_person(person, name)
    return person


@transaction.atomic
def move_face(face: Face, person: Person | None) -> None:
    """The face belongs to the person, or to nobody, and never goes back to whom it was with.

    Safe to run twice. The caller has made sure that no other face of the photo is that person.
    """
    before = Face.objects.select_for_update().get(id=face.id).person
    if before is not None and before != person:
        FaceRejection.objects.get_or_create(face=face, person=before)
    if person is not None:
        FaceRejection.objects.filter(face=face, person=person).delete()
    face.person, face.confirmed = person, person is not None
    face.save(update_fields=["person", "confirmed"])
    Photo.objects.filter(id=face.photo_id).update(search_stale=True)


@transaction.atomic
def hide_person(person: Person, *, hidden: bool) -> None:
    """Search and lists know the person, or do not. Safe to run twice."""
    Person.objects.filter(id=person.id).update(hidden=hidden)
    Photo.objects.filter(faces__person=person).update(search_stale=True)
