"""Merges and splits: one call each, on record, undone exactly."""

from typing import Any

import pytest

from backend.accounts.models import User
from backend.conftest import face
from backend.core.errors import RefusedError
from backend.people.models import Distinction, Face, FaceRejection, MovedFace, Person, Regrouping
from backend.people.services import (
    assign_face,
    assign_people,
    choose_cover,
    erase_person,
    merge_people,
    name_person,
    reject_face,
    split_person,
    tell_apart,
    undo_regrouping,
)
from backend.people.tests.scenes import MODEL, analyse_again, person_of, person_with, photo_with


def everything() -> Any:
    """All that a merge could change, as plain values."""
    return (
        list(Face.objects.order_by("id").values_list("id", "person_id", "confirmed", "photo_id")),
        list(
            Person.objects.order_by("id").values_list(
                "id", "name", "hidden", "cover_id", "face_count", "created_at"
            )
        ),
        sorted(FaceRejection.objects.values_list("face_id", "person_id")),
        sorted(Distinction.objects.values_list("first_id", "second_id")),
    )


@pytest.fixture
def ann(user: User) -> Person:
    return person_with(user, face(0), name="Ann")


@pytest.fixture
def other(user: User) -> Person:
    """Unnamed: the same Ann, years ago."""
    return person_with(user, face(4))


def first_face(person: Person) -> Face:
    return person.faces.order_by("id")[0]


def test_a_merge_moves_every_face_and_is_on_record(user: User, ann: Person, other: Person) -> None:
    made = merge_people(other, ann, made_by=user)
    ann.refresh_from_db()
    assert (ann.face_count, ann.faces.count()) == (6, 6)
    assert list(Person.objects.all()) == [ann]
    assert (made.kind, made.made_by, made.owner) == ("merge", user, user)
    assert made.made_at is not None
    assert {move.origin_id for move in made.moved.all()} == {other.id}
    assert made.moved.count() == 3


def test_new_faces_of_either_look_join_who_was_merged(
    user: User, ann: Person, other: Person
) -> None:
    merge_people(other, ann, made_by=user)
    assert person_of(photo_with(user, face(0))) == ann
    assert person_of(photo_with(user, face(4))) == ann


def test_an_unnamed_person_takes_over_the_name(user: User, ann: Person, other: Person) -> None:
    made = merge_people(ann, other, made_by=user)
    other.refresh_from_db()
    assert other.name == "Ann"
    undo_regrouping(made, undone_by=user)
    other.refresh_from_db()
    assert other.name == ""


@pytest.mark.parametrize("named_stays", [True, False])
def test_an_undone_merge_leaves_everything_as_it_was(
    user: User, ann: Person, other: Person, named_stays: bool
) -> None:
    third = person_with(user, face(8), name="Cid")
    reject_face(first_face(ann))
    reject_face(first_face(third), other)
    assign_face(first_face(other), other)
    choose_cover(other, first_face(other).id)
    tell_apart(other, third)
    before = everything()
    source, target = (other, ann) if named_stays else (ann, other)
    made = merge_people(source, target, made_by=user)
    assert everything() != before
    undo_regrouping(made, undone_by=user)
    assert everything() == before
    made.refresh_from_db()
    assert made.undone_by == user


def test_a_face_rejected_for_one_never_comes_by_a_merge(
    user: User, ann: Person, other: Person
) -> None:
    lone = first_face(other)
    reject_face(lone, ann)
    theirs = first_face(ann)
    reject_face(theirs, other)
    made = merge_people(other, ann, made_by=user)
    for one in (lone, theirs):
        one.refresh_from_db()
        assert one.person is None
        assign_people(one.photo, model=MODEL)
        one.refresh_from_db()
        assert one.person is None
    undo_regrouping(made, undone_by=user)
    for one, owner in ((lone, other), (theirs, ann)):
        one.refresh_from_db()
        assert one.person == owner


def test_who_was_rejected_for_the_one_is_rejected_for_both(
    user: User, ann: Person, other: Person
) -> None:
    lone = first_face(other)
    reject_face(lone)
    made = merge_people(other, ann, made_by=user)
    photo = lone.photo
    for _ in range(2):
        assign_people(photo, model=MODEL)
        assert person_of(photo) is None
    undo_regrouping(made, undone_by=user)
    assign_people(photo, model=MODEL)
    assert person_of(photo) is None


def test_a_rejection_said_while_merged_holds_for_both_afterwards(
    user: User, ann: Person, other: Person
) -> None:
    made = merge_people(other, ann, made_by=user)
    moved = made.moved.all()[0].face
    reject_face(moved)
    undo_regrouping(made, undone_by=user)
    assign_people(moved.photo, model=MODEL)
    moved.refresh_from_db()
    assert moved.person is None
    assert set(moved.rejections.values_list("person", flat=True)) == {ann.id, other.id}


def test_a_face_confirmed_while_merged_stays(user: User, ann: Person, other: Person) -> None:
    made = merge_people(other, ann, made_by=user)
    moved = made.moved.all()[0].face
    assign_face(moved, ann)
    undo_regrouping(made, undone_by=user)
    moved.refresh_from_db()
    assert (moved.person, moved.confirmed) == (ann, True)
    assert other.faces.count() == 2


def test_faces_that_came_while_merged_find_their_person_anew(
    user: User, ann: Person, other: Person
) -> None:
    made = merge_people(other, ann, made_by=user)
    photo = photo_with(user, face(4))
    undo_regrouping(made, undone_by=user)
    photo.refresh_from_db()
    assert photo.people_stale
    assign_people(photo, model=MODEL)
    assert person_of(photo) == other


