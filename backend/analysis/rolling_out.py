"""A model takes another's place, and what was known goes on being known."""

import logging
import time
from uuid import UUID

from django.core.cache import cache
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef

from backend.accounts.models import User
from backend.analysis.models import Analysis, TextLine
from backend.analysis.moderating import show_scores
from backend.analysis.shadowing import failing, lacking, queue_shadows
from backend.core.errors import RefusedError, bad_field
from backend.core.jobs import enqueue
from backend.people.services import carry_people, photos_that_differ
from backend.photos.models import Photo
from backend.registry.models import ModelVersion
from backend.registry.selectors import find_version, versions, wait_until_known
from backend.registry.services import FIRST, decide, hold_kind, is_still, note_renewed
from functions.contract import MODELS, Kind

logger = logging.getLogger(__name__)

State = ModelVersion.State
TASK = "analysis.follow_rollouts"
# That nothing was found to do. Finding so takes Postgres a second for 300,000 photos.
_IDLE, _IDLE_SECONDS = "rollouts:idle", 300
_AT_ONCE = 500
# Photos of which something was said while people were carried over, at most.
_MOST_MEANWHILE = 2000
_TURN_SECONDS = 20.0


@transaction.atomic
def roll_out(
    name: str,
    *,
    state: State,
    share: float | None = None,
    despite_failures: bool = False,
    by: User,
) -> ModelVersion:
    """The model is for what the state says (registry.models); the former active is a shadow.

    share: None for all photos of a shadow or an active model, and none of another. A model becomes
    active only once it has looked wherever another of its kind has, and has failed nowhere where
    that one has not unless despite_failures: so nothing is missed that was found before, and the
    way back is as short. Raises RefusedError not_found, invalid, unknown_model, only_active_model,
    model_not_everywhere, model_fails. Safe to run twice.
    """
    version = find_version(name)
    if version is None:
        raise RefusedError("not_found", status=404)
    hold_kind(version.kind)
    version = find_version(name) or version
    if share is None:
        share = 1.0 if state in (State.SHADOW, State.ACTIVE) else 0.0
    if (state == State.ACTIVE and share != 1) or (state == State.RETIRED and share != 0):
        raise bad_field("share", "A candidate and a shadow have a share of the photos.")
    if version.state == State.ACTIVE and state != State.ACTIVE:
        raise RefusedError("only_active_model", status=409, kind=version.kind)
    if state != State.RETIRED and name not in MODELS[Kind(version.kind)]:
        raise RefusedError("unknown_model", status=409, model=name, kind=version.kind)
    if state == State.ACTIVE and (missing := lacking(version).count()):
        raise RefusedError("model_not_everywhere", status=409, model=name, missing=missing)
    if state == State.ACTIVE and not despite_failures and (failed := failing(version).count()):
        raise RefusedError("model_fails", status=409, model=name, failed=failed)
    decide(version, state=state, share=share, by=by)
    if state == State.RETIRED:
        Analysis.objects.filter(model=name, shadow=True, state=Analysis.State.QUEUED).delete()
    # If the message is lost, the next sweep sends another.
    transaction.on_commit(_begin)
    return version


def _begin() -> None:
    cache.delete(_IDLE)
    enqueue(TASK)


def look_after_rollouts() -> None:
    """A worker has been told to follow them, unless there was nothing to do a moment ago."""
    if not cache.get(_IDLE):
        enqueue(TASK, expires=60)


def follow_rollouts() -> None:
    """Shadows have more to look at, and photos have been brought over to new active models.

    Goes on for a while; the sweeper sends for more, and tells workers of what is queued. Safe to
    run again, and beside another.
    """
    ends = time.monotonic() + _TURN_SECONDS
    is_at_work = False
    for version in versions():
        is_at_work = queue_shadows(version) or is_at_work
    while any(renew_photos(version) for version in versions()):
        is_at_work = True
        if time.monotonic() > ends:
            break
    if is_at_work:
        cache.delete(_IDLE)  # another one may have found nothing before somebody decided
    else:
        cache.set(_IDLE, True, timeout=_IDLE_SECONDS)


def renew_photos(version: ModelVersion) -> bool:
    """Some more photos have been brought over to the active model. False if none are left.

    Of faces, people are first carried over, while the former model is still shown; see
    registry.services.note_renewed.
    """
    after = version.renews_from
    if after is None:
        return False
    if after == FIRST and not version.replaces:
        # Else a process that remembers the former model would clear what is marked here.
        wait_until_known()
    following = Photo.objects.filter(id__gt=after).order_by("id").values_list("id", flat=True)
    ids = list(following[:_AT_ONCE])
    is_last = len(ids) < _AT_ONCE
    if version.replaces:
        _carry_people(ids, version)
        if is_last:
            # What people said in the meantime of photos that had been carried over.
            _carry_people(
                photos_that_differ(
                    former=version.replaces, model=version.name, limit=_MOST_MEANWHILE
                ),
                version,
            )
    with transaction.atomic():
        # First: whoever read the version before somebody decided otherwise writes nothing.
        noted = note_renewed(version, upto=None if is_last else ids[-1])
        if noted and not version.replaces:
            _show_findings(ids, kind=Kind(version.kind), model=version.name)
    return True


def _carry_people(photo_ids: list[UUID], version: ModelVersion) -> None:
    for photo_id in photo_ids:
        try:
            with transaction.atomic():
                if not is_still(version):
                    return  # another one is further, and people have seen what it did
                carry_people(photo_id, former=version.replaces, model=version.name)
        except (OperationalError, InterfaceError):
            raise  # the database is away, for all of them
        except Exception:
            logger.exception("the people of photo %s cannot be carried over", photo_id)


def _show_findings(photo_ids: list[UUID], *, kind: Kind, model: str) -> None:
    """The photos say of themselves what the model has found in them, and all that follows."""
    photos = Photo.objects.filter(id__in=photo_ids)
    # In one order everywhere, so that two never wait for each other.
    list(photos.select_for_update().order_by("id").values_list("id", flat=True))
    analyses = Analysis.objects.filter(photo__in=photo_ids, kind=kind, model=model)
    analyses.update(shadow=False)
    match kind:
        case Kind.FACES:
            photos.update(people_stale=True)
        case Kind.LABELS:
            photos.update(duplicates_stale=True)
        case Kind.TEXT:
            lines = TextLine.objects.filter(photo=OuterRef("pk"), analysis__model=model)
            photos.update(has_text=Exists(lines))
        case Kind.MODERATION:
            show_scores(photos, analyses)
    photos.update(search_stale=True)
