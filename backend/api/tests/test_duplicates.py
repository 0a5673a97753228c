"""Similar photos and duplicates over the API."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.accounts.models import User
from backend.analysis.duplicates import find_duplicates
from backend.analysis.tests.test_duplicates import add
from backend.conftest import ApiClient, make_photo
from backend.photos.models import Photo

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def pair(user: User) -> tuple[Photo, Photo]:
    small, large = add(user, width=400, height=300), add(user)
    find_duplicates(limit=10)
    return small, large


def only_group(api: ApiClient) -> dict[str, Any]:
    (group,) = api("GET", "/duplicates").json()["results"]
    return dict(group)


def test_duplicates_are_listed_with_the_best_proposed_and_thinned_out(
    api: ApiClient, pair: tuple[Photo, Photo]
) -> None:
    small, large = pair
    group = only_group(api)
    assert (group["kind"], group["best"]) == ("duplicate", str(large.id))
    assert [photo["id"] for photo in group["photos"]] == [str(large.id), str(small.id)]
    answer = api("POST", f"/duplicates/{group['id']}", {"keep": [group["best"]]})
    assert (answer.status_code, answer.json()) == (200, {"trashed": 1})
    assert api("GET", f"/photos/{small.id}").json()["status"] == "trashed"
    assert api("GET", "/duplicates").json()["results"] == []


def test_groups_come_in_pages(api: ApiClient, user: User) -> None:
    for number in range(3):
        for _ in range(2):
            add(user, axis=number, second=60 * number, perceptual_hash=f"{number:x}" * 16)
    find_duplicates(limit=10)
    first = api("GET", "/duplicates?page_size=2").json()
    second = api("GET", first["next"].partition("/api/v1")[2]).json()
    assert [len(page["results"]) for page in (first, second)] == [2, 1]
    assert api("GET", "/duplicates?cursor=nonsense").status_code == 404


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"keep": []}, "keep_one"),
        ({"keep": [NOBODY]}, "not_in_group"),
        ({}, "invalid"),
        ({"keep": "all"}, "invalid"),
        ({"keep": ["x"]}, "invalid"),
        ({"keep": [NOBODY] * 1001}, "invalid"),
    ],
)
def test_a_review_must_name_photos_of_the_group(
    api: ApiClient, pair: tuple[Photo, Photo], message: dict[str, Any], code: str
) -> None:
    answer = api("POST", f"/duplicates/{only_group(api)['id']}", message)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Photo.objects.filter(trashed_at__isnull=False).exists()


def test_similar_photos_come_with_their_distance(api: ApiClient, user: User) -> None:
    photo, near, far = add(user), add(user, lean=0.1), add(user, lean=0.9)
    results = api("GET", f"/photos/{photo.id}/similar").json()["results"]
    assert [entry["photo"]["id"] for entry in results] == [str(near.id), str(far.id)]
    assert results[0]["distance"] < results[1]["distance"]
    assert len(api("GET", f"/photos/{photo.id}/similar?page_size=1").json()["results"]) == 1
    answer = api("GET", f"/photos/{photo.id}/similar?page_size=x")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    waiting = make_photo(user)
    answer = api("GET", f"/photos/{waiting.id}/similar")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")


def test_somebody_elses_photos_and_groups_are_not_found(
    pair: tuple[Photo, Photo],
    api: ApiClient,
    stranger: User,
    as_user: Callable[[User | None], ApiClient],
) -> None:
    theirs, group = as_user(stranger), only_group(api)
    assert theirs("GET", "/duplicates").json()["results"] == []
    assert (
        theirs("POST", f"/duplicates/{group['id']}", {"keep": [group["best"]]}).status_code == 404
    )
    assert theirs("GET", f"/photos/{pair[0].id}/similar").status_code == 404
    assert not Photo.objects.filter(trashed_at__isnull=False).exists()
