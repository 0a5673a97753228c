"""Batches: many analyses asked for at once, how far they are, and their end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.estimates import Estimate, Model, estimate
from backend.analysis.models import Analysis, Batch, BatchItem
from backend.analysis.states import model_of, settle_photo
from backend.analysis.usage import cost_of
from backend.core.errors import RefusedError
from backend.core.jobs import enqueue
from backend.core.locks import lock
from backend.photos.models import Photo
from functions.contract import MODELS, Kind

State = BatchItem.State
OPEN = (State.WAITING, State.STARTED)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a batch is to do: these kinds, by these models, with these photos or objects."""

    models: dict[Kind, str]
    photo_ids: Sequence[UUID] = ()
    prefix: str = ""
    keys: Sequence[str] = ()

    @property
    def total(self) -> int:
        return len(self.models) * (len(self.photo_ids) + len(self.keys))

    def estimated_cost(self) -> float | None:
        """Dollars, if all goes as it mostly did lately; None if there is nothing to go by."""
        each = self.total // len(self.models)
        counts = {(str(kind), model): each for kind, model in self.models.items()}
        if self.keys:
            counts.setdefault(INSPECTION, len(self.keys))
        return _estimated(counts, estimate(counts))


INSPECTION: Model = (str(Kind.INSPECTION), MODELS[Kind.INSPECTION][0])


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a batch is. cost: dollars so far. estimated_cost: in the end, None if unknown.

    eta: when it will be over if it goes on as until now; None if that cannot be told, or it is.
    """

    state: str
    counts: dict[str, int]  # of items, by their state
    cost: float
    estimated_cost: float | None
    eta: datetime | None


def choose_models(user: User, kinds: Iterable[Kind], model: str | None) -> dict[Kind, str]:
    """The model for each kind: the active one unless another is named.

    Raises RefusedError unknown_model, face_analysis_off.
    """
    chosen = {kind: model_of(kind, model) for kind in kinds}
    if Kind.FACES in chosen and not user.face_analysis:
        raise RefusedError("face_analysis_off", status=409)
    return chosen


def choose_photos(
    photos: QuerySet[Photo], models: dict[Kind, str], *, missing_only: bool
) -> list[UUID]:
    """The photos of these that can be analysed, oldest first. Raises RefusedError batch_too_large.

    missing_only: without those that the models have looked at already.
    """
    photos = photos.exclude(status=Photo.Status.AWAITING_UPLOAD)
    if Kind.INSPECTION not in models:
        photos = photos.filter(has_renditions=True)  # what the others look at
    if missing_only:
        for_all = Q()
        for kind, model in models.items():
            done = Analysis.objects.filter(
                photo=OuterRef("pk"), kind=kind, model=model, state=Analysis.State.DONE
            )
            for_all &= Q(Exists(done))
        photos = photos.exclude(for_all)
    most = int(settings.MAX_BATCH_PHOTOS)
    ids = list(photos.order_by("id").values_list("id", flat=True)[: most + 1])
    if len(ids) > most:
        raise RefusedError("batch_too_large", limit=most)
    return ids


@transaction.atomic
def start_batch(user: User, wanted: Wanted, *, budget: float | None = None) -> Batch:
    """The batch is on record, and its items are set going little by little.

    Raises RefusedError nothing_to_do, too_many_batches.
    """
    if not wanted.total:
        raise RefusedError("nothing_to_do", status=409)
    lock("batches", user.id)
    running = Batch.objects.filter(owner=user, state=Batch.State.RUNNING)
    if running.filter(Exists(_open_items())).count() >= settings.MAX_OPEN_BATCHES:
        raise RefusedError("too_many_batches", status=409, limit=settings.MAX_OPEN_BATCHES)
    batch = Batch.objects.create(
        owner=user,
        kinds=[str(kind) for kind in wanted.models],
        prefix=wanted.prefix,
        budget=budget,
        total=wanted.total,
    )
    with connection.cursor() as cursor:
        kinds, models = map(list, zip(*wanted.models.items(), strict=True))
        names = [[str(kind) for kind in kinds], models]
        cursor.execute(_ADD_PHOTOS, [batch.id, *names, list(wanted.photo_ids)])
        cursor.execute(_ADD_OBJECTS, [batch.id, list(wanted.keys), *names])
    Batch.objects.filter(id=batch.id).update(total=batch.items.count())
    batch.refresh_from_db()
    transaction.on_commit(lambda: enqueue("analysis.feed_batch", str(batch.id)))
    return batch


# One statement for 100,000 photos; what belongs to one photo has ids side by side.
_ADD_PHOTOS = """
    insert into analysis_batchitem
        (batch_id, photo_id, key, kind, model, state, code, cpu_ms)
    select %s, photo.id, '', kinds.kind, kinds.model, 'waiting', '', 0
    from photos_photo photo, unnest(%s::text[], %s::text[]) kinds (kind, model)
    where photo.id = any(%s::uuid[])
    order by photo.id
"""
_ADD_OBJECTS = """
    insert into analysis_batchitem
        (batch_id, photo_id, key, kind, model, state, code, cpu_ms)
    select %s, null, keys.key, kinds.kind, kinds.model, 'waiting', '', 0
    from unnest(%s::text[]) with ordinality keys (key, place),
        unnest(%s::text[], %s::text[]) kinds (kind, model)
    order by keys.place
