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
    with transaction.atomic():
        event = Event.objects.create(owner_id=owner_id, kind=kind, data=data)
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, %s)", [CHANNEL, str(owner_id)])
        webhooks = Webhook.objects.filter(owner_id=owner_id, kinds__contains=[kind])
        deliveries = Delivery.objects.bulk_create(
            new_delivery(webhook, event) for webhook in webhooks
        )
        if deliveries:
            transaction.on_commit(lambda: enqueue("events.deliver"))
    return event


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
