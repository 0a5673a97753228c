"""photos/bulk."""

from typing import Any

import pytest

from backend.accounts.models import User
from backend.api import bulk
from backend.conftest import ApiClient, make_photo
from backend.photos.models import Photo
from backend.photos.services import add_tag


def change(api: ApiClient, **data: Any) -> Any:
    return api("POST", "/photos/bulk", data)


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("favorite", "favorite", True),
        ("unfavorite", "favorite", False),
        ("archive", "archived", True),
        ("unarchive", "archived", False),
    ],
)
def test_each_photo_named_is_changed(
    api: ApiClient, user: User, action: str, field: str, value: bool
) -> None:
    chosen = [make_photo(user, **{field: not value}) for _ in range(2)]
    other = make_photo(user, **{field: not value})
    answer = change(api, ids=[str(photo.id) for photo in chosen], action=action).json()
    assert answer == {"changed": 2, "refused": [], "next": None}
    changed = Photo.objects.filter(**{field: value})
    assert set(changed) == set(chosen)
    assert other not in changed


def test_trash_restore_and_delete(api: ApiClient, user: User) -> None:
    ids = [str(make_photo(user).id) for _ in range(2)]
    change(api, ids=ids, action="trash")
    assert Photo.objects.filter(trashed_at__isnull=False).count() == 2
    change(api, ids=ids, action="restore")
    assert Photo.objects.filter(trashed_at__isnull=True).count() == 2
    change(api, ids=ids[:1], action="delete")
    assert [str(photo.id) for photo in Photo.objects.all()] == ids[1:]


def test_words_come_and_go(api: ApiClient, photo: Photo) -> None:
    change(api, ids=[str(photo.id)], action="tag", name="beach")
    assert [tag.name for tag in photo.tags.all()] == ["beach"]
    change(api, ids=[str(photo.id)], action="untag", name="beach")
    assert not photo.tags.exists()


def test_somebody_elses_photos_are_refused_one_by_one(
    api: ApiClient, photo: Photo, stranger: User
) -> None:
    theirs = make_photo(stranger)
    for action in bulk._ACTIONS:
        answer = change(api, ids=[str(theirs.id)], action=action, name="x").json()
        assert answer["refused"] == [{"id": str(theirs.id), "code": "not_found"}], action
        assert answer["changed"] == 0
    theirs.refresh_from_db()
    assert (theirs.favorite, theirs.archived, theirs.trashed_at) == (False, False, None)
    assert not theirs.tags.exists()


def test_a_filter_reaches_ones_own_photos_only(api: ApiClient, user: User, stranger: User) -> None:
    mine, theirs = make_photo(user), make_photo(stranger)
    for photo in (mine, theirs):
        add_tag(photo, "beach")
    assert change(api, filter={"tag": "beach"}, action="favorite").json()["changed"] == 1
    assert [photo.favorite for photo in Photo.objects.order_by("id")] == [True, False]
    assert change(api, filter={}, action="delete").json()["changed"] == 1
    assert list(Photo.objects.all()) == [theirs]


def test_a_filter_with_many_photos_is_done_in_parts(
    api: ApiClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_PHOTOS", 2)
    for _ in range(5):
        make_photo(user)
    after: dict[str, str] = {}
    counts = []
    while True:
        answer = change(
            api, filter={"favorite": False, "archived": [False]}, action="archive", **after
        )
        counts.append(answer.json()["changed"])
        if answer.json()["next"] is None:
            break
        after = {"after": answer.json()["next"]}
    assert counts == [2, 2, 1]
    assert Photo.objects.filter(archived=True).count() == 5


def test_what_one_photo_refuses_the_others_do_not_notice(api: ApiClient, user: User) -> None:
    waiting = make_photo(user, status=Photo.Status.AWAITING_UPLOAD)
    here = make_photo(user)
    answer = change(api, ids=[str(waiting.id), str(here.id)], action="reanalyze").json()
    assert answer["changed"] == 1
    assert answer["refused"] == [{"id": str(waiting.id), "code": "not_uploaded"}]


@pytest.mark.parametrize(
    "data",
    [
        {"action": "favorite"},
        {"ids": [], "filter": {}, "action": "favorite"},
        {"ids": ["x"], "action": "favorite"},
        {"ids": [], "action": "explode"},
        {"ids": [], "action": "tag"},
        {"filter": {"bbox": "1,2"}, "action": "trash"},
        {"filter": {"tag": {"a": 1}}, "action": "trash"},
        {"filter": [], "action": "trash"},
        {"ids": [str(Photo().id)] * (bulk.MAX_PHOTOS + 1), "action": "trash"},
    ],
)
def test_nonsense_changes_nothing(api: ApiClient, photo: Photo, data: Any) -> None:
    answer = api("POST", "/photos/bulk", data)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Photo.objects.exclude(favorite=False, trashed_at=None).exists()
