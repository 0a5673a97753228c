"""invitations to albums: made, looked at, shown as QR codes, accepted, ended."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import segno
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from backend.albums import invitations, members
from backend.albums.models import Invitation, Member
from backend.api.tests.test_albums import let_in
from backend.conftest import PASSWORD, ApiClient


@pytest.fixture(autouse=True)
def no_earlier_lookups() -> None:
    cache.clear()


@pytest.fixture
def album(api: ApiClient) -> str:
    return str(api("POST", "/albums", {"title": "Summer"}).json()["id"])


@pytest.fixture
def theirs(stranger: User) -> ApiClient:
    return ApiClient(stranger)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD)


def invite(client: ApiClient, album: str, **given: Any) -> Any:
    return client("POST", f"/albums/{album}/invitations", given)


def accept(client: ApiClient, token: str) -> Any:
    return client("POST", f"/invitations/{token}/accept")


def roles(api: ApiClient, album: str) -> dict[str, str]:
    rows = api("GET", f"/albums/{album}/members").json()["results"]
    return {row["user"]["username"]: row["role"] for row in rows}


def test_who_is_invited_looks_and_accepts(
    api: ApiClient, user: User, album: str, theirs: ApiClient
) -> None:
    made = invite(api, album, role="contributor")
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    invitation = made.json()
    assert len(invitation["token"]) == 22
    assert (invitation["role"], invitation["uses"], invitation["max_uses"]) == (
        "contributor", 0, None
    )  # fmt: skip
    seen = theirs("GET", f"/invitations/{invitation['token']}").json()
    assert seen == {
        "title": "Summer",
        "description": "",
        "made_by": {"id": str(user.id), "username": "alice"},
        "role": "contributor",
        "expires_at": invitation["expires_at"],
    }
    assert theirs("GET", f"/albums/{album}").status_code == 404
    joined = accept(theirs, invitation["token"]).json()
    assert (joined["id"], joined["role"]) == (album, "contributor")
    assert accept(theirs, invitation["token"]).status_code == 200
    assert roles(api, album) == {"alice": "owner", "mallory": "contributor"}
    listed = api("GET", f"/albums/{album}/invitations").json()["results"]
    assert [(row["id"], row["uses"]) for row in listed] == [(invitation["id"], 1)]


def test_the_token_is_kept_nowhere(api: ApiClient, album: str) -> None:
    token = invite(api, album).json()["token"]
    kept = Invitation.objects.values().get()
    assert token not in str(kept)
    assert token not in api("GET", f"/albums/{album}/invitations").content.decode()


def test_an_invitation_ends_in_a_week_unless_another_end_is_given(
    api: ApiClient, album: str, theirs: ApiClient
) -> None:
    invite(api, album)
    left = Invitation.objects.get().expires_at - timezone.now()  # type: ignore[operator]
    assert timedelta(days=6) < left <= timedelta(days=7)
    assert invite(api, album, expires_at=None).json()["expires_at"] is None
    token = invite(api, album).json()["token"]
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (theirs("GET", f"/invitations/{token}"), accept(theirs, token)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"role": "king"}, "invalid"),
        ({"max_uses": 0}, "invalid"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "already_over"),
        ({"expires_at": "soon"}, "invalid"),
    ],
)
def test_what_is_no_invitation_is_refused(
    api: ApiClient, album: str, given: dict[str, Any], code: str
) -> None:
    answer = invite(api, album, **given)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Invitation.objects.exists()


def test_an_invitation_is_used_so_often(
    api: ApiClient, album: str, theirs: ApiClient, bob: User
) -> None:
    token = invite(api, album, max_uses=1).json()["token"]
    assert accept(theirs, token).status_code == 200
    assert accept(theirs, token).status_code == 200
    answer = accept(ApiClient(bob), token)
    assert (answer.status_code, answer.json()["code"]) == (410, "invitation_used_up")
    assert roles(api, album) == {"alice": "owner", "mallory": "viewer"}


def test_a_revoked_invitation_is_of_no_use_but_who_came_stays(
    api: ApiClient, album: str, theirs: ApiClient, bob: User
) -> None:
    made = invite(api, album).json()
    accept(theirs, made["token"])
    path = f"/albums/{album}/invitations/{made['id']}"
    assert api("DELETE", path).status_code == 204
    assert api("DELETE", path).status_code == 404
    assert accept(ApiClient(bob), made["token"]).status_code == 404
    assert "mallory" in roles(api, album)


def test_an_invitation_of_another_album_is_not_revoked_through_ones_own(
    api: ApiClient, album: str, theirs: ApiClient
) -> None:
    made = invite(api, album).json()
    other = theirs("POST", "/albums", {"title": "x"}).json()["id"]
    assert theirs("DELETE", f"/albums/{other}/invitations/{made['id']}").status_code == 404
    assert Invitation.objects.exists()


def test_who_was_removed_does_not_come_back_by_the_same_invitation(
    api: ApiClient, stranger: User, album: str, theirs: ApiClient
) -> None:
    token = invite(api, album).json()["token"]
    accept(theirs, token)
    api("DELETE", f"/albums/{album}/members/{stranger.id}")
    answer = accept(theirs, token)
    assert (answer.status_code, answer.json()["code"]) == (410, "invitation_used")
    assert roles(api, album) == {"alice": "owner"}
    assert accept(theirs, invite(api, album).json()["token"]).status_code == 200


def test_an_invitation_raises_a_role_and_lowers_none(
    api: ApiClient, album: str, theirs: ApiClient
) -> None:
    high, low = (invite(api, album, role=role).json()["token"] for role in ("manager", "viewer"))
    let_in(api, album, "contributor")
    for token in (low, high, low):
        accept(theirs, token)
    assert roles(api, album)["mallory"] == "manager"
    assert Invitation.objects.get(role="viewer").uses == 0
    # Its maker needs none.
    assert accept(api, high).json()["role"] == "owner"


def test_nobody_invites_above_their_own_role(
    api: ApiClient, stranger: User, album: str, theirs: ApiClient, bob: User
) -> None:
    let_in(api, album, "manager")
    assert invite(theirs, album, role="owner").status_code == 403
    token = invite(theirs, album, role="manager").json()["token"]
    # What its maker could not give any more, it does not give.
    let_in(api, album, "contributor")
    assert accept(ApiClient(bob), token).status_code == 404
    let_in(api, album, "manager")
    assert accept(ApiClient(bob), token).status_code == 200
    assert roles(api, album)["bob"] == "manager"


@pytest.mark.parametrize("ends", ["leaves", "is shut out"])
def test_an_invitation_ends_with_its_maker(
    api: ApiClient, stranger: User, album: str, theirs: ApiClient, bob: User, ends: str
) -> None:
    let_in(api, album, "manager")
    token = invite(theirs, album).json()["token"]
    if ends == "leaves":
        theirs("DELETE", f"/albums/{album}/members/{stranger.id}")
    else:
        User.objects.filter(id=stranger.id).update(is_active=False)
    assert accept(ApiClient(bob), token).status_code == 404
    assert Client().get(f"/api/v1/invitations/{token}/qr.svg").status_code == 404


@pytest.mark.parametrize("who_blocks", ["the host", "the inviter", "the guest", "the guest both"])
def test_between_people_apart_an_invitation_is_none(
    api: ApiClient, album: str, theirs: ApiClient, bob: User, who_blocks: str
) -> None:
    let_in(api, album, "manager")
    token = invite(theirs, album).json()["token"]
    guest = ApiClient(bob)
    if who_blocks.startswith("the guest"):
        guest("POST", "/blocks", {"user": "alice"})
    if who_blocks == "the guest both":
        guest("POST", "/blocks", {"user": "mallory"})
    if who_blocks == "the host":
        api("POST", "/blocks", {"user": "bob"})
    if who_blocks == "the inviter":
        theirs("POST", "/blocks", {"user": "bob"})
    for answer in (guest("GET", f"/invitations/{token}"), accept(guest, token)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "bob" not in roles(api, album)


def test_an_album_has_so_many_invitations_and_members(
    api: ApiClient, album: str, theirs: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_INVITATIONS", 1)
    token = invite(api, album).json()["token"]
    assert invite(api, album).json()["code"] == "too_many_invitations"
    monkeypatch.setattr(members, "MAX_MEMBERS", 0)
    assert accept(theirs, token).json()["code"] == "too_many_members"
    # What was refused has used nothing up.
    assert Invitation.objects.get().uses == 0


def test_the_qr_code_is_a_picture_of_the_address(api: ApiClient, album: str) -> None:
    made = invite(api, album).json()
    svg, png = (
        Client().get(made["qr"][kind].removeprefix("http://testserver")) for kind in ("svg", "png")
    )
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert svg.headers["Cache-Control"] == "no-store"
    assert "<script" not in svg.content.decode()
    assert re.match(rb"<\?xml.*?<svg ", svg.content, re.DOTALL)
    picture = Image.open(io.BytesIO(png.content)).convert("1")
    # The same modules as a code of exactly this address has.
    expected = io.BytesIO()
    segno.make_qr(made["url"], error="m").save(expected, kind="png", scale=8)
    assert picture.tobytes() == Image.open(expected).convert("1").tobytes()
    other = invite(api, album).json()
    another = Client().get(other["qr"]["png"].removeprefix("http://testserver"))
    assert another.content != png.content
    assert Client().get("/api/v1/invitations/nothing/qr.png").status_code == 404
    assert Client().get(f"/api/v1/invitations/{made['token']}/qr.html").status_code == 404


def test_an_invitation_to_nothing_is_not_found(theirs: ApiClient) -> None:
    for token in ("x", "../", "0" * 22, "%00"):
        assert theirs("GET", f"/invitations/{token}").status_code == 404
        assert accept(theirs, token).status_code == 404
