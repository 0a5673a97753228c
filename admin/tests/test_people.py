"""A person's page: questions, merges, splits and what can be undone; only one's own."""

from collections.abc import Callable

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.albums.services import add_photos, create_album
from backend.analysis.services import start_analysis
from backend.conftest import face, make_photo
from backend.people.models import Distinction, Erasure, Face, Person, Regrouping
from backend.people.tests.scenes import person_of, person_with, photo_with
from backend.people.tests.test_mending import between, person_made_of
from functions.contract import Kind

Browser = Callable[[User | None], Client]


@pytest.fixture
def ann(alice: User) -> Person:
    return person_with(alice, face(0), name="Ann")


def page(person: Person, act: str = "") -> str:
    return f"/admin/people/person/{person.id}/{act or 'change'}/"


def test_questions_are_asked_and_answered(alice: User, browser: Browser, ann: Person) -> None:
    client = browser(alice)
    other = person_made_of(alice, between(0, 1, 0.72))
    lone = photo_with(alice, between(0, 3, 0.72))
    body = client.get(page(ann)).content.decode()
    assert "The same person?" in body
    assert "Is this face theirs?" in body
    client.post(page(ann, "merge"), {"other": str(other.id)})
    client.post(page(ann, "assign"), {"face": str(lone.faces.get().id)})
    assert ann.faces.count() == 7
    made = Regrouping.objects.get()
    assert made.made_by == alice
    assert str(made.id) in client.get(page(ann)).content.decode()
    client.post(page(ann, "undo"), {"change": str(made.id)})
    assert other.faces.count() == 3
    client.post(page(ann, "apart"), {"other": str(other.id)})
    assert Distinction.objects.exists()
    client.post(page(ann, "reject"), {"face": str(lone.faces.get().id)})
    assert person_of(lone) is None


def test_twins_are_split_or_kept(alice: User, browser: Browser) -> None:
    client = browser(alice)
    twins = person_made_of(alice, face(0), photos=4, name="Twins")
    two = person_made_of(alice, between(0, 1, 0.68))
    Face.objects.filter(person=two).update(person=twins)
    assert "Are they two people?" in client.get(page(twins)).content.decode()
    client.post(page(twins, "keep"))
    assert "Are they two people?" not in client.get(page(twins)).content.decode()
    client.post(page(twins, "split"))
    assert twins.faces.count() == 4


def test_chosen_people_are_merged_from_the_list(alice: User, browser: Browser, ann: Person) -> None:
    other = person_with(alice, face(5))
    answer = browser(alice).post(
        "/admin/people/person/",
        {"action": "merge", "_selected_action": [str(ann.id), str(other.id)]},
        follow=True,
    )
    assert "Ann: merged." in answer.content.decode()
    assert ann.faces.count() == 6


def test_a_refused_merge_says_why_and_changes_nothing(
    alice: User, browser: Browser, ann: Person
) -> None:
    other = person_with(alice, face(5))
    photo_with(alice, face(0), face(5, left=0.6))
    answer = browser(alice).post(
        "/admin/people/person/",
        {"action": "merge", "_selected_action": [str(ann.id), str(other.id)]},
        follow=True,
    )
    assert "both are seen" in answer.content.decode()
    assert not Regrouping.objects.exists()


def test_face_data_is_erased_with_a_record(alice: User, browser: Browser, ann: Person) -> None:
    answer = browser(alice).post(page(ann, "erase"), follow=True)
    assert str(Erasure.objects.get().id) in answer.content.decode()
    assert not Face.objects.exists()


@pytest.mark.parametrize("act", ["merge", "apart", "assign", "reject", "undo"])
def test_nonsense_is_refused(alice: User, browser: Browser, ann: Person, act: str) -> None:
    for text in ("", "nonsense", "00000000-0000-0000-0000-000000000000"):
        answer = browser(alice).post(
            page(ann, act), {"other": text, "face": text, "change": text}, follow=True
        )
        assert answer.status_code == 200
        assert "There is nothing here." in answer.content.decode()
    assert ann.faces.count() == 3


def test_nobody_elses_people_are_reached(
    alice: User, bob: User, browser: Browser, ann: Person
) -> None:
    theirs = person_with(bob, face(0), name="Bea")
    client = browser(bob)
    for act in ("merge", "apart", "assign", "reject", "split", "keep", "undo", "erase"):
        assert client.post(page(ann, act), {"other": str(theirs.id)}).status_code in (302, 404)
    client.post(page(theirs, "merge"), {"other": str(ann.id)})
    client.post(page(theirs, "assign"), {"face": str(ann.faces.all()[0].id)})
    assert ann.faces.count() == theirs.faces.count() == 3
    assert not Regrouping.objects.exists()


def test_faces_that_wait_are_shown_with_the_way_to_name_them(
    alice: User, bob: User, browser: Browser
) -> None:
    lone = photo_with(alice, face(0))
    body = browser(alice).get("/admin/people/person/").content.decode()
    assert "A face that was seen once waits here." in body
    assert f"/admin/photos/photo/{lone.id}/change/" in body
    body = browser(bob).get("/admin/people/person/").content.decode()
    assert "Nobody yet. People come with photos that show faces." in body
    assert str(lone.id) not in body


def test_face_analysis_is_switched_off_an_album_by_its_owner(
    alice: User, bob: User, browser: Browser
) -> None:
    photo = photo_with(alice, face(0))
    album = create_album(alice, {"title": "Kindergarten"})
    add_photos(album, alice, [photo.id])
    address = f"/admin/albums/album/{album.id}/change/"
    assert browser(bob).get(address).status_code == 302
    browser(bob).post(address, {})
    assert photo.faces.count() == 1
    assert "Kindergarten" in browser(alice).get("/admin/albums/album/").content.decode()
    browser(alice).post(address, {})
    album.refresh_from_db()
    assert album.face_analysis is False
    assert not photo.faces.exists()


def test_a_smart_album_shows_no_such_switch(alice: User, browser: Browser) -> None:
    album = create_album(alice, {"title": "Dogs", "rule": {"label": "dog"}})
    client, address = browser(alice), f"/admin/albums/album/{album.id}/change/"
    assert 'name="face_analysis"' not in client.get(address).content.decode()
    client.post(address, {})
    album.refresh_from_db()
    assert album.face_analysis is True


def test_face_analysis_is_switched_off_a_user(alice: User, root: User, browser: Browser) -> None:
    photo = make_photo(alice)
    start_analysis(photo)
    client, address = browser(root), f"/admin/accounts/user/{alice.id}/change/"
    form = client.get(address).context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None}
    values["face_analysis"] = ""
    answer = client.post(address, values)
    assert answer.status_code == 302
    alice.refresh_from_db()
    assert alice.face_analysis is False
    assert not photo.analyses.filter(kind=Kind.FACES).exists()
