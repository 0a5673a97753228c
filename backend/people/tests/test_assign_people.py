"""Faces gather into people: strictly, one a photo, and never back to where they were rejected."""

from typing import Any

import pytest

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import face, faces, make_photo, make_result
from backend.people import assigning, nearness
from backend.people.models import Face, FaceRejection, Person
from backend.people.services import (
    assign_people,
    assign_stale_photos,
    forget_people,
    move_face,
    name_person,
    reject_face,
)
from backend.people.tests.scenes import MODEL, analyse_again, person_of, person_with, photo_with
from backend.photos.models import Photo


def test_a_face_alone_waits(user: User) -> None:
    assert person_of(photo_with(user, face(0))) is None
    assert Person.objects.count() == 0


def test_two_alike_faces_start_a_person_and_a_third_joins(user: User) -> None:
    first = photo_with(user, face(0))
    second = photo_with(user, face(0, lean=0.3))
    third = photo_with(user, face(0, lean=0.4))
    person = Person.objects.get()
    assert person_of(first) == person_of(second) == person_of(third) == person
    assert person.face_count == 3


def test_unlike_faces_become_two_people(user: User) -> None:
    assert person_with(user, face(0)) != person_with(user, face(7))


def test_two_faces_of_one_photo_are_two_people(user: User) -> None:
    photo = photo_with(user, face(0, left=0.1), face(0, left=0.6, lean=0.1))
    assert Person.objects.count() == 0
    other = photo_with(user, face(0, left=0.1), face(0, left=0.6, lean=0.1))
    assert person_of(photo, 0) is not None
    assert person_of(photo, 0) != person_of(photo, 1)
    assert {person_of(photo, 0), person_of(photo, 1)} == {person_of(other, 0), person_of(other, 1)}


def test_a_poor_face_starts_nobody_but_may_join(user: User) -> None:
    poor = photo_with(user, face(0, quality=0.1))
    photo_with(user, face(0, quality=0.1))
    assert person_of(poor) is None
    good = person_with(user, face(0))
    assert person_of(photo_with(user, face(0, quality=0.1))) == good


def test_faces_that_waited_follow_when_their_person_grows(user: User) -> None:
    poor = photo_with(user, face(0, quality=0.1))
    good = person_with(user, face(0))
    assert person_of(poor) == good


def test_a_rejected_face_never_returns(user: User) -> None:
    known = person_with(user, face(0))
    photo = photo_with(user, face(0))
    reject_face(photo.faces.get())
    for _ in range(2):
        assign_people(photo, model=MODEL)
        analyse_again(photo, face(0, left=0.12))
    person_with(user, face(0, lean=0.1))  # others that come and might draw it in
    assert person_of(photo) != known


def test_a_rejection_outlives_an_analysis_that_misses_the_face(user: User) -> None:
    known = person_with(user, face(0))
    photo = photo_with(user, face(0))
    reject_face(photo.faces.get())
    analyse_again(photo)
    analyse_again(photo, face(0))
    assert [one.person for one in photo.faces.all()] == [None]
    known.refresh_from_db()
    assert known.face_count == 3


def test_refused_people_do_not_hide_the_right_one(user: User) -> None:
    right = person_with(user, face(0, lean=0.5))
    wrong = Person.objects.create(owner=user)
    for _ in range(70):
        near = make_photo(user)
        record_result(make_result(near, faces(face(0))))
        near.faces.update(person=wrong)
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    FaceRejection.objects.create(face=photo.faces.get(), person=wrong)
    assign_people(photo, model=MODEL)
    assert person_of(photo) == right


def test_a_person_said_in_the_meantime_is_not_overwritten(user: User) -> None:
    person_with(user, face(0))
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    photo.faces.update(confirmed=True)  # it is nobody
    assign_people(photo, model=MODEL)
    assert person_of(photo) is None


