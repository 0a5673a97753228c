"""Anonymous and ordinary users see nothing, staff their own, superusers everything."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from admin.photo_filters import PersonFilter
from backend.accounts.models import Token, User
from backend.accounts.services import log_in
from backend.albums.comments import write_comment
from backend.albums.invitations import make_invitation
from backend.albums.links import make_link
from backend.albums.models import Album, Comment, Invitation, Link, Role
from backend.albums.services import create_album
from backend.analysis.models import Analysis, Batch, Label, LabelVerdict
from backend.analysis.services import Wanted, start_batch
from backend.conftest import PASSWORD
from backend.leaving.models import Deletion
from backend.people.models import Face, FaceRejection, Person
from backend.photos.models import Photo, Tag
from backend.photos.services import add_tag
from backend.wechat.models import PhotoCheck, TextCheck
from functions.contract import Kind

Browser = Callable[[User | None], Client]

OWNED: list[type[Model]] = [
    *(Photo, Tag, Person, Face, Analysis, Batch, Label, LabelVerdict, Token),
    *(PhotoCheck, TextCheck),
    *(Album, Comment, Invitation, Link),
]
FOR_SUPERUSERS: list[type[Model]] = [User, Deletion]


@pytest.fixture
def foreign_rows(foreign_photo: Photo, bob: User) -> dict[type[Model], Any]:
    """One row of each model that is bob's."""
    log_in(username="bob", password=PASSWORD, device="bob's phone")
    LabelVerdict.objects.create(
        photo=foreign_photo, name="beach", correct=True, user=bob, model="m"
    )
    add_tag(foreign_photo, "private")
    PhotoCheck.objects.create(photo=foreign_photo)
    TextCheck.objects.create(author=bob, text="bob's words", scene=TextCheck.Scene.ALBUM)
    album = create_album(bob, {"title": "Bob's"})
    write_comment(album, foreign_photo, bob, "secret")
    make_link(album, bob)
    make_invitation(album, bob, Role.VIEWER, expires_at=None)
    start_batch(bob, Wanted(models={Kind.LABELS: "m"}, photo_ids=[foreign_photo.id]))
    return {model: model._default_manager.first() for model in OWNED}


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_model_with_an_owner_is_in_this_test() -> None:
    registered = set(admin.site._registry) - set(FOR_SUPERUSERS)
    assert registered == set(OWNED)


