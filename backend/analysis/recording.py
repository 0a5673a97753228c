"""What the functions deliver goes on record, once and in the right order."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.analysis.batch_progress import note_cost
from backend.analysis.findings import record_findings
from backend.analysis.models import Analysis
from backend.analysis.starting import dispatch
from backend.analysis.states import State, requeue, settle_photo
from backend.analysis.usage import note_use
from backend.core import storage
from backend.events.models import Event
from backend.events.services import tell
from backend.photos.models import Photo
from backend.photos.services import discard_bytes, object_keys
from backend.registry.selectors import shown_models
from functions.contract import Failure, Kind, ModerationFindings, Result, Run

# Inspection's word that the stored bytes are not those that were announced.
OTHER_BYTES = ("size_mismatch", "checksum_mismatch")


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
    # As it is, and not as this process remembers it: nothing would mend what is shown wrongly.
    shown = analysis.model == shown_models()[analysis.kind]
    analysis.shadow = analysis.shadow and not shown
    _copy_run(result.run, analysis)
    note_cost(analysis, result.run.cpu_ms)
    if result.failure is not None:
        _record_failure(result.failure, analysis)
        if result.failure.code in OTHER_BYTES:
            transaction.on_commit(lambda: discard_bytes(photo))
    elif result.findings is not None:
        analysis.state = State.DONE
        analysis.stage = analysis.code = analysis.detail = ""
        if isinstance(result.findings, ModerationFindings):
            analysis.moderation_score = result.findings.score
        analysis.save()
        record_findings(photo, analysis, result.findings, shown=shown)
    if not analysis.shadow:
        _go_on(photo, analysis)
    # Last, because results of other photos of the same owner wait for this row.
    note_use(owner_id=photo.owner_id, kind=analysis.kind, model=analysis.model, run=result.run)
    return analysis


def _go_on(photo: Photo, analysis: Analysis) -> None:
    """Who waits for the analysis is told, and what waits for it starts."""
    if analysis.state in (State.DONE, State.FAILED):
        done = analysis.state == State.DONE
        kind = Event.Kind.ANALYSIS_DONE if done else Event.Kind.ANALYSIS_FAILED
        tell(photo.owner_id, kind, photo=str(photo.id), analysis=analysis.kind, code=analysis.code)
    settle_photo(photo)
    if analysis.kind == Kind.INSPECTION:
        # What was asked for while it ran has waited for it.
        photo.analyses.filter(state=State.QUEUED).update(dispatched_at=None)
        transaction.on_commit(lambda: dispatch(photo.id))


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
    requeue(analysis, due_at=timezone.now() + timedelta(seconds=wait), attempts=analysis.attempts)
