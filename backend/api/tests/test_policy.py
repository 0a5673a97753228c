"""Every route has a rule, and none opens more than its rule says."""

from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from backend.accounts.models import User
from backend.api.policy import RULES, Who
from backend.conftest import ApiClient


def api_routes() -> dict[str, str]:
    """Each route of the API: its name and an address that reaches it."""
    found: dict[str, str] = {}

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and path.startswith(("api/v1/", "internal/")):
                found[str(pattern.name)] = "/" + path

    walk(get_resolver().url_patterns, "")
    nobody = "00000000-0000-0000-0000-000000000000"
    return {
        name: path.replace("<uuid:photo_id>", nobody).replace("<str:name>", "x")
        for name, path in found.items()
    }


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    assert set(api_routes()) == set(RULES)


@pytest.mark.parametrize("name", sorted(RULES))
def test_who_may_call(name: str, user: User) -> None:
    path = api_routes()[name]

    def call(method: str, caller: User | None) -> int:
        # A client each: after /auth/logout a token is of no use.
        client = ApiClient(caller)
        return client._client.generic(
            method, path, data=b"{}", content_type="application/json", headers=client.headers
        ).status_code

    def statuses(caller: User | None) -> set[int]:
        return {call(method, caller) for method in ("GET", "POST", "PATCH", "DELETE")}

    anonymous, signed_in = None, user

    match RULES[name]:
        case Who.SIGNED_IN:
            assert statuses(anonymous) == {401}
            assert not statuses(signed_in) & {401, 403}
        case Who.STAFF:
            assert statuses(anonymous) == {401}
            assert statuses(signed_in) == {403}
        case Who.FUNCTIONS | Who.STORAGE:
            assert statuses(anonymous) == {401, 405}
        case Who.ANYONE:
            assert 401 not in statuses(anonymous)
