"""Putting what an analysis found in the place of what was known, keeping what a person said."""

from typing import TypeVar
from uuid import UUID

from backend.people.consent import may_look_for_faces
from backend.people.models import ErasedFace, Face, FaceRejection
from backend.photos.models import Photo
from functions.contract import FACE_DIMENSIONS, Box, FaceFinding, decode_vector

Placed = TypeVar("Placed", Face, ErasedFace)

_FOUND = ["analysis_id", "left", "top", "width", "height", "score", "quality", "embedding"]
SAME_FACE_OVERLAP = 0.5  # intersection over union of two analyses' boxes of one face


def replace_faces(
    *, photo: Photo, analysis_id: UUID, model: str, findings: list[FaceFinding], shown: bool
) -> None:
    """Store the faces one analysis found, in place of what the same model found before.

    A face that overlaps an earlier one keeps its id, person and confirmation. One that a person has
    said something of stays even if it is not found again; one that was erased does not come back.
    shown: the model is the active one, so that a new face takes over what was said of it under
    another model. Nothing is stored without consent.
    """
    if not may_look_for_faces(photo):
        return
    erased = list(ErasedFace.objects.filter(photo=photo))
    known = list(Face.objects.filter(photo=photo).order_by("-confirmed", "-score"))
    earlier = [face for face in known if face.model == model]
    others = [face for face in known if face.model != model]
    for finding in findings:
        box = finding.box
        if overlapping(erased, box) is not None:
            continue
        face = overlapping(earlier, box)
        is_new = face is None
        if face is None:
            face = Face(photo=photo, owner_id=photo.owner_id, model=model)
        else:
            earlier.remove(face)
        face.analysis_id = analysis_id
        face.left, face.top, face.width, face.height = box.left, box.top, box.width, box.height
        face.score, face.quality = finding.score, finding.quality
        face.embedding = decode_vector(finding.embedding, FACE_DIMENSIONS)
        # Whose an earlier one is may change meanwhile, and is not for an analysis to say.
        face.save(update_fields=None if is_new else _FOUND)
        if shown and is_new and (told := overlapping(others, box)) is not None:
            _take_over(told, face)
    lost = Face.objects.filter(id__in=[face.id for face in earlier], confirmed=False)
    lost.filter(rejections__isnull=True).delete()


def _take_over(told: Face, face: Face) -> None:
    """What a person said of the face under another model holds for it under this one."""
    for person_id in told.rejections.values_list("person_id", flat=True):
        FaceRejection.objects.get_or_create(face=face, person_id=person_id)
    same = Face.objects.filter(photo_id=face.photo_id, model=face.model)
    if told.person and not same.filter(person=told.person).exists():
        face.person, face.confirmed = told.person, told.confirmed
        face.save(update_fields=["person", "confirmed"])


def overlapping(placed: list[Placed], box: Box | Face) -> Placed | None:
    """The one that lies where the box is, if any."""
    nearest = max(placed, key=lambda one: overlap(one, box), default=None)
    return nearest if nearest is not None and overlap(nearest, box) >= SAME_FACE_OVERLAP else None


def overlap(first: Face | ErasedFace, second: Face | ErasedFace | Box) -> float:
    """Intersection over union of two boxes, 0-1."""
    right = min(first.left + first.width, second.left + second.width)
    bottom = min(first.top + first.height, second.top + second.height)
    width, height = right - max(first.left, second.left), bottom - max(first.top, second.top)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (first.width * first.height + second.width * second.height - both)
