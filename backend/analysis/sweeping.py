"""Whatever was lost between storage, broker and workers is found and set going again."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.analysis.models import Analysis
from backend.analysis.starting import dispatch, receive_upload, start_analysis
from backend.analysis.states import State, give_up, requeue, settle_photo
from backend.core.errors import StorageError
from backend.core.jobs import waiting_messages
from backend.photos.models import Photo
from functions.contract import ANALYSIS_QUEUE

logger = logging.getLogger(__name__)

# However old a ticket is, storage is asked for its bytes this often.
MAX_UPLOAD_WAIT = timedelta(hours=1)


def sweep() -> dict[str, int]:
    """Whatever was lost between storage, broker and workers is found and set going again.

    Returns how many uploads were found, analyses taken back and photos dispatched. Safe to run
    at any time; two sweeps at once do not disturb each other.
    """
    return {
        "uploads": _find_unannounced_uploads(limit=200),
        "leases": _take_back_expired_leases(limit=500),
        "dispatched": _dispatch_waiting(limit=500),
    }


def _find_unannounced_uploads(*, limit: int) -> int:
    now = timezone.now()
    due = Photo.objects.filter(
        status=Photo.Status.AWAITING_UPLOAD, upload_check_at__lte=now
    ).order_by("upload_check_at")
    found = failures = 0
    for photo in due[:limit]:
        # Asking is cheap but not free: wait twice as long each time.
        wait = min(now - photo.ticket_at, MAX_UPLOAD_WAIT)
        Photo.objects.filter(id=photo.id).update(upload_check_at=now + wait)
        try:
            found += receive_upload(photo)
        except StorageError as error:
            logger.warning("storage could not tell of photo %s: %s", photo.id, error)
            failures += 1
            if failures == 3:
                break  # it is away: the next sweep asks again
    # Bytes that have arrived, but whose analyses were never started (a crash in between).
    for photo in Photo.objects.filter(
        status=Photo.Status.PROCESSING,
        analyses__isnull=True,
        uploaded_at__lt=now - timedelta(seconds=10),
    )[:limit]:
        start_analysis(photo)
        found += 1
    return found


def _take_back_expired_leases(*, limit: int) -> int:
    expired = Analysis.objects.filter(state=State.RUNNING, lease_expires_at__lte=timezone.now())
    photo_ids = expired.order_by().values_list("photo_id", flat=True).distinct()[:limit]
    count = 0
    for photo_id in list(photo_ids):
        with transaction.atomic():
            photo = Photo.objects.select_for_update().filter(id=photo_id).first()
            if photo is None:
                continue
            lost = list(expired.filter(photo=photo))
            count += len(lost)
            for analysis in lost:
                if not give_up(analysis):
                    requeue(analysis, due_at=timezone.now(), attempts=analysis.attempts)
            if not all(analysis.shadow for analysis in lost):
                settle_photo(photo)
    return count


def _dispatch_waiting(*, limit: int) -> int:
    now = timezone.now()
    due = Analysis.objects.filter(state=State.QUEUED, due_at__lte=now)
    _forget_lost_messages(due)
    photo_ids = list(
        due.filter(dispatched_at__isnull=True)
        .order_by("photo_id")
        .values_list("photo_id", flat=True)
        .distinct()[:limit]
    )
    for photo_id in photo_ids:
        dispatch(photo_id)
    return len(photo_ids)


def _forget_lost_messages(due: QuerySet[Analysis]) -> None:
    """Work whose message has expired, or is in no queue, counts as never announced."""
    now = timezone.now()
    lost = Q(dispatched_at__lte=now - timedelta(seconds=settings.ANALYSIS_DISPATCH_SECONDS))
    if waiting_messages(ANALYSIS_QUEUE) == 0:
        # An empty queue: what was sent a moment ago may be on its way from worker to claim.
        lost |= Q(dispatched_at__lte=now - timedelta(seconds=15))
    due.filter(lost).update(dispatched_at=None)
