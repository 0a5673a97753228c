"""Another model looks for faces, and people stay who they are."""

from collections.abc import Callable
from uuid import UUID

import pytest

from backend.accounts.models import User
from backend.analysis import rolling_out
from backend.analysis.consent import allow_face_analysis
from backend.analysis.rolling_out import (
    follow_rollouts,
    renew_photos,
)
from backend.analysis.services import (
    record_result,
)
from backend.analysis.tests.rollouts import (
    NEW,
    OLD,
    State,
    at,
    decide,
    in_the_shadow,
    look,
    looked_at,
    person_in_two_models,
    promote,
    second_models,
    version_of,
)
from backend.archive.documents import photos_to_export
from backend.conftest import (
    ApiClient,
    face,
    faces,
    make_result,
)
from backend.people import proposing
from backend.people.carrying import carry_people
from backend.people.models import FaceRejection, Person
from backend.people.naming import choose_cover
from backend.people.proposing import decline_split
from backend.people.services import (
    assign_face_to_name,
    assign_stale_photos,
    merge_people,
    name_face,
    reject_face,
    undo_regrouping,
)
from backend.photos.models import Photo
from backend.registry.selectors import active_model, find_version
from backend.search.selectors import search_photos
from backend.search.services import index_stale_photos
from functions.contract import (
    Kind,
)

__all__ = ["person_in_two_models", "second_models"]  # fixtures


