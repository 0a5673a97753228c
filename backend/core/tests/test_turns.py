"""Long work is done in turns, by one at a time, and outlives whoever does it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.archive.models import Export
from backend.core.errors import StorageError
from backend.core.turns import LEASE, take_turn


@pytest.fixture
def work(user: User) -> Export:
    return Export.objects.create(owner=user)


def turn(work: Export, steps: Iterator[None], *, seconds: float = 20) -> bool:
    def begin(row_id: UUID) -> Iterator[None]:
        assert row_id == work.id
        return steps

    done = take_turn(Export, work.id, begin, task="archive.prepare_exports", seconds=seconds)
    work.refresh_from_db()
    return done


def test_whoever_works_holds_a_lease(work: Export) -> None:
    seen = []

    def steps() -> Iterator[None]:
        for _ in range(2):
            work.refresh_from_db()
            seen.append(work.due_at)
            assert not turn(work, iter([]))
            yield

    assert turn(work, steps())
    least = timezone.now() + LEASE / 2
    assert all(due_at is not None and due_at > least for due_at in seen)


def test_after_a_while_others_get_their_turn(work: Export) -> None:
    steps = iter([None] * 5)
    assert turn(work, steps, seconds=0)
    assert work.due_at is not None
    assert work.due_at <= timezone.now()
    assert len(list(steps)) == 4


def test_while_a_server_is_away_it_waits_a_little(work: Export) -> None:
    def steps() -> Iterator[None]:
        yield
        raise StorageError("away")

    with pytest.raises(StorageError):
        turn(work, steps())
    work.refresh_from_db()
    assert work.due_at is not None
    assert timezone.now() < work.due_at < timezone.now() + timedelta(minutes=1)
    assert not turn(work, iter([]))


def test_what_is_done_is_not_due(work: Export) -> None:
    Export.objects.filter(id=work.id).update(due_at=None)
    assert not turn(work, iter([]))
