"""Comments, invitations and links, looked over and taken back."""

from collections.abc import Callable

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.albums.comments import write_comment
from backend.albums.invitations import find_invitation, make_invitation
from backend.albums.links import find_link, make_link
from backend.albums.members import set_role
from backend.albums.models import Activity, Album, Comment, Invitation, Link, Role
from backend.albums.services import create_album
from backend.photos.models import Photo

Browser = Callable[[User | None], Client]


@pytest.fixture
def album(alice: User, bob: User) -> Album:
    album = create_album(alice, {"title": "Summer"})
    set_role(album, bob, Role.VIEWER, giver=alice)
    return album


def delete_all(client: Client, model: type[Model]) -> str:
    address = reverse(f"admin:albums_{model._meta.model_name}_changelist")
    ids = [str(row.pk) for row in model._default_manager.all()]
    form = {"action": "delete_selected", "_selected_action": ids, "post": "yes"}
    return client.post(address, form, follow=True).content.decode()


def test_an_albums_owner_deletes_what_was_said_there(
    album: Album, photo: Photo, alice: User, bob: User, browser: Browser
) -> None:
    write_comment(album, photo, bob, "Not nice")
    page = browser(alice).get(reverse("admin:albums_comment_changelist"))
    assert "Not nice" in page.content.decode()
    # Whoever said it does so through the API.
    assert (
        browser(bob).get(reverse("admin:albums_comment_changelist")).context["cl"].result_count == 0
    )
    delete_all(browser(bob), Comment)
    assert Comment.objects.exists()
    delete_all(browser(alice), Comment)
    assert not Comment.objects.exists()
    assert set(Activity.objects.values_list("kind", flat=True)) == {"joined"}


def test_invitations_and_links_are_revoked_and_tell_no_secret(
    album: Album, alice: User, bob: User, browser: Browser
) -> None:
    token, invitation = make_invitation(album, alice, Role.MANAGER, expires_at=None)
    secret, link = make_link(album, alice, password="open sesame")
    client = browser(alice)
    for row in (invitation, link):
        name = row._meta.model_name
        for page in (
            reverse(f"admin:albums_{name}_changelist"),
            reverse(f"admin:albums_{name}_change", args=[row.id]),
        ):
            body = client.get(page).content.decode()
            assert "Summer" in body
            assert row.digest not in body
            assert link.password not in body
        delete_all(browser(bob), type(row))
    assert find_invitation(token) is not None
    assert find_link(secret) is not None
    delete_all(client, Invitation)
    delete_all(client, Link)
    assert find_invitation(token) is None
    assert find_link(secret) is None
