"""Reading photos: who sees which, in what order, narrowed how."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, UUIDField

from backend.accounts.models import User
from backend.core.written import Given, Written
from backend.photos.models import Photo, Tag


@dataclass(frozen=True, kw_only=True)
class PhotoFilter:
    """What a list of photos is narrowed to; None and empty mean: not narrowed.

    from_, to: moments; first_day, last_day: days by the clock of the place, both included.
    bbox: west, south, east, north in degrees; west > east crosses the date line.
    among: photos to choose from instead of one's own, such as an album's. Who sets it has made
    sure that the user may see them.
    """

    from_: datetime | None = None
    to: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    bbox: tuple[float, float, float, float] | None = None
    place: str = ""
    status: str = ""
    tags: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)
    favorite: bool | None = None
    archived: bool | None = None
    trashed: bool = False
    has_text: bool | None = None
    among: QuerySet[Photo] | None = None


def photos_of(user: User) -> QuerySet[Photo]:
    """Every photo that is the user's own, trash included."""
    return Photo.objects.filter(owner=user)


_own_photo = Written(
    lambda: Photo.objects.filter(owner=Given("owner", UUIDField()), id=Given("id", UUIDField()))
)


def find_own_photo(user: User, photo_id: UUID) -> Photo | None:
    """The user's own photo of this id, trash included."""
    found = _own_photo(owner=user.id, id=photo_id)
    return found[0] if found else None


# Our own moderation and inspection have let them pass.
PASSED = Q(
    moderation_verdict__in=[Photo.Moderation.OK, Photo.Moderation.REVIEW],
    has_renditions=True,
    trashed_at__isnull=True,
)


def shareable() -> Q:
    """Photos that others may be shown: the others are for their owner alone.

    Where WeChat is asked, too, it has let them pass, or a person has.
    """
    if settings.WECHAT_CHECKS:
        return PASSED & Q(wechat_verdict=Photo.Moderation.OK)
    return PASSED


def filter_photos(photos: QuerySet[Photo], wanted: PhotoFilter) -> QuerySet[Photo]:
    """Photos that fit all that is asked of a photo's own row and words."""
    photos = photos.filter(trashed_at__isnull=not wanted.trashed)
    for name in ("favorite", "archived", "has_text"):
        value = getattr(wanted, name)
        if value is not None:
            photos = photos.filter(**{name: value})
    if wanted.status:
        photos = photos.filter(status=wanted.status)
    else:
        # Nothing to look at yet, and perhaps never.
        photos = photos.exclude(status=Photo.Status.AWAITING_UPLOAD)
    if wanted.from_ is not None:
        photos = photos.filter(shown_at__gte=wanted.from_)
    if wanted.to is not None:
        photos = photos.filter(shown_at__lt=wanted.to)
    photos = photos.filter(within_days(wanted.first_day, wanted.last_day))
    if wanted.place:
        photos = photos.filter(
            Q(country__iexact=wanted.place)
            | Q(region__iexact=wanted.place)
            | Q(city__iexact=wanted.place)
        )
    if wanted.bbox is not None:
        photos = photos.filter(_inside(wanted.bbox))
    for tag in wanted.tags:
        photos = photos.filter(Exists(Tag.objects.filter(photo=OuterRef("pk"), name__iexact=tag)))
    return photos


def within_days(first: date | None, last: date | None) -> Q:
    """By the clock of the place, both included; None is open."""
    within = Q()
    if first is not None:
        within &= Q(shown_local__gte=_midnight(first))
    if last is not None and last < date.max:
        within &= Q(shown_local__lt=_midnight(last + timedelta(days=1)))
    return within


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _inside(bbox: tuple[float, float, float, float]) -> Q:
    west, south, east, north = bbox
    inside = Q(latitude__gte=south, latitude__lte=north)
    if west <= east:
        return inside & Q(longitude__gte=west, longitude__lte=east)
    return inside & (Q(longitude__gte=west) | Q(longitude__lte=east))
