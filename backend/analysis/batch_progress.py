"""Items of batches keep up with the analyses that they wait for."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F

from backend.analysis.models import Analysis, BatchItem
from backend.core.jobs import enqueue
from backend.photos.models import Photo
from functions.contract import Kind

_ENDED = (Analysis.State.DONE, Analysis.State.FAILED)
State = BatchItem.State


def note_cost(analysis: Analysis, cpu_ms: float) -> None:
    """Batches that wait for the analysis know what one attempt has taken.

    An inspection that nobody asked for, of an object that became a photo, is its first item's.
    """
    started = BatchItem.objects.filter(photo_id=analysis.photo_id, state=State.STARTED)
    own = set(started.filter(analysis=analysis).values_list("id", flat=True))
    if analysis.kind == Kind.INSPECTION and not own:
        own = set(
            started.exclude(key="")
            .order_by("batch", "id")
            .distinct("batch")
            .values_list("id", flat=True)
        )
    if own:
        BatchItem.objects.filter(id__in=own).update(cpu_ms=F("cpu_ms") + max(cpu_ms, 0.0))


def settle_items(photo: Photo) -> None:
    """Items whose analysis has ended have ended too, and where there is room again it is filled."""
    ended = BatchItem.objects.filter(
        photo=photo, state=State.STARTED, analysis__state__in=_ENDED
    ).values_list("id", "batch_id", "analysis__state", "analysis__code")
    batch_ids = set()
    for item_id, batch_id, state, code in ended:
        BatchItem.objects.filter(id=item_id).update(state=state, code=code)
        batch_ids.add(batch_id)
    for batch_id in batch_ids:
        left = BatchItem.objects.filter(batch=batch_id, state=State.STARTED).count()
        if left <= settings.BATCH_WINDOW // 2:
            transaction.on_commit(partial(enqueue, "analysis.feed_batch", str(batch_id)))
