"""Queries whose SQL is written once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, DateTimeField, F, Q, QuerySet, UUIDField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import ApiKey, User
from backend.core.written import Given, Written

pytestmark = pytest.mark.django_db

KEYS = Written(
    lambda: (
        ApiKey.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=Given("now", DateTimeField())))
        .filter(user=Given("user", UUIDField()), user__is_active=True)
        .annotate(owner_name=F("user__username"))
        .order_by("name")
    )
)


def make_key(user: User, name: str, **fields: object) -> ApiKey:
    return ApiKey.objects.create(
        user=user, name=name, digest=f"{user.id}{name}", scopes=["photos:read"], **fields
    )


@pytest.fixture
def users() -> list[User]:
    return [User.objects.create(username=name) for name in ("ann", "bob")]


def test_it_answers_as_the_queryset_does_for_whatever_is_given(users: list[User]) -> None:
    now = timezone.now()
    for user in users:
        make_key(user, "b", expires_at=now + timedelta(hours=1))
        make_key(user, "a")
        make_key(user, "c", expires_at=now)
    for user in users:
        first, second = KEYS(user=user.id, now=now)
        assert (first.name, second.name) == ("a", "b")
        assert (first.user, first.scopes, first.expires_at) == (user, ["photos:read"], None)
        assert first.owner_name == user.username
        with CaptureQueriesContext(connection) as asked:
            assert second.user.username == user.username
        assert not asked.captured_queries


def test_what_changes_between_two_calls_is_seen(users: list[User]) -> None:
    now = timezone.now()
    assert KEYS(user=users[0].id, now=now) == []
    key = make_key(users[0], "a")
    assert KEYS(user=users[0].id, now=now) == [key]
    User.objects.update(is_active=False)
    assert KEYS(user=users[0].id, now=now) == []


def test_rows_of_columns_stay_rows_of_columns(users: list[User]) -> None:
    rows: QuerySet[User, Any] = User.objects.values_list("id", "username", named=True)
    names = Written(lambda: rows.filter(username=Given("name", CharField())))
    (row,) = names(name="bob")
    assert (row.id, row.username) == (users[1].id, "bob")


def test_a_value_is_never_part_of_the_sql(users: list[User]) -> None:
    names = Written(lambda: User.objects.filter(username=Given("name", CharField())))
    assert names(name="bob' or '1' = '1") == []
    assert names(name="%s") == []


def test_a_value_that_is_not_told_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        KEYS(now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection(users: list[User]) -> None:
    found: list[Any] = []

    def ask() -> None:
        found.append(KEYS(user=users[0].id, now=timezone.now()))
        connection.close()

    key = make_key(users[0], "a")
    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [[key], [key]]
