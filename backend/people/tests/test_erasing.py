"""Erasing removes what was measured, everywhere, and says what it removed; consent comes first."""

import hashlib

from django.db import connection

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import face, faces, make_photo, make_result
from backend.people.models import Erasure, Face, Person, Proposal
from backend.people.services import (
    assign_people,
    erase_owner,
    erase_person,
    mend_people,
    reject_face,
    tell_apart,
)
from backend.people.tests.scenes import MODEL, analyse_again, person_of, person_with, photo_with
from backend.photos.models import Photo


def vectors_left() -> int:
    """Every stored face vector, whatever the model classes know."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from people_face where embedding is not null")
        return int(cursor.fetchone()[0])


def test_every_vector_of_the_person_is_gone_and_on_record(user: User) -> None:
    ann = person_with(user, face(0), name="Ann")
    person_with(user, face(5))
    ids = sorted(str(one.id) for one in ann.faces.all())
    # The same face as another model saw it.
    photo = ann.faces.all()[0].photo
    record_result(make_result(photo, faces(face(0)), model="face-recognition-1"))
    other_model = photo.faces.get(model="face-recognition-1")
    reject_face(photo.faces.get(model=MODEL), Person.objects.get(name=""))
    record = erase_person(ann, erased_by=user)
    assert not Face.objects.filter(person=ann).exists()
    assert vectors_left() == 3
    assert (record.erased_by, record.person_id, record.owner) == (user, ann.id, user)
    assert record.removed == {
        "faces": 4,
        "vectors": 4,
        "crops": 0,
        "rejections": 1,
        "moves": 0,
        "photos": 3,
        "models": ["face-recognition-1", MODEL],
        "left": 0,
    }
    lines = "".join(f"{id_}\n" for id_ in sorted([*ids, str(other_model.id)]))
    assert record.digest == hashlib.sha256(lines.encode()).hexdigest()


def test_the_name_stays_and_photos_too(user: User) -> None:
    ann = person_with(user, face(0), name="Ann")
    Photo.objects.update(search_stale=False)
    erase_person(ann, erased_by=user)
    ann.refresh_from_db()
    assert (ann.name, ann.face_count) == ("Ann", 0)
    assert Photo.objects.filter(search_stale=True).count() == 3


def test_asked_again_it_answers_with_the_same_record(user: User) -> None:
    ann = person_with(user, face(0))
    assert erase_person(ann, erased_by=user) == erase_person(ann, erased_by=user)
    assert Erasure.objects.count() == 1


def test_an_erased_face_does_not_come_back_by_analysis(user: User) -> None:
    ann = person_with(user, face(0), face(5, left=0.6))
    photo = ann.faces.all()[0].photo
    erase_person(ann, erased_by=user)
    analyse_again(photo, face(0, left=0.12), face(5, left=0.6))
    assert [round(one.left, 2) for one in photo.faces.all()] == [0.6]


def test_what_was_proposed_of_the_person_is_gone(user: User, stranger: User) -> None:
    ann, bea = person_with(user, face(0)), person_with(user, face(5))
    theirs = person_with(stranger, face(0))
    tell_apart(ann, bea)
    Proposal.objects.create(
        owner=user, kind="merge", person=bea, other=ann, distance=0.6, settles=3
    )
    erase_person(ann, erased_by=user)
    assert not Proposal.objects.exists()
    assert theirs.faces.count() == 3


def test_everything_of_an_owner_can_be_erased(user: User, stranger: User) -> None:
    person_with(user, face(0))
    photo_with(user, face(7))
    person_with(stranger, face(0))
    record = erase_owner(user, erased_by=user)
    assert record.removed["vectors"] == 4
    assert record.person_id is None
    assert not Face.objects.filter(owner=user).exists()
    assert Face.objects.filter(owner=stranger).count() == 3


def test_without_consent_nothing_is_stored_or_compared(user: User) -> None:
    person_with(user, face(0))
    photo = make_photo(user)
    record_result(make_result(photo, faces(face(0))))
    user.face_analysis = False
    user.save()
    late = make_photo(user)
    record_result(make_result(late, faces(face(0))))
    assign_people(Photo.objects.get(id=photo.id), model=MODEL)
    mend_people(model=MODEL)
    assert late.faces.count() == 0
    assert person_of(photo) is None
