"""What to remember on a day: the same day of earlier years, trips, people through the years."""

from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Window
from django.db.models.functions import ExtractYear, RowNumber

from backend.accounts.models import User
from backend.analysis.duplicate_review import show_duplicates_once
from backend.memories.trips import Trip, trips_around
from backend.people.models import Face, Person
from backend.photos.models import Month, Photo
from backend.photos.selectors import PhotoFilter, filter_photos, photos_of
from backend.photos.timeline import renew_months
from backend.registry.selectors import active_model
from functions.contract import Kind

# Of one memory; who wants more asks for all photos of its days.
MOST_PHOTOS = 12
# Enough to choose from, even of a wedding.
MOST_CANDIDATES = 5000
NEAR_TRIP = timedelta(days=3)
# A trip that has just ended is remembered for so long.
JUST_ENDED = timedelta(days=14)
LEAST_YEARS, MOST_YEARS = 3, 30  # that somebody must have been photographed in
# People who are looked at before a day is given up; each is one query over their faces.
MOST_PEOPLE = 3

_Item = TypeVar("_Item")


class MemoryKind(StrEnum):
    ON_THIS_DAY = "on_this_day"
    TRIP = "trip"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Photos that belong together, in the order in which they were taken.

    count: how many there are; photos holds the most worthwhile of them, duplicates once.
    first_day, last_day: by the clock of the place. city, country: of most of a trip's photos.
    """

    kind: MemoryKind
    first_day: date
    last_day: date
    count: int
    photos: list[Photo]
    person: Person | None = None
    city: str = ""
    country: str = ""


def memories_of(user: User, day: date) -> list[Memory]:
    """What the user may remember on a day, the latest years first.

    From the library only, without photos that moderation holds back or that show somebody whom
    the user has hidden.
    """
    renew_months(user.id)
    months = Month.objects.filter(owner=user, month__lt=day).order_by("-month")
    years = list(dict.fromkeys(month.year for month in months.values_list("month", flat=True)))
    earlier = [year for year in years if year < day.year]
    spans = [
        _Span(kind=MemoryKind.ON_THIS_DAY, first_day=other, last_day=other)
        for year in earlier
        for other in _same_day(day, year)
    ]
    spans += [
        _Span(kind=MemoryKind.TRIP, first_day=trip.first_day, last_day=trip.last_day)
        for trip in _trips(user, day, earlier)
    ]
    person = _remember_person(user, day)
    return _remember(user, spans) + ([person] if person else [])


@dataclass(frozen=True, kw_only=True)
class _Span:
    kind: MemoryKind
    first_day: date
    last_day: date


def photos_to_remember(user: User) -> QuerySet[Photo]:
    """Those that can be shown unasked, and whose day is known."""
    hidden = Face.objects.filter(
        photo=OuterRef("pk"), person__hidden=True, model=active_model(Kind.FACES)
    )
    return (
        photos_of(user)
        .filter(in_library=True, has_renditions=True, taken_at__isnull=False)
        .exclude(moderation_verdict__in=[Photo.Moderation.REVIEW, Photo.Moderation.BLOCKED])
        .exclude(Exists(hidden))
    )


def _same_day(day: date, year: int) -> list[date]:
    """The day in another year, if it has it; a leap day belongs to 28 February otherwise."""
    days = [day.day]
    if (day.month, day.day) == (2, 28) and isleap(year) and not isleap(day.year):
        days.append(29)
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return []
    return [date(year, day.month, number) for number in days]


def _trips(user: User, day: date, earlier: list[int]) -> list[Trip]:
    days = [other for year in earlier for other in _same_day(day, year)]
    trips = trips_around(user, days, margin=NEAR_TRIP)
    recent = trips_around(user, [day], margin=JUST_ENDED)
    trips += [trip for trip in recent if day - JUST_ENDED <= trip.last_day < day]
    return sorted(set(trips), key=lambda trip: trip.first_day, reverse=True)


def _remember(user: User, spans: list[_Span]) -> list[Memory]:
    """Memories of those spans that have photos; all photos are read together."""
    candidates = {
        span: list(
            _between(user, span)
            .order_by("shown_at", "id")
            .values_list("id", "favorite")[:MOST_CANDIDATES]
        )
        for span in spans
    }
    # Twice as many as are shown, because duplicates fall away.
    chosen = {span: _choose(items, 2 * MOST_PHOTOS) for span, items in candidates.items()}
    found = _load(key for keys in chosen.values() for key in keys)
    photos = {photo.id: photo for photo in show_duplicates_once(found)}
    memories = []
    for span, items in candidates.items():
        if not items:
            continue
        once = [photos[key] for key in chosen[span] if key in photos]
        city, country = _place_of(user, span)
        memories.append(
            Memory(
                kind=span.kind,
                first_day=span.first_day,
                last_day=span.last_day,
                count=len(items) if len(items) < MOST_CANDIDATES else _between(user, span).count(),
                photos=_choose([(photo, photo.favorite) for photo in once], MOST_PHOTOS),
                city=city,
                country=country,
            )
        )
    return [memory for memory in memories if memory.photos]


def _place_of(user: User, span: _Span) -> tuple[str, str]:
    """City and country of most photos of a trip."""
    if span.kind != MemoryKind.TRIP:
        return "", ""
    places = (
        _between(user, span)
        .exclude(city="", country="")
        .values_list("city", "country")
        .annotate(photos=Count("id"))
        .order_by("-photos", "city")
    )
    city, country, _ = places.first() or ("", "", 0)
    return city, country


def _between(user: User, span: _Span) -> QuerySet[Photo]:
    wanted = PhotoFilter(first_day=span.first_day, last_day=span.last_day)
    return filter_photos(photos_to_remember(user), wanted)


def _choose(items: list[tuple[_Item, bool]], most: int) -> list[_Item]:
    """At most so many, in their order: favourites, and what lies evenly spread between them."""
    places = [place for place, (_, is_favorite) in enumerate(items) if is_favorite]
    others = [place for place, (_, is_favorite) in enumerate(items) if not is_favorite]
    places = _spread(places, most)
    places += _spread(others, most - len(places))
    return [items[place][0] for place in sorted(places)]


def _spread(places: list[int], most: int) -> list[int]:
    if len(places) <= most:
        return places
    return [places[number * len(places) // most] for number in range(most)]


def _load(photo_ids: Iterable[UUID]) -> list[Photo]:
    photos = Photo.objects.in_bulk(list(photo_ids)).values()
    return sorted(photos, key=lambda photo: (photo.shown_at, photo.id))


def _remember_person(user: User, day: date) -> Memory | None:
    """Another of the user's named people each day, a photo for each of their years."""
    people = Person.objects.filter(owner=user, hidden=False).exclude(name="").order_by("id")
    count = people.count()
    for turn in range(min(count, MOST_PEOPLE)):
        person = people[(day.toordinal() + turn) % count]
        photos = _best_of_each_year(user, person, before=day)
        if len(photos) >= LEAST_YEARS:
            return Memory(
                kind=MemoryKind.PERSON,
                first_day=photos[0].shown_local.date(),
                last_day=photos[-1].shown_local.date(),
                count=len(photos),
                photos=photos,
                person=person,
            )
    return None


def _best_of_each_year(user: User, person: Person, *, before: date) -> list[Photo]:
    """For each year before a day, the photo that shows the person's face most clearly."""
    place = Window(
        RowNumber(),
        partition_by=ExtractYear("photo__shown_local", tzinfo=UTC),
        order_by=["-quality", "id"],
    )
    clearest = (
        Face.objects.filter(
            person=person,
            model=active_model(Kind.FACES),
            photo__in=photos_to_remember(user),
            photo__shown_local__lt=datetime.combine(before, time.min, tzinfo=UTC),
        )
        .annotate(place=place)
        .filter(place=1)
    )
    return _load(clearest.values_list("photo_id", flat=True))[-MOST_YEARS:]