def test_people_stay_who_they_are_under_another_model(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    # Another model's vectors have nothing to do with the first one's.
    photos = person_in_two_models(face(50), face(70, left=0.6))
    before = [at(photo, OLD).person for photo in photos]
    assert {str(person) for person in before} == {"小明"}
    promote(NEW, user)
    assign_stale_photos(model=active_model(Kind.FACES))
    for photo in photos:
        mine = list(photo.faces.filter(model=NEW).order_by("left"))
        old = list(photo.faces.filter(model=OLD).order_by("left"))
        assert [one.person for one in mine] == [one.person for one in old]
    index_stale_photos(limit=10)
    assert search_photos(user, "小明").count() == 3


def test_what_was_said_of_a_face_meanwhile_is_said_of_it_under_the_new_model(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    wrong, right = (
        photos[1].faces.get(model=OLD, left=0.1),
        photos[2].faces.get(model=OLD, left=0.1),
    )
    reject_face(wrong)
    other = name_face(right, "小红")
    promote(NEW, user)
    assert photos[1].faces.get(model=NEW, left=0.1).person is None
    moved = photos[2].faces.get(model=NEW, left=0.1)
    assert (moved.person, moved.confirmed) == (other, True)


def test_the_former_model_is_shown_until_people_have_been_carried_over(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    person_in_two_models(face(50), face(70, left=0.6))
    decide(NEW, State.ACTIVE, user)
    assert active_model(Kind.FACES) == OLD
    version = find_version(NEW)
    assert version is not None
    assert renew_photos(version)
    assert active_model(Kind.FACES) == NEW
    # Whoever remembers how it was changes nothing.
    assert renew_photos(version)
    version = find_version(NEW)
    assert version is not None
    assert (version.replaces, version.renews_from) == ("", UUID(int=0))
    assert renew_photos(version)
    version = find_version(NEW)
    assert version is not None
    assert not renew_photos(version)


def test_a_word_changed_meanwhile_is_carried_over_there_and_back(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    assert at(photos[0], OLD).confirmed
    for shown, next_one, name in ((OLD, NEW, "小红"), (NEW, OLD, "小兰")):
        said = assign_face_to_name(at(photos[0], shown), name)
        promote(next_one, user)
        carried = at(photos[0], next_one)
        assert (carried.person, carried.confirmed) == (said, True)
        assert not carried.rejections.filter(person=said).exists()


def test_a_word_said_while_people_are_carried_over_is_carried_as_well(
    user: User,
    person_in_two_models: Callable[..., list[Photo]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rolling_out, "_AT_ONCE", 1)
    photos = person_in_two_models(face(50), face(70, left=0.6))
    decide(NEW, State.ACTIVE, user)
    renew_photos(version_of(NEW))
    assert active_model(Kind.FACES) == OLD
    first = min(photos, key=lambda photo: photo.id)
    said = assign_face_to_name(at(first, OLD), "小红")
    reject_face(at(first, OLD, left=0.6))
    follow_rollouts()
    assert active_model(Kind.FACES) == NEW
    assert at(first, NEW).person == said
    assert at(first, NEW, left=0.6).person is None
    assert at(max(photos, key=lambda photo: photo.id), NEW, left=0.6).person is not None


def test_two_that_have_changed_places_are_both_carried_over(user: User) -> None:
    photo = looked_at(user, faces(face(), face(20, left=0.6)))
    record_result(make_result(photo, faces(face(50), face(70, left=0.6)), model=NEW))
    ann, bob = (Person.objects.create(owner=user, name=name) for name in ("Ann", "Bob"))
    for model, people in ((OLD, (ann, bob)), (NEW, (bob, ann))):
        for left, person in zip((0.1, 0.6), people, strict=True):
            photo.faces.filter(model=model, left=left).update(person=person)
    carry_people(photo.id, former=OLD, model=NEW)
    assert (at(photo, NEW).person, at(photo, NEW, left=0.6).person) == (ann, bob)


def test_a_networks_guess_is_not_taken_for_a_word(user: User) -> None:
    photo = looked_at(user, faces(face()))
    record_result(make_result(photo, faces(face(50)), model=NEW))
    ann, bob = (Person.objects.create(owner=user, name=name) for name in ("Ann", "Bob"))
    photo.faces.filter(model=OLD).update(person=ann, confirmed=True)
    photo.faces.filter(model=NEW).update(person=bob)
    carry_people(photo.id, former=OLD, model=NEW)
    assert at(photo, NEW).person == ann
    assert not FaceRejection.objects.exists()


def test_a_word_on_a_face_that_the_other_model_did_not_find_stays(user: User) -> None:
    photo = looked_at(user, faces(face()))
    record_result(make_result(photo, faces(face(50), face(70, left=0.6)), model=NEW))
    ann = Person.objects.create(owner=user, name="Ann")
    photo.faces.filter(model=NEW, left=0.6).update(person=ann, confirmed=True)
    carry_people(photo.id, former=OLD, model=NEW)
    carried = at(photo, NEW, left=0.6)
    assert (carried.person, carried.confirmed) == (ann, True)


def test_a_merge_is_undone_for_the_faces_of_the_later_model_as_well(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    ming = at(photos[0], OLD).person
    assert ming is not None
    other = looked_at(user, faces(face(90)))
    ann = name_face(other.faces.get(), "Ann")
    follow_rollouts()
    look(other, faces(face(120)), kind=Kind.FACES, model=NEW)
    merge = merge_people(ann, ming, made_by=user)
    promote(NEW, user)
    assert at(other, NEW).person == ming
    undo_regrouping(merge, undone_by=user)
    assert (at(other, OLD).person, at(other, NEW).person) == (ann, ann)
    for photo in photos:
        assert (at(photo, OLD).person, at(photo, NEW).person) == (ming, ming)


def test_photos_are_found_by_the_faces_that_are_shown(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    ming = at(photos[0], OLD).person
    assert ming is not None
    promote(NEW, user)
    reject_face(at(photos[0], NEW))
    found = ApiClient(user)("GET", f"/photos?person={ming.id}").json()["results"]
    assert {photo["id"] for photo in found} == {str(photo.id) for photo in photos[1:]}


def test_an_old_no_is_carried_over_as_old(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photo = looked_at(user, faces(face()))
    target, source = (Person.objects.create(owner=user, name=name) for name in ("Ann", ""))
    reject_face(photo.faces.get(), target)
    in_the_shadow(photo, faces(face(50)), kind=Kind.FACES, user=user)
    merge = merge_people(source, target, made_by=user)
    promote(NEW, user)
    undo_regrouping(merge, undone_by=user)
    assert not FaceRejection.objects.filter(person=source).exists()


def test_a_slower_worker_does_not_take_back_what_was_said_since(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    decide(NEW, State.ACTIVE, user)
    held = version_of(NEW)
    follow_rollouts()
    said = assign_face_to_name(at(photos[0], NEW), "小红")
    renew_photos(held)
    assert at(photos[0], NEW).person == said


def test_people_are_carried_over_for_those_who_allow_faces_again_later(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    user.refresh_from_db()
    allow_face_analysis(user, allowed=False)
    promote(NEW, user)
    allow_face_analysis(user, allowed=True)
    assert at(photos[0], NEW).person == at(photos[0], OLD).person


def test_the_chosen_cover_is_carried_over(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    ming = at(photos[0], OLD).person
    assert ming is not None
    choose_cover(ming, at(photos[2], OLD).id)
    promote(NEW, user)
    ming.refresh_from_db()
    assert ming.cover == at(photos[2], NEW)


def test_a_split_that_was_declined_is_not_proposed_because_another_model_looked(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    ming = at(photos[0], OLD).person
    assert ming is not None
    decline_split(ming)
    promote(NEW, user)
    ming.refresh_from_db()
    assert proposing._split_declined(ming)


def test_a_list_has_only_people_whom_the_active_model_has_seen(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    person_in_two_models(face(50))
    assert len(ApiClient(user)("GET", "/people").json()["results"]) == 2
    promote(NEW, user)
    (found,) = ApiClient(user)("GET", "/people").json()["results"]
    assert (found["name"], found["photo_count"]) == ("小明", 3)


def test_a_no_said_meanwhile_of_a_face_that_waits_is_carried_over(
    user: User,
    person_in_two_models: Callable[..., list[Photo]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rolling_out, "_AT_ONCE", 1)
    photos = person_in_two_models(face(50), face(70, left=0.6))
    decide(NEW, State.ACTIVE, user)
    renew_photos(version_of(NEW))
    first = min(photos, key=lambda photo: photo.id)
    bob = Person.objects.create(owner=user, name="Bob")
    reject_face(at(first, OLD, left=0.6), bob)
    follow_rollouts()
    assert at(first, NEW, left=0.6).rejections.filter(person=bob).exists()


def test_of_two_faces_over_one_the_nearer_one_follows(user: User) -> None:
    photo, other = looked_at(user, faces(face(left=0.2))), looked_at(user, faces(face(20)))
    ann, bob = name_face(photo.faces.get(), "Ann"), name_face(other.faces.get(), "Bob")
    found = faces(face(50, left=0.15), face(70, left=0.24))
    record_result(make_result(photo, found, model=NEW))
    merge = merge_people(ann, bob, made_by=user)
    carry_people(photo.id, former=OLD, model=NEW)
    assert [one.person for one in photo.faces.filter(model=NEW).order_by("left")] == [None, bob]
    undo_regrouping(merge, undone_by=user)
    assert at(photo, NEW, left=0.24).person == ann


def test_an_archive_tells_first_what_is_shown(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    promote(NEW, user)
    promote(OLD, user)
    exported = photos_to_export(user).get(id=photos[0].id)
    assert [one.model for one in exported.faces.all()] == [OLD, OLD, NEW, NEW]
