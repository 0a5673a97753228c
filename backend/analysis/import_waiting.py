"""Waiting until imported photos have been looked at, and reading what came of it."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from backend.analysis.importing import Outcome, Patience, Result
from backend.analysis.models import Analysis
from backend.analysis.services import OPEN
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from functions.contract import Kind

# A lost worker's photo is taken up again within its lease of 2 minutes; after 5 nobody is there.
STALL_S = 300.0
POLL_S = 0.5
MOST_POLL_S = 5.0
_AT_ONCE = 5000  # ids a query, which the primary key answers in some 10 ms


class StalledError(Exception):
    """Nothing has moved for several minutes; the text says what hangs, for a person."""


class AnalysisWatch:
    """Knows which of a run's photos are still being looked at."""

    def __init__(
        self,
        photo_ids: Iterable[UUID],
        *,
        say: Callable[[str], None],
        stall_s: float = STALL_S,
    ) -> None:
        self._waiting = sorted(set(photo_ids))
        self._say = say
        self._stall_s = stall_s
        self._patience = Patience(say=say, stop=threading.Event())
        self.total = len(self._waiting)

    def settle(self) -> Iterator[int]:
        """How many photos are ready or failed, again and again, until all are.

        Raises StalledError if nothing moves, ServersAwayError if the database stays away.
        """
        moved_at = time.monotonic()
        last: object = None
        warned = False
        while True:
            asked_at = time.monotonic()
            now = self._patience.persist(self._look)
            yield self.total - len(self._waiting)
            if not self._waiting:
                return
            if now != last:
                last, moved_at, warned = now, time.monotonic(), False
            still_s = time.monotonic() - moved_at
            if still_s > self._stall_s:
                raise StalledError(self._patience.persist(self._explain))
            if still_s > self._stall_s / 5 and not warned:
                warned = True
                self._say(f"Nothing has moved for {still_s:.0f} s. {self._explain()}")
            # Long lists are asked for less often, so that asking stays a tenth of the time; but an
            # answer that was long in coming because a server was away says nothing of the list.
            time.sleep(min(max(POLL_S, 9 * (time.monotonic() - asked_at)), MOST_POLL_S))

    def _look(self) -> object:
        """Forget what is settled or deleted. Returns what changes whenever anything moves."""
        waiting: list[UUID] = []
        for start in range(0, len(self._waiting), _AT_ONCE):
            ids = self._waiting[start : start + _AT_ONCE]
            processing = Photo.objects.filter(id__in=ids, status=Photo.Status.PROCESSING)
            waiting += processing.values_list("id", flat=True)
        self._waiting = sorted(waiting)
        started_at = self._analyses().aggregate(latest=Max("started_at"))["latest"]
        return len(waiting), started_at, self._analyses().filter(state__in=OPEN).count()

    def _analyses(self) -> QuerySet[Analysis]:
        # The oldest are taken up first, so movement shows in them.
        return Analysis.objects.filter(photo_id__in=self._waiting[:_AT_ONCE])

    def _explain(self) -> str:
        states = self._analyses().aggregate(
            untouched=Count("id", filter=Q(state=Analysis.State.QUEUED, attempts=0)),
            retrying=Count("id", filter=Q(state=Analysis.State.QUEUED, attempts__gt=0)),
            running=Count("id", filter=Q(state=Analysis.State.RUNNING)),
        )
        count = len(self._waiting)
        text = f"{count} photo{'s wait' if count > 1 else ' waits'} to be looked at: "
        text += ", ".join(f"{number} {state}" for state, number in states.items() if number)
        if not states["running"]:
            text += ". No functions worker takes them: is `make up` (or your own worker) running?"
        return text


def judge(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes with what the analyses came to: a photo that could not be read has failed.

    A photo that is ready although one of its analyses failed is in the album, and is failed here
    too, so that somebody looks at it.
    """
    ids = sorted({outcome.photo_id for outcome in outcomes if outcome.photo_id})
    reasons: dict[UUID, Analysis] = {}
    existing: set[UUID] = set()
    for start in range(0, len(ids), _AT_ONCE):
        batch = ids[start : start + _AT_ONCE]
        existing.update(Photo.objects.filter(id__in=batch).values_list("id", flat=True))
        for analysis in Analysis.objects.filter(
            photo_id__in=batch, state=Analysis.State.FAILED
        ).order_by("kind"):
            if analysis.model != active_model(Kind(analysis.kind)):
                continue
            # Without an inspection there is no photo to look at: it is the reason of the others.
            if analysis.photo_id not in reasons or analysis.kind == Kind.INSPECTION:
                reasons[analysis.photo_id] = analysis
    return [_judge_one(outcome, reasons, existing) for outcome in outcomes]


def _judge_one(outcome: Outcome, reasons: dict[UUID, Analysis], existing: set[UUID]) -> Outcome:
    if outcome.photo_id is None:
        return outcome
    if outcome.photo_id not in existing:
        return dataclasses.replace(
            outcome,
            result=Result.FAILED,
            stage="album",
            code="deleted",
            detail="It was deleted from the album meanwhile.",
        )
    reason = reasons.get(outcome.photo_id)
    if reason is None:
        return outcome
    return dataclasses.replace(
        outcome,
        result=Result.FAILED,
        stage=f"{reason.kind}/{reason.stage}" if reason.stage else reason.kind,
        code=reason.code,
        detail=reason.detail,
    )
