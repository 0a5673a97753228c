"""One photo's analyses, from the moment its bytes arrive to the findings on record."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.findings import record_findings
from backend.analysis.models import Analysis, LabelVerdict
from backend.core import storage
from backend.core.errors import RefusedError, StorageError
from backend.core.jobs import enqueue, waiting_messages
from backend.core.uuids import uuid7
from backend.events.models import Event
from backend.events.services import tell
from backend.people.consent import may_look_for_faces
from backend.photos.models import Photo
from backend.photos.services import confirm_upload, discard_bytes, object_keys, renew_search
from functions.contract import (
    ANALYSIS_QUEUE,
    ANALYSIS_TASK,
    MODELS,
    Claim,
    Failure,
    Kind,
    Result,
    Run,
)

logger = logging.getLogger(__name__)

State = Analysis.State
OPEN = (State.QUEUED, State.RUNNING)
# Inspection's word that the stored bytes are not those that were announced.
OTHER_BYTES = ("size_mismatch", "checksum_mismatch")
# However old a ticket is, storage is asked for its bytes this often.
MAX_UPLOAD_WAIT = timedelta(hours=1)


def active_model(kind: Kind) -> str:
    """The model whose findings are shown."""
    return str(settings.FACE_MODEL) if kind == Kind.FACES else MODELS[kind][0]


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
            _requeue(analysis, due_at=timezone.now(), attempts=0)
    transaction.on_commit(lambda: dispatch(photo.id))


@transaction.atomic
def reanalyze(photo: Photo, kinds: list[Kind], *, model: str | None = None) -> None:
    """The kinds are queued anew, whatever came of them before; what runs already is left alone.

    Raises RefusedError not_uploaded, face_analysis_off or unknown_model.
    """
    photo = Photo.objects.select_for_update().get(id=photo.id)
    if photo.status == Photo.Status.AWAITING_UPLOAD:
        raise RefusedError("not_uploaded", status=409)
    if not set(kinds) <= set(allowed_kinds(photo)):
        raise RefusedError("face_analysis_off", status=409)
    for kind in kinds:
        chosen = model or active_model(kind)
        if chosen not in MODELS[kind]:
            raise RefusedError("unknown_model", model=chosen, kind=str(kind))
        analysis, _ = Analysis.objects.get_or_create(photo=photo, kind=kind, model=chosen)
        if analysis.state != State.RUNNING:
            # A late copy of the last result belongs to the last request, not to this one.
            analysis.request_id = ""
            _requeue(analysis, due_at=timezone.now(), attempts=0)
    photo.status = Photo.Status.PROCESSING
    photo.save(update_fields=["status"])
    transaction.on_commit(lambda: dispatch(photo.id))


@transaction.atomic
def judge_label(photo: Photo, name: str, *, correct: bool, user: User) -> None:
    """The label is right or wrong by a person's word, which outlives any later analysis.

    Raises RefusedError unknown_label. Safe to run twice.
    """
    label = (
        photo.labels.filter(name=name, analysis__model=active_model(Kind.LABELS))
        .select_related("analysis")
        .first()
    )
    if label is None:
        raise RefusedError("unknown_label", status=404)
    LabelVerdict.objects.update_or_create(
        photo=photo,
        name=name,
        defaults={"correct": correct, "user": user, "model": label.analysis.model},
    )
    renew_search(Photo.objects.filter(id=photo.id))


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


def claim_analyses(photo_id: UUID) -> Claim | None:
    """Hand the photo's queued analyses to one worker, for the time of a lease.

    None if there is nothing to do: somebody else did it or does it, or the photo is gone.
    """
    photo = Photo.objects.filter(id=photo_id).first()
    if photo is None or not receive_upload(photo):
        return None
    with transaction.atomic():
        photo = Photo.objects.select_for_update().filter(id=photo_id).first()
        if photo is None:
            return None
        now = timezone.now()
        analyses = list(Analysis.objects.filter(photo=photo, state__in=OPEN))
        free = [analysis for analysis in analyses if _is_free(analysis, now)]
        claimed = [analysis for analysis in free if not _give_up(analysis)]
        busy = [analysis for analysis in analyses if analysis not in free]
        if any(analysis.kind == Kind.INSPECTION for analysis in busy):
            return None  # the others need what inspection makes
        request_id = str(uuid7())
        for analysis in claimed:
            analysis.state = State.RUNNING
            analysis.attempts += 1
            analysis.request_id = request_id
            analysis.started_at = now
            analysis.lease_expires_at = now + timedelta(seconds=settings.ANALYSIS_LEASE_SECONDS)
            analysis.save()
        if len(claimed) < len(free):
            _settle_photo(photo)
    if not claimed:
        return None
    return Claim(
        photo_id=str(photo.id),
        request_id=request_id,
        sha256=photo.sha256,
        size=photo.size,
        models={analysis.kind: analysis.model for analysis in claimed},
    )


def _is_free(analysis: Analysis, now: datetime) -> bool:
    if analysis.state == State.QUEUED:
        return analysis.due_at <= now
    return analysis.lease_expires_at is not None and analysis.lease_expires_at <= now


def _give_up(analysis: Analysis) -> bool:
    """Fail an analysis that has taken its last worker with it. True if it has."""
    if analysis.attempts < settings.ANALYSIS_MAX_ATTEMPTS:
        return False
    if not analysis.code:
        analysis.stage, analysis.code = "run", "worker_lost"
        analysis.detail = f"{analysis.attempts} workers were lost while working on this photo."
    analysis.state = State.FAILED
    analysis.finished_at = timezone.now()
    analysis.lease_expires_at = None
    analysis.save()
    return True


@transaction.atomic
def record_result(result: Result) -> Analysis | None:
    """Store what one model found in one photo, replacing its earlier findings.

    Delivery is at least once: the second time changes nothing, and an older run never
    overwrites a newer one. Returns None if the photo has been deleted; what its function stored
    in the meantime is deleted too.
    """
    # The lock makes two deliveries for one photo wait for each other.
    photo = Photo.objects.select_for_update().filter(id=result.photo_id).first()
    if photo is None:
        storage.delete_objects(object_keys(UUID(result.photo_id)))
        return None
    analysis, _ = Analysis.objects.get_or_create(photo=photo, kind=result.kind, model=result.model)
    if _is_outdated(result, analysis):
        return analysis
    _copy_run(result.run, analysis)
    if result.failure is not None:
        _record_failure(result.failure, analysis)
        if result.failure.code in OTHER_BYTES:
            transaction.on_commit(lambda: discard_bytes(photo))
    elif result.findings is not None:
        analysis.state = State.DONE
        analysis.stage = analysis.code = analysis.detail = ""
        analysis.save()
        record_findings(
            photo,
            analysis,
            result.findings,
            shown=result.model == active_model(result.kind),
        )
    if analysis.state in (State.DONE, State.FAILED):
        done = analysis.state == State.DONE
        kind = Event.Kind.ANALYSIS_DONE if done else Event.Kind.ANALYSIS_FAILED
        tell(photo.owner_id, kind, photo=str(photo.id), analysis=analysis.kind, code=analysis.code)
    _settle_photo(photo)
    if result.kind == Kind.INSPECTION:
        # What was asked for while it ran has waited for it.
        photo.analyses.filter(state=State.QUEUED).update(dispatched_at=None)
        transaction.on_commit(lambda: dispatch(photo.id))
    return analysis


def _is_outdated(result: Result, analysis: Analysis) -> bool:
    if analysis.request_id == result.run.request_id:
        if analysis.state == State.QUEUED:
            # Its lease ran out before it was done. Findings are welcome all the same; a failure
            # has been counted already.
            return result.failure is not None
        return analysis.state != State.RUNNING
    started_at = datetime.fromisoformat(result.run.started_at)
    return analysis.started_at is not None and started_at <= analysis.started_at


def _copy_run(run: Run, analysis: Analysis) -> None:
    analysis.request_id = run.request_id
    analysis.started_at = datetime.fromisoformat(run.started_at)
    analysis.finished_at = timezone.now()
    analysis.lease_expires_at = None
    analysis.attempts = max(analysis.attempts, 1)
    analysis.duration_ms = run.duration_ms
    analysis.cpu_ms = run.cpu_ms
    analysis.memory_mb = run.memory_mb
    analysis.cold_start = run.cold_start
    analysis.runtime = run.runtime[:200]
    analysis.weights_sha256 = run.weights_sha256[:400]
    analysis.input_sha256 = run.input_sha256[:64]


def _record_failure(failure: Failure, analysis: Analysis) -> None:
    analysis.stage = failure.stage[:30]
    analysis.code = failure.code[:50] or "unknown"
    analysis.detail = failure.detail[:2000]
    if failure.permanent or analysis.attempts >= settings.ANALYSIS_MAX_ATTEMPTS:
        analysis.state = State.FAILED
        analysis.save()
        return
    wait = settings.ANALYSIS_RETRY_SECONDS * 4 ** (analysis.attempts - 1)
    _requeue(analysis, due_at=timezone.now() + timedelta(seconds=wait), attempts=analysis.attempts)


def _requeue(analysis: Analysis, *, due_at: datetime, attempts: int) -> None:
    analysis.state = State.QUEUED
    analysis.due_at = due_at
    analysis.attempts = attempts
    analysis.dispatched_at = None
    analysis.lease_expires_at = None
    analysis.save()


@transaction.atomic
def cancel_analyses(analyses: QuerySet[Analysis], photo_id: UUID) -> None:
    """Those of the photo's are not waited for any more. Safe to run twice."""
    photo = Photo.objects.select_for_update().filter(id=photo_id).first()
    if photo is not None:
        analyses.filter(photo=photo).delete()
        _settle_photo(photo)


def _settle_photo(photo: Photo) -> None:
    """Say in the photo's status what its analyses have come to, and tell who waits for it."""
    states = {
        kind: state
        for kind, model, state in Analysis.objects.filter(photo=photo).values_list(
            "kind", "model", "state"
        )
        if model == active_model(Kind(kind))
    }
    if states.get(Kind.INSPECTION) == State.FAILED:
        photo.status = Photo.Status.FAILED
    elif any(state in OPEN for state in states.values()):
        photo.status = Photo.Status.PROCESSING
    else:
        photo.status = Photo.Status.READY
    settled = photo.status != Photo.Status.PROCESSING
    photo.search_stale = photo.search_stale or settled
    photo.save()
    if settled:
        tell(photo.owner_id, Event.Kind(f"photo.{photo.status}"), photo=str(photo.id))
    if settled:
        # Assigning people ends with indexing, so one message is enough.
        name = "people.assign" if photo.people_stale else "search.index"
        transaction.on_commit(lambda: enqueue(name))


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
            for analysis in expired.filter(photo=photo):
                count += 1
                if not _give_up(analysis):
                    _requeue(analysis, due_at=timezone.now(), attempts=analysis.attempts)
            _settle_photo(photo)
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