def test_people_of_one_photo_are_not_merged(user: User, ann: Person, other: Person) -> None:
    photo = photo_with(user, face(0, left=0.1), face(4, left=0.6))
    assert {person_of(photo, 0), person_of(photo, 1)} == {ann, other}
    with pytest.raises(RefusedError, match="people_share_photos"):
        merge_people(other, ann, made_by=user)
    # The wrong one of the two is told, and then they can be.
    reject_face(photo.faces.get(person=other))
    merge_people(other, ann, made_by=user)
    assert ann.faces.count() == 7


def test_words_that_contradict_each_other_refuse_a_merge(
    user: User, ann: Person, other: Person
) -> None:
    lone = first_face(other)
    reject_face(lone, ann)
    assign_face(lone, other)
    with pytest.raises(RefusedError, match="contradiction"):
        merge_people(other, ann, made_by=user)


def test_nobody_is_merged_with_themselves_or_twice(user: User, ann: Person, other: Person) -> None:
    with pytest.raises(RefusedError, match="merge_with_self"):
        merge_people(ann, ann, made_by=user)
    merge_people(other, ann, made_by=user)
    with pytest.raises(RefusedError, match="not_found"):
        merge_people(other, ann, made_by=user)


def test_the_newest_is_undone_first_and_once(user: User, ann: Person, other: Person) -> None:
    before = everything()
    third = person_with(user, face(8))
    between = everything()
    first = merge_people(other, ann, made_by=user)
    second = merge_people(ann, third, made_by=user)
    with pytest.raises(RefusedError, match="undo_newest_first"):
        undo_regrouping(first, undone_by=user)
    undo_regrouping(second, undone_by=user)
    with pytest.raises(RefusedError, match="already_undone"):
        undo_regrouping(second, undone_by=user)
    undo_regrouping(first, undone_by=user)
    assert everything() == between != before


def test_a_split_makes_a_new_person_who_stays_apart(user: User, ann: Person) -> None:
    faces_of_ann = list(ann.faces.order_by("id"))
    choose_cover(ann, faces_of_ann[0].id)
    before = everything()
    made = split_person(ann, [one.id for one in faces_of_ann[:2]], made_by=user, name="Bea")
    bea = Person.objects.get(name="Bea")
    ann.refresh_from_db()
    assert (ann.face_count, bea.face_count, ann.cover) == (1, 2, None)
    assert Distinction.objects.count() == 1
    assert FaceRejection.objects.filter(person=ann).count() == 2
    undo_regrouping(made, undone_by=user)
    # The cover was a face that left: the album chooses one.
    choose_cover(ann, faces_of_ann[0].id)
    assert everything() == before
    assert not Person.objects.filter(name="Bea").exists()


def test_an_undone_split_makes_room_for_who_comes_back(user: User, ann: Person) -> None:
    leaving = first_face(ann)
    photo = leaving.photo
    made = split_person(ann, [leaving.id], made_by=user)
    # Meanwhile another face of the same photo is taken for Ann.
    analyse_again(photo, face(4), face(0, left=0.7))
    taken = photo.faces.get(person=ann)
    assert taken != leaving
    undo_regrouping(made, undone_by=user)
    leaving.refresh_from_db()
    taken.refresh_from_db()
    assert (leaving.person, taken.person) == (ann, None)


@pytest.mark.parametrize("chosen", ["none", "all"])
def test_a_split_needs_some_and_not_all(user: User, ann: Person, chosen: str) -> None:
    ids = [one.id for one in ann.faces.all()] if chosen == "all" else []
    with pytest.raises(RefusedError, match="nothing_to_split"):
        split_person(ann, ids, made_by=user)


def test_somebody_elses_face_cannot_be_split_off(user: User, ann: Person, other: Person) -> None:
    with pytest.raises(RefusedError, match="not_their_face"):
        split_person(ann, [first_face(other).id], made_by=user)


def test_photos_deleted_in_between_do_not_keep_a_merge_from_being_undone(
    user: User, ann: Person, other: Person
) -> None:
    made = merge_people(other, ann, made_by=user)
    made.moved.all()[0].face.photo.delete()
    undo_regrouping(made, undone_by=user)
    other.refresh_from_db()
    assert (other.face_count, other.faces.count()) == (2, 2)


def test_a_merge_tells_search_of_every_photo(user: User, ann: Person, other: Person) -> None:
    photos = [one.photo for one in other.faces.select_related("photo")]
    type(photos[0]).objects.update(search_stale=False)
    made = merge_people(other, ann, made_by=user)
    for step in ("merged", "undone"):
        for photo in photos:
            photo.refresh_from_db()
            assert photo.search_stale, step
        if step == "merged":
            type(photos[0]).objects.update(search_stale=False)
            undo_regrouping(made, undone_by=user)


def test_erasing_who_was_merged_leaves_no_move_on_record(
    user: User, ann: Person, other: Person
) -> None:
    merge_people(other, ann, made_by=user)
    erase_person(ann, erased_by=user)
    assert not MovedFace.objects.exists()
    made = Regrouping.objects.get()
    undo_regrouping(made, undone_by=user)
    assert other.faces.count() == 0


def test_a_new_name_given_while_merged_is_kept(user: User, ann: Person, other: Person) -> None:
    made = merge_people(ann, other, made_by=user)
    other.refresh_from_db()
    name_person(other, "Anna")
    undo_regrouping(made, undone_by=user)
    assert set(Person.objects.values_list("name", flat=True)) == {"Ann", "Anna"}