def test_few_faces_stand_for_a_person_however_many_there_are(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.people.assigning.MOST_EXEMPLARS", 4)
    person = person_with(user, face(0))
    for number in range(12):
        photo_with(user, face(0, lean=number / 100))
    person.refresh_from_db()
    assert person.faces.count() == person.face_count == 15
    assert person.faces.filter(exemplar=True).count() == 4
    # By lot, and not the first who came.
    first = person.faces.order_by("id")[:4]
    assert not all(one.exemplar for one in first)


def test_unnamed_people_whom_no_photo_shows_are_forgotten(user: User) -> None:
    person_with(user, face(0))
    named = person_with(user, face(5))
    name_person(named, "Bob")
    Photo.objects.all().delete()
    assert forget_people() == 1
    assert Person.objects.get() == named


def test_owners_do_not_share_people(user: User, stranger: User) -> None:
    theirs = person_with(stranger, face(0))
    assert person_of(photo_with(user, face(0))) is None
    mine = person_with(user, face(0))
    assert mine != theirs
    assert (mine.owner, theirs.owner) == (user, stranger)
    assert theirs.face_count == 3


def test_assigning_twice_changes_nothing(user: User) -> None:
    person_with(user, face(0), face(4, left=0.5))
    photo = photo_with(user, face(0), face(4, left=0.5))
    before = list(Face.objects.order_by("id").values_list("person_id", flat=True))
    assert None not in before
    assign_people(photo, model=MODEL)
    assert list(Face.objects.order_by("id").values_list("person_id", flat=True)) == before


def test_stale_photos_are_taken_once(user: User) -> None:
    person = person_with(user, face(0))
    Photo.objects.update(people_stale=False)
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    assert assign_stale_photos(model=MODEL) == 1
    assert assign_stale_photos(model=MODEL) == 0
    assert person_of(photo) == person


def test_a_new_name_makes_its_photos_stale_for_search(user: User) -> None:
    person = person_with(user, face(0))
    Photo.objects.update(search_stale=False)
    name_person(person, "  小明 ")
    assert person.name == "小明"
    assert Photo.objects.filter(search_stale=True).count() == 3


def test_a_face_too_far_from_everybody_waits(user: User) -> None:
    person_with(user, face(0))
    assert person_of(photo_with(user, face(0, lean=0.95))) is None


def test_a_face_moved_to_nobody_waits_and_does_not_go_back(user: User) -> None:
    person = person_with(user, face(0))
    one = person.faces.all()[0]
    move_face(one, None)
    one.refresh_from_db()
    assert one.person is None
    assert FaceRejection.objects.filter(face=one, person=person).exists()


def test_among_more_faces_only_nearer_ones_start_a_person(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.people.assigning.crowd_of", lambda owner_id, model: 1_000_000)
    first = photo_with(user, face(0))
    photo_with(user, face(0, lean=0.87))  # a distance of .51
    assert person_of(first) is None
    photo_with(user, face(0, lean=0.5))
    assert person_of(first) is not None


def test_the_crowd_is_the_owners_exemplars(user: User, stranger: User) -> None:
    person_with(user, face(0))
    person_with(stranger, face(0))
    assert nearness.crowd_of(user.id, model="another-model") == 0
    assert Face.objects.filter(owner=user, exemplar=True).count() == 3


def test_a_photo_that_fails_stops_no_other(user: User, monkeypatch: Any, caplog: Any) -> None:
    bad, good = make_photo(user), make_photo(user)
    for photo in (bad, good):
        record_result(make_result(photo, faces(face(0))))
    assign = assigning.assign_people

    def fail_for_the_first(photo: Photo, *, model: str) -> None:
        if photo == bad:
            # What it did until then must not stay.
            Person.objects.create(owner=user, name="half done")
            raise ValueError("an odd face")
        assign(photo, model=model)

    monkeypatch.setattr(assigning, "assign_people", fail_for_the_first)
    assert assign_stale_photos(model=MODEL, limit=1) == 1
    assert assign_stale_photos(model=MODEL) == 0
    assert list(Photo.objects.filter(people_stale=True)) == [bad]
    assert not Person.objects.filter(name="half done").exists()
    assert f"photo {bad.id} cannot be assigned" in caplog.text
