"""What models look at that nobody is shown yet, or not any more."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet

from backend.analysis.models import Analysis
from backend.analysis.states import OPEN
from backend.people.consent import FACES_ALLOWED
from backend.photos.models import Photo
from backend.registry.models import ModelVersion
from backend.registry.selectors import shown_models
from backend.registry.shares import HashFraction
from functions.contract import Kind

State = ModelVersion.State
LOOKED = (Analysis.State.DONE, Analysis.State.FAILED)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How far a model has come, in photos. missing: see lacking."""

    photos: int  # at which the model has looked that is shown
    done: int
    failed: int
    waiting: int
    missing: int


def coverage_of(version: ModelVersion) -> Coverage:
    analyses = Analysis.objects.filter(kind=version.kind)
    states = analyses.filter(model=version.name).values_list("state")
    counts = dict(states.annotate(Count("id")).order_by())
    shown = analyses.filter(model=shown_models()[version.kind], state=Analysis.State.DONE)
    return Coverage(
        photos=shown.count(),
        done=counts.get(Analysis.State.DONE, 0),
        failed=counts.get(Analysis.State.FAILED, 0),
        waiting=sum(counts.get(state, 0) for state in OPEN),
        missing=lacking(version).count(),
    )


def lacking(version: ModelVersion) -> QuerySet[Photo]:
    """The photos at which another model of its kind has looked, and this one has not."""
    analyses = Analysis.objects.filter(photo=OuterRef("pk"), kind=version.kind)
    photos = Photo.objects.filter(
        Exists(analyses.filter(state__in=LOOKED).exclude(model=version.name)),
        ~Exists(analyses.filter(state__in=LOOKED, model=version.name)),
    )
    photos = photos.exclude(status=Photo.Status.AWAITING_UPLOAD)
    return photos.filter(FACES_ALLOWED) if version.kind == Kind.FACES else photos


def failing(version: ModelVersion) -> QuerySet[Photo]:
    """The photos in which the model has failed, and the one that is shown has not."""
    analyses = Analysis.objects.filter(photo=OuterRef("pk"), kind=version.kind)
    shown = shown_models()[version.kind]
    return Photo.objects.filter(
        Exists(analyses.filter(model=version.name, state=Analysis.State.FAILED)),
        Exists(analyses.filter(model=shown, state=Analysis.State.DONE).exclude(model=version.name)),
    )


def queue_shadows(version: ModelVersion) -> bool:
    """Photos wait for the model, the newest first, as many as there is room for. False if none do.

    For a model that is active none wait, but those that came while it took another's place.
    """
    if version.changed_at is None or not version.share:
        return False
    open_ones = Analysis.objects.filter(model=version.name, shadow=True, state__in=OPEN)
    room = int(settings.SHADOW_WINDOW) - open_ones.count()
    # Asking which are next costs about the same for one as for all.
    if room < settings.SHADOW_WINDOW / 2:
        return True
    begun = Analysis.objects.filter(photo=OuterRef("pk"), kind=version.kind, model=version.name)
    photos = lacking(version).filter(~Exists(begun))
    if version.share < 1:
        photos = photos.alias(place=HashFraction("id")).filter(place__lt=version.share)
    if version.state == State.CANDIDATE:
        photos = photos.filter(uploaded_at__gte=version.changed_at)
    ids = list(photos.order_by("-id").values_list("id", flat=True)[:room])
    is_shown = version.name == shown_models()[version.kind]
    rows = [
        Analysis(photo_id=id_, kind=version.kind, model=version.name, shadow=not is_shown)
        for id_ in ids
    ]
    Analysis.objects.bulk_create(rows, ignore_conflicts=True)
    return bool(ids) or open_ones.exists()
