"""How one analysis goes from state to state, and what its photo comes to by that."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.analysis.batch_progress import settle_items
from backend.analysis.models import Analysis
from backend.core.errors import RefusedError
from backend.core.jobs import enqueue
from backend.events.models import Event
from backend.events.services import tell
from backend.photos.models import Photo
from backend.registry.selectors import active_model, is_retired
from functions.contract import MODELS, Kind

State = Analysis.State
OPEN = (State.QUEUED, State.RUNNING)


def model_of(kind: Kind, model: str | None) -> str:
    """The named model, or the active one. Raises RefusedError unknown_model, model_retired."""
    if not model:
        return active_model(kind)
    if model not in MODELS[kind]:
        raise RefusedError("unknown_model", model=model, kind=str(kind))
    if is_retired(model):
        raise RefusedError("model_retired", status=409, model=model)
    return model


def requeue(analysis: Analysis, *, due_at: datetime, attempts: int) -> None:
    analysis.state = State.QUEUED
    analysis.due_at = due_at
    analysis.attempts = attempts
    analysis.dispatched_at = None
    analysis.lease_expires_at = None
    analysis.save()


def give_up(analysis: Analysis) -> bool:
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


def settle_photo(photo: Photo) -> None:
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
    settle_items(photo)
    if settled:
        tell(photo.owner_id, Event.Kind(f"photo.{photo.status}"), photo=str(photo.id))
    if settled:
        # Assigning people ends with indexing, so one message is enough.
        name = "people.assign" if photo.people_stale else "search.index"
        transaction.on_commit(lambda: enqueue(name))
