"""Celery's ways into analysis."""

import logging
from uuid import UUID

from celery import shared_task

from backend.analysis import services
from backend.analysis.batches import forget_batches, open_batches
from backend.analysis.consent import queue_missing_faces
from backend.analysis.duplicate_review import forget_groups
from backend.analysis.duplicates import find_duplicates
from backend.analysis.feeding import feed_batch as feed
from backend.analysis.rolling_out import TASK, follow_rollouts, look_after_rollouts
from backend.core.jobs import enqueue
from backend.people.services import forget_people
from backend.photos.services import purge_orphans, purge_photos

logger = logging.getLogger(__name__)


@shared_task(name="analysis.sweep")
def sweep() -> None:
    found = services.sweep()
    if any(found.values()):
        logger.info("sweep: %s", found)
    # Their messages may have been lost too; with nothing to do they cost one query each.
    enqueue("people.assign")
    for batch_id in open_batches():
        enqueue("analysis.feed_batch", str(batch_id), expires=60)
    look_after_rollouts()
    # Nobody waits for these, so that they need no message of their own.
    enqueue("analysis.find_duplicates")


@shared_task(name=TASK)
def follow() -> None:
    follow_rollouts()


@shared_task(name="analysis.find_duplicates")
def find_stale_duplicates() -> None:
    find_duplicates(limit=500)


@shared_task(name="analysis.feed_batch")
def feed_batch(batch_id: str) -> None:
    feed(UUID(batch_id))


@shared_task(name="analysis.queue_faces")
def queue_faces() -> None:
    logger.info("queued %d photos to look for faces", queue_missing_faces())


@shared_task(name="analysis.purge")
def purge() -> None:
    queue_faces()
    logger.info("purged %d photos", purge_photos())
    logger.info("purged %d objects of photos that are no more", purge_orphans())
    logger.info("forgot %d people whom no photo shows", forget_people())
    logger.info("forgot %d batches that ended long ago", forget_batches())
    logger.info("forgot %d groups of duplicates that are none any more", forget_groups())
