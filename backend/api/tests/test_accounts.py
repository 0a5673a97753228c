"""auth/login, auth/logout, me, users."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone

from backend.accounts.models import Token, User
from backend.accounts.throttle import client_address
from backend.conftest import PASSWORD, ApiClient


@pytest.fixture(autouse=True)
def no_earlier_attempts() -> None:
    cache.clear()


def test_login_gives_a_token_that_works_and_logout_ends_it(user: User) -> None:
    anonymous = ApiClient(None)
    answer = anonymous("POST", "/auth/login", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"token", "expires_at", "user"}
    header = {"Authorization": f"Bearer {body['token']}"}
    assert anonymous("GET", "/me", **header).json()["username"] == "alice"
    assert anonymous("POST", "/auth/logout", **header).status_code == 204
    assert anonymous("GET", "/me", **header).json()["code"] == "bad_token"


def test_the_secret_is_stored_as_a_digest(user: User) -> None:
    body = ApiClient(None)("POST", "/auth/login", {"username": "alice", "password": PASSWORD})
    token = Token.objects.get()
    assert body.json()["token"] not in str(vars(token))


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_wrong_passwords_and_unknown_names_look_alike(user: User, username: str) -> None:
    answer = ApiClient(None)("POST", "/auth/login", {"username": username, "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")


def test_guessing_is_slowed_down_and_says_for_how_long(user: User) -> None:
    anonymous = ApiClient(None)
    statuses = [
        anonymous("POST", "/auth/login", {"username": "alice", "password": str(n)})
        for n in range(25)
    ]
    assert statuses[-1].status_code == 429
    assert int(statuses[-1].headers["Retry-After"]) > 0


def test_another_forwarded_address_does_not_help(user: User) -> None:
    anonymous = ApiClient(None)
    statuses = [
        anonymous(
            "POST",
            "/auth/login",
            {"username": "alice", "password": "x"},
            **{"X-Forwarded-For": f"10.0.0.{number}"},
        ).status_code
        for number in range(25)
    ]
    assert statuses[-1] == 429


def test_behind_our_own_proxy_its_word_counts(settings: Any) -> None:
    settings.NUM_PROXIES = 1
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 1.2.3.4"})
    assert client_address(request) == "1.2.3.4"
    settings.NUM_PROXIES = 0
    assert client_address(request) == "127.0.0.1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("unknown", "unknown", True),
    ],
)
def test_addresses_of_one_network_are_one(one: str, other: str, same: bool) -> None:
    found = [
        client_address(RequestFactory().get("/", REMOTE_ADDR=address)) for address in (one, other)
    ]
    assert (found[0] == found[1]) is same


def test_one_password_for_many_names_is_slowed_down_too(db: None, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS_ADDRESS = 5
    anonymous = ApiClient(None)
    statuses = [
        anonymous("POST", "/auth/login", {"username": f"u{n}", "password": "x"}).status_code
        for n in range(6)
    ]
    assert statuses == [401] * 5 + [429]


def test_a_new_password_ends_every_devices_token(api: ApiClient, user: User) -> None:
    user.set_password("another good pass phrase")
    user.save()
    assert api("GET", "/me").status_code == 401


def test_an_expired_token_and_an_inactive_account_are_refused(user: User) -> None:
    api = ApiClient(user)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert api("GET", "/me").status_code == 401
    Token.objects.update(expires_at=timezone.now() + timedelta(days=1))
    User.objects.update(is_active=False)
    assert api("GET", "/me").status_code == 401


def test_one_changes_ones_language_and_nothing_one_may_not(api: ApiClient, user: User) -> None:
    answer = api("PATCH", "/me", {"language": "zh", "is_staff": True, "quota_bytes": 1})
    assert answer.json()["language"] == "zh"
    user.refresh_from_db()
    assert (user.is_staff, user.quota_bytes) == (False, None)


def test_only_staff_make_accounts(
    api: ApiClient, user: User, as_user: Callable[[User | None], ApiClient]
) -> None:
    new = {"username": "bob", "password": PASSWORD}
    assert api("POST", "/users", new).status_code == 403
    User.objects.filter(id=user.id).update(is_staff=True)
    assert api("POST", "/users", new).status_code == 201
    assert api("POST", "/users", new).json()["code"] == "username_taken"
    bob = User.objects.get(username="bob")
    assert not bob.is_staff
    assert as_user(bob)("GET", "/me").status_code == 200


def test_a_poor_password_is_refused_with_its_field(api: ApiClient, user: User) -> None:
    User.objects.filter(id=user.id).update(is_staff=True)
    answer = api("POST", "/users", {"username": "bob", "password": "12345"})
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"password"}


@pytest.mark.parametrize("name", ["clerk", "CLERK", "Clerk"])
def test_a_name_is_taken_in_any_case(user: User, name: str) -> None:
    clerk = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    new = {"username": name, "password": "another good pass phrase"}
    answer = ApiClient(clerk)("POST", "/users", new)
    assert (answer.status_code, answer.json()["code"]) == (409, "username_taken")
