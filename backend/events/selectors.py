"""Reading what has happened, in an order in which nothing is missed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Func, Q, QuerySet
from django.db.models.fields import BigIntegerField

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.events.models import Event


class OldestOpenTransaction(Func):
    """Every transaction with a smaller number has ended."""

    template = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    output_field = BigIntegerField()


@dataclass(frozen=True)
class Position:
    """Where a reader is: everything up to here has been read."""

    transaction: int
    event_id: str

    def __str__(self) -> str:
        return f"{self.transaction}-{self.event_id}"


def events_after(
    user: User,
    after: Position | None,
    *,
    limit: int,
    kinds: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Event]:
    """The user's events behind a position, in the order in which they are to be read.

    kinds, since, until: only these, and only between these moments. Those of transactions that
    began before one that is still open wait for it: an event that is committed later can then
    never stand before one that has been read.
    """
    events = _settled(user)
    if after is not None:
        same = Q(transaction=after.transaction, id__gt=after.event_id)
        events = events.filter(Q(transaction__gt=after.transaction) | same)
    if kinds is not None:
        events = events.filter(kind__in=kinds)
    if since is not None:
        events = events.filter(created_at__gt=since)
    if until is not None:
        events = events.filter(created_at__lt=until)
    return list(events.order_by("transaction", "id")[:limit])


def latest_position(user: User) -> Position:
    """Behind everything that has happened so far."""
    last = _settled(user).order_by("-transaction", "-id").first()
    return position_of(last) if last else Position(0, "00000000-0000-0000-0000-000000000000")


def position_of(event: Event) -> Position:
    return Position(event.transaction, str(event.id))


def parse_position(text: str) -> Position:
    """Raises RefusedError bad_position."""
    number, _, event_id = text.partition("-")
    try:
        position = Position(int(number), str(UUID(event_id)))
    except ValueError as error:
        raise RefusedError("bad_position") from error
    if not 0 <= position.transaction < 2**63:
        raise RefusedError("bad_position")
    return position


def _settled(user: User) -> QuerySet[Event]:
    return Event.objects.filter(owner=user, transaction__lt=OldestOpenTransaction())
