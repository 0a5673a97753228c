"""The failed inbox: what could not be analysed, why, and once more."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.analysis.starting import reanalyze
from backend.registry.selectors import active_model, is_retired
from functions.contract import Kind


@dataclass(frozen=True, kw_only=True)
class FailureFilter:
    """What a list of failures is narrowed to; None and empty mean: not narrowed."""

    kind: str = ""
    model: str = ""
    stage: str = ""
    code: str = ""
    photo: UUID | None = None


def failures_of(user: User, wanted: FailureFilter | None = None) -> QuerySet[Analysis]:
    """The user's failed analyses, photos in the trash included."""
    failed = Analysis.objects.filter(photo__owner=user, state=Analysis.State.FAILED, shadow=False)
    for name, value in vars(wanted or FailureFilter()).items():
        if value:
            failed = failed.filter(**{name: value})
    return failed.select_related("photo")


@transaction.atomic
def retry(analysis: Analysis) -> None:
    """The analysis is queued again, as if never tried. Safe to run twice.

    Where the photo's inspection has failed, that comes first: without it there is no picture to
    look at. In place of a retired model the active one looks. Raises RefusedError as reanalyze
    does.
    """
    inspection = active_model(Kind.INSPECTION)
    if (
        analysis.kind != Kind.INSPECTION
        and Analysis.objects.filter(
            photo=analysis.photo_id,
            kind=Kind.INSPECTION,
            model=inspection,
            state=Analysis.State.FAILED,
        ).exists()
    ):
        reanalyze(analysis.photo, [Kind.INSPECTION], model=inspection)
    kind = Kind(analysis.kind)
    model = active_model(kind) if is_retired(analysis.model) else analysis.model
    reanalyze(analysis.photo, [kind], model=model)
