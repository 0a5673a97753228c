"""Switching face analysis off and on again."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.analysis.services import cancel_analyses
from backend.core.jobs import enqueue
from backend.people.consent import FACES_ALLOWED
from backend.people.holding import hold_people
from backend.people.models import Erasure
from backend.people.services import erase_photos
from backend.photos.models import Photo
from backend.registry.selectors import active_model
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


@transaction.atomic
def forbid_faces(owner: User, photo_ids: Collection[UUID]) -> Erasure | None:
    """No face is looked for in these photos of the owner's, and none is kept. Safe to run twice.

    Returns the record of what was erased; None if there was nothing.
    """
    if not photo_ids:
        return None
    hold_people(owner.id)
    # In one order everywhere, so that two never wait for each other.
    photos = Photo.objects.filter(owner=owner, id__in=photo_ids).order_by("id")
    held = list(photos.select_for_update().values_list("id", flat=True))
    Photo.objects.filter(id__in=held).update(face_analysis=False)
    queued = Analysis.objects.filter(kind=Kind.FACES, state=Analysis.State.QUEUED)
    for photo_id in queued.filter(photo__in=held).values_list("photo_id", flat=True).distinct():
        cancel_analyses(queued, photo_id)
    return erase_photos(owner, held)


@transaction.atomic
def look_for_faces_again(photo_ids: Collection[UUID]) -> None:
    """Faces may be looked for in these photos, and are if their owners allow it.

    Runs in the background. Safe to run twice.
    """
    if not photo_ids:
        return
    photos = Photo.objects.filter(id__in=photo_ids).order_by("id")
    held = list(photos.select_for_update().values_list("id", flat=True))
    Photo.objects.filter(id__in=held).update(face_analysis=True)
    # What was found before was erased; models that are not shown look again in their time.
    ended = [Analysis.State.DONE, Analysis.State.FAILED]
    others = Analysis.objects.filter(photo__in=held, kind=Kind.FACES, state__in=ended)
    others.exclude(model=active_model(Kind.FACES)).delete()
    done = Analysis.objects.filter(
        photo__owner__face_analysis=True,
        photo__in=held,
        kind=Kind.FACES,
        model=active_model(Kind.FACES),
        state__in=ended,
    )
    again = list(done.values_list("photo_id", flat=True))
    done.filter(photo__in=again).update(
        state=Analysis.State.QUEUED,
        due_at=timezone.now(),
        attempts=0,
        request_id="",
        dispatched_at=None,
        lease_expires_at=None,
    )
    Photo.objects.filter(id__in=again).update(status=Photo.Status.PROCESSING)
    # If the message is lost, the next purge finds the photos that nobody ever looked at.
    transaction.on_commit(lambda: enqueue("analysis.queue_faces"))


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
