"""The work on a photo starts: its analyses have rows, and a worker has been told."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.analysis.models import Analysis
from backend.analysis.states import State, model_of, requeue, settle_photo
from backend.core.errors import RefusedError
from backend.core.jobs import enqueue
from backend.people.consent import may_look_for_faces
from backend.photos.models import Photo
from backend.photos.services import confirm_upload
from backend.registry.selectors import active_model
from functions.contract import ANALYSIS_QUEUE, ANALYSIS_TASK, Kind


def allowed_kinds(photo: Photo) -> list[Kind]:
    """What may be looked for: faces only with consent."""
    return [kind for kind in Kind if kind != Kind.FACES or may_look_for_faces(photo)]


def receive_upload(photo: Photo) -> bool:
    """If the photo's bytes are in storage its analyses are under way afterwards.

    The storage's event, the client's word, the sweeper and a function's claim all come here, in
    any order and number; the work is done once. False if the bytes are not there yet.
    """
    was_awaited = photo.status == Photo.Status.AWAITING_UPLOAD
    if not confirm_upload(photo):
        return False
    start_analysis(photo, anew=was_awaited)
    return True


def start_analysis(photo: Photo, *, anew: bool = False) -> None:
    """There is one row for each allowed kind, and a worker has been told. Safe to run again.

    anew: the bytes have just come; what failed on other bytes before is queued again.
    """
    # Webhook, /complete and claim all come here: asking is cheaper than conflicting.
    if not photo.analyses.exists():
        rows = [
            Analysis(photo=photo, kind=kind, model=active_model(kind))
            for kind in allowed_kinds(photo)
        ]
        Analysis.objects.bulk_create(rows, ignore_conflicts=True)
    elif anew:
        for analysis in photo.analyses.filter(state=State.FAILED):
            requeue(analysis, due_at=timezone.now(), attempts=0)
    transaction.on_commit(lambda: dispatch(photo.id))


@transaction.atomic
def reanalyze(photo: Photo, kinds: list[Kind], *, model: str | None = None) -> None:
    """The kinds are queued anew, whatever came of them before; what runs already is left alone.

    Raises RefusedError not_uploaded, face_analysis_off, unknown_model or model_retired.
    """
    photo = Photo.objects.select_for_update().get(id=photo.id)
    if photo.status == Photo.Status.AWAITING_UPLOAD:
        raise RefusedError("not_uploaded", status=409)
    if not set(kinds) <= set(allowed_kinds(photo)):
        raise RefusedError("face_analysis_off", status=409)
    for kind in kinds:
        analysis, _ = Analysis.objects.get_or_create(
            photo=photo, kind=kind, model=model_of(kind, model)
        )
        # Somebody waits for it now, also where it runs already.
        Analysis.objects.filter(id=analysis.id).update(shadow=False)
        if analysis.state != State.RUNNING:
            # A late copy of the last result belongs to the last request, not to this one.
            analysis.request_id, analysis.shadow = "", False
            requeue(analysis, due_at=timezone.now(), attempts=0)
    photo.status = Photo.Status.PROCESSING
    photo.save(update_fields=["status"])
    transaction.on_commit(lambda: dispatch(photo.id))


@transaction.atomic
def cancel_analyses(analyses: QuerySet[Analysis], photo_id: UUID) -> None:
    """Those of the photo's are not waited for any more. Safe to run twice."""
    photo = Photo.objects.select_for_update().filter(id=photo_id).first()
    if photo is not None:
        mine = analyses.filter(photo=photo)
        was_awaited = mine.filter(shadow=False).exists()
        mine.delete()
        if was_awaited:
            settle_photo(photo)


def dispatch(photo_id: UUID) -> None:
    """A worker is told of what is queued for the photo, unless one has been told already."""
    waiting = Analysis.objects.filter(
        photo_id=photo_id,
        state=State.QUEUED,
        due_at__lte=timezone.now(),
        dispatched_at__isnull=True,
    )
    if not waiting.update(dispatched_at=timezone.now()):
        return
    # The message expires when the sweeper would repeat it, so a queue never holds it twice.
    if not enqueue(
        ANALYSIS_TASK,
        str(photo_id),
        queue=ANALYSIS_QUEUE,
        expires=settings.ANALYSIS_DISPATCH_SECONDS,
    ):
        Analysis.objects.filter(photo_id=photo_id, state=State.QUEUED).update(dispatched_at=None)
