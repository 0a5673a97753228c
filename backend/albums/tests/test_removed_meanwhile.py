"""Somebody's call reaches an album at the moment at which they lose their role in it."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from backend.accounts.models import User
from backend.albums.comments import like_photo, write_comment
from backend.albums.invitations import make_invitation
from backend.albums.links import make_link
from backend.albums.members import remove_member, set_role
from backend.albums.models import Activity, Album, AlbumPhoto, Member, Role
from backend.albums.services import (
    add_photos,
    create_album,
    delete_album,
    order_photos,
    remove_photos,
)
from backend.conftest import make_photo
from backend.core.errors import RefusedError
from backend.photos.models import Photo

pytestmark = pytest.mark.django_db(transaction=True)
# What a viewer may do, too, and what they may with what is theirs.
OF_VIEWERS = {"comment", "like", "take out"}


@pytest.fixture
def alice(transactional_db: None) -> User:
    cache.clear()
    return User.objects.create_user("alice")


@pytest.fixture
def mallory(transactional_db: None) -> User:
    return User.objects.create_user("mallory")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def shown(alice: User) -> Photo:
    return make_photo(alice)


@pytest.fixture
def album(alice: User, mallory: User, bob: User, shown: Photo) -> Album:
    """Of alice's, with a photo of hers, of which mallory is a manager and bob a viewer."""
    album = create_album(alice, {"title": "Summer"})
    set_role(album, mallory, Role.MANAGER, giver=alice)
    set_role(album, bob, Role.VIEWER, giver=alice)
    add_photos(album, alice, [shown.id])
    return album


def ways_of(
    mallory: User, *, album: Album, bob: User, shown: Photo
) -> dict[str, Callable[[], Any]]:
    own = make_photo(mallory)
    of_bob = Member.objects.get(album=album, user=bob)
    return {
        "put in": lambda: add_photos(album, mallory, [own.id]),
        "order": lambda: order_photos(album, mallory, [shown.id], before=None),
        "take out": lambda: remove_photos(album, mallory, [shown.id]),
        "give a role": lambda: set_role(album, bob, Role.MANAGER, giver=mallory),
        "remove": lambda: remove_member(of_bob, by=mallory),
        "invite": lambda: make_invitation(album, mallory, Role.VIEWER, expires_at=None),
        "link": lambda: make_link(album, mallory),
        "comment": lambda: write_comment(album, shown, mallory, "Mine"),
        "like": lambda: like_photo(album, shown, mallory),
    }


WAYS = ["put in", "order", "take out", "give a role", "remove", "invite", "link", "comment", "like"]


def answer_while(change: Callable[[], Any], call: Callable[[], Any]) -> str:
    """What the call is refused with, or "done", when the change is made while it waits for it."""

    def answer() -> str:
        try:
            call()
        except RefusedError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            change()
            answering = threads.submit(answer)
            wait_until_it_waits(answering)
        return answering.result()


def wait_until_it_waits(work: Future[str]) -> None:
    """Until the work waits for this transaction, which must come."""
    while not work.done():
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity "
                "where pg_backend_pid() = any(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    pytest.fail(f"it did not wait: {work.result()}")


@pytest.mark.parametrize("way", WAYS)
def test_who_is_removed_slips_nothing_in(
    alice: User, mallory: User, bob: User, album: Album, shown: Photo, way: str
) -> None:
    call = ways_of(mallory, album=album, bob=bob, shown=shown)[way]
    member = Member.objects.get(album=album, user=mallory)
    assert answer_while(lambda: remove_member(member, by=alice), call) == "not_found"
    assert set(album.members.values_list("user__username", "role")) == {("bob", "viewer")}
    assert list(AlbumPhoto.objects.values_list("photo", flat=True)) == [shown.id]
    assert not Activity.objects.filter(actor=mallory).exclude(kind=Activity.Kind.LEFT).exists()
    assert not album.links.exists()
    assert not album.invitations.exists()


@pytest.mark.parametrize("way", WAYS)
def test_who_is_made_a_viewer_does_what_viewers_may(
    alice: User, mallory: User, bob: User, album: Album, shown: Photo, way: str
) -> None:
    call = ways_of(mallory, album=album, bob=bob, shown=shown)[way]
    expected = "done" if way in OF_VIEWERS else "forbidden"
    found = answer_while(lambda: set_role(album, mallory, Role.VIEWER, giver=alice), call)
    assert found == expected
    # A viewer takes out their own photos, and this one is alice's.
    assert list(AlbumPhoto.objects.values_list("photo", flat=True)) == [shown.id]


def test_who_is_made_an_owner_meanwhile_is_not_removed_by_a_manager(
    alice: User, mallory: User, bob: User, album: Album
) -> None:
    of_bob = Member.objects.get(album=album, user=bob)
    raised = answer_while(
        lambda: set_role(album, bob, Role.OWNER, giver=alice),
        lambda: remove_member(of_bob, by=mallory),
    )
    assert raised == "forbidden"
    assert Member.objects.get(album=album, user=bob).role == Role.OWNER


def test_an_album_that_is_deleted_meanwhile_is_not_there(
    mallory: User, bob: User, album: Album, shown: Photo
) -> None:
    call = ways_of(mallory, album=album, bob=bob, shown=shown)["put in"]
    assert answer_while(lambda: delete_album(album), call) == "not_found"
