"""What has happened is told in an order in which nothing is missed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.conftest import PASSWORD
from backend.core.errors import RefusedError
from backend.events.models import Event
from backend.events.selectors import (
    events_after,
    latest_position,
    parse_position,
    position_of,
)
from backend.events.services import forget_events, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice", password=PASSWORD)


def test_events_are_read_on_from_where_one_was(alice: User) -> None:
    start = latest_position(alice)
    first = tell(alice.id, Event.Kind.PHOTO_READY, photo="1")
    second = tell(alice.id, Event.Kind.PHOTO_FAILED, photo="2")
    assert events_after(alice, start, limit=10) == [first, second]
    assert events_after(alice, start, limit=1) == [first]
    (read,) = events_after(alice, start, limit=1)
    again = parse_position(str(position_of(read)))
    assert events_after(alice, again, limit=10) == [second]
    assert latest_position(alice) == position_of(events_after(alice, start, limit=10)[1])


def test_somebody_elses_events_are_not_read(alice: User) -> None:
    mallory = User.objects.create_user("mallory", password=PASSWORD)
    start = latest_position(mallory)
    tell(alice.id, Event.Kind.PHOTO_READY, photo="1")
    assert events_after(mallory, start, limit=10) == []


def test_what_is_committed_late_is_not_missed(alice: User) -> None:
    start, begun, may_end = latest_position(alice), threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            tell(alice.id, Event.Kind.PHOTO_READY, photo="slow")
            begun.set()
            may_end.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    tell(alice.id, Event.Kind.PHOTO_READY, photo="quick")
    # The quick one waits: behind it a reader would never look for the slow one.
    assert events_after(alice, start, limit=10) == []
    may_end.set()
    thread.join()
    told = events_after(alice, start, limit=10)
    assert [event.data["photo"] for event in told] == ["slow", "quick"]


def test_a_rolled_back_event_has_not_happened(alice: User) -> None:
    with transaction.atomic():
        tell(alice.id, Event.Kind.PHOTO_READY)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_old_events_are_forgotten(alice: User) -> None:
    old, fresh = (tell(alice.id, Event.Kind.PHOTO_READY) for _ in range(2))
    Event.objects.filter(id=old.id).update(created_at=timezone.now() - timedelta(days=8))
    assert forget_events() == 1
    assert list(Event.objects.all()) == [fresh]


@pytest.mark.parametrize("text", ["x", "1", "1-x", "-1-x", f"{2**63}-{'0' * 32}"])
def test_nonsense_is_no_position(text: str) -> None:
    with pytest.raises(RefusedError, match="bad_position"):
        parse_position(text)
