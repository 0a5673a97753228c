"""api-keys and me/devices."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import ApiKey, Token, User
from backend.conftest import ApiClient


def make(api: ApiClient, **fields: Any) -> Any:
    answer = api("POST", "/api-keys", {"name": "script", "scopes": ["photos:read"]} | fields)
    assert answer.status_code == 201, answer.content
    return answer.json()


def with_key(secret: str) -> ApiClient:
    client = ApiClient(None)
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


def test_a_key_acts_for_its_user_until_it_is_revoked(api: ApiClient) -> None:
    made = make(api)
    program = with_key(made["secret"])
    assert program("GET", "/me").json()["username"] == "alice"
    assert api("DELETE", f"/api-keys/{made['id']}").status_code == 204
    assert program("GET", "/me").json()["code"] == "bad_token"


def test_the_secret_is_shown_once_and_kept_nowhere(api: ApiClient) -> None:
    made = make(api)
    (listed,) = api("GET", "/api-keys").json()["results"]
    assert set(listed) == set(made) - {"secret"}
    assert made["secret"].startswith(listed["hint"])
    assert made["secret"] not in str(vars(ApiKey.objects.get()))


def test_a_use_is_noted(api: ApiClient) -> None:
    made = make(api)
    assert made["used_at"] is None
    with_key(made["secret"])("GET", "/me")
    assert api("GET", "/api-keys").json()["results"][0]["used_at"] is not None


def test_a_key_that_is_over_opens_nothing(api: ApiClient) -> None:
    made = make(api, expires_at=(timezone.now() + timedelta(hours=1)).isoformat())
    assert with_key(made["secret"])("GET", "/me").status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    assert with_key(made["secret"])("GET", "/me").status_code == 401


def test_a_key_of_somebody_shut_out_opens_nothing(api: ApiClient, user: User) -> None:
    made = make(api)
    User.objects.filter(id=user.id).update(is_active=False)
    assert with_key(made["secret"])("GET", "/me").status_code == 401


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"scopes": ["everything"]}, 400, "invalid"),
        ({"scopes": []}, 400, "invalid"),
        ({"name": ""}, 400, "invalid"),
        ({"scopes": ["admin"]}, 403, "forbidden"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 400, "already_over"),
    ],
)
def test_no_key_is_made_from_nonsense_or_beyond_its_user(
    api: ApiClient, fields: dict[str, Any], status: int, code: str
) -> None:
    answer = api("POST", "/api-keys", {"name": "x", "scopes": ["photos:read"]} | fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not ApiKey.objects.exists()


def test_the_scope_admin_is_worth_nothing_once_its_user_is_no_longer_staff(user: User) -> None:
    User.objects.filter(id=user.id).update(is_staff=True)
    user.refresh_from_db()
    program = with_key(make(ApiClient(user), scopes=["admin"])["secret"])
    new = {"username": "new", "password": "a long enough pass phrase"}
    assert program("POST", "/users", new).status_code == 201
    User.objects.filter(id=user.id).update(is_staff=False)
    assert program("POST", "/users", new | {"username": "newer"}).status_code == 403


def test_there_is_an_end_to_keys(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.accounts.api_keys.MAX_KEYS", 1)
    make(api)
    answer = api("POST", "/api-keys", {"name": "x", "scopes": ["photos:read"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")


def test_devices_are_listed_and_one_can_be_signed_out(user: User) -> None:
    here, there = ApiClient(user), ApiClient(user)
    devices = here("GET", "/me/devices").json()["results"]
    assert [device["current"] for device in devices].count(True) == 1
    (other,) = [device for device in devices if not device["current"]]
    assert here("DELETE", f"/me/devices/{other['id']}").status_code == 204
    assert there("GET", "/me").status_code == 401
    assert here("GET", "/me").status_code == 200


def test_tokens_that_ended_are_gone_and_the_oldest_of_too_many(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.accounts.services.MAX_DEVICES", 2)
    ended = ApiClient(user)
    Token.objects.update(expires_at=timezone.now())
    first, second, third = (ApiClient(user) for _ in range(3))
    assert Token.objects.count() == 2
    statuses = [each("GET", "/me").status_code for each in (ended, first, second, third)]
    assert statuses == [401, 401, 200, 200]
