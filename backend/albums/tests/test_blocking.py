"""Blocking and joining at the same moment."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from backend.accounts.models import User
from backend.albums.blocking import block_user
from backend.albums.invitations import accept_invitation, make_invitation
from backend.albums.members import set_role
from backend.albums.models import Album, Member, Role
from backend.albums.services import create_album
from backend.core.errors import RefusedError
from backend.friends.models import Friendship
from backend.friends.services import ask_friend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def mallory(transactional_db: None) -> User:
    return User.objects.create_user("mallory")


@pytest.fixture
def album(alice: User) -> Album:
    return create_album(alice, {"title": "Summer"})


def wait_until_it_waits(work: Future[str]) -> None:
    """Until the work waits for an advisory lock, or has ended."""
    while not work.done():
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and not granted "
                "and database = (select oid from pg_database where datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)


@pytest.mark.parametrize("way", ["invitation", "role", "friend"])
def test_nobody_slips_past_a_block_that_is_being_made(
    alice: User, mallory: User, album: Album, way: str
) -> None:
    token, _ = make_invitation(album, alice, Role.VIEWER, expires_at=None)
    ways: dict[str, Callable[[], Any]] = {
        "invitation": lambda: accept_invitation(mallory, token),
        "role": lambda: set_role(album, mallory, Role.VIEWER, giver=alice),
        "friend": lambda: ask_friend(mallory, "alice"),
    }

    def join() -> str:
        try:
            ways[way]()
        except RefusedError as error:
            return error.code
        finally:
            connection.close()
        return "joined"

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            block_user(alice, mallory)
            joining = threads.submit(join)
            wait_until_it_waits(joining)
        expected = {"invitation": "not_found", "role": "blocked_by_you", "friend": "unknown_user"}
        assert joining.result() == expected[way]
    assert not Member.objects.exists()
    assert not Friendship.objects.exists()
