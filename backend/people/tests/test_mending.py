"""The nightly pass: what waited finds its place, who is one becomes one, the rest is asked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, OperationalError, connection
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import face, face_noise, faces, make_photo, make_result, make_run
from backend.people import mending
from backend.people.assigning import place_face
from backend.people.distances import Distances
from backend.people.groups import find_two_groups
from backend.people.models import Distinction, Face, Person, Proposal, Regrouping
from backend.people.proposing import decline, proposals_of, suggest
from backend.people.services import (
    assign_stale_photos,
    decline_split,
    mend_people,
    merge_people,
    reject_face,
    tell_apart,
)
from backend.people.tests.scenes import MODEL, person_of, person_with, photo_with
from backend.photos.models import Photo
from functions.contract import Box, FaceFinding, decode_vector, encode_vector


def between(first: int, second: int, share: float) -> FaceFinding:
    """A face on the way from one axis to another: at 0 it is the first, at 1 the second."""
    vector = face_noise()
    vector[first], vector[second] = 1 - share, share
    length = sum(number**2 for number in vector) ** 0.5
    return FaceFinding(
        box=Box(left=0.1, top=0.1, width=0.2, height=0.2),
        score=0.95,
        quality=0.9,
        embedding=encode_vector([number / length for number in vector]),
    )


def person_made_of(user: User, found: FaceFinding, *, photos: int = 3, name: str = "") -> Person:
    """Somebody whom the day's work would not have kept apart."""
    person = Person.objects.create(owner=user, name=name)
    for _ in range(photos):
        photo = make_photo(user)
        record_result(make_result(photo, faces(found)))
        photo.faces.update(person=person)
    person.refresh_from_db()
    return person


def test_two_who_are_one_are_merged_on_record(user: User) -> None:
    ann = person_made_of(user, face(0), name="Ann")
    other = person_made_of(user, face(0, lean=0.4), photos=4)
    assert mend_people(model=MODEL)["merged"] == 1
    made = Regrouping.objects.get()
    assert (made.source, made.target, made.made_by) == (other, ann, None)
    ann.refresh_from_db()
    assert (ann.name, ann.face_count) == ("Ann", 7)


def test_two_names_are_asked_about_and_not_merged(user: User) -> None:
    person_made_of(user, face(0), name="Ann")
    person_made_of(user, face(0, lean=0.4), name="Anna")
    assert mend_people(model=MODEL)["merged"] == 0
    (proposal,) = proposals_of(user.id)
    assert (proposal.kind, proposal.settles) == ("merge", 3)
    decline(proposal)
    Person.objects.update(changed=True)
    mend_people(model=MODEL)
    assert not proposals_of(user.id).exists()
    assert Distinction.objects.count() == 1


def test_less_sure_is_asked_about(user: User) -> None:
    large = person_made_of(user, face(0), photos=5)
    small = person_made_of(user, between(0, 1, 0.74))  # at a distance of .67
    person_made_of(user, between(0, 2, 0.98))  # of .98
    assert mend_people(model=MODEL)["merged"] == 0
    (proposal,) = proposals_of(user.id)
    assert (proposal.person, proposal.other, proposal.settles) == (small, large, 3)
    assert proposal.distance == pytest.approx(0.67, abs=0.01)


@pytest.mark.parametrize("why", ["told apart", "in one photo", "rejected"])
def test_who_cannot_be_one_is_neither_merged_nor_asked_about(user: User, why: str) -> None:
    ann = person_made_of(user, face(0))
    other = person_made_of(user, face(0, lean=0.4))
    if why == "told apart":
        tell_apart(ann, other)
    elif why == "in one photo":
        photo = make_photo(user)
        record_result(make_result(photo, faces(face(0), face(0, lean=0.4, left=0.6))))
        left, right = photo.faces.order_by("left")
        Face.objects.filter(id=left.id).update(person=ann)
        Face.objects.filter(id=right.id).update(person=other)
    else:
        reject_face(other.faces.all()[0], ann)
    done = mend_people(model=MODEL)
    assert (done["merged"], done["proposed"]) == (0, 0)


def test_what_waited_joins_who_came_later(user: User) -> None:
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    ann = person_made_of(user, face(0, lean=0.3))
    assert mend_people(model=MODEL)["placed"] == 1
    assert person_of(photo) == ann


def test_two_that_waited_start_a_person(user: User) -> None:
    for _ in range(2):
        record_result(make_result(make_photo(user), faces(face(0))))
    mend_people(model=MODEL)
    assert Person.objects.get().face_count == 2


