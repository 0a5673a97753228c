"""Celery's ways into events."""

import logging
import threading

from celery import shared_task

from backend.core.jobs import enqueue
from backend.events.services import forget_events
from backend.events.webhooks import deliver_due, is_due

logger = logging.getLogger(__name__)


_one_at_a_time = threading.Lock()


@shared_task(name="events.deliver")
def deliver() -> None:
    """One thread of a process at a time: however many receivers think, others have the rest."""
    if not _one_at_a_time.acquire(blocking=False):
        return  # whoever is at it looks again
    try:
        deliver_due()
    finally:
        _one_at_a_time.release()
    # Looked for only now: who came while it was held has left it to this one.
    if is_due():
        enqueue("events.deliver")


@shared_task(name="events.forget")
def forget() -> None:
    logger.info("forgot %d events", forget_events())
