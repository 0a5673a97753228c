"""Photos as they are once everything has been found in them."""

from backend.accounts.models import User
from backend.analysis.services import record_result, start_analysis
from backend.conftest import face, faces, inspection, labels, make_photo, make_result, text
from backend.people.models import Person
from backend.people.services import assign_stale_photos
from backend.photos.models import Photo
from backend.search.services import index_stale_photos
from functions.contract import Failure, Kind, ModerationFindings


def analysed_photo(owner: User, filename: str = "IMG_1.jpg", *, who: int = 0) -> Photo:
    """A ready, searchable photo of a beach with one face (of person number `who`) and a sign.

    Somebody new is a person at once, as if there were other photos of them.
    """
    photo = make_photo(owner, filename=filename)
    start_analysis(photo)
    for found in (
        inspection(),
        faces(face(who)),
        labels(("beach", "海滩"), ("sea", "大海")),
        text("拾光咖啡", "Open daily"),
        ModerationFindings(score=0.01),
    ):
        record_result(make_result(photo, found))
    assign_stale_photos(model="yunet-sface-1")
    if photo.faces.filter(person=None).exists():
        photo.faces.update(person=Person.objects.create(owner=owner))
    index_stale_photos(limit=100)
    photo.refresh_from_db()
    return photo


def failed_photo(owner: User, filename: str = "broken.jpg") -> Photo:
    """A photo whose bytes are no picture."""
    photo = make_photo(owner, filename=filename)
    failure = Failure(
        stage="decode", code="not_an_image", detail="The file is not a picture.", permanent=True
    )
    record_result(make_result(photo, failure, kind=Kind.INSPECTION))
    photo.refresh_from_db()
    return photo
