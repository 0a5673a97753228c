"""Whether others may see a photo: a network's word, and a person's, which stands above it."""

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from backend.accounts.models import User
from backend.analysis.models import Analysis, ModerationVerdict
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from functions.contract import Kind

logger = logging.getLogger(__name__)

# Photos that a person has to look at: a network has doubts, and nobody has decided so far.
TO_MODERATE = Q(
    moderation_verdict__in=[Photo.Moderation.REVIEW, Photo.Moderation.BLOCKED],
    trashed_at__isnull=True,
    moderation_decision__isnull=True,
)
# The model whose score the photo has.
SCORED_BY = Subquery(
    Analysis.objects.filter(
        photo=OuterRef("pk"), kind=Kind.MODERATION, moderation_score=OuterRef("moderation_score")
    )
    .order_by("-finished_at")
    .values("model")[:1]
)


def moderation_verdict(score: float) -> Photo.Moderation:
    """What a network's score comes to."""
    if score >= settings.MODERATION_BLOCKED:
        return Photo.Moderation.BLOCKED
    if score >= settings.MODERATION_REVIEW:
        return Photo.Moderation.REVIEW
    return Photo.Moderation.OK


def network_verdict(photo: Photo) -> Photo.Moderation:
    """The network's own word on the photo, whatever a person has said."""
    if photo.moderation_score is None:
        return Photo.Moderation.PENDING
    return moderation_verdict(photo.moderation_score)


def show_score(photo: Photo, score: float) -> None:
    """The photo has the score, and the verdict that follows from it unless a person has decided.

    The photo is locked by the caller, and not saved here.
    """
    photo.moderation_score = score
    if not ModerationVerdict.objects.filter(photo=photo).exists():
        photo.moderation_verdict = moderation_verdict(score)


def show_scores(photos: QuerySet[Photo], analyses: QuerySet[Analysis]) -> None:
    """The same of many photos, each with the score of its one analysis among these, if it has any.

    The photos are locked by the caller.
    """
    scores = analyses.filter(photo=OuterRef("pk"), moderation_score__isnull=False)
    scored = photos.filter(Exists(scores))
    scored.update(moderation_score=Subquery(scores.values("moderation_score")[:1]))
    verdict = Case(
        When(moderation_score__gte=settings.MODERATION_BLOCKED, then=Value("blocked")),
        When(moderation_score__gte=settings.MODERATION_REVIEW, then=Value("review")),
        default=Value("ok"),
    )
    scored.filter(moderation_decision=None).update(moderation_verdict=verdict)


@transaction.atomic
def judge_moderation(photo: Photo, *, blocked: bool, user: User, note: str = "") -> None:
    """Others may see the photo, or not, by a person's word, which outlives any later analysis.

    A later word replaces an earlier one. Safe to run twice. Raises RefusedError: not_found for a
    photo that is gone, not_ready for one without a picture to look at.
    """
    photo = _lock(photo)
    if not photo.has_renditions:
        raise RefusedError("not_ready", status=409)
    scored_by = Photo.objects.filter(id=photo.id).values_list(SCORED_BY, flat=True)[0]
    ModerationVerdict.objects.update_or_create(
        photo=photo,
        defaults={
            "blocked": blocked,
            "user": user,
            "model": scored_by or "",
            # A score of which nobody knows whose it was says nothing.
            "score": photo.moderation_score if scored_by else None,
            "note": note,
        },
    )
    photo.moderation_verdict = Photo.Moderation.BLOCKED if blocked else Photo.Moderation.OK
    photo.save(update_fields=["moderation_verdict"])
    word = photo.moderation_verdict
    logger.info("%s (%s) has decided: %s photo %s", user, user.id, word, photo.id)


@transaction.atomic
def undo_moderation(photo: Photo) -> None:
    """Nobody has decided about the photo: the network's word stands. Safe to run twice.

    Raises RefusedError not_found.
    """
    photo = _lock(photo)
    if ModerationVerdict.objects.filter(photo=photo).delete()[0]:
        logger.info("a decision is taken back: photo %s", photo.id)
    photo.moderation_verdict = network_verdict(photo)
    photo.save(update_fields=["moderation_verdict"])


def _lock(photo: Photo) -> Photo:
    """A result that comes this moment is recorded before or after, and not over a decision."""
    locked = Photo.objects.select_for_update().filter(id=photo.id).first()
    if locked is None:
        raise RefusedError("not_found", status=404)
    return locked
