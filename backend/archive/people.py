"""People of an archive, found or made in this library, and their faces."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.archive.documents import Document
from backend.archive.models import RestoredPerson, WaitingFaces
from backend.people.consent import may_look_for_faces
from backend.people.holding import hold_people
from backend.people.models import Distinction, Face, Person
from backend.people.naming import clean_name
from backend.people.recording import SAME_FACE_OVERLAP, overlap
from backend.people.restoring import restore_face, restore_rejection
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from functions.contract import Box, ContractError, Kind


def restore_people(owner: User, page: Document) -> None:
    """Those of the page of whom something is said are in the library. Safe to run again.

    The others start with the first face that is theirs.
    """
    with transaction.atomic():
        hold_people(owner.id)
        for entry in page["people"]:
            name, hidden = clean_name(entry.get("name", "")), entry.get("hidden", False)
            apart = entry.get("not", [])
            if not (name or hidden or apart):
                continue
            person = person_of(owner.id, entry["key"], name=name, hidden=hidden)
            for key in apart:
                other = person_of(owner.id, key)
                if other.id != person.id:
                    first, second = sorted((person.id, other.id))
                    Distinction.objects.get_or_create(first_id=first, second_id=second)


def person_of(owner_id: UUID, key: str, *, name: str = "", hidden: bool = False) -> Person:
    """Whom the archive calls by this key: whoever it was before, of that name, or somebody new.

    Runs while the owner's people are held.
    """
    known = RestoredPerson.objects.filter(owner=owner_id, key=key)
    restored = known.select_related("person__merged_into").first()
    if restored is not None:
        person = restored.person
        while person.merged_into is not None:
            person = person.merged_into
        if name and not person.name:
            person.name = name
            person.save(update_fields=["name"])
        return person
    own = Person.objects.filter(owner=owner_id)
    found = own.filter(id=key).first()
    if found is None and name:
        # Not somebody whom the archive itself tells apart from this one.
        taken = RestoredPerson.objects.filter(owner=owner_id).values("person")
        alike = own.filter(name__iexact=name).exclude(id__in=taken)
        found = alike.order_by("-face_count", "id").first()
    person = found or Person.objects.create(owner_id=owner_id, name=name, hidden=hidden)
    RestoredPerson.objects.create(owner_id=owner_id, key=key, person=person)
    return person


def keep_faces(photo: Photo, document: Document) -> None:
    """What the document says of faces waits until the photo has been looked at here."""
    told = [face for face in document.get("faces", []) if face["person"] or face.get("not")]
    if told:
        WaitingFaces.objects.update_or_create(photo=photo, defaults={"faces": told})


def settle_faces(*, limit: int = 200) -> int:
    """Faces that were found where an archive had some are with the people it told of.

    Returns of how many photos. A photo whose faces may not, or cannot, be looked for waits on.
    Safe to run again, and by several at once.
    """
    seen = Q(
        photo__analyses__kind=Kind.FACES,
        photo__analyses__model=active_model(Kind.FACES),
        photo__analyses__state=Analysis.State.DONE,
        photo__owner__face_analysis=True,
    )
    ready = WaitingFaces.objects.filter(seen).order_by("since", "photo")
    count = 0
    for photo_id in list(ready.values_list("photo_id", flat=True)[:limit]):
        count += _settle(photo_id)
    return count


@transaction.atomic
def _settle(photo_id: UUID) -> bool:
    owner_id = Photo.objects.values_list("owner_id", flat=True).filter(id=photo_id).first()
    if owner_id is None:
        return False
    hold_people(owner_id)
    photo = Photo.objects.select_for_update(of=("self",)).select_related("owner")
    held = photo.filter(id=photo_id).first()
    waiting = WaitingFaces.objects.filter(photo=photo_id).first()
    if held is None or waiting is None or not may_look_for_faces(held):
        return False
    faces = list(Face.objects.filter(photo=held).defer("embedding").order_by("id"))
    for told in waiting.faces:
        for face in _faces_at(told["box"], faces):
            _say_again(face, told)
    waiting.delete()
    return True


def _faces_at(box: Document, faces: list[Face]) -> list[Face]:
    """What each model saw in the box's place."""
    try:
        place = Box(**{name: float(box[name]) for name in ("left", "top", "width", "height")})
    except ContractError:
        return []
    best: dict[str, Face] = {}
    for face in faces:
        if overlap(face, place) >= max(
            SAME_FACE_OVERLAP, overlap(best[face.model], place) if face.model in best else 0
        ):
            best[face.model] = face
    return list(best.values())


def _say_again(face: Face, told: Document) -> None:
    for key in told.get("not", []):
        restore_rejection(face, person_of(face.owner_id, key))
    if told["person"] is None:
        return
    person = person_of(face.owner_id, told["person"], name=clean_name(told.get("name", "")))
    is_theirs = restore_face(face, person, confirmed=told.get("confirmed", False))
    if is_theirs and told.get("cover") and person.cover_id is None:
        Person.objects.filter(id=person.id).update(cover=face)
