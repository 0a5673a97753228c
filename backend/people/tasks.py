"""Celery's ways into people."""

import logging

from celery import shared_task
from django.conf import settings

from backend.core.jobs import enqueue
from backend.people.services import assign_stale_photos, mend_people

logger = logging.getLogger(__name__)


@shared_task(name="people.assign")
def assign() -> None:
    assign_stale_photos(model=settings.FACE_MODEL)
    enqueue("search.index")


@shared_task(name="people.mend")
def mend() -> None:
    logger.info("night: %s", mend_people(model=settings.FACE_MODEL))
    enqueue("people.assign")
