"""Long work in turns, so that it never keeps others waiting and survives whoever does it.

The work is a row with a `due_at`: when to go on, or, while somebody is at it, when they count as
lost; None once there is nothing left to do.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Model
from django.utils import timezone

from backend.core.errors import StorageError
from backend.core.jobs import enqueue

# A step takes seconds; whoever has not moved for so long is lost.
LEASE = timedelta(minutes=5)
TURN_SECONDS = 20.0
_RETRY = timedelta(seconds=15)


def take_turn(
    model: type[Model],
    row_id: UUID,
    steps: Callable[[UUID], Iterator[None]],
    *,
    task: str,
    seconds: float = TURN_SECONDS,
) -> bool:
    """The work has gone on, to its end or for a while. False if it is not due, or others do it.

    steps: does the work, and yields where it may pause; the last step sets due_at itself.
    task: what is asked to go on. If a server is away, or others were in the way, this raises
    StorageError or DatabaseError, and the work is due again soon; if its process dies, once the
    lease is over.
    """
    rows: Any = model._base_manager.filter(pk=row_id)
    now = timezone.now()
    if not rows.filter(due_at__lte=now).update(due_at=now + LEASE):
        return False
    ends = time.monotonic() + seconds
    try:
        for _ in steps(row_id):
            now = timezone.now()
            is_over = time.monotonic() > ends
            rows.update(due_at=now if is_over else now + LEASE)
            if is_over:
                enqueue(task)
                break
    except (StorageError, DatabaseError):
        with contextlib.suppress(DatabaseError):
            rows.update(due_at=timezone.now() + _RETRY)
        raise
    return True
