"""comments and likes of an album's members, and what happened there."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import User
from backend.albums import comments
from backend.albums.checking import request_shared_checks
from backend.albums.models import Activity, Comment, Like
from backend.api.tests.test_albums import let_in, make_shown, put_in
from backend.conftest import PASSWORD, ApiClient, make_photo
from backend.events.models import Event
from backend.photos.models import Photo
from backend.photos.services import add_tag
from backend.wechat.checks import judge
from backend.wechat.models import TextCheck
from backend.wechat.tests.conftest import link, wechat
from backend.wechat.tests.stand_in import WechatStandIn
from backend.wechat.text_checks import ask_about_texts

__all__ = ["wechat"]  # a fixture


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def theirs(stranger: User) -> ApiClient:
    return ApiClient(stranger)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def photo(user: User) -> Photo:
    return make_shown(user)


@pytest.fixture
def album(api: ApiClient, photo: Photo, theirs: ApiClient) -> str:
    """Alice's, with her photo; mallory looks on."""
    album = str(api("POST", "/albums", {"title": "Summer"}).json()["id"])
    put_in(api, album, photo)
    let_in(api, album, "viewer")
    return album


def say(client: ApiClient, album: str, photo: Photo, text: str) -> Any:
    return client("POST", f"/albums/{album}/photos/{photo.id}/comments", {"text": text})


def said(client: ApiClient, album: str, photo: Photo) -> list[str]:
    rows = client("GET", f"/albums/{album}/photos/{photo.id}/comments").json()["results"]
    return [row["text"] for row in rows]


def like(client: ApiClient, album: str, photo: Photo, method: str = "POST") -> int:
    return int(client(method, f"/albums/{album}/photos/{photo.id}/likes").status_code)


def reactions(client: ApiClient, album: str) -> list[dict[str, Any]]:
    rows = client("GET", f"/albums/{album}/photos").json()["results"]
    return [row["reactions"] for row in rows]


def happened(client: ApiClient, path: str) -> list[tuple[str, str]]:
    rows = client("GET", path).json()["results"]
    return [(row["actor"]["username"], row["kind"]) for row in rows]


def test_members_talk_about_a_photo(
    api: ApiClient, stranger: User, album: str, photo: Photo, theirs: ApiClient
) -> None:
    made = say(theirs, album, photo, "  好美！ \n\n\u202eWhere\u202c  is this? ")
    assert made.status_code == 201
    assert made.json()["text"] == "好美！\nWhere is this?"
    assert made.json()["author"] == {"id": str(stranger.id), "username": "mallory"}
    say(api, album, photo, "Rimini")
    assert said(api, album, photo) == said(theirs, album, photo) == [
        "Rimini", "好美！\nWhere is this?"
    ]  # fmt: skip
    assert reactions(theirs, album) == [{"likes": 0, "liked": False, "comments": 2}]


@pytest.mark.parametrize("text", ["", "  ", "\u200b\n\u202e", "x" * 1001, None, ["x"]])
def test_what_is_no_comment_is_refused(api: ApiClient, album: str, photo: Photo, text: Any) -> None:
    answer = say(api, album, photo, text)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"].startswith("text")
    assert not Comment.objects.exists()


def test_what_is_said_in_one_album_another_does_not_tell(
    api: ApiClient, album: str, photo: Photo
) -> None:
    other = api("POST", "/albums", {"title": "x"}).json()["id"]
    put_in(api, other, photo)
    comment = say(api, album, photo, "Only here").json()["id"]
    like(api, album, photo)
    assert said(api, other, photo) == []
    assert reactions(api, other) == [{"likes": 0, "liked": False, "comments": 0}]
    assert api("DELETE", f"/albums/{other}/comments/{comment}").status_code == 404


def test_a_comment_is_deleted_by_its_author_and_by_managers(
    api: ApiClient, album: str, photo: Photo, theirs: ApiClient, bob: User
) -> None:
    let_in(api, album, "contributor", "bob")
    ids = [say(client, album, photo, "x").json()["id"] for client in (api, theirs, theirs)]

    def delete(client: ApiClient, comment: str) -> int:
        return int(client("DELETE", f"/albums/{album}/comments/{comment}").status_code)

    assert delete(ApiClient(bob), ids[1]) == 403
    assert delete(theirs, ids[0]) == 403
    assert delete(theirs, ids[1]) == 204
    let_in(api, album, "manager", "bob")
    assert delete(ApiClient(bob), ids[2]) == 204
    assert delete(ApiClient(bob), ids[0]) == 204
    assert delete(ApiClient(bob), ids[0]) == 404
    assert happened(api, f"/albums/{album}/activity") == [
        ("bob", "joined"), ("mallory", "joined"), ("alice", "photos_added")
    ]  # fmt: skip


