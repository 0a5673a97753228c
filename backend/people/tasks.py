"""Celery's way into people."""

from celery import shared_task
from django.conf import settings

from backend.core.jobs import enqueue
from backend.people.services import assign_stale_photos


@shared_task(name="people.assign")
def assign() -> None:
    assign_stale_photos(model=settings.FACE_MODEL)
    enqueue("search.index")
