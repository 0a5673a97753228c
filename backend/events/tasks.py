"""Celery's ways into events."""

import logging

from celery import shared_task

from backend.core.jobs import enqueue
from backend.events.services import forget_events
from backend.events.webhooks import MOST_AT_ONCE, deliver_due

logger = logging.getLogger(__name__)


@shared_task(name="events.deliver")
def deliver() -> None:
    if deliver_due() == MOST_AT_ONCE:
        enqueue("events.deliver")


@shared_task(name="events.forget")
def forget() -> None:
    logger.info("forgot %d events", forget_events())
