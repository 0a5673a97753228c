"""Work is handed to workers, each piece to one, for the time of a lease."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.analysis.models import Analysis
from backend.analysis.starting import receive_upload
from backend.analysis.states import OPEN, State, give_up, settle_photo
from backend.core.uuids import uuid7
from backend.photos.models import Photo
from functions.contract import Claim, Kind


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
        claimed = _one_a_kind([analysis for analysis in free if not give_up(analysis)])
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
        if any(analysis.state == State.FAILED and not analysis.shadow for analysis in free):
            settle_photo(photo)
    if not claimed:
        return None
    return Claim(
        photo_id=str(photo.id),
        request_id=request_id,
        sha256=photo.sha256,
        size=photo.size,
        models={analysis.kind: analysis.model for analysis in claimed},
    )


def _one_a_kind(analyses: list[Analysis]) -> list[Analysis]:
    """A claim names one model of each kind: shadows come later, when the sweeper tells of them."""
    chosen: dict[str, Analysis] = {}
    for analysis in sorted(analyses, key=lambda each: (each.shadow, each.queued_at)):
        chosen.setdefault(analysis.kind, analysis)
    later = [analysis.id for analysis in analyses if analysis not in chosen.values()]
    Analysis.objects.filter(id__in=later).update(dispatched_at=None)
    return list(chosen.values())


def _is_free(analysis: Analysis, now: datetime) -> bool:
    if analysis.state == State.QUEUED:
        return analysis.due_at <= now
    return analysis.lease_expires_at is not None and analysis.lease_expires_at <= now
