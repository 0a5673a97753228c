"""Gathering faces into people."""

from collections import Counter
from uuid import UUID

from django.db import connection, transaction
from pgvector.django import CosineDistance

from backend.people.models import Face, FaceRejection, Person
from backend.photos.models import Photo
from backend.photos.services import renew_search
from functions.contract import FACE_DIMENSIONS, Box, FaceFinding, decode_vector

# Cosine distance within which a face may join its neighbours' person, a model: each has a space
# of its own. Chosen on LFW and East Asian pairs together (docs/models.md), and strict, because
# two people taken for one are harder to mend than one for two.
JOIN_DISTANCES = {"yunet-sface-1": 0.60, "face-recognition-1": 0.09}
NEIGHBOURS = 5
# Below this a face is too small, blurred or turned to say who it is; it may join a person
# that others founded, but founds none.
FOUNDING_QUALITY = 0.3
SAME_FACE_OVERLAP = 0.5  # intersection over union of two analyses' boxes of one face


def replace_faces(
    *, photo: Photo, analysis_id: UUID, model: str, findings: list[FaceFinding]
) -> None:
    """Store the faces one analysis found, in place of what the same model found before.

    A face that overlaps an earlier one keeps its id, person and confirmation; a confirmed face
    that is not found again stays, because a person's word outlives any analysis.
    """
    earlier = list(Face.objects.filter(photo=photo, model=model).order_by("-confirmed", "-score"))
    for finding in findings:
        box = finding.box
        face = max(earlier, key=lambda known: _overlap(known, box), default=None)
        if face is None or _overlap(face, box) < SAME_FACE_OVERLAP:
            face = Face(photo=photo, model=model)
        else:
            earlier.remove(face)
        face.analysis_id = analysis_id
        face.left, face.top, face.width, face.height = box.left, box.top, box.width, box.height
        face.score, face.quality = finding.score, finding.quality
        face.embedding = decode_vector(finding.embedding, FACE_DIMENSIONS)
        face.save()
    Face.objects.filter(id__in=[face.id for face in earlier if not face.confirmed]).delete()


def _overlap(face: Face, box: Box) -> float:
    width = min(face.left + face.width, box.left + box.width) - max(face.left, box.left)
    height = min(face.top + face.height, box.top + box.height) - max(face.top, box.top)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (face.width * face.height + box.width * box.height - both)


def assign_stale_photos(*, model: str, limit: int = 100) -> int:
    """Photos whose faces are new have them with their people. Returns how many photos.

    Several workers may run this at once: each takes photos that no other holds.
    """
    count = 0
    while count < limit:
        with transaction.atomic():
            photo = (
                Photo.objects.select_for_update(skip_locked=True)
                .filter(people_stale=True)
                .order_by("id")
                .first()
            )
            if photo is None:
                break
            assign_people(photo, model=model)
            Photo.objects.filter(id=photo.id).update(people_stale=False, search_stale=True)
        count += 1
    return count


@transaction.atomic
def assign_people(photo: Photo, *, model: str) -> None:
    """Each of the photo's faces is with its person, as far as that can be told. Safe to run again.

    A face joins the person that most of its nearest faces belong to. Two faces of one photo are
    never one person, and a face never goes to a person it was rejected for.
    """
    # One owner's faces are assigned one photo at a time: two photos of a new person that are
    # analysed together would found that person twice.
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"people:{photo.owner_id}"])
        # Other owners' faces are in the same index: keep looking until enough are this owner's.
        cursor.execute("set local hnsw.iterative_scan = strict_order")
    faces = Face.objects.filter(photo=photo, model=model).order_by("-quality")
    taken: set[UUID] = {face.person_id for face in faces if face.person_id}
    for face in faces:
        if face.person_id is not None or face.confirmed:
            continue
        refused = taken | set(
            FaceRejection.objects.filter(face=face).values_list("person_id", flat=True)
        )
        person_id = _nearest_person(face, owner_id=photo.owner_id, refused=refused)
        if person_id is None and face.quality >= FOUNDING_QUALITY:
            person_id = Person.objects.create(owner_id=photo.owner_id).id
        if person_id is not None:
            # A person may have said who it is since the face was read.
            still_free = Face.objects.filter(id=face.id, person__isnull=True, confirmed=False)
            if still_free.update(person_id=person_id):
                taken.add(person_id)


def _nearest_person(face: Face, *, owner_id: UUID, refused: set[UUID]) -> UUID | None:
    near = (
        Face.objects.filter(photo__owner_id=owner_id, model=face.model, person__isnull=False)
        .exclude(person_id__in=refused)
        .annotate(distance=CosineDistance("embedding", face.embedding))
        .order_by("distance")[:NEIGHBOURS]
    )
    # The bound is applied after the search: inside it the index would not be used.
    votes = Counter(
        person_id
        for person_id, distance in near.values_list("person_id", "distance")
        if distance <= JOIN_DISTANCES[face.model]
    )
    return votes.most_common(1)[0][0] if votes else None


@transaction.atomic
def name_person(person: Person, name: str) -> None:
    """The person has the name, and search knows it soon."""
    person.name = " ".join(name.split())
    person.save(update_fields=["name"])
    renew_search(Photo.objects.filter(faces__person=person))


def _hold_face(face: Face) -> Face:
    """The face as it is now; its photo is locked, so that no result or assignment comes between."""
    Photo.objects.select_for_update().get(id=face.photo_id)
    return Face.objects.get(id=face.id)


@transaction.atomic
def name_face(face: Face, name: str) -> Person:
    """The face's person has the name; a face that belonged to nobody founds the person.

    The face is confirmed: somebody looked at it and said who it is.
    """
    face = _hold_face(face)
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
    face = _hold_face(face)
    before = face.person
    if before is not None and before != person:
        FaceRejection.objects.get_or_create(face=face, person=before)
    if person is not None:
        FaceRejection.objects.filter(face=face, person=person).delete()
    face.person, face.confirmed = person, person is not None
    face.save(update_fields=["person", "confirmed"])
    renew_search(Photo.objects.filter(id=face.photo_id))


@transaction.atomic
def hide_person(person: Person, *, hidden: bool) -> None:
    """Search and lists know the person, or do not. Safe to run twice."""
    Person.objects.filter(id=person.id).update(hidden=hidden)
    renew_search(Photo.objects.filter(faces__person=person))


def forget_people() -> int:
    """Unnamed people whom no face shows any more are gone. Returns how many.

    A name is a person's word, so a named one stays until somebody removes it.
    """
    return Person.objects.filter(name="", faces__isnull=True).delete()[1].get("people.Person", 0)
