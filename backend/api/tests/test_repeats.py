"""Every POST takes an Idempotency-Key: sent again, nothing happens twice."""

from typing import Any

import pytest
from django.core.cache import cache

from backend.api.policy import RULES, Who
from backend.api.tests.belongings import own_models
from backend.api.tests.test_policy import (
    ANSWERS,
    ELSEWHERE,
    ask,
    expected_answer,
    split,
    target,
    undone,
    world,
)

__all__ = ["world"]  # a fixture
pytestmark = pytest.mark.django_db

# Who does it: the first whom the table lets in.
CALLERS = ("owner", "staff", "superuser")


def is_by_somebody(call: str) -> bool:
    """A repeat is known by who sends it, so a call by nobody in particular has none."""
    found, method = target(call)
    return RULES[found.url_name or ""][method].who in (Who.SIGNED_IN, Who.STAFF)


def caller_of(call: str) -> str | None:
    return next((name for name in CALLERS if expected_answer(call, name) < 400), None)


POSTS = [
    call
    for call in ANSWERS
    if split(call)[0] == "POST" and is_by_somebody(call) and caller_of(call)
]


def rows() -> dict[str, list[Any]]:
    """Which rows there are, in every table."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        for model in own_models()
    }


@pytest.mark.parametrize("call", POSTS)
def test_a_call_that_is_sent_again_makes_nothing_again(call: str, world: dict[str, Any]) -> None:
    with undone():
        cache.clear()
        caller = caller_of(call)
        headers = world["headers"][caller] | {"Idempotency-Key": "a key"}
        first = ask(call, world, headers)
        assert first.status_code < 400
        before = rows()
        again = ask(call, world, headers)
        assert rows() == before
        found, _ = target(call)
        if found.url_name == "logout":
            # Whoever has left is nobody any more.
            assert (again.status_code, again.json()["code"]) == (401, "bad_token")
        elif getattr(found.func.cls, "repeats_safely", False):  # type: ignore[attr-defined]
            # It was worked on again: what it answers may be newer.
            assert again.status_code < 300
        elif "no-store" in first.headers.get("Cache-Control", ""):
            assert (again.status_code, again.json()["code"]) == (409, "done_before")
        else:
            assert again.headers["Idempotency-Replayed"] == "true"
            assert (again.status_code, again.content) == (first.status_code, first.content)


def test_every_route_that_takes_a_post_is_among_these() -> None:
    tried = {target(call)[0].url_name for call in POSTS}
    assert tried == {
        name
        for name, rules in RULES.items()
        if "POST" in rules
        and rules["POST"].who in (Who.SIGNED_IN, Who.STAFF)
        and (name, "POST") not in ELSEWHERE
    }
