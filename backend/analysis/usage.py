"""What analyses take: compute seconds as the functions measured them, and dollars for them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Sum
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.models import Use
from backend.photos.models import Photo
from functions.contract import Run


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A month, of one user or of all. photos and bytes: what came in it and is still there."""

    month: date
    photos: int
    bytes: int
    uses: list[Use]


def cost_of(cpu_ms: float) -> float:
    """Dollars, at COMPUTE_PRICE a second of one core."""
    return cpu_ms / 1000 * float(settings.COMPUTE_PRICE)


def note_use(
    *, owner_id: UUID, kind: str, model: str, run: Run, is_prediction: bool = False
) -> None:
    """One more analysis, or prediction, is in the owner's ledger of this month."""
    now = timezone.now().astimezone(UTC)
    entry, _ = Use.objects.get_or_create(
        owner_id=owner_id, month=now.date().replace(day=1), kind=kind, model=model
    )
    Use.objects.filter(id=entry.id).update(
        analyses=F("analyses") + int(not is_prediction),
        predictions=F("predictions") + int(is_prediction),
        cpu_ms=F("cpu_ms") + max(run.cpu_ms, 0.0),
    )


def usage_of(user: User | None, month: date) -> Usage:
    """user: None for everybody's together. month: its first day."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    start, end = (datetime(day.year, day.month, 1, tzinfo=UTC) for day in (month, following))
    came = Photo.objects.filter(uploaded_at__gte=start, uploaded_at__lt=end)
    if user is not None:
        came = came.filter(owner=user)
        uses = list(Use.objects.filter(owner=user, month=month).order_by("kind", "model"))
    else:
        uses = used_by_all(month)
    stored = came.aggregate(photos=Count("id"), bytes=Sum("size", default=0))
    return Usage(month=month, uses=uses, **stored)


def used_by_all(month: date | None = None) -> list[Use]:
    """What everybody's analyses have taken together, in a month or ever, a row a kind and model.

    Rows of no owner, not to be saved.
    """
    ledger = Use.objects.all() if month is None else Use.objects.filter(month=month)
    sums = ledger.values_list("kind", "model").order_by("kind", "model")
    return [
        Use(kind=kind, model=model, analyses=analyses, predictions=predictions, cpu_ms=cpu_ms)
        for kind, model, analyses, predictions, cpu_ms in sums.annotate(
            Sum("analyses"), Sum("predictions"), Sum("cpu_ms")
        )
    ]
