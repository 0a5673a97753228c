"""A batch is fed to the functions: little by little, within its budget, whoever dies meanwhile."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from backend.analysis.batches import INSPECTION, OPEN, State, close_batch, end_batch
from backend.analysis.estimates import Model, estimate
from backend.analysis.models import Analysis, Batch, BatchItem
from backend.analysis.object_import import announce_object, bring_bytes, queue_announced
from backend.analysis.starting import reanalyze
from backend.analysis.usage import cost_of
from backend.core.errors import RefusedError, StorageError
from backend.core.jobs import enqueue
from backend.photos.models import Photo
from functions.contract import Kind

logger = logging.getLogger(__name__)

# A worker that died leaves its batch to the next after so long; one that lives stops before.
_LEASE = timedelta(seconds=90)
_TURN = timedelta(seconds=45)

Unit = list[BatchItem]  # what belongs to one photo or object


def feed_batch(batch_id: UUID) -> None:
    """The batch has as much under way as it may, or is over. One worker at a time does it."""
    now = timezone.now()
    mine = Batch.objects.filter(id=batch_id, summary__isnull=True).filter(
        Q(feeding_until__isnull=True) | Q(feeding_until__lte=now)
    )
    if not mine.update(feeding_until=now + _LEASE):
        return
    batch = Batch.objects.select_related("owner").get(id=batch_id)
    try:
        _mend(batch)
        while _feed_once(batch) and timezone.now() < now + _TURN:
            pass
        is_out_of_time = timezone.now() >= now + _TURN
    finally:
        Batch.objects.filter(id=batch_id).update(feeding_until=None)
    if is_out_of_time:
        enqueue("analysis.feed_batch", str(batch_id))


def _mend(batch: Batch) -> None:
    """What a dead worker or a deletion left in the middle goes on, or ends with a word."""
    started = batch.items.filter(state=State.STARTED)
    # Announced, but its bytes were never copied.
    is_running = batch.state == Batch.State.RUNNING
    started.filter(photo__status=Photo.Status.AWAITING_UPLOAD).update(
        state=State.WAITING if is_running else State.CANCELLED
    )
    started.filter(analysis__isnull=True).update(state=State.FAILED, code="photo_gone")
    waiting = batch.items.filter(state=State.WAITING)
    waiting.filter(photo__isnull=True, key="").update(state=State.FAILED, code="photo_gone")


def _feed_once(batch: Batch) -> bool:
    """Start as much as there is room for. False once nothing more can be done for now."""
    room = _look(batch)
    if room.is_over:
        close_batch(batch)
        return False
    if batch.state != Batch.State.RUNNING:
        return False
    started = False
    for unit in _waiting_units(batch, limit=room.units):
        cost = room.cost_of(unit)
        if not room.has_budget_for(cost):
            if not room.under_way:
                end_batch(batch, Batch.State.STOPPED_BY_BUDGET)
                close_batch(batch)
            return False
        try:
            under_way = _start(batch, unit)
        except StorageError as error:
            logger.warning("batch %s waits for the storage: %s", batch.id, error)
            return False
        if under_way is None:
            return False
        started = True
        if under_way:
            room.take(cost)
    return started


@dataclass
class _Room:
    """What may be started. Of what is under way the most that such analyses took is set aside."""

    is_over: bool
    units: int
    under_way: int  # analyses
    left: float | None  # dollars that nothing is set aside for; None: as many as it takes
    most: dict[Model, float]  # dollars

    def cost_of(self, unit: Unit) -> float | None:
        """At most, as far as one can tell; None if no such analysis was ever run."""
        models = {(item.kind, item.model) for item in unit}
        if unit[0].key:
            models.add(INSPECTION)
        return sum(self.most[model] for model in models) if models <= self.most.keys() else None

    def has_budget_for(self, cost: float | None) -> bool:
        if self.left is None:
            return True
        # What nobody knows the cost of is tried alone first.
        return self.left > 0 and not self.under_way if cost is None else cost <= self.left

    def take(self, cost: float | None) -> None:
        self.under_way += 1
        if self.left is not None:
            self.left -= cost or 0.0


def _look(batch: Batch) -> _Room:
    rows = list(
        batch.items.values("state", "kind", "model")
        .annotate(count=Count("id"), cpu_ms=Sum("cpu_ms"))
        .order_by()
    )
    started = {
        (row["kind"], row["model"]): row["count"] for row in rows if row["state"] == State.STARTED
    }
    under_way = sum(started.values())
    left, most = None, dict[Model, float]()
    if batch.budget is not None:
        models = {(row["kind"], row["model"]) for row in rows} | {INSPECTION}
        most = {model: cost_of(found.most) for model, found in estimate(models).items()}
        set_aside = sum(count * most.get(model, 0.0) for model, count in started.items())
        if batch.prefix:
            set_aside += under_way * most.get(INSPECTION, 0.0)
        left = batch.budget - cost_of(sum(row["cpu_ms"] for row in rows)) - set_aside
    return _Room(
        is_over=not any(row["state"] in OPEN for row in rows),
        units=max(0, settings.BATCH_WINDOW - under_way) // len(batch.kinds) or int(not under_way),
        under_way=under_way,
        left=left,
        most=most,
    )


def _waiting_units(batch: Batch, *, limit: int) -> list[Unit]:
    """The next photos or objects, each with all that is waiting of it."""
    items = batch.items.filter(state=State.WAITING).order_by("id")
    units: dict[object, Unit] = {}
    for item in items.select_related("photo")[: limit * len(batch.kinds)]:
        units.setdefault(item.key or item.photo_id, []).append(item)
    return list(units.values())


def _start(batch: Batch, unit: Unit) -> bool | None:
    """The unit is under way, or has failed (False). None if the batch does not run any more.

    Raises StorageError; it is waiting then.
    """
    key, photo = unit[0].key, unit[0].photo
    models = {Kind(item.kind): item.model for item in unit}
    try:
        if key:
            photo = announce_object(batch.owner, key)
        if photo is None:
            raise RefusedError("photo_gone")
        is_awaited = bool(key) and photo.status == Photo.Status.AWAITING_UPLOAD
        with transaction.atomic():
            if not _is_running(batch):
                return None
            if is_awaited:
                queue_announced(photo, models)
            else:
                for kind, model in models.items():
                    reanalyze(photo, [kind], model=model)
            _link(unit, photo)
    except RefusedError as error:
        _items(unit).update(state=State.FAILED, code=error.code)
        return False
    except Photo.DoesNotExist:
        _items(unit).update(state=State.FAILED, code="photo_gone")
        return False
    if is_awaited:
        try:
            bring_bytes(photo, key)
        except StorageError:
            _items(unit).filter(state=State.STARTED).update(state=State.WAITING)
            raise
    return True


def _is_running(batch: Batch) -> bool:
    """Until the transaction ends, nobody ends the batch."""
    row = Batch.objects.select_for_update(no_key=True).get(id=batch.id)
    return row.state == Batch.State.RUNNING


def _link(unit: Unit, photo: Photo) -> None:
    analyses = {
        (analysis.kind, analysis.model): analysis
        for analysis in Analysis.objects.filter(photo=photo)
    }
    for item in unit:
        analysis = analyses[item.kind, item.model]
        # Unless a worker that took over has started it meanwhile.
        waiting = BatchItem.objects.filter(id=item.id, state=State.WAITING)
        waiting.update(state=State.STARTED, photo=photo, analysis=analysis)


def _items(unit: Unit) -> QuerySet[BatchItem]:
    return BatchItem.objects.filter(id__in=[item.id for item in unit])
