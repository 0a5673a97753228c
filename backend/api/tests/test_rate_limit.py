"""So many calls a minute."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import User
from backend.conftest import ApiClient


@pytest.fixture(autouse=True)
def no_earlier_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no minute ends in between."""
    cache.clear()
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)


def statuses(client: ApiClient, path: str = "/me", count: int = 4) -> list[int]:
    return [client("GET", path).status_code for _ in range(count)]


def test_a_user_has_so_many_calls_on_all_devices_together(
    user: User, stranger: User, settings: Any
) -> None:
    settings.RATE_LIMIT_USER = 3
    assert statuses(ApiClient(user), count=2) == [200, 200]
    assert statuses(ApiClient(user), count=2) == [200, 429]
    assert statuses(ApiClient(stranger), count=1) == [200]
    answer = ApiClient(user)("GET", "/me")
    assert answer.json()["code"] == "too_many_requests"
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_a_key_has_fewer_and_leaves_the_user_theirs(user: User, settings: Any) -> None:
    settings.RATE_LIMIT_KEY = 2
    secret, _ = make_api_key(user=user, name="script", scopes=["photos:read"])
    program = ApiClient(None)
    program.headers["Authorization"] = f"Bearer {secret}"
    assert statuses(program) == [200, 200, 429, 429]
    assert statuses(ApiClient(user)) == [200] * 4


def test_an_address_without_a_token_has_so_many(db: None, settings: Any) -> None:
    settings.RATE_LIMIT_ADDRESS = 2
    anonymous = ApiClient(None)
    login = {"username": "nobody", "password": "wrong"}
    found = [anonymous("POST", "/auth/login", login).status_code for _ in range(3)]
    assert found == [401, 401, 429]


def test_calls_that_are_refused_are_counted_too(user: User, settings: Any) -> None:
    settings.RATE_LIMIT_ADDRESS = 2
    guessing = ApiClient(None)
    guessing.headers["Authorization"] = "Bearer sgt_guess"
    assert statuses(guessing, count=3) == [401, 401, 429]
    assert statuses(ApiClient(None), count=1) == [429]
    # Who lives at the same address signs in and goes on all the same.
    assert statuses(ApiClient(user), count=1) == [200]
    login = {"username": "nobody", "password": "wrong"}
    assert ApiClient(None)("POST", "/auth/login", login).status_code == 401


def test_a_key_that_may_not_is_counted_too(user: User, settings: Any) -> None:
    settings.RATE_LIMIT_KEY = 2
    secret, _ = make_api_key(user=user, name="script", scopes=["photos:read"])
    program = ApiClient(None)
    program.headers["Authorization"] = f"Bearer {secret}"
    assert statuses(program, "/webhooks", count=3) == [403, 403, 429]
    assert statuses(program, count=1) == [429]


def test_without_a_cache_calls_are_answered_and_the_log_tells(
    user: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = ApiClient(user)

    def away(*_arguments: object, **_more: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(cache, "add", away)
    assert statuses(client, count=1) == [200]
    assert "calls are not counted: away" in caplog.text
