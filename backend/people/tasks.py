"""Celery's ways into people."""

import logging

from celery import shared_task

from backend.core.jobs import enqueue
from backend.people.services import assign_stale_photos, mend_people
from backend.registry.selectors import active_model
from functions.contract import Kind

logger = logging.getLogger(__name__)


@shared_task(name="people.assign")
def assign() -> None:
    # A few at a time: another model may become active meanwhile.
    for _ in range(10):
        if not assign_stale_photos(model=active_model(Kind.FACES), limit=10):
            break
    enqueue("search.index")


@shared_task(name="people.mend")
def mend() -> None:
    logger.info("night: %s", mend_people(model=active_model(Kind.FACES)))
    enqueue("people.assign")
