"""Another model looks for faces from now on: who people are does not begin anew."""

import contextlib

from django.db import transaction

from backend.core.errors import RefusedError
from backend.people.assigning import join_person
from backend.people.consent import may_look_for_faces
from backend.people.holding import hold_people
from backend.people.models import Face, FaceRejection
from backend.people.naming import assign_face, reject_face
from backend.people.recording import overlapping
from backend.photos.models import Photo


@transaction.atomic
def carry_people(photo: Photo, *, model: str) -> None:
    """The model's faces are with the people with whom another model's in their place are.

    What somebody said of those is said of these as well; what was said of these stands above it.
    Faces that no other model found wait, and are assigned like new ones. Safe to run again.
    """
    if not may_look_for_faces(photo):
        return
    hold_people(photo.owner_id)
    faces = Face.objects.filter(photo=photo).select_related("person").order_by("-confirmed", "-id")
    others = [face for face in faces if face.model != model]
    for face in faces:
        if face.model == model and not face.confirmed:
            told = overlapping(others, face)
            if told is not None:
                _follow(face, told)


def _follow(face: Face, told: Face) -> None:
    for rejection in told.rejections.select_related("person"):
        if rejection.person_id == face.person_id:
            reject_face(face)
        else:
            FaceRejection.objects.get_or_create(face=face, person_id=rejection.person_id)
    if told.person is None:
        return
    if told.confirmed:
        # Refused where another face of the photo is that person by somebody's word.
        with contextlib.suppress(RefusedError):
            assign_face(face, told.person)
    elif face.person_id != told.person_id and _may_join(face, told):
        # It is with whom an earlier time under this model put it.
        Face.objects.filter(id=face.id).update(person=None)
        standing = told.person.faces.filter(model=face.model, exemplar=True).count()
        join_person(face, told.person.id, exemplars=standing)


def _may_join(face: Face, told: Face) -> bool:
    beside = Face.objects.filter(photo=face.photo_id, model=face.model, person=told.person_id)
    return not beside.exists() and not face.rejections.filter(person=told.person_id).exists()
