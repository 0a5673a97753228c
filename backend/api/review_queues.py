"""What waits for a person's decision, and what a decision does: one row a queue."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.moderating import SCORED_BY, TO_MODERATE, judge_moderation, undo_moderation
from backend.api.policy import visible_to
from backend.photos.models import Photo
from backend.wechat.checks import TO_JUDGE, judge, take_back
from backend.wechat.models import PhotoCheck, TextCheck

logger = logging.getLogger(__name__)
# So long after a decision its picture can still be looked at, and the decision be thought over.
LOOKING_BACK = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Rows of one model about which a person can decide.

    rows: everybody's, with what an item shows. waits: those that wait. decided_since: those that a
    person has decided about since a moment. owner, photo: lookups that lead from a row to these.
    decide: takes blocked, user and note; undo: nobody has decided. Both may raise RefusedError.
    """

    name: str
    model: type[Model]
    rows: Callable[[], QuerySet[Any]]
    waits: Q
    decided_since: Callable[[datetime], Q]
    owner: str
    photo: str | None
    decide: Callable[..., None]
    undo: Callable[[Any], None]

    def rows_for(self, user: User) -> QuerySet[Any]:
        """Those that the user may see, whether they wait or not."""
        return visible_to(user, self.rows(), owner=self.owner)

    def waiting_for(self, user: User) -> QuerySet[Any]:
        return self.rows_for(user).filter(self.waits)


def _photos() -> QuerySet[Photo]:
    photos = Photo.objects.filter(
        has_renditions=True, trashed_at__isnull=True, owner__is_active=True
    )
    return photos.annotate(scored_by=SCORED_BY).select_related("owner", "moderation_decision__user")


def _photo_checks() -> QuerySet[PhotoCheck]:
    checks = PhotoCheck.objects.filter(
        photo__has_renditions=True,
        photo__trashed_at__isnull=True,
        photo__owner__is_active=True,
    )
    return checks.select_related("photo__owner", "decided_by")


def _text_checks() -> QuerySet[TextCheck]:
    # Of what passed long ago only the digest is kept: nobody can decide about that any more.
    checks = TextCheck.objects.filter(author__is_active=True).exclude(text="")
    return checks.select_related("author", "decided_by")


def _judge(check: Any, *, blocked: bool, user: User, note: str) -> None:
    judge(check, passes=not blocked, by=user, note=note)


def _judged_since(moment: datetime) -> Q:
    return Q(decided_at__gte=moment) & ~Q(before="")


QUEUES = (
    Queue(
        name="moderation",
        model=Photo,
        rows=_photos,
        waits=TO_MODERATE,
        decided_since=lambda moment: Q(moderation_decision__created_at__gte=moment),
        owner="owner",
        photo="id",
        decide=judge_moderation,
        undo=undo_moderation,
    ),
    Queue(
        name="wechat_photos",
        model=PhotoCheck,
        rows=_photo_checks,
        waits=TO_JUDGE,
        decided_since=_judged_since,
        owner="photo__owner",
        photo="photo",
        decide=_judge,
        undo=take_back,
    ),
    Queue(
        name="wechat_texts",
        model=TextCheck,
        rows=_text_checks,
        waits=TO_JUDGE,
        decided_since=_judged_since,
        owner="author",
        photo=None,
        decide=_judge,
        undo=take_back,
    ),
)
NAMES = [queue.name for queue in QUEUES]


def queue_named(name: str) -> Queue | None:
    return next((queue for queue in QUEUES if queue.name == name), None)


def queue_of(row: Model) -> Queue:
    return next(queue for queue in QUEUES if isinstance(row, queue.model))


def look_at(name: str, user_id: str, photo_id: UUID) -> bool:
    """Whether the queue shows somebody else's photo to the user; if so, it is logged who looks.

    A photo is shown while it waits, and for a while after a person has decided.
    """
    queue = queue_named(name)
    user = User.objects.filter(id=user_id, is_active=True).first()
    if queue is None or queue.photo is None or user is None:
        return False
    shown = queue.waits | queue.decided_since(timezone.now() - LOOKING_BACK)
    found = queue.rows_for(user).filter(shown, **{queue.photo: photo_id})
    for owner_id in found.values_list(f"{queue.owner}_id", flat=True):
        logger.info(
            "review: %s (%s) looks at photo %s of %s, for %s",
            *(user, user.id, photo_id, owner_id, name),
        )
        return True
    return False
