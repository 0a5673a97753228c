"""A model takes another's place: tried beside it, compared, promoted, and the way back."""

import logging
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from backend.accounts.models import User
from backend.analysis.findings import moderation_verdict
from backend.analysis.models import Analysis, TextLine
from backend.analysis.states import OPEN
from backend.core.errors import RefusedError, bad_field
from backend.people.consent import FACES_ALLOWED
from backend.people.services import carry_people
from backend.photos.models import Photo
from backend.registry.models import ModelVersion
from backend.registry.selectors import find_version, versions
from backend.registry.services import decide, hold_kind
from backend.registry.shares import HashFraction
from functions.contract import MODELS, Kind

logger = logging.getLogger(__name__)

State = ModelVersion.State
LOOKED = (Analysis.State.DONE, Analysis.State.FAILED)
_RENEWED_AT_ONCE = 500


@transaction.atomic
def roll_out(name: str, *, state: State, share: float | None, by: User) -> ModelVersion:
    """The model is for what the state says (registry.models); the former active is a shadow.

    share: None for all photos of a shadow or an active model, and none of another. A model becomes
    active only once it has looked at every photo at which the active one has: so nothing that was
    found is missed, and the way back is as short. Raises RefusedError not_found, invalid,
    unknown_model, only_active_model, model_not_everywhere. Safe to run twice.
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
    decide(version, state=state, share=share, by=by)
    return version


def lacking(version: ModelVersion) -> QuerySet[Photo]:
    """The photos at which the active model of its kind has looked, and this one has not."""
    kind = Kind(version.kind)
    analyses = Analysis.objects.filter(photo=OuterRef("pk"), kind=kind)
    photos = Photo.objects.filter(
        Exists(analyses.filter(model=_active_of(kind), state=Analysis.State.DONE)),
        ~Exists(analyses.filter(model=version.name, state__in=LOOKED)),
    )
    return photos.filter(FACES_ALLOWED) if kind == Kind.FACES else photos


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How far a model has come, in photos. See lacking for `missing`, which are of `photos`."""

    photos: int  # at which the active model has looked
    done: int
    failed: int
    waiting: int
    missing: int


def coverage_of(version: ModelVersion) -> Coverage:
    states = Analysis.objects.filter(kind=version.kind, model=version.name).values_list("state")
    counts = dict(states.annotate(Count("id")).order_by())
    done = Analysis.objects.filter(kind=version.kind, state=Analysis.State.DONE)
    return Coverage(
        photos=done.filter(model=_active_of(version.kind)).count(),
        done=counts.get(Analysis.State.DONE, 0),
        failed=counts.get(Analysis.State.FAILED, 0),
        waiting=sum(counts.get(state, 0) for state in OPEN),
        missing=lacking(version).count(),
    )


def _active_of(kind: str) -> str:
    """As it is at this moment; active_model may be seconds old."""
    return next(
        each.name for each in versions() if each.kind == kind and each.state == State.ACTIVE
    )


def follow_rollouts() -> dict[str, int]:
    """Shadows and candidates have more to look at, and a new active model is shown further.

    Returns how many photos each. The sweeper tells workers of what is queued. Safe to run again,
    and beside another.
    """
    return {
        "shadows": sum(_queue_shadows(version) for version in versions()),
        "renewed": sum(_renew_photos(version) for version in versions()),
    }


def _queue_shadows(version: ModelVersion) -> int:
    """Photos wait for the model, the newest first, as long as there is room. Returns how many."""
    if version.state not in (State.CANDIDATE, State.SHADOW) or not version.share:
        return 0
    open_ones = Analysis.objects.filter(model=version.name, shadow=True, state__in=OPEN)
    room = int(settings.SHADOW_WINDOW) - open_ones.count()
    if room <= 0:
        return 0
    begun = Analysis.objects.filter(photo=OuterRef("pk"), kind=version.kind, model=version.name)
    photos = lacking(version).filter(~Exists(begun))
    if version.share < 1:
        photos = photos.alias(place=HashFraction("id")).filter(place__lt=version.share)
    if version.state == State.CANDIDATE:
        photos = photos.filter(uploaded_at__gte=version.changed_at)
    ids = list(photos.order_by("-id").values_list("id", flat=True)[:room])
    rows = [
        Analysis(photo_id=id_, kind=version.kind, model=version.name, shadow=True) for id_ in ids
    ]
    Analysis.objects.bulk_create(rows, ignore_conflicts=True)
    return len(ids)


def _renew_photos(version: ModelVersion) -> int:
    """The next photos say of themselves what the active model has found. Returns how many."""
    if version.renews_from is None:
        return 0
    following = Photo.objects.filter(id__gt=version.renews_from).order_by("id")
    ids = list(following.values_list("id", flat=True)[:_RENEWED_AT_ONCE])
    if version.kind == Kind.FACES:
        _carry_people(ids, model=version.name)
    with transaction.atomic():
        photos = Photo.objects.filter(id__in=ids)
        # In one order everywhere, so that two never wait for each other.
        list(photos.select_for_update().order_by("id").values_list("id", flat=True))
        found = Analysis.objects.filter(photo__in=ids, kind=version.kind, model=version.name)
        found.update(shadow=False)
        match Kind(version.kind):
            case Kind.FACES:
                photos.update(people_stale=True)
            case Kind.LABELS:
                photos.update(duplicates_stale=True)
            case Kind.TEXT:
                lines = TextLine.objects.filter(photo=OuterRef("pk"), analysis__model=version.name)
                photos.update(has_text=Exists(lines))
            case Kind.MODERATION:
                for id_, score in found.values_list("photo_id", "moderation_score"):
                    if score is not None:
                        photos.filter(id=id_).update(
                            moderation_score=score, moderation_verdict=moderation_verdict(score)
                        )
        photos.update(search_stale=True)
        # Unless somebody has decided otherwise meanwhile.
        ModelVersion.objects.filter(name=version.name, renews_from=version.renews_from).update(
            renews_from=ids[-1] if len(ids) == _RENEWED_AT_ONCE else None
        )
    return len(ids)


def _carry_people(photo_ids: list[UUID], *, model: str) -> None:
    for photo in Photo.objects.filter(id__in=photo_ids).select_related("owner"):
        try:
            carry_people(photo, model=model)
        except (OperationalError, InterfaceError):
            raise  # the database is away, for all of them
        except Exception:
            logger.exception("the people of photo %s cannot be carried over", photo.id)