def test_what_waits_long_is_looked_at_once_a_week(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        record_result(make_result(make_photo(user), faces(face(0))))
    nights, start = 0, timezone.now()
    for night in range(10, 17):
        later = start + timedelta(days=night)
        monkeypatch.setattr("backend.people.mending.timezone.now", lambda later=later: later)
        nights += mend_people(model=MODEL)["placed"]
    assert nights == 1  # the other followed
    assert Person.objects.get().face_count == 2


def test_a_night_without_consent_changes_nothing(user: User) -> None:
    person_made_of(user, face(0))
    person_made_of(user, face(0, lean=0.4))
    User.objects.update(face_analysis=False)
    assert mend_people(model=MODEL)["merged"] == 0
    assert Person.objects.count() == 2


def test_owners_are_mended_apart(user: User, stranger: User) -> None:
    person_made_of(user, face(0))
    person_made_of(stranger, face(0))
    assert mend_people(model=MODEL)["merged"] == 0


def test_a_quiet_night_has_nothing_to_do(user: User) -> None:
    person_with(user, face(0))
    mend_people(model=MODEL)
    assert not Person.objects.filter(changed=True).exists()
    assert mend_people(model=MODEL) == {"placed": 0, "merged": 0, "proposed": 0, "failed": 0}


# A night that goes wrong, and one that is not alone


def test_what_fails_is_told_and_stops_neither_its_library_nor_another(
    user: User, stranger: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = make_photo(user)
    record_result(make_result(bad, faces(face(9))))
    bad_face = bad.faces.get()
    bad_person = person_made_of(user, face(12))
    for each in (user, stranger):
        for _ in range(2):
            record_result(make_result(make_photo(each), faces(face(0))))
    take_in = mending._take_in

    def fail_to_place(one: Face, limits: Distances) -> Any:
        if one.id == bad_face.id:
            raise ValueError("a bad vector")
        return place_face(one, limits)

    def fail_to_take_in(one: Person, limits: Distances, **rest: Any) -> Any:
        if one == bad_person:
            raise DataError("a bad person")
        return take_in(one, limits, **rest)

    monkeypatch.setattr(mending, "place_face", fail_to_place)
    monkeypatch.setattr(mending, "_take_in", fail_to_take_in)
    assert mend_people(model=MODEL) == {"placed": 2, "merged": 0, "proposed": 0, "failed": 2}
    told = [record.getMessage() for record in caplog.records if record.exc_info]
    assert told == [
        f"face {bad_face.id} cannot be mended",
        f"person {bad_person.id} cannot be mended",
    ]
    # The next night looks at it again.
    assert list(Person.objects.filter(changed=True)) == [bad_person]


def test_a_library_that_cannot_be_read_stops_no_other(
    user: User, stranger: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_to_count(owner_id: UUID, *, model: str) -> int:
        if owner_id == user.id:
            raise RuntimeError("no cache")
        return 0

    monkeypatch.setattr(mending, "crowd_of", fail_to_count)
    for _ in range(2):
        record_result(make_result(make_photo(stranger), faces(face(0))))
    assert mend_people(model=MODEL) == {"placed": 1, "merged": 0, "proposed": 0, "failed": 1}
    assert f"the library of {user.id} cannot be mended" in caplog.text


def test_the_rest_of_a_library_that_ails_waits(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("all of them are bad")

    monkeypatch.setattr(mending, "place_face", fail)
    monkeypatch.setattr(mending, "_MOST_FAILURES", 2)
    for number in range(4):
        record_result(make_result(make_photo(user), faces(face(number))))
    assert mend_people(model=MODEL)["failed"] == 2


def test_a_night_without_a_database_ends(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(mending, "crowd_of", fail)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    with pytest.raises(OperationalError):
        mend_people(model=MODEL)


def test_a_face_that_finds_its_person_while_an_analysis_is_stored_keeps_it(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = person_made_of(user, face(0))
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))

    def decode(*given: Any) -> Any:
        # The night's word comes after the analysis has read what is known.
        photo.faces.update(person=ann)
        return decode_vector(*given)

    monkeypatch.setattr("backend.people.recording.decode_vector", decode)
    run = make_run(started_at=timezone.now().isoformat())
    record_result(make_result(photo, faces(face(0, left=0.12)), run=run))
    kept = photo.faces.get()
    assert (kept.person, kept.left) == (ann, 0.12)


@pytest.mark.django_db(transaction=True)
def test_nights_and_uploads_at_once_lose_and_double_nothing(user: User) -> None:
    ann = person_made_of(user, face(0), name="Ann")
    person_made_of(user, face(0, lean=0.2))
    for _ in range(2):
        record_result(make_result(make_photo(user), faces(face(5))))
    known = [(one.photo, 0 if one.person else 5) for one in Face.objects.select_related("photo")]

    def upload() -> None:
        for _ in range(4):
            photo = make_photo(user)
            record_result(make_result(photo, faces(face(0), face(5, left=0.6))))
            assign_stale_photos(model=MODEL)

    def look_again() -> None:
        for photo, look in known:
            run = make_run(started_at=timezone.now().isoformat())
            record_result(make_result(photo, faces(face(look, left=0.11)), run=run))
            assign_stale_photos(model=MODEL)

    def mend() -> None:
        for _ in range(3):
            assert mend_people(model=MODEL)["failed"] == 0

    def work(what: Callable[[], None]) -> None:
        try:
            what()
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(work, [upload, mend, look_again, mend, upload]))
    mend()
    assert Photo.objects.count() == 16
    assert Face.objects.count() == 24
    bea = Person.objects.exclude(id=ann.id).get()
    ann.refresh_from_db()
    assert (ann.face_count, bea.face_count) == (14, 10)


# Questions about one person


def test_suggestions_come_in_the_order_of_how_much_they_settle(user: User) -> None:
    ann = person_made_of(user, face(0), photos=3, name="Ann")
    few = person_made_of(user, between(0, 1, 0.72), photos=2)
    many = person_made_of(user, between(0, 2, 0.72), photos=4)
    lone = photo_with(user, between(0, 3, 0.72))
    found = [one for one in suggest(ann, model=MODEL) if one.kind != "split"]
    assert [one.person for one in found] == [many, few, None]
    assert [one.settles for one in found] == [4, 2, 1]
    assert found[2].face_id == lone.faces.get().id


def test_what_was_answered_is_not_suggested_again(user: User) -> None:
    ann = person_made_of(user, face(0), name="Ann")
    other = person_made_of(user, between(0, 1, 0.72))
    lone = photo_with(user, between(0, 3, 0.72))
    assert len(suggest(ann, model=MODEL)) == 2
    tell_apart(ann, other)
    reject_face(lone.faces.get(), ann)
    assert suggest(ann, model=MODEL) == []


def test_hidden_people_are_not_suggested(user: User) -> None:
    ann = person_made_of(user, face(0), name="Ann")
    person_made_of(user, between(0, 1, 0.72))
    Person.objects.exclude(id=ann.id).update(hidden=True)
    assert suggest(ann, model=MODEL) == []


# Two groups


@pytest.fixture
def twins(user: User) -> Person:
    """Two children taken for one: four photos of the one, three of the other."""
    one = person_made_of(user, face(0), photos=4)
    two = person_made_of(user, between(0, 1, 0.68), photos=3)
    merge_people(two, one, made_by=user)
    Regrouping.objects.all().delete()
    one.refresh_from_db()
    return one


def test_faces_in_two_groups_are_said_to_be_two_people(twins: Person) -> None:
    groups = find_two_groups(twins, model=MODEL)
    assert groups is not None
    assert (len(groups.first), len(groups.second)) == (4, 3)
    (split,) = [one for one in suggest(twins, model=MODEL) if one.kind == "split"]
    assert split.settles == 3
    mend_people(model=MODEL)
    assert Proposal.objects.get(kind="split").person == twins


def test_every_face_is_divided_when_it_comes_to_it(
    twins: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.people.groups._LOOKED_AT", 6)
    some, every = (find_two_groups(twins, model=MODEL, every=each) for each in (False, True))
    assert some is not None
    assert every is not None
    assert (len(some.first) + len(some.second), len(every.first), len(every.second)) == (6, 4, 3)


def test_one_look_is_not_two_people(user: User) -> None:
    one = Person.objects.create(owner=user)
    for number in range(8):
        photo = make_photo(user)
        record_result(make_result(photo, faces(face(0, lean=number / 16))))
        photo.faces.update(person=one)
    assert find_two_groups(one, model=MODEL) is None


def test_a_declined_split_is_asked_about_when_twice_as_many_have_come(
    user: User, twins: Person
) -> None:
    decline_split(twins)
    mend_people(model=MODEL)
    assert not proposals_of(user.id).exists()
    assert not [one for one in suggest(twins, model=MODEL) if one.kind == "split"]
    for _ in range(8):
        photo = make_photo(user)
        record_result(make_result(photo, faces(face(0))))
        photo.faces.update(person=twins)
    mend_people(model=MODEL)
    assert proposals_of(user.id).get().kind == "split"