def test_members_like_a_photo_once(
    api: ApiClient, stranger: User, album: str, photo: Photo, theirs: ApiClient
) -> None:
    assert like(theirs, album, photo) == like(theirs, album, photo) == 204
    assert like(api, album, photo) == 204
    rows = api("GET", f"/albums/{album}/photos/{photo.id}/likes").json()["results"]
    assert [row["user"]["username"] for row in rows] == ["mallory", "alice"]
    like(api, album, photo, "DELETE")
    assert like(api, album, photo, "DELETE") == 204
    assert reactions(api, album) == [{"likes": 1, "liked": False, "comments": 0}]
    assert reactions(theirs, album) == [{"likes": 1, "liked": True, "comments": 0}]


def test_nobody_comments_or_likes_what_the_album_does_not_show_to_them(
    api: ApiClient, user: User, album: str, photo: Photo, theirs: ApiClient
) -> None:
    elsewhere, pending = make_shown(user), make_photo(user)
    put_in(api, album, pending)
    for hidden in (elsewhere, pending):
        assert say(theirs, album, hidden, "x").status_code == 404
        assert like(theirs, album, hidden) == 404
        for what in ("comments", "likes"):
            path = f"/albums/{album}/photos/{hidden.id}/{what}"
            assert theirs("GET", path).status_code == 404
    assert say(api, album, elsewhere, "x").status_code == 404
    assert not Comment.objects.exists()
    assert not Like.objects.exists()


def test_what_was_said_goes_with_the_photo(
    api: ApiClient, album: str, photo: Photo, theirs: ApiClient
) -> None:
    say(theirs, album, photo, "x")
    like(theirs, album, photo)
    Photo.objects.filter(id=photo.id).update(moderation_verdict="blocked")
    assert happened(theirs, f"/albums/{album}/activity") == [("mallory", "joined")]
    assert theirs("GET", "/me/activity").json()["results"] == []
    api("DELETE", f"/albums/{album}/photos", {"ids": [str(photo.id)]})
    assert not Comment.objects.exists()
    assert not Like.objects.exists()
    put_in(api, album, photo)
    assert said(api, album, photo) == []


def test_who_leaves_takes_what_they_said_along(
    api: ApiClient, stranger: User, album: str, photo: Photo, theirs: ApiClient
) -> None:
    say(theirs, album, photo, "x")
    like(theirs, album, photo)
    assert theirs("DELETE", f"/albums/{album}/members/{stranger.id}").status_code == 204
    assert reactions(api, album) == [{"likes": 0, "liked": False, "comments": 0}]
    assert happened(api, f"/albums/{album}/activity") == [
        ("mallory", "left"), ("alice", "photos_added")
    ]  # fmt: skip


