"""Where WeChat is asked, sharing waits for its word; else our own moderation decides."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.albums.checking import request_shared_checks
from backend.albums.models import Album, Role
from backend.albums.tasks import check_shared
from backend.api.tests.test_albums import (
    album,
    let_in,
    make_shown,
    open_object,
    put_in,
    theirs,
    told,
)
from backend.api.tests.test_links import anybody, download, link_to, names_in, photos_of_link
from backend.api.tests.test_photos import put
from backend.conftest import ApiClient
from backend.photos.models import Photo
from backend.photos.services import update_photo
from backend.wechat.checks import judge
from backend.wechat.models import PhotoCheck, TextCheck
from backend.wechat.photo_checks import ask_about_photos
from backend.wechat.tests.conftest import link, wechat
from backend.wechat.tests.stand_in import WechatStandIn
from backend.wechat.tests.test_photo_checks import deliver
from backend.wechat.text_checks import ask_about_texts
from functions.contract import Rendition, original_key, rendition_key

__all__ = ["album", "anybody", "theirs", "told", "wechat"]  # fixtures


@pytest.fixture
def photo(user: User, api: ApiClient, album: str) -> Photo:
    photo = make_shown(user)
    for rendition in Rendition:
        put(rendition_key(str(photo.id), rendition))
    put_in(api, album, photo)
    return photo


def check_all(wechat: WechatStandIn) -> None:
    """A few seconds pass, and half an hour."""
    request_shared_checks(limit=100)
    ask_about_photos(limit=100)
    ask_about_texts(limit=100)
    deliver(wechat)


def ids(photos: list[dict[str, Any]]) -> list[str]:
    return [photo["id"] for photo in photos]


def test_without_wechat_our_own_moderation_decides(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    token = link_to(api, album)["token"]
    assert ids(photos_of_link(anybody, token)) == [str(photo.id)]
    check_shared()
    assert not PhotoCheck.objects.exists()
    assert api("GET", f"/photos/{photo.id}").json()["sharing_check"] is None


def test_a_link_shows_a_photo_once_it_has_passed(
    user: User, api: ApiClient, album: str, photo: Photo, anybody: ApiClient, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    put(original_key(str(photo.id)), b"x" * 1000)
    token = link_to(api, album, allow_download=True)["token"]
    assert photos_of_link(anybody, token) == []
    assert names_in(download(anybody, token)[1]) == []
    assert anybody("GET", f"/links/{token}").json()["photo_count"] == 0
    check_all(wechat)
    (entry,) = photos_of_link(anybody, token)
    assert open_object(entry["urls"]["preview"]).status_code == 200
    assert len(names_in(download(anybody, token)[1])) == 1
    # What was shown and is blocked since: its addresses end, too.
    judge(PhotoCheck.objects.get(), passes=False, by=user)
    assert open_object(entry["urls"]["preview"]).status_code == 404
    assert photos_of_link(anybody, token) == []


@pytest.mark.parametrize("suggest", ["review", "risky"])
def test_a_link_does_not_show_what_wechat_does_not_let_pass(
    suggest: str,
    user: User,
    api: ApiClient,
    album: str,
    photo: Photo,
    anybody: ApiClient,
    wechat: WechatStandIn,
) -> None:
    link(user, wechat)
    token = link_to(api, album)["token"]
    wechat.pictures = suggest
    check_all(wechat)
    assert photos_of_link(anybody, token) == []
    # Its owner sees it, and why others do not.
    found = api("GET", f"/photos/{photo.id}").json()["sharing_check"]
    state, verdict = ("review", "review") if suggest == "review" else ("refused", "blocked")
    assert found == {"verdict": verdict, "state": state, "code": ""}
    judge(PhotoCheck.objects.get(), passes=True, by=user)
    assert ids(photos_of_link(anybody, token)) == [str(photo.id)]


def test_members_see_it_once_it_has_passed_and_its_owner_always(
    user: User,
    stranger: User,
    api: ApiClient,
    theirs: ApiClient,
    album: str,
    photo: Photo,
    wechat: WechatStandIn,
) -> None:
    link(user, wechat)
    let_in(api, album, Role.VIEWER)
    path = f"/albums/{album}/photos"
    assert theirs("GET", path).json()["results"] == []
    assert theirs("GET", f"/photos/{photo.id}").status_code == 404
    assert ids(api("GET", path).json()["results"]) == [str(photo.id)]
    check_all(wechat)
    assert ids(theirs("GET", path).json()["results"]) == [str(photo.id)]
    seen = theirs("GET", f"/photos/{photo.id}").json()
    assert seen["sharing_check"] is None  # the owner's business


def test_a_smart_albums_photos_are_checked_too(
    user: User, api: ApiClient, anybody: ApiClient, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    photo = make_shown(user, favorite=True)
    put(rendition_key(str(photo.id), Rendition.PREVIEW))
    make_shown(user)
    smart = api("POST", "/albums", {"title": "Best", "rule": {"favorite": "true"}}).json()["id"]
    token = link_to(api, smart)["token"]
    assert photos_of_link(anybody, token) == []
    check_all(wechat)
    assert ids(photos_of_link(anybody, token)) == [str(photo.id)]
    assert PhotoCheck.objects.get().photo_id == photo.id


def test_what_nobody_else_sees_is_not_told_to_wechat(
    user: User, api: ApiClient, album: str, photo: Photo, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    make_shown(user)
    check_all(wechat)
    assert not PhotoCheck.objects.exists()
    assert not TextCheck.objects.exists()
    assert wechat.calls == []
    made = link_to(api, album)
    assert api("DELETE", f"/albums/{album}/links/{made['id']}").status_code == 204
    check_all(wechat)
    assert wechat.calls == []


def test_what_our_own_moderation_holds_back_is_not_asked_about(
    user: User, api: ApiClient, album: str, photo: Photo, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    Photo.objects.update(moderation_verdict=Photo.Moderation.BLOCKED)
    link_to(api, album)
    check_all(wechat)
    assert not PhotoCheck.objects.exists()


def test_wechats_pass_does_not_outweigh_our_own_moderation(
    user: User, api: ApiClient, album: str, photo: Photo, anybody: ApiClient, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    token = link_to(api, album)["token"]
    check_all(wechat)
    Photo.objects.update(moderation_verdict=Photo.Moderation.BLOCKED)
    assert photos_of_link(anybody, token) == []


def test_an_owner_without_wechat_is_told_so(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient, wechat: WechatStandIn
) -> None:
    token = link_to(api, album)["token"]
    check_all(wechat)
    assert photos_of_link(anybody, token) == []
    found = api("GET", f"/photos/{photo.id}").json()["sharing_check"]
    assert found == {"verdict": "pending", "state": "waiting", "code": "not_linked"}
    code = wechat.visit("o-alice")
    assert api("PUT", "/me/wechat", {"code": code}).status_code == 200
    check_all(wechat)
    assert ids(photos_of_link(anybody, token)) == [str(photo.id)]


def test_words_are_shown_to_others_once_they_have_passed(
    user: User,
    stranger: User,
    api: ApiClient,
    theirs: ApiClient,
    album: str,
    anybody: ApiClient,
    wechat: WechatStandIn,
) -> None:
    link(user, wechat)
    words = {"title": "夏天", "description": "可疑的话", "place": "杭州"}
    api("PATCH", f"/albums/{album}", words)
    let_in(api, album, Role.CONTRIBUTOR)
    token = link_to(api, album, show_location=True)["token"]

    def seen(answer: Any) -> list[str]:
        return [answer.json()[name] for name in words]

    def all_seen() -> list[list[str]]:
        listed = theirs("GET", "/albums").json()["results"][0]
        return [
            seen(theirs("GET", f"/albums/{album}")),
            [listed[name] for name in words],
            seen(anybody("GET", f"/links/{token}")),
        ]

    assert all_seen() == [["", "", ""]] * 3
    assert seen(api("GET", f"/albums/{album}")) == list(words.values())
    check_all(wechat)
    assert all_seen() == [["夏天", "", "杭州"]] * 3
    judge(TextCheck.objects.get(text="可疑的话"), passes=True, by=user)
    assert all_seen() == [list(words.values())] * 3
    # Other words need another look.
    api("PATCH", f"/albums/{album}", {"title": "违法"})
    assert all_seen() == [["", "可疑的话", "杭州"]] * 3
    check_all(wechat)
    assert all_seen() == [["", "可疑的话", "杭州"]] * 3
    # Whoever may change them sees them.
    let_in(api, album, Role.MANAGER)
    assert seen(theirs("GET", f"/albums/{album}"))[0] == "违法"


def test_a_photos_description_is_checked_too(
    user: User,
    stranger: User,
    api: ApiClient,
    theirs: ApiClient,
    album: str,
    photo: Photo,
    wechat: WechatStandIn,
) -> None:
    link(user, wechat)
    let_in(api, album, Role.VIEWER)
    check_all(wechat)
    update_photo(photo, {"description": "海边"})

    def seen(client: ApiClient) -> list[str]:
        full = client("GET", f"/photos?album={album}&fields=all").json()["results"]
        return [client("GET", f"/photos/{photo.id}").json()["description"], full[0]["description"]]

    assert (seen(api), seen(theirs)) == (["海边"] * 2, [""] * 2)
    check_all(wechat)
    assert seen(theirs) == ["海边"] * 2


def test_a_digest_in_the_database_is_one_in_python(
    user: User, api: ApiClient, album: str, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    Album.objects.update(title="Été à 杭州 👨‍👩‍👧", description="  \n ")
    link_to(api, album)
    for _ in range(2):
        check_all(wechat)
    assert list(TextCheck.objects.values_list("text", flat=True)) == ["Été à 杭州 👨‍👩‍👧"]


def test_a_rule_that_is_none_any_more_does_not_keep_others_from_being_checked(
    user: User, api: ApiClient, album: str, photo: Photo, wechat: WechatStandIn
) -> None:
    link(user, wechat)
    smart = api("POST", "/albums", {"title": "Best", "rule": {"favorite": "true"}}).json()["id"]
    Album.objects.filter(id=smart).update(rule={"gone": "1"}, position=-1)
    for each in (smart, album):
        link_to(api, each)
    check_all(wechat)
    assert PhotoCheck.objects.get().photo_id == photo.id


def test_the_number_of_queries_does_not_grow_with_the_albums(
    user: User, stranger: User, api: ApiClient, theirs: ApiClient, wechat: WechatStandIn
) -> None:
    def count() -> int:
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert theirs("GET", "/albums").status_code == 200
        return len(queries)

    def share(number: int) -> None:
        made = api("POST", "/albums", {"title": f"Album {number}"}).json()["id"]
        let_in(api, made, Role.VIEWER)

    share(0)
    one = count()
    for number in range(1, 5):
        share(number)
    assert count() == one


def test_the_round_is_asked_for_by_the_timer_where_it_is_configured(
    user: User,
    api: ApiClient,
    album: str,
    photo: Photo,
    wechat: WechatStandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def note(name: str, *, expires: int) -> None:
        asked.append(name)

    monkeypatch.setattr("backend.albums.tasks.enqueue", note)
    link_to(api, album)
    check_shared()
    assert (asked, PhotoCheck.objects.count()) == (["wechat.ask"], 1)
