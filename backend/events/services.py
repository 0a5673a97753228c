"""Telling of what has happened."""

import json
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from backend.core.jobs import enqueue
from backend.events.models import Delivery, Event, Webhook

CHANNEL = "events"  # of Postgres's LISTEN and NOTIFY
KEPT = timedelta(days=7)
# After that nobody asks any more whether a message arrived.
DELIVERIES_KEPT = timedelta(days=30)


def tell(owner_id: UUID, kind: Event.Kind, **data: str) -> Event:
    """It has happened, once the surrounding transaction is committed, and whoever waits is told."""
    return tell_all([owner_id], kind, **data)[0]


def tell_all(owner_ids: list[UUID], kind: Event.Kind, **data: str) -> list[Event]:
    """The same for each of several owners, in as many queries."""
    if not owner_ids:
        return []
    with transaction.atomic():
        events = Event.objects.bulk_create(
            Event(owner_id=owner_id, kind=kind, data=data) for owner_id in owner_ids
        )
        with connection.cursor() as cursor:
            notify = "select pg_notify(%s, owner) from unnest(%s::text[]) as owner"
            cursor.execute(notify, [CHANNEL, [str(owner_id) for owner_id in owner_ids]])
        by_owner = {event.owner_id: event for event in events}
        webhooks = Webhook.objects.filter(owner__in=owner_ids, kinds__contains=[kind])
        deliveries = Delivery.objects.bulk_create(
            new_delivery(webhook, by_owner[webhook.owner_id]) for webhook in webhooks
        )
        if deliveries:
            transaction.on_commit(lambda: enqueue("events.deliver"))
    return events


def new_delivery(webhook: Webhook, event: Event) -> Delivery:
    """Of what the webhook is to be told of the event; not saved yet."""
    body = json.dumps(as_document(event))
    return Delivery(webhook=webhook, event_id=event.id, kind=event.kind, body=body)


def as_document(event: Event) -> dict[str, object]:
    """The event as everybody is told it, by whatever way."""
    return {
        "id": str(event.id),
        "kind": str(event.kind),
        "created_at": event.created_at.isoformat(),
        "data": event.data,
    }


def forget_events() -> int:
    """What happened long ago is gone, and the log of its deliveries. Returns how many events."""
    now = timezone.now()
    Delivery.objects.filter(created_at__lt=now - DELIVERIES_KEPT).delete()
    return Event.objects.filter(created_at__lt=now - KEPT).delete()[0]
