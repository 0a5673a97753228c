"""Switching face analysis off and on again."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.analysis.services import active_model, cancel_analyses
from backend.core.jobs import enqueue
from backend.people.consent import FACES_ALLOWED
from backend.photos.models import Photo
from functions.contract import Kind

_BATCH = 1000


def allow_face_analysis(user: User, *, allowed: bool) -> None:
    """No face of the user's is looked for, stored or compared from now on; or all are again.

    What was found before stays until it is erased. Switched on again, photos that nobody looked
    at are queued in the background. Safe to run twice.
    """
    user.face_analysis = allowed
    user.save(update_fields=["face_analysis"])
    if allowed:
        # If the message is lost, the next purge finds the photos too.
        enqueue("analysis.queue_faces")
    else:
        queued = Analysis.objects.filter(
            photo__owner=user, kind=Kind.FACES, state=Analysis.State.QUEUED
        )
        for photo_id in set(queued.values_list("photo_id", flat=True)):
            cancel_analyses(queued, photo_id)


def queue_missing_faces() -> int:
    """Photos that came while nobody was allowed to look at faces are queued for it.

    Returns how many. The sweeper tells the workers. Safe to run again.
    """
    looked_at = Analysis.objects.filter(photo=OuterRef("pk"), kind=Kind.FACES)
    photos = (
        Photo.objects.filter(FACES_ALLOWED, ~Exists(looked_at))
        .exclude(status=Photo.Status.AWAITING_UPLOAD)
        .filter(analyses__kind=Kind.INSPECTION)
    )
    model, now, count = active_model(Kind.FACES), timezone.now(), 0
    while ids := list(photos.values_list("id", flat=True)[:_BATCH]):
        rows = [
            Analysis(photo_id=id_, kind=Kind.FACES, model=model, due_at=now) for id_ in set(ids)
        ]
        Analysis.objects.bulk_create(rows, ignore_conflicts=True)
        count += len(rows)
    return count
