"""Telling a webhook again what happened while nobody listened."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backend.core.errors import RefusedError
from backend.events.models import Delivery, Event, Webhook
from backend.events.selectors import Position, events_after, position_of
from backend.events.services import new_delivery
from backend.events.webhooks import make_due, wake

MAX_REPLAYED = 500  # a call


@transaction.atomic
def replay(
    webhook: Webhook,
    *,
    after: datetime | None = None,
    before: datetime | None = None,
    after_event: UUID | None = None,
) -> tuple[int, UUID | None]:
    """What happened, of the kinds that the webhook asks for, is due again, in its order.

    after, before: moments, themselves left out. after_event: only what followed this one. Events
    from before the webhook was made are told too, as far as they are kept. Returns how many, and
    the last of them if more may follow (the next call's after_event). An event that has a
    delivery keeps it, so a second call tells nothing twice that is still due.
    Raises RefusedError unknown_event.
    """
    # Two replays at once would give one event two deliveries.
    Webhook.objects.select_for_update().get(id=webhook.id)
    wake(webhook)
    start = _position(webhook, after_event) if after_event else None
    events = events_after(
        webhook.owner,
        start,
        limit=MAX_REPLAYED,
        kinds=webhook.kinds,
        since=after,
        until=before,
    )
    known = {
        delivery.event_id: delivery
        for delivery in webhook.deliveries.filter(event_id__in=[event.id for event in events])
    }
    now = timezone.now()
    deliveries = [known.get(event.id) or new_delivery(webhook, event) for event in events]
    for place, delivery in enumerate(deliveries):
        make_due(delivery, now, place=place)
    Delivery.objects.bulk_create(
        deliveries,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["due_at", "attempts", "delivered_at", "status", "error"],
    )
    return len(events), events[-1].id if len(events) == MAX_REPLAYED else None


def _position(webhook: Webhook, event_id: UUID) -> Position:
    event = Event.objects.filter(owner=webhook.owner_id, id=event_id).first()
    if event is None:
        raise RefusedError("unknown_event", status=404)
    return position_of(event)
