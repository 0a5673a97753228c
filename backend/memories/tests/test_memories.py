"""What is remembered on a day, and what never is."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from backend.accounts.models import User
from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.analysis.services import record_result
from backend.conftest import face, faces, make_photo, make_result
from backend.memories.memories import MOST_PHOTOS, Memory, MemoryKind, _choose, memories_of
from backend.people.models import Face, Person
from backend.people.services import hide_person, name_face
from backend.photos.models import Photo

TODAY = date(2026, 5, 10)
HOME: dict[str, Any] = {
    "latitude": 31.23,
    "longitude": 121.47,
    "city": "Shanghai",
    "country": "China",
}
PARIS: dict[str, Any] = {"latitude": 48.85, "longitude": 2.35, "city": "Paris", "country": "France"}


def at(owner: User, day: date, hour: int = 12, **fields: Any) -> Photo:
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return make_photo(owner, taken_at=moment, **({"has_renditions": True} | fields))


def only(owner: User, kind: MemoryKind, day: date = TODAY) -> list[Memory]:
    return [memory for memory in memories_of(owner, day) if memory.kind == kind]


def test_this_day_of_each_earlier_year_the_latest_first(user: User) -> None:
    evening, morning = at(user, date(2024, 5, 10), 20), at(user, date(2024, 5, 10), 8)
    old = at(user, date(2019, 5, 10))
    for other in (date(2024, 5, 11), date(2024, 5, 9), TODAY, date(2024, 6, 10)):
        at(user, other)
    memories = only(user, MemoryKind.ON_THIS_DAY)
    assert [memory.photos for memory in memories] == [[morning, evening], [old]]
    assert [memory.first_day.year for memory in memories] == [2024, 2019]


def test_the_day_is_that_of_the_clock_of_the_place(user: User) -> None:
    late = datetime(2024, 5, 9, 20, tzinfo=UTC)
    photo = make_photo(user, taken_at=late, taken_at_offset=480, has_renditions=True)
    assert [memory.photos for memory in only(user, MemoryKind.ON_THIS_DAY)] == [[photo]]


@pytest.mark.parametrize(
    ("day", "remembered"),
    [
        (date(2025, 2, 28), [date(2024, 2, 28), date(2024, 2, 29)]),
        (date(2028, 2, 28), [date(2024, 2, 28)]),
        (date(2028, 2, 29), [date(2024, 2, 29)]),
        (date(2025, 3, 1), []),
    ],
)
def test_a_leap_day_is_remembered_each_year(user: User, day: date, remembered: list[date]) -> None:
    at(user, date(2024, 2, 28))
    at(user, date(2024, 2, 29))
    found = sorted(memory.first_day for memory in only(user, MemoryKind.ON_THIS_DAY, day))
    assert found == remembered


@pytest.mark.parametrize(
    "fields",
    [
        {"trashed_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"archived": True},
        {"status": Photo.Status.AWAITING_UPLOAD},
        {"moderation_verdict": Photo.Moderation.REVIEW},
        {"moderation_verdict": Photo.Moderation.BLOCKED},
        {"has_renditions": False},
    ],
)
def test_what_is_put_away_or_held_back_is_not_remembered(
    user: User, fields: dict[str, Any]
) -> None:
    at(user, date(2024, 5, 10), **fields)
    assert memories_of(user, TODAY) == []


def test_somebody_elses_photos_are_not_remembered(user: User, stranger: User) -> None:
    at(stranger, date(2024, 5, 10))
    assert memories_of(user, TODAY) == []


def test_a_photo_that_shows_a_hidden_person_is_not_remembered(user: User) -> None:
    photo = at(user, date(2024, 5, 10))
    record_result(make_result(photo, faces(face())))
    person = name_face(Face.objects.get(), "Alice")
    assert len(memories_of(user, TODAY)) == 1
    hide_person(person, hidden=True)
    assert memories_of(user, TODAY) == []


def test_duplicates_are_shown_once_by_the_best(user: User) -> None:
    small = at(user, date(2024, 5, 10), 8, width=400, height=300)
    other = at(user, date(2024, 5, 10), 9)
    large = at(user, date(2024, 5, 10), 10, width=4000, height=3000)
    group = DuplicateGroup.objects.create(owner=user, kind=DuplicateGroup.Kind.BURST)
    for photo in (small, large):
        GroupedPhoto.objects.create(group=group, photo=photo)
    (memory,) = only(user, MemoryKind.ON_THIS_DAY)
    assert (memory.photos, memory.count) == ([other, large], 3)


def test_of_many_photos_favourites_and_an_even_spread_are_shown() -> None:
    items = [(number, number in (7, 8)) for number in range(1000)]
    chosen = _choose(items, MOST_PHOTOS)
    assert len(chosen) == MOST_PHOTOS
    assert chosen == sorted(chosen)
    assert {7, 8} <= set(chosen)
    assert max(later - sooner for sooner, later in pairwise(chosen)) < 2 * 1000 / MOST_PHOTOS
    assert _choose(items[:5], MOST_PHOTOS) == [0, 1, 2, 3, 4]


def stay(owner: User, first: date, days: int, place: dict[str, Any], each: int = 2) -> None:
    for day in range(days):
        for hour in range(each):
            at(owner, first + timedelta(days=day), 9 + hour, **place)


def test_a_trip_is_days_away_until_one_is_home_again(user: User) -> None:
    stay(user, date(2024, 4, 20), 18, HOME)
    stay(user, date(2024, 5, 8), 6, PARIS)
    stay(user, date(2024, 5, 14), 18, HOME)
    (trip,) = only(user, MemoryKind.TRIP)
    assert (trip.first_day, trip.last_day) == (date(2024, 5, 8), date(2024, 5, 13))
    assert (trip.city, trip.country, trip.count) == ("Paris", "France", 12)
    assert only(user, MemoryKind.TRIP, date(2026, 6, 20)) == []


def test_a_gap_in_time_ends_a_trip(user: User) -> None:
    stay(user, date(2023, 1, 1), 20, HOME)
    stay(user, date(2024, 5, 2), 4, PARIS)
    stay(user, date(2024, 5, 12), 4, PARIS)
    trips = only(user, MemoryKind.TRIP)
    assert [(trip.first_day, trip.last_day) for trip in trips] == [
        (date(2024, 5, 12), date(2024, 5, 15))
    ]


def test_a_day_out_and_a_place_near_home_are_no_trips(user: User) -> None:
    stay(user, date(2024, 4, 20), 20, HOME)
    stay(user, date(2024, 5, 10), 1, PARIS, each=8)
    stay(user, date(2025, 5, 8), 5, HOME | {"latitude": 31.7})
    assert only(user, MemoryKind.TRIP) == []


def test_a_trip_that_has_just_ended_is_remembered(user: User) -> None:
    stay(user, date(2026, 1, 1), 20, HOME)
    stay(user, date(2026, 5, 1), 5, PARIS)
    assert [trip.city for trip in only(user, MemoryKind.TRIP)] == ["Paris"]
    assert only(user, MemoryKind.TRIP, date(2026, 5, 25)) == []


def test_who_moved_house_was_at_home_there_then(user: User) -> None:
    stay(user, date(2025, 1, 1), 60, HOME)
    for month in (3, 4, 5, 6):
        stay(user, date(2024, month, 8), 6, PARIS)
    assert only(user, MemoryKind.TRIP) == []


def test_a_person_is_shown_through_the_years_at_their_clearest(user: User) -> None:
    best = []
    person = None
    for year in (2019, 2021, 2024):
        for quality in (0.3, 0.9, 0.5):
            photo = at(user, date(year, 1, 1 + int(quality * 10)))
            record_result(make_result(photo, faces(face(quality=quality))))
            found = Face.objects.get(photo=photo)
            person = person or name_face(found, "小明")
            Face.objects.filter(id=found.id).update(person=person)
            best += [photo] if quality == 0.9 else []
    assert person is not None
    (memory,) = only(user, MemoryKind.PERSON)
    assert (memory.person, memory.photos) == (person, best)
    assert only(user, MemoryKind.PERSON, date(2024, 1, 1)) == []  # two years only by then
    Person.objects.update(hidden=True)
    assert only(user, MemoryKind.PERSON) == []