"""


def _open_items() -> QuerySet[BatchItem]:
    return BatchItem.objects.filter(batch=OuterRef("pk"), state__in=OPEN)


def end_batch(batch: Batch, state: Batch.State) -> bool:
    """The batch is in that state, and what waited in it will not be started. Safe to run twice.

    Only while it runs; returns whether it did.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update(no_key=True).get(id=batch.id)
        is_over = not batch.items.filter(state__in=OPEN).exists()
        if batch.state != Batch.State.RUNNING or (is_over and state != Batch.State.DONE):
            return False
        batch.items.filter(state=State.WAITING).update(state=State.CANCELLED)
        batch.state, batch.ended_at = state, timezone.now()
        batch.save(update_fields=["state", "ended_at"])
    return True


def cancel_batch(batch: Batch) -> None:
    """Nothing more of the batch is started; what runs already comes to its end. Safe to run twice.

    A batch that is over stays as it is.
    """
    end_batch(batch, Batch.State.CANCELLED)
    queued = batch.items.filter(
        state=State.STARTED, analysis__state=Analysis.State.QUEUED, analysis__attempts=0
    ).exclude(photo__status=Photo.Status.AWAITING_UPLOAD)  # its bytes are being copied
    for photo_id in set(queued.values_list("photo_id", flat=True)):
        if photo_id is not None:  # else it was deleted this very moment
            _withdraw(queued, photo_id)


@transaction.atomic
def _withdraw(queued: QuerySet[BatchItem], photo_id: UUID) -> None:
    """What no worker has taken yet of one photo's analyses is as if it had not been asked for."""
    photo = Photo.objects.select_for_update().filter(id=photo_id).first()
    if photo is None:
        return
    for item in queued.filter(photo=photo).select_related("analysis"):
        analysis = item.analysis
        BatchItem.objects.filter(id=item.id).update(state=State.CANCELLED)
        others = BatchItem.objects.filter(analysis=analysis, state=State.STARTED)
        if analysis is None or others.exists():
            continue
        if analysis.finished_at is None:
            analysis.delete()
            continue
        analysis.state = Analysis.State.FAILED if analysis.code else Analysis.State.DONE
        analysis.attempts = 1
        analysis.dispatched_at = None
        analysis.save()
    settle_photo(photo)


def open_batches() -> list[UUID]:
    """Those of which something may have to be started, waited for or summed up; oldest first."""
    found = Batch.objects.filter(summary__isnull=True).order_by("id")
    return list(found.values_list("id", flat=True))


def close_batch(batch: Batch) -> None:
    """All its items have ended: what they came to is summed up for good. Safe to run twice."""
    end_batch(batch, Batch.State.DONE)
    rows = _count_items([batch])
    summary = {"counts": _counts(rows), "cpu_ms": sum(row["cpu_ms"] for row in rows)}
    Batch.objects.filter(id=batch.id).update(summary=summary)


def forget_batches() -> int:
    """Batches that ended long ago are told of no more. Returns how many. Safe to run again."""
    before = timezone.now() - timedelta(days=settings.BATCH_DAYS)
    old = Batch.objects.filter(ended_at__lt=before)
    return old.delete()[1].get("analysis.Batch", 0)


def progress_of(batches: Sequence[Batch]) -> dict[UUID, Progress]:
    """How far each batch is, at this moment."""
    rows = _count_items([batch for batch in batches if batch.summary is None])
    models = {(row["kind"], row["model"]) for row in rows if row["state"] in OPEN}
    if any(batch.prefix for batch in batches):
        models.add(INSPECTION)
    estimates = estimate(models)
    return {
        batch.id: _progress(batch, [row for row in rows if row["batch"] == batch.id], estimates)
        if batch.summary is None
        else _summed_up(batch, batch.summary)
        for batch in batches
    }


def _count_items(batches: Sequence[Batch]) -> list[Any]:
    return list(
        BatchItem.objects.filter(batch__in=batches)
        .values("batch", "state", "kind", "model")
        .annotate(count=Count("id"), cpu_ms=Sum("cpu_ms"))
        .order_by()
    )


def _counts(rows: list[Any]) -> dict[str, int]:
    counts = dict.fromkeys(State.values, 0)
    for row in rows:
        counts[row["state"]] += row["count"]
    return counts


def _summed_up(batch: Batch, summary: dict[str, Any]) -> Progress:
    cost = cost_of(summary["cpu_ms"])
    return Progress(
        state=batch.state, counts=summary["counts"], cost=cost, estimated_cost=cost, eta=None
    )


def _progress(batch: Batch, rows: list[Any], estimates: dict[Model, Estimate]) -> Progress:
    counts = _counts(rows)
    left: dict[Model, int] = {}
    for row in rows:
        if row["state"] in OPEN:
            model = (row["kind"], row["model"])
            left[model] = left.get(model, 0) + row["count"]
    cost = cost_of(sum(row["cpu_ms"] for row in rows))
    finished, remaining = counts[State.DONE] + counts[State.FAILED], sum(left.values())
    state, eta = batch.state, None
    if state == Batch.State.RUNNING and not remaining:
        state = Batch.State.DONE
    elif state == Batch.State.RUNNING and finished:
        now = timezone.now()
        eta = now + (now - batch.created_at) * (remaining / finished)
    if batch.prefix and counts[State.WAITING]:
        left.setdefault(INSPECTION, counts[State.WAITING] // len(batch.kinds))
    rest = _estimated(left, estimates)
    return Progress(
        state=state,
        counts=counts,
        cost=cost,
        estimated_cost=None if rest is None else cost + rest,
        eta=eta,
    )


def _estimated(counts: dict[Model, int], estimates: dict[Model, Estimate]) -> float | None:
    if not counts.keys() <= estimates.keys():
        return None
    return cost_of(sum(count * estimates[model].median for model, count in counts.items()))
