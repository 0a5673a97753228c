"""Idempotency-Key, on calls that create."""

from typing import Any

import pytest
from django.core.cache import cache

from backend.accounts.models import ApiKey, User
from backend.api import idempotency
from backend.conftest import PASSWORD, ApiClient
from backend.photos.models import Photo

NEW = {"username": "new", "password": "a long enough pass phrase"}
TICKET = {"filename": "a.jpg", "size": 9, "content_type": "image/jpeg", "sha256": "a" * 64}


@pytest.fixture
def clerk(db: None) -> ApiClient:
    cache.clear()
    return ApiClient(User.objects.create_user("clerk", password=PASSWORD, is_staff=True))


def create(api: ApiClient, data: Any = NEW, *, key: str = "k1") -> Any:
    return api("POST", "/users", data, **{"Idempotency-Key": key})


def test_a_call_sent_again_answers_the_same_and_creates_nothing(clerk: ApiClient) -> None:
    first, again = create(clerk), create(clerk)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert User.objects.filter(username="new").count() == 1


def test_another_key_is_another_call(clerk: ApiClient) -> None:
    create(clerk)
    assert create(clerk, key="k2").json()["code"] == "username_taken"


def test_a_key_is_for_one_request_only(clerk: ApiClient) -> None:
    create(clerk)
    answer = create(clerk, NEW | {"username": "newer"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert not User.objects.filter(username="newer").exists()


def test_keys_of_two_users_are_two(clerk: ApiClient, user: User) -> None:
    create(clerk)
    answer = create(ApiClient(user))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_what_failed_may_be_tried_again_with_its_key(clerk: ApiClient) -> None:
    assert create(clerk, {"username": "new"}).status_code == 400
    assert create(clerk).status_code == 201


def test_two_at_once_are_not_both_worked_on(
    clerk: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    during: list[Any] = []
    keep = idempotency._keep

    def ask_in_between(*arguments: Any) -> None:
        monkeypatch.setattr(idempotency, "_keep", keep)
        during.append(create(clerk))
        keep(*arguments)

    monkeypatch.setattr(idempotency, "_keep", ask_in_between)
    assert create(clerk).status_code == 201
    assert (during[0].status_code, during[0].json()["code"]) == (409, "in_progress")
    assert during[0].headers["Retry-After"] == "1"


def test_a_secret_is_not_kept_to_be_told_again(api: ApiClient) -> None:
    cache.clear()
    new, header = {"name": "x", "scopes": ["photos:read"]}, {"Idempotency-Key": "k1"}
    assert api("POST", "/api-keys", new, **header).status_code == 201
    again = api("POST", "/api-keys", new, **header)
    assert (again.status_code, again.json()["code"]) == (409, "done_before")
    assert ApiKey.objects.count() == 1


def test_a_ticket_is_made_out_anew_for_the_same_photo(api: ApiClient) -> None:
    cache.clear()
    header = {"Idempotency-Key": "k1"}
    first = api("POST", "/photos", TICKET, **header).json()
    again = api("POST", "/photos", TICKET, **header).json()
    assert again["photo"]["id"] == first["photo"]["id"]
    assert again["upload"]["url"]
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_odd_key_is_refused(clerk: ApiClient, key: str) -> None:
    answer = create(clerk, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert not User.objects.filter(username="new").exists()
