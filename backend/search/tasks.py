"""Celery's way into search."""

from celery import shared_task

from backend.search.services import index_stale_photos
from backend.search.terms import forget_terms


@shared_task(name="search.index")
def index() -> None:
    index_stale_photos(limit=500)


@shared_task(name="search.forget")
def forget() -> None:
    forget_terms()
