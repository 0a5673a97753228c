"""What a person says of faces outlives what networks say: assigning, rejecting, confirming."""

import pytest

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import face, faces, make_photo, make_result, make_run
from backend.core.errors import RefusedError
from backend.people.carrying import carry_people
from backend.people.models import Face, FaceRejection, Person
from backend.people.services import (
    assign_face,
    assign_face_to_name,
    assign_people,
    choose_cover,
    confirm_faces,
    name_face,
    reject_face,
)
from backend.people.tests.scenes import MODEL, analyse_again, person_of, person_with, photo_with
from backend.photos.models import Photo


def test_a_confirmed_face_outlives_an_analysis_that_moves_its_box(user: User) -> None:
    ann = person_with(user, face(0), name="Ann")
    photo = photo_with(user, face(6, left=0.3))
    assign_face(photo.faces.get(), ann)
    analyse_again(photo, face(6, left=0.32))
    kept = photo.faces.get()
    assert (kept.person, kept.confirmed) == (ann, True)
    assert kept.left == pytest.approx(0.32)


def test_a_confirmed_face_that_is_not_found_again_stays(user: User) -> None:
    photo = photo_with(user, face(0), face(5, left=0.6))
    ann = name_face(photo.faces.get(left__lt=0.5), "Ann")
    analyse_again(photo)
    assert photo.faces.get().person == ann


def test_a_word_holds_for_the_same_face_under_another_model(user: User) -> None:
    ann = person_with(user, face(0), name="Ann")
    photo = photo_with(user, face(0), face(5, left=0.6))
    left, right = photo.faces.order_by("left")
    assign_face(left, ann)
    reject_face(right, ann)
    run = make_run(started_at="2027-01-01T00:00:00+00:00")
    found = faces(face(7, left=0.11), face(0, left=0.61))
    record_result(make_result(photo, found, model="face-recognition-1", run=run))
    carry_people(photo.id, former=MODEL, model="face-recognition-1")
    assign_people(photo, model="face-recognition-1")
    newer = photo.faces.filter(model="face-recognition-1").order_by("left")
    assert [(one.person, one.confirmed) for one in newer] == [(ann, True), (None, False)]
    assert FaceRejection.objects.filter(face=newer[1], person=ann).exists()


def test_the_face_beside_it_makes_room_unless_somebody_put_it_there(user: User) -> None:
    ann = person_with(user, face(0), name="Ann")
    photo = photo_with(user, face(0), face(5, left=0.6))
    left, right = photo.faces.order_by("left")
    assert left.person == ann
    assign_face(right, ann)
    left.refresh_from_db()
    assert left.person is None
    assign_people(photo, model=MODEL)
    left.refresh_from_db()
    assert left.person is None
    with pytest.raises(RefusedError, match="already_in_photo"):
        assign_face(left, ann)


def test_waiting_faces_follow_one_that_was_named(user: User) -> None:
    poor = [photo_with(user, face(0, quality=0.1)) for _ in range(3)]
    ann = name_face(poor[0].faces.get(), "Ann")
    second = photo_with(user, face(0, quality=0.1))
    assert person_of(second) == ann
    assert [person_of(photo) for photo in poor] == [ann, ann, ann]


def test_a_name_finds_the_person_who_has_it(user: User, stranger: User) -> None:
    person_with(stranger, face(0), name="Ann")
    ann = person_with(user, face(0), name="Ann")
    photo = photo_with(user, face(6))
    assert assign_face_to_name(photo.faces.get(), " ann ") == ann
    assert assign_face_to_name(photo_with(user, face(8)).faces.get(), "Bob").owner == user
    with pytest.raises(RefusedError, match="invalid"):
        assign_face_to_name(photo.faces.get(), "  ")


def test_a_refused_name_makes_nobody(user: User) -> None:
    photo = photo_with(user, face(0), face(5, left=0.6))
    left, right = photo.faces.order_by("left")
    name_face(left, "Ann")
    with pytest.raises(RefusedError, match="already_in_photo"):
        assign_face_to_name(right, "Ann")
    assert Person.objects.count() == 1


def test_who_somebody_is_said_to_be_lifts_an_earlier_no(user: User) -> None:
    ann = person_with(user, face(0), name="Ann")
    photo = photo_with(user, face(0))
    one = photo.faces.get()
    reject_face(one)
    assign_face(one, ann)
    assert person_of(photo) == ann
    assert not FaceRejection.objects.exists()


def test_a_rejected_face_finds_another_person(user: User) -> None:
    ann = person_with(user, face(0))
    # Somebody alike, whom only a person can tell from Ann.
    bea = Person.objects.create(owner=user)
    for _ in range(3):
        photo = make_photo(user)
        record_result(make_result(photo, faces(face(0, lean=0.5))))
        photo.faces.update(person=bea)
    photo = photo_with(user, face(0, lean=0.2))
    assert person_of(photo) == ann
    reject_face(photo.faces.get())
    photo.refresh_from_db()
    assert photo.people_stale
    assign_people(photo, model=MODEL)
    assert person_of(photo) == bea


def test_a_face_of_nobody_is_rejected_for_somebody_only(user: User) -> None:
    ann = person_with(user, face(0))
    lone = photo_with(user, face(6)).faces.get()
    with pytest.raises(RefusedError, match="face_has_no_person"):
        reject_face(lone)
    reject_face(lone, ann)
    reject_face(lone, ann)
    assert lone.rejections.count() == 1


def test_a_cover_is_one_of_their_faces(user: User) -> None:
    ann, bea = person_with(user, face(0)), person_with(user, face(5))
    with pytest.raises(RefusedError, match="not_their_face"):
        choose_cover(ann, bea.faces.all()[0].id)
    cover = ann.faces.all()[1]
    choose_cover(ann, cover.id)
    reject_face(cover)
    ann.refresh_from_db()
    assert ann.cover is None


def test_confirming_says_who_it_is(user: User) -> None:
    ann = person_with(user, face(0))
    lone = photo_with(user, face(6))
    assert confirm_faces(list(Face.objects.all())) == 3
    assert ann.faces.filter(confirmed=True).count() == 3
    assert not lone.faces.get().confirmed


def test_counts_are_right_whoever_writes(user: User) -> None:
    ann, bea = person_with(user, face(0)), person_with(user, face(5))
    Face.objects.filter(person=bea).update(person=ann)
    assert dict(Person.objects.values_list("id", "face_count")) == {ann.id: 6, bea.id: 0}
    Photo.objects.filter(faces__person=ann).first().delete()  # type: ignore[union-attr]
    ann.refresh_from_db()
    assert (ann.face_count, ann.changed) == (5, True)
