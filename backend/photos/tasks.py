"""Celery's way into photos."""

from celery import shared_task

from backend.photos.map import renew_cells
from backend.photos.models import MapChange, StaleMonth
from backend.photos.timeline import renew_months


@shared_task(name="photos.renew_library")
def renew_library() -> None:
    """What photos have noted is in the months and on the map, though nobody has looked there."""
    for owner_id in set(StaleMonth.objects.values_list("owner_id", flat=True)):
        renew_months(owner_id)
    for owner_id in set(MapChange.objects.values_list("owner_id", flat=True)):
        renew_cells(owner_id)
