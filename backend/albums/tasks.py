"""Celery's ways into albums."""

from celery import shared_task
from django.conf import settings

from backend.albums.checking import request_shared_checks
from backend.core.jobs import enqueue


@shared_task(name="albums.check_shared")
def check_shared() -> None:
    """Asked by the timer; where WeChat is not configured nothing is to be done."""
    if settings.WECHAT_CHECKS:
        request_shared_checks(limit=1000)
        # The next round asks again.
        enqueue("wechat.ask", expires=60)
