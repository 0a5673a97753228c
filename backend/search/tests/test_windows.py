"""In a large library the newest answers are looked for within a window of days first."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import inspection, labels, make_photo, make_result
from backend.photos.timeline import renew_months
from backend.search import selectors, windows
from backend.search.models import SearchDocument
from backend.search.selectors import find_photos
from backend.search.services import index_stale_photos
from backend.search.terms import understand
from backend.search.windows import estimate_count, find_window

NOBODY = UUID(int=0)


@pytest.fixture
def year(user: User) -> User:
    """A photo each month of 2023, with a dog until June and a cat from May to July."""
    for month in range(1, 13):
        photo = make_photo(user, filename=f"{month:02}.jpg")
        record_result(make_result(photo, inspection(taken_at=f"2023-{month:02}-10T12:00:00+00:00")))
        seen = [("dog", "狗")] if month <= 6 else []
        seen += [("cat", "猫")] if 5 <= month <= 7 else []
        record_result(make_result(photo, labels(*seen)))
    index_stale_photos(limit=20)
    renew_months(user.id)
    return user


@pytest.fixture
def window_of_half_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_SMALL_LIBRARY", 0)
    monkeypatch.setattr(windows, "estimate_count", lambda _: 12)
    monkeypatch.setattr(selectors, "MAX_RANKED", 3)


def documents(user: User) -> QuerySet[SearchDocument]:
    return SearchDocument.objects.filter(owner=user)


@pytest.mark.usefixtures("window_of_half_a_year")
@pytest.mark.parametrize(
    ("query", "photos"),
    [
        ("jpg", ["12", "11", "10"]),
        ("dog", ["06", "05", "04"]),
        ("cat", ["07", "06", "05"]),
        ("猫", ["07", "06", "05"]),
        ("dog before May 2023", ["04", "03", "02"]),
        ("bird", []),
    ],
)
def test_what_a_window_lacks_is_found_before_it(year: User, query: str, photos: list[str]) -> None:
    hits = find_photos(year, understand(year, query))
    names = dict(documents(year).values_list("photo_id", "photo__filename"))
    assert [names[hit.photo_id].removesuffix(".jpg") for hit in hits] == photos


@pytest.mark.usefixtures("window_of_half_a_year")
def test_a_window_holds_twice_as_many_as_are_wanted(year: User) -> None:
    assert find_window(year, documents(year), wanted=3) == datetime(2023, 7, 1, tzinfo=UTC)
    assert find_window(year, documents(year), wanted=1) == datetime(2023, 11, 1, tzinfo=UTC)
    # Most of the library is no window.
    assert find_window(year, documents(year), wanted=4) is None


def test_a_small_library_is_looked_through(year: User) -> None:
    assert find_window(year, documents(year), wanted=1) is None


def test_what_postgres_expects_is_read_from_its_plan(year: User) -> None:
    assert estimate_count(documents(year).filter(photo_id=NOBODY)) == 1
