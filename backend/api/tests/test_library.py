"""The timeline and the map."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from backend.accounts.models import User
from backend.conftest import ApiClient, make_photo
from backend.photos.map import FINEST, MAX_ZOOM, _cells_in, clusters_of
from backend.photos.models import MapCell, MapChange, Month, Photo, StaleMonth
from backend.photos.services import delete_photo, restore_photo, trash_photo
from backend.photos.tasks import renew_library
from backend.photos.timeline import months_of

MAY = datetime(2023, 5, 10, 12, tzinfo=UTC)
WORLD = "/map?bbox=-180,-90,180,90&zoom=2"
HANGZHOU = {"latitude": 30.25, "longitude": 120.15}


def shapes(month: dict[str, Any]) -> list[float]:
    return [2 ** ((byte - 128) / 32) for byte in base64.b64decode(month["aspect_ratios"])]


def test_the_timeline_tells_every_months_shapes_newest_first(api: ApiClient, user: User) -> None:
    for days, width, height in [(0, 4000, 3000), (2, 3000, 4000), (1, 1000, 1000), (40, 9000, 10)]:
        make_photo(user, taken_at=MAY + timedelta(days=days), width=width, height=height)
    make_photo(user, taken_at=MAY)  # not inspected yet
    june, may = api("GET", "/timeline").json()
    assert (june["month"], june["count"]) == ("2023-06", 1)
    assert (may["month"], may["count"]) == ("2023-05", 4)
    assert shapes(june) == [2 ** (127 / 32)]  # as wide as it gets
    assert shapes(may) == pytest.approx([3 / 4, 1, 1, 4 / 3], rel=0.012)


def test_a_month_is_that_of_the_clock_of_the_place(api: ApiClient, user: User) -> None:
    last_hour = datetime(2023, 4, 30, 20, tzinfo=UTC)
    make_photo(user, taken_at=last_hour, taken_at_offset=480)
    assert [month["month"] for month in api("GET", "/timeline").json()] == ["2023-05"]


def test_timeline_and_map_follow_what_happens_to_a_photo(api: ApiClient, user: User) -> None:
    def seen() -> tuple[list[tuple[str, int]], list[int]]:
        months = api("GET", "/timeline").json()
        return [(month["month"], month["count"]) for month in months], [
            cluster["count"] for cluster in api("GET", WORLD).json()
        ]

    photo = make_photo(user, taken_at=MAY, **HANGZHOU)
    other = make_photo(user, taken_at=MAY, **HANGZHOU)
    assert seen() == ([("2023-05", 2)], [2])
    trash_photo(photo)
    assert seen() == ([("2023-05", 1)], [1])
    restore_photo(photo)
    Photo.objects.filter(id=other.id).update(archived=True)
    assert seen() == ([("2023-05", 1)], [1])
    Photo.objects.filter(id=photo.id).update(taken_at=MAY - timedelta(days=365), latitude=-30)
    assert seen() == ([("2022-05", 1)], [1])
    Photo.objects.filter(id=photo.id).update(status=Photo.Status.AWAITING_UPLOAD)
    assert seen() == ([], [])
    Photo.objects.filter(id=photo.id).update(
        status=Photo.Status.READY, latitude=None, longitude=None
    )
    assert seen() == ([("2022-05", 1)], [])
    photo.refresh_from_db()
    delete_photo(photo)
    assert seen() == ([], [])
    assert not Month.objects.exists()
    assert not MapCell.objects.exists()


def test_what_does_not_concern_them_leaves_no_note(user: User) -> None:
    photo = make_photo(user, **HANGZHOU)
    StaleMonth.objects.all().delete()
    MapChange.objects.all().delete()
    photo.favorite, photo.search_stale, photo.status = True, True, Photo.Status.READY
    photo.save()
    assert not StaleMonth.objects.exists()
    assert not MapChange.objects.exists()


def test_the_worker_renews_every_library_and_forgets_deleted_accounts(
    user: User, stranger: User
) -> None:
    make_photo(user, **HANGZHOU)
    make_photo(stranger, **HANGZHOU)
    stranger.delete()
    renew_library()
    assert Month.objects.get().owner == user
    assert set(MapCell.objects.values_list("owner", "count")) == {(user.id, 1)}
    assert not StaleMonth.objects.exists()
    assert not MapChange.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_undone_leaves_no_note(user: User) -> None:
    with transaction.atomic():
        make_photo(user, **HANGZHOU)
        transaction.set_rollback(True)
    assert not StaleMonth.objects.exists()


def test_close_photos_part_as_the_map_is_enlarged(api: ApiClient, user: User) -> None:
    near = make_photo(user, **HANGZHOU, has_renditions=True)
    make_photo(user, latitude=30.26, longitude=120.16)
    make_photo(user, latitude=48.85, longitude=2.35)
    counts = {
        zoom: [
            cluster["count"]
            for cluster in api("GET", f"/map?bbox=120,30,120.3,30.4&zoom={zoom}").json()
        ]
        for zoom in (0, 6, 14)
    }
    assert counts[6] == [2]
    assert counts[14] == [1, 1]
    (only,) = api("GET", f"/map?bbox=120.1499,30.2499,120.1501,30.2501&zoom={MAX_ZOOM}").json()
    assert (only["latitude"], only["longitude"]) == pytest.approx((30.25, 120.15), abs=1e-6)
    assert only["gcj02"]["longitude"] == pytest.approx(120.1547, abs=1e-3)
    assert only["photo"]["id"] == str(near.id)
    assert only["photo"]["thumbnail"].startswith("http")
    west, south, east, north = only["bbox"]
    assert west <= 120.15 <= east
    assert south <= 30.25 <= north
    listed = api("GET", "/photos?bbox=" + ",".join(map(str, only["bbox"]))).json()["results"]
    assert [entry["id"] for entry in listed] == [str(near.id)]


def test_a_cluster_stands_where_its_photos_are_on_average(api: ApiClient, user: User) -> None:
    for latitude in (30.0, 30.5, 31.0):
        make_photo(user, latitude=latitude, longitude=121)
    (cluster,) = api("GET", WORLD).json()
    assert (cluster["count"], cluster["latitude"], cluster["longitude"]) == (3, 30.5, 121)


@pytest.mark.parametrize(("latitude", "longitude"), [(90, 180), (-90, -180), (90, -180), (0, 180)])
def test_the_edges_of_the_world_are_on_the_map(
    api: ApiClient, user: User, latitude: float, longitude: float
) -> None:
    make_photo(user, latitude=latitude, longitude=longitude)
    assert [cluster["count"] for cluster in api("GET", WORLD).json()] == [1]


def test_a_bbox_may_cross_the_date_line(api: ApiClient, user: User) -> None:
    make_photo(user, latitude=-17, longitude=179)
    make_photo(user, latitude=-17, longitude=-179)
    make_photo(user, latitude=-17, longitude=0)
    clusters = api("GET", "/map?bbox=178,-20,-178,-10&zoom=6").json()
    assert sorted(cluster["longitude"] for cluster in clusters) == [-179, 179]


def test_the_database_counts_cells_as_the_map_does(user: User) -> None:
    photo = make_photo(user, **HANGZHOU)
    photo.refresh_from_db()
    assert list(_cells_in((120.15, 30.25, 120.15, 30.25), FINEST)) == [photo.map_cell]


def test_somebody_elses_photos_are_nowhere(
    user: User, stranger: User, as_user: Callable[[User | None], ApiClient]
) -> None:
    make_photo(user, **HANGZHOU)
    theirs = as_user(stranger)
    assert theirs("GET", "/timeline").json() == []
    assert theirs("GET", WORLD).json() == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "bbox=1,2,3,4",
        "zoom=3",
        "bbox=nan,0,1,1&zoom=3",
        "bbox=0,0,inf,1&zoom=3",
        "bbox=0,1,1,0&zoom=3",
        "bbox=-181,0,1,1&zoom=3",
        "bbox=0,0,1&zoom=3",
        "bbox=0,0,1,1,1&zoom=3",
        "bbox=a,b,c,d&zoom=3",
        "bbox=%00,0,1,1&zoom=3",
        "bbox=0,0,1,1&zoom=-1",
        "bbox=0,0,1,1&zoom=23",
        "bbox=0,0,1,1&zoom=1.5",
        "bbox=0,0,1,1&zoom=%C2%B2",
        "bbox=0,0,1,1&zoom=" + "9" * 5000,
    ],
)
def test_a_part_of_the_map_that_is_none_is_refused(api: ApiClient, query: str) -> None:
    answer = api("GET", f"/map?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] in ("bbox", "zoom")


def test_the_world_at_the_deepest_zoom_is_refused(api: ApiClient) -> None:
    answer = api("GET", "/map?bbox=-180,-90,180,90&zoom=22", **{"Accept-Language": "zh"})
    assert (answer.status_code, answer.json()["code"]) == (400, "map_too_wide")
    assert "4096" in answer.json()["detail"]


@pytest.mark.django_db(transaction=True)
def test_readers_and_writers_side_by_side_lose_no_photo(user: User) -> None:
    def work(number: int) -> None:
        try:
            for turn in range(5):
                photo = make_photo(user, taken_at=MAY + timedelta(days=turn), **HANGZHOU)
                if number % 2:
                    trash_photo(photo)
                months_of(user)
                clusters_of(user, bbox=(-180, -90, 180, 90), zoom=0)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert [month["count"] for month in months_of(user)] == [10]
    assert [found.count for found in clusters_of(user, bbox=(-180, -90, 180, 90), zoom=0)] == [10]
    assert set(MapCell.objects.values_list("count", flat=True)) == {10}
