"""Users, quotas and devices."""

from collections.abc import Callable

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.urls import reverse

from admin.account_admin import BytesField
from backend.accounts.models import Token, User
from backend.accounts.services import log_in
from backend.conftest import PASSWORD
from backend.core import storage
from backend.photos.models import Photo
from functions.contract import original_key

Browser = Callable[[User | None], Client]


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("20 GB", 20 * 1024**3),
        ("1.5gb", 3 * 1024**3 // 2),
        ("1,5 GiB", 3 * 1024**3 // 2),
        ("500 M", 500 * 1024**2),
        ("0", 0),
        ("123", 123),
        ("", None),
    ],
)
def test_sizes_are_typed_as_people_do(typed: str, size: int | None) -> None:
    assert BytesField(required=False).clean(typed) == size


@pytest.mark.parametrize("typed", ["lots", "-1 GB", "1 PB", "nan", "9" * 15 + " TB", "1e9"])
def test_what_is_no_size_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        BytesField(required=False).clean(typed)


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1536, 20 * 1024**3, 100 * 1024**3 + 1])
def test_a_size_survives_being_shown_and_typed(size: int) -> None:
    field = BytesField(required=False)
    shown = field.prepare_value(size)
    assert field.clean(shown) == size
    assert not field.has_changed(size, shown)


def user_form(user: User, **changes: str) -> dict[str, str]:
    return {"username": user.username, "language": "en", "is_active": "on", **changes}


def test_a_quota_is_set_in_human_units(root: User, alice: User, browser: Browser) -> None:
    address = reverse("admin:accounts_user_change", args=[alice.id])
    client = browser(root)
    client.post(address, user_form(alice, quota_bytes="20 GB"))
    alice.refresh_from_db()
    assert alice.quota_bytes == 20 * 1024**3
    assert 'value="20 GB"' in client.get(address).content.decode()
    assert "20.0" in client.get("/admin/accounts/user/").content.decode()
    client.post(address, user_form(alice, quota_bytes=""))
    alice.refresh_from_db()
    assert alice.quota_bytes is None


@pytest.mark.parametrize("way", ["page", "list"])
def test_deleting_an_account_deletes_its_photos_with_their_objects(
    way: str, photo: Photo, alice: User, root: User, browser: Browser, bucket: None
) -> None:
    key = original_key(str(photo.id))
    storage._client().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=b"bytes")
    client = browser(root)
    if way == "page":
        client.post(reverse("admin:accounts_user_delete", args=[alice.id]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [str(alice.id)], "post": "yes"}
        client.post("/admin/accounts/user/", chosen)
    assert not User.objects.filter(id=alice.id).exists()
    assert storage.head(key) is None


def test_nobody_deletes_themselves(root: User, browser: Browser) -> None:
    client = browser(root)
    address = reverse("admin:accounts_user_delete", args=[root.id])
    assert client.post(address, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(root.id)], "post": "yes"}
    client.post("/admin/accounts/user/", chosen)
    assert User.objects.filter(id=root.id).exists()


@pytest.fixture
def token(alice: User) -> Token:
    return log_in(username="alice", password=PASSWORD, device="Alice's phone")[1]


def test_devices_are_shown_without_their_digest(
    token: Token, alice: User, browser: Browser
) -> None:
    client = browser(alice)
    for address in ("/admin/accounts/token/", f"/admin/accounts/token/{token.id}/change/"):
        body = client.get(address).content.decode()
        assert "phone" in body
        assert token.digest not in body


def test_a_device_is_revoked(token: Token, alice: User, browser: Browser) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [str(token.id)], "post": "yes"}
    browser(alice).post("/admin/accounts/token/", chosen)
    assert not Token.objects.exists()


def test_a_device_of_somebody_else_is_not_revoked(
    token: Token, bob: User, browser: Browser
) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [str(token.id)], "post": "yes"}
    browser(bob).post("/admin/accounts/token/", chosen)
    assert Token.objects.exists()


def test_devices_cannot_be_added(root: User, browser: Browser) -> None:
    assert browser(root).get("/admin/accounts/token/add/").status_code == 403