def test_comments_and_likes_come_at_no_speed_and_in_no_number(
    api: ApiClient, album: str, photo: Photo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COMMENT_ATTEMPTS = settings.LIKE_ATTEMPTS = 1
    assert [say(api, album, photo, "x").status_code for _ in range(2)] == [201, 429]
    assert [like(api, album, photo) for _ in range(2)] == [204, 429]
    settings.COMMENT_ATTEMPTS = 100
    monkeypatch.setattr(comments, "MAX_COMMENTS", 1)
    assert say(api, album, photo, "x").json()["code"] == "too_many_comments"


def test_a_comment_sent_again_with_its_key_is_one(api: ApiClient, album: str, photo: Photo) -> None:
    path, text = f"/albums/{album}/photos/{photo.id}/comments", {"text": "x"}
    one, other = (api("POST", path, text, **{"Idempotency-Key": "a"}) for _ in range(2))
    assert one.json()["id"] == other.json()["id"]
    assert Comment.objects.count() == 1


def test_an_album_tells_what_happened(
    api: ApiClient, user: User, album: str, photo: Photo, theirs: ApiClient
) -> None:
    put_in(api, album, make_shown(user), make_shown(user))
    say(theirs, album, photo, "Nice")
    like(theirs, album, photo)
    put_in(api, album, make_shown(user))
    rows = theirs("GET", f"/albums/{album}/activity").json()["results"]
    told = [(row["actor"]["username"], row["kind"], row["photo_count"]) for row in rows]
    assert told == [
        ("alice", "photos_added", 1),
        ("mallory", "liked", 0),
        ("mallory", "commented", 0),
        ("alice", "photos_added", 2),
        ("mallory", "joined", 0),
        ("alice", "photos_added", 1),
    ]
    assert rows[2]["comment"] == "Nice"
    assert {rows[place]["photo"]["id"] for place in (1, 2, 5)} == {str(photo.id)}
    assert rows[4]["photo"] is None
    assert rows[0]["album"] == {"id": album, "title": "Summer"}
    first = api("GET", f"/albums/{album}/activity?page_size=4").json()
    rest = api("GET", first["next"].partition("/api/v1")[2]).json()["results"]
    assert [row["id"] for row in rest] == [row["id"] for row in rows[4:]]


def test_photos_that_come_one_after_the_other_are_one_activity(
    api: ApiClient, user: User, album: str
) -> None:
    def counts() -> list[int]:
        rows = api("GET", f"/albums/{album}/activity").json()["results"]
        return [row["photo_count"] for row in rows if row["kind"] == "photos_added"]

    for _ in range(3):
        put_in(api, album, make_shown(user))
    assert counts() == [3, 1]
    Activity.objects.update(created_at=timezone.now() - timedelta(hours=2))
    put_in(api, album, make_shown(user))
    assert counts() == [1, 3, 1]


def test_photos_that_are_not_to_be_seen_are_not_counted(
    api: ApiClient, user: User, album: str, theirs: ApiClient
) -> None:
    put_in(api, album, make_photo(user), make_shown(user))
    rows = [client("GET", f"/albums/{album}/activity").json()["results"][0]
            for client in (api, theirs)]  # fmt: skip
    assert [row["photo_count"] for row in rows] == [2, 1]
    Photo.objects.update(moderation_verdict="pending")
    assert happened(theirs, f"/albums/{album}/activity") == [("mallory", "joined")]


def test_ones_own_feed_tells_what_others_did_in_all_albums_lately(
    api: ApiClient, stranger: User, album: str, photo: Photo, theirs: ApiClient
) -> None:
    other = theirs("POST", "/albums", {"title": "Theirs"}).json()["id"]
    let_in(theirs, other, "viewer", "alice")
    put_in(theirs, other, make_shown(stranger))
    say(api, album, photo, "Mine")
    say(theirs, album, photo, "Yours")
    assert happened(api, "/me/activity") == [
        ("mallory", "commented"), ("mallory", "photos_added"), ("mallory", "joined")
    ]  # fmt: skip
    theirs("DELETE", f"/albums/{other}")
    Activity.objects.filter(kind="joined").update(created_at=timezone.now() - timedelta(days=31))
    assert happened(api, "/me/activity") == [("mallory", "commented")]


def test_in_a_smart_album_what_is_said_follows_the_rule(
    api: ApiClient, user: User, photo: Photo, theirs: ApiClient
) -> None:
    add_tag(photo, "beach")
    album = api("POST", "/albums", {"title": "Beach", "rule": {"tag": "beach"}}).json()["id"]
    let_in(api, album, "viewer")
    assert say(theirs, album, photo, "Sunny").status_code == 201
    assert reactions(api, album) == [{"likes": 0, "liked": False, "comments": 1}]
    (row,) = [
        row
        for row in api("GET", f"/albums/{album}/activity").json()["results"]
        if row["kind"] == "commented"
    ]
    assert (row["photo"]["id"], row["comment"]) == (str(photo.id), "Sunny")
    row = api("GET", "/me/activity").json()["results"][0]
    assert (row["kind"], row["photo"], row["comment"]) == ("commented", None, None)
    photo.tags.all().delete()
    assert happened(theirs, f"/albums/{album}/activity") == [("mallory", "joined")]
    assert theirs("GET", f"/albums/{album}/photos/{photo.id}/comments").status_code == 404


def test_the_others_are_told(
    api: ApiClient, user: User, stranger: User, bob: User, album: str, photo: Photo
) -> None:
    let_in(api, album, "contributor", "bob")
    Event.objects.all().delete()
    guest = ApiClient(bob)
    say(guest, album, photo, "x")
    like(guest, album, photo)
    put_in(guest, album, make_shown(bob))
    let_in(api, album, "viewer", "bob")
    guest("DELETE", f"/albums/{album}/members/{bob.id}")
    told = [
        (event.owner.username, str(event.kind), event.data.get("activity"))
        for event in Event.objects.order_by("id").select_related("owner")
    ]
    assert sorted(told[:2]) == [
        (name, "album.activity", "commented") for name in ("alice", "mallory")
    ]
    assert told[2] == ("alice", "album.activity", "liked")
    assert sorted(told[3:5]) == [
        (name, "album.activity", "photos_added") for name in ("alice", "mallory")
    ]
    assert told[5] == ("bob", "album.shared", None)
    assert sorted(told[6:8]) == [(name, "album.activity", "left") for name in ("alice", "mallory")]
    assert told[8:] == [("bob", "album.unshared", None)]


def test_lists_cost_the_same_queries_for_any_page(
    api: ApiClient, user: User, stranger: User, album: str, theirs: ApiClient
) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert api("GET", path).status_code == 200
        return len(queries)

    photo = make_shown(user)
    put_in(api, album, photo)
    say(theirs, album, photo, "x")
    paths = [
        f"/albums/{album}/activity",
        "/me/activity",
        f"/albums/{album}/photos",
        f"/albums/{album}/photos/{photo.id}/comments",
        f"/albums/{album}/photos/{photo.id}/likes",
    ]
    few = [count(path) for path in paths]
    for _ in range(5):
        another = make_shown(user)
        put_in(api, album, another)
        for each in (photo, another):
            say(theirs, album, each, "x")
            like(theirs, album, each)
    assert [count(path) for path in paths] == few


def test_what_wechat_refuses_is_not_said(
    wechat: WechatStandIn, album: str, photo: Photo, stranger: User, theirs: ApiClient
) -> None:
    link(stranger, wechat)
    Photo.objects.update(wechat_verdict="ok")
    answer = say(theirs, album, photo, "违法的话")
    assert (answer.status_code, answer.json()["code"]) == (400, "text_refused")
    assert not Comment.objects.exists()


def test_what_wechat_doubts_its_author_alone_reads(
    wechat: WechatStandIn,
    api: ApiClient,
    album: str,
    photo: Photo,
    stranger: User,
    theirs: ApiClient,
) -> None:
    link(stranger, wechat)
    Photo.objects.update(wechat_verdict="ok")
    assert say(theirs, album, photo, "可疑的话").json()["text"] == "可疑的话"
    say(theirs, album, photo, "海边")
    assert said(theirs, album, photo) == ["海边", "可疑的话"]
    assert said(api, album, photo) == ["海边", ""]
    for path in (f"/albums/{album}/activity", "/me/activity"):
        assert "可疑的话" not in api("GET", path).content.decode()
        assert "海边" in api("GET", path).content.decode()


def test_an_invitation_tells_no_title_that_wechat_has_not_let_pass(
    wechat: WechatStandIn, api: ApiClient, user: User, theirs: ApiClient
) -> None:
    album = api("POST", "/albums", {"title": "可疑的话"}).json()["id"]
    token = api("POST", f"/albums/{album}/invitations", {}).json()["token"]
    assert theirs("GET", f"/invitations/{token}").json()["title"] == ""
    request_shared_checks(limit=10)
    check = TextCheck.objects.get(text="可疑的话")
    judge(check, passes=True, by=user)
    assert theirs("GET", f"/invitations/{token}").json()["title"] == "可疑的话"
    assert theirs("POST", f"/invitations/{token}/accept").json()["title"] == "可疑的话"


def test_what_was_said_before_wechat_was_asked_is_asked_about(
    request: pytest.FixtureRequest,
    api: ApiClient,
    album: str,
    photo: Photo,
    stranger: User,
    theirs: ApiClient,
) -> None:
    say(theirs, album, photo, "海边")
    link(stranger, request.getfixturevalue("wechat"))
    Photo.objects.update(wechat_verdict="ok")
    assert said(api, album, photo) == [""]
    request_shared_checks(limit=10)
    assert ask_about_texts(limit=10)
    assert said(api, album, photo) == ["海边"]
