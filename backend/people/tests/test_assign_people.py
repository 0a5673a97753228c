"""Faces gather into people: strictly, one a photo, and never back to where they were rejected."""

import pytest

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import face, faces, make_photo, make_result
from backend.people.models import Face, FaceRejection, Person
from backend.people.services import (
    assign_people,
    assign_stale_photos,
    forget_people,
    move_face,
    name_person,
)
from backend.photos.models import Photo
from functions.contract import FaceFinding

MODEL = "yunet-sface-1"


def photo_with(user: User, *found: FaceFinding) -> Photo:
    photo = make_photo(user)
    record_result(make_result(photo, faces(*found)))
    assign_people(photo, model=MODEL)
    return photo


def person_of(photo: Photo, position: int = 0) -> Person | None:
    return list(photo.faces.order_by("left"))[position].person


def test_alike_faces_become_one_person(user: User) -> None:
    first = photo_with(user, face(0))
    second = photo_with(user, face(0, lean=0.3))
    assert person_of(first) is not None
    assert person_of(first) == person_of(second)


def test_unlike_faces_become_two_people(user: User) -> None:
    assert person_of(photo_with(user, face(0))) != person_of(photo_with(user, face(7)))


def test_two_faces_of_one_photo_are_two_people(user: User) -> None:
    photo = photo_with(user, face(0, left=0.1), face(0, left=0.6, lean=0.1))
    assert person_of(photo, 0) != person_of(photo, 1)
    assert Person.objects.count() == 2


def test_a_poor_face_founds_nobody_but_may_join(user: User) -> None:
    poor = photo_with(user, face(0, quality=0.1))
    assert person_of(poor) is None
    good = photo_with(user, face(0))
    joined = photo_with(user, face(0, quality=0.1))
    assert person_of(joined) == person_of(good)


def test_a_rejected_face_never_returns(user: User) -> None:
    known = person_of(photo_with(user, face(0)))
    assert known is not None
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    FaceRejection.objects.create(face=photo.faces.get(), person=known)
    assign_people(photo, model=MODEL)
    assert person_of(photo) not in (None, known)


def test_refused_people_do_not_hide_the_right_one(user: User) -> None:
    right = person_of(photo_with(user, face(0, lean=0.5)))
    wrong = Person.objects.create(owner=user)
    for _ in range(6):
        near = make_photo(user)
        record_result(make_result(near, faces(face(0))))
        near.faces.update(person=wrong)
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    FaceRejection.objects.create(face=photo.faces.get(), person=wrong)
    assign_people(photo, model=MODEL)
    assert person_of(photo) == right


def test_a_person_said_in_the_meantime_is_not_overwritten(user: User) -> None:
    photo_with(user, face(0))
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    move_face(photo.faces.get(), None)
    photo.faces.update(confirmed=True)
    assign_people(photo, model=MODEL)
    assert person_of(photo) is None


def test_unnamed_people_whom_no_photo_shows_are_forgotten(user: User) -> None:
    unnamed, named = photo_with(user, face(0)), photo_with(user, face(5))
    person = person_of(named)
    assert person is not None
    name_person(person, "Bob")
    unnamed.delete()
    named.delete()
    assert forget_people() == 1
    assert Person.objects.get() == person


def test_owners_do_not_share_people(user: User, stranger: User) -> None:
    mine, theirs = person_of(photo_with(user, face(0))), person_of(photo_with(stranger, face(0)))
    assert mine is not None
    assert theirs is not None
    assert mine != theirs
    assert theirs.owner == stranger


def test_assigning_twice_changes_nothing(user: User) -> None:
    photo = photo_with(user, face(0), face(4, left=0.5))
    before = list(Face.objects.order_by("id").values_list("person_id", flat=True))
    assign_people(photo, model=MODEL)
    assert list(Face.objects.order_by("id").values_list("person_id", flat=True)) == before


def test_stale_photos_are_taken_once(user: User) -> None:
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    assert assign_stale_photos(model=MODEL) == 1
    assert assign_stale_photos(model=MODEL) == 0
    assert person_of(photo) is not None


def test_a_new_name_makes_its_photos_stale_for_search(user: User) -> None:
    photo = photo_with(user, face(0))
    Photo.objects.update(search_stale=False)
    person = person_of(photo)
    assert person is not None
    name_person(person, "  小明 ")
    photo.refresh_from_db()
    assert (person.name, photo.search_stale) == ("小明", True)


@pytest.mark.parametrize("lean", [0.95])
def test_a_face_too_far_from_everybody_starts_a_person(user: User, lean: float) -> None:
    assert person_of(photo_with(user, face(0))) != person_of(photo_with(user, face(0, lean=lean)))