@pytest.mark.parametrize("model", [*OWNED, *FOR_SUPERUSERS])
def test_nobody_gets_in_without_signing_in(model: type[Model], browser: Browser, db: None) -> None:
    answer = browser(None).get(address(model, "changelist"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("model", [*OWNED, *FOR_SUPERUSERS])
def test_an_account_that_is_not_staff_does_not_get_in(
    model: type[Model], browser: Browser, db: None
) -> None:
    user = User.objects.create_user("carol", password=PASSWORD)
    assert browser(user).get(address(model, "changelist")).status_code == 302


@pytest.mark.parametrize("model", FOR_SUPERUSERS)
def test_what_is_for_superusers_is_for_no_other_staff(
    model: type[Model], alice: User, root: User, browser: Browser
) -> None:
    assert browser(alice).get(address(model, "changelist")).status_code == 403
    assert browser(root).get(address(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", OWNED)
def test_staff_do_not_see_rows_of_others(
    model: type[Model], foreign_rows: dict[type[Model], Any], alice: User, browser: Browser
) -> None:
    row = foreign_rows[model]
    answer = browser(alice).get(address(model, "changelist"))
    assert answer.status_code == 200
    assert answer.context["cl"].result_count == 0
    # Django sends somebody who asks for what is not there to the first page.
    assert browser(alice).get(address(model, "change", row.pk)).status_code == 302
    assert browser(alice).get(address(model, "history", row.pk)).status_code == 302


@pytest.mark.parametrize("model", OWNED)
def test_superusers_see_rows_of_everybody(
    model: type[Model], foreign_rows: dict[type[Model], Any], root: User, browser: Browser
) -> None:
    row = foreign_rows[model]
    assert browser(root).get(address(model, "changelist")).context["cl"].result_count >= 1
    assert browser(root).get(address(model, "change", row.pk)).status_code == 200


def test_staff_see_their_own(photo: Photo, alice: User, browser: Browser) -> None:
    for model in (Photo, Person, Face, Analysis, Label):
        row = model._default_manager.first()
        assert row is not None
        answer = browser(alice).get(address(model, "changelist"))
        assert answer.context["cl"].result_count >= 1
        assert browser(alice).get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("page", ["changelist", "add"])
def test_accounts_are_for_superusers(page: str, alice: User, browser: Browser) -> None:
    assert browser(alice).get(address(User, page)).status_code == 403
    assert browser(alice).get(address(User, "change", alice.pk)).status_code == 403


@pytest.mark.parametrize(
    "act",
    [*("analyse_again", "move_to_trash", "restore", "delete_selected"), *("let_pass", "block")],
)
def test_bulk_forms_leave_photos_of_others_alone(
    act: str, photo: Photo, foreign_photo: Photo, alice: User, browser: Browser
) -> None:
    before = Photo.objects.filter(id=foreign_photo.id).values().get()
    browser(alice).post(
        address(Photo, "changelist") + "?where=all",
        {"action": act, "_selected_action": [str(foreign_photo.id)], "post": "yes"},
    )
    assert Photo.objects.filter(id=foreign_photo.id).values().get() == before


@pytest.mark.parametrize(
    "name", ["verdict", "name", "tag", "untag", "analyse", "trash", "restore", "complete"]
)
def test_the_forms_of_a_photo_of_somebody_else_are_not_found(
    name: str, foreign_photo: Photo, alice: User, browser: Browser
) -> None:
    before = Photo.objects.filter(id=foreign_photo.id).values().get()
    found = foreign_photo.faces.get()
    data = {"name": "beach", "correct": "0", "face": str(found.id)}
    answer = browser(alice).post(address(Photo, name, foreign_photo.id), data)
    assert answer.status_code == 404
    assert Photo.objects.filter(id=foreign_photo.id).values().get() == before
    assert not LabelVerdict.objects.exists()
    assert not Tag.objects.exists()
    assert Person.objects.exclude(name="").count() == 0


def test_a_face_of_another_photo_cannot_be_named_through_ones_own(
    photo: Photo, foreign_photo: Photo, alice: User, browser: Browser
) -> None:
    data = {"name": "Eve", "face": str(foreign_photo.faces.get().id)}
    assert browser(alice).post(address(Photo, "name", photo.id), data).status_code == 404
    assert Person.objects.exclude(name="").count() == 0


@pytest.mark.parametrize("model", [Label, Analysis, Face])
def test_bulk_forms_of_findings_leave_those_of_others_alone(
    model: type[Model], foreign_photo: Photo, photo: Photo, alice: User, browser: Browser
) -> None:
    acts = {Label: "mark_wrong", Analysis: "retry", Face: "confirm"}
    rows = model._default_manager.filter(photo=foreign_photo)
    before = list(rows.order_by("pk").values_list())
    data = {"action": acts[model], "_selected_action": [str(row.pk) for row in rows]}
    browser(alice).post(address(model, "changelist"), data)
    assert list(rows.order_by("pk").values_list()) == before
    assert not LabelVerdict.objects.exists()


def test_names_in_the_list_of_people_cannot_be_typed_over_somebody_elses(
    photo: Photo, foreign_photo: Photo, alice: User, browser: Browser
) -> None:
    stranger = Person.objects.get(owner=foreign_photo.owner)
    data = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(stranger.id),
        "form-0-name": "Mine now",
        "_save": "Save",
    }
    browser(alice).post(address(Person, "changelist"), data)
    stranger.refresh_from_db()
    assert stranger.name == ""


def test_a_face_cannot_be_given_to_a_person_of_somebody_else(
    photo: Photo, foreign_photo: Photo, alice: User, browser: Browser
) -> None:
    stranger = Person.objects.get(owner=foreign_photo.owner)
    mine = photo.faces.get()
    browser(alice).post(address(Face, "change", mine.id), {"person": str(stranger.id)})
    mine.refresh_from_db()
    assert mine.person_id != stranger.id
    assert not FaceRejection.objects.exists()


def test_filters_offer_and_find_nobody_elses_people(
    photo: Photo, foreign_photo: Photo, alice: User, browser: Browser
) -> None:
    stranger = Person.objects.get(owner=foreign_photo.owner)
    answer = browser(alice).get(address(Photo, "changelist"), {"person": str(stranger.id)})
    assert answer.context["cl"].result_count == 0
    (offered,) = [
        spec.lookup_choices
        for spec in answer.context["cl"].filter_specs
        if isinstance(spec, PersonFilter)
    ]
    assert offered == []


@pytest.mark.parametrize("section", ["", "photos/", "people/", "albums/", "analysis/", "accounts/"])
def test_an_empty_album_shows_its_pages_and_invites_to_add_photos(
    section: str, root: User, browser: Browser
) -> None:
    answer = browser(root).get(f"/admin/{section}")
    assert answer.status_code == 200
    assert address(Photo, "add") in answer.content.decode()


def test_the_first_page_counts_only_ones_own(
    photo: Photo, foreign_photo: Photo, alice: User, root: User, browser: Browser
) -> None:
    assert browser(alice).get("/admin/").context["counts"]["all"] == 1
    assert browser(root).get("/admin/").context["counts"]["all"] == 2
