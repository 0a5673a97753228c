"""What was said of a face elsewhere, said again here."""

from backend.people.assigning import draws_exemplar_place
from backend.people.models import Face, FaceRejection, Person
from backend.people.nearness import MOST_EXEMPLARS
from backend.photos.models import Photo
from backend.photos.services import renew_search


def restore_face(face: Face, person: Person, *, confirmed: bool) -> bool:
    """The face is the person's, as it was elsewhere, unless somebody has said otherwise here.

    Returns whether it is. Nobody's word about the one it was with is made of it: that was only
    a network's. Runs while the owner's people are held (people.holding). Safe to run twice.
    """
    if face.person_id == person.id:
        if confirmed and not face.confirmed:
            Face.objects.filter(id=face.id).update(confirmed=True)
        return True
    if face.confirmed or FaceRejection.objects.filter(face=face, person=person).exists():
        return False
    beside = Face.objects.filter(photo=face.photo_id, model=face.model, person=person)
    if beside.filter(confirmed=True).exists():
        return False
    beside.update(person=None, exemplar=True)
    standing = person.faces.filter(model=face.model, exemplar=True).count()
    face.exemplar = standing < MOST_EXEMPLARS or draws_exemplar_place(face, person.id)
    face.person, face.confirmed = person, confirmed
    face.save(update_fields=["person", "confirmed", "exemplar"])
    renew_search(Photo.objects.filter(id=face.photo_id))
    return True


def restore_rejection(face: Face, person: Person) -> None:
    """The face is not the person's, unless somebody has said here that it is. Safe to run twice."""
    if face.person_id == person.id:
        if face.confirmed:
            return
        face.person, face.exemplar = None, True
        face.save(update_fields=["person", "exemplar"])
        renew_search(Photo.objects.filter(id=face.photo_id))
    FaceRejection.objects.get_or_create(face=face, person=person)
