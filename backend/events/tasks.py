"""Celery's ways into events."""

import logging

from celery import shared_task

from backend.events.services import forget_events
from backend.events.webhooks import deliver_due

logger = logging.getLogger(__name__)


@shared_task(name="events.deliver")
def deliver() -> None:
    deliver_due()


@shared_task(name="events.forget")
def forget() -> None:
    logger.info("forgot %d events", forget_events())
