"""Where to look first for the newest answers, in a library too large to look through."""

import json
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import QuerySet

from backend.accounts.models import User
from backend.photos.models import Month
from backend.search.models import SearchDocument

# A smaller library is looked through as it is.
_SMALL_LIBRARY = 20_000
# Of a window so many times those that are wanted are expected, because nothing comes evenly.
_SPARE = 2


def find_window(user: User, documents: QuerySet[SearchDocument], *, wanted: int) -> datetime | None:
    """From when on there are probably as many of the user's documents as are wanted.

    None if all must be looked at. Neither the index of words nor that of days finds the newest of
    words that are neither rare nor frequent: the first finds all there are, the second looks at
    every document in between. Within a window of days both together find few.
    """
    months = list(Month.objects.filter(owner=user).order_by("-month").values_list("month", "count"))
    total = sum(count for _, count in months)
    if total < _SMALL_LIBRARY:
        return None
    needed, found = total * wanted * _SPARE / max(1, estimate_count(documents)), 0
    if needed > total / 2:
        return None
    for month, count in months:
        found += count
        if found >= needed:
            return _start_of(month)
    return None


def estimate_count(rows: QuerySet[Any]) -> int:
    """What Postgres expects, from its statistics and without looking."""
    (plan,) = json.loads(rows.order_by().explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])


def _start_of(month: date) -> datetime:
    return datetime.combine(month, time.min, UTC)
