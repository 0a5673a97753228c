"""Photos with faces, gathered into people the way the product does it."""

from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import faces, make_photo, make_result, make_run
from backend.people.models import Person
from backend.people.services import assign_people
from backend.photos.models import Photo
from functions.contract import FaceFinding

MODEL = "yunet-sface-1"


def photo_with(user: User, *found: FaceFinding) -> Photo:
    """A photo whose faces have met the library."""
    photo = make_photo(user)
    record_result(make_result(photo, faces(*found)))
    assign_people(photo, model=MODEL)
    return photo


def analyse_again(photo: Photo, *found: FaceFinding) -> None:
    """A later analysis finds these faces, and they have met the library."""
    run = make_run(started_at=timezone.now().isoformat())
    record_result(make_result(photo, faces(*found), run=run))
    assign_people(photo, model=MODEL)


def person_of(photo: Photo, position: int = 0) -> Person | None:
    """Of the photo's faces from left to right."""
    return list(photo.faces.order_by("left"))[position].person


def person_with(user: User, *found: FaceFinding, photos: int = 3, name: str = "") -> Person:
    """Somebody whose face (the first of those found) is in so many photos."""
    shown = [photo_with(user, *found) for _ in range(photos)]
    person = person_of(shown[-1])
    assert person is not None
    person.name = name
    person.save(update_fields=["name"])
    person.refresh_from_db()
    return person
