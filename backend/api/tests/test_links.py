"""Links: a test for each way in which one could show more than it was given."""

import hashlib
import io
import threading
import time
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from backend.albums.models import Link
from backend.api.tests.test_albums import (
    album,
    let_in,
    make_shown,
    open_object,
    put_in,
    shown,
    theirs,
    told,
)
from backend.api.tests.test_photos import put
from backend.conftest import ApiClient, make_photo
from backend.core import storage
from backend.core.errors import StorageError
from backend.photos.models import Photo
from backend.photos.services import trash_photo
from functions.contract import Rendition, original_key, rendition_key

__all__ = ["album", "theirs", "told"]  # fixtures

PASSWORD = "open sesame"


@pytest.fixture
def anybody() -> ApiClient:
    cache.clear()
    return ApiClient(None)


@pytest.fixture
def photo(api: ApiClient, user: User, album: str) -> Photo:
    """In the album, with its objects."""
    tags = Image.Exif()
    tags[0x010E] = "secret beach"
    tags[0x013B] = "secret <alice@example.org>"
    tags.get_ifd(0x8825).update({1: "N", 2: (43.0, 28.0, 5.0), 0x1C: b"secret cove"})
    out = io.BytesIO()
    faces = b'<rdf:li mwg-rs:Name="secret Xiaoming"/>'
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=tags, xmp=faces)
    photo = make_shown(user, filename="secret name.jpg", size=len(out.getvalue()))
    put(original_key(str(photo.id)), out.getvalue())
    for rendition in Rendition:
        put(rendition_key(str(photo.id), rendition))
    put_in(api, album, photo)
    return photo


def link_to(api: ApiClient, album: str, **options: Any) -> dict[str, Any]:
    answer = api("POST", f"/albums/{album}/links", options)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def photos_of_link(anybody: ApiClient, token: str, **headers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = anybody("GET", f"/links/{token}/photos", **headers).json()[
        "results"
    ]
    return found


def download(anybody: ApiClient, token: str, **headers: str) -> tuple[Any, bytes]:
    answer = anybody("GET", f"/links/{token}/archive", **headers)

    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return answer, async_to_sync(read)()


def names_in(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_a_token_has_128_random_bits_and_is_kept_nowhere(api: ApiClient, album: str) -> None:
    made = [link_to(api, album, password=PASSWORD) for _ in range(3)]
    tokens = {each["token"] for each in made}
    assert len(tokens) == 3
    assert all(len(token) == 22 for token in tokens)
    assert made[0]["url"] == f"http://testserver/api/v1/links/{made[0]['token']}"
    rows = str(list(Link.objects.values()))
    assert not any(token in rows for token in tokens)
    assert PASSWORD not in rows
    digest = hashlib.sha256(made[0]["token"].encode()).hexdigest()
    assert str(Link.objects.get(digest=digest).id) == made[0]["id"]
    listed = api("GET", f"/albums/{album}/links").json()["results"]
    assert {"token", "url", "password", "digest"}.isdisjoint(listed[0])
    assert listed[0]["has_password"] is True


def test_whoever_has_the_link_sees_the_album(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    token = link_to(api, album)["token"]
    answer = anybody("GET", f"/links/{token}")
    found = answer.json()
    assert (found["title"], found["photo_count"]) == ("Summer", 1)
    assert found["cover"]["id"] == str(photo.id)
    assert (found["allow_download"], found["archive"]) == (False, None)
    assert answer.headers["Cache-Control"] == "no-store"
    (entry,) = photos_of_link(anybody, token)
    for name in ("thumbnail", "preview"):
        assert open_object(entry["urls"][name]).status_code == 200
    assert anybody("GET", f"/links/{token}x").status_code == 404
    assert anybody("GET", f"/links/{token}x/photos").status_code == 404


@pytest.mark.parametrize(
    "options",
    [
        {"max_views": 0},
        {"max_views": -1},
        {"expires_at": "yesterday"},
        {"password": "x" * 201},
        {"show_location": "perhaps"},
    ],
)
def test_nonsense_makes_no_link(api: ApiClient, album: str, options: dict[str, Any]) -> None:
    assert api("POST", f"/albums/{album}/links", options).json()["code"] == "invalid"
    past = {"expires_at": "2020-01-01T00:00:00Z"}
    assert api("POST", f"/albums/{album}/links", past).json()["code"] == "already_over"
    assert not Link.objects.exists()


def test_a_link_leaks_neither_place_nor_people_nor_names(
    api: ApiClient, album: str, told: Photo, anybody: ApiClient
) -> None:
    User.objects.update(email="alice@example.org", first_name="Alice")
    api("PATCH", f"/albums/{album}", {"place": "Rimini"})
    put_in(api, album, told)
    token = link_to(api, album, allow_download=True)["token"]
    for path in ("", "/photos"):
        said = anybody("GET", f"/links/{token}{path}").content.decode()
        assert str(told.id) in said
        for secret in ("alice", "Alice", str(told.owner_id), "secret name", "Xiaoming", "Rimini"):
            assert secret not in said
        for secret in ("43.46", "11.88", "Arezzo", "private", "HELLO", "FUJIFILM", told.sha256):
            assert secret not in said
    token = link_to(api, album, show_location=True)["token"]
    assert anybody("GET", f"/links/{token}").json()["place"] == "Rimini"
    (entry,) = photos_of_link(anybody, token)
    assert entry["location"]["place"]["city"] == "Arezzo"


def test_what_a_contributor_put_in_does_not_tell_where_it_was(
    api: ApiClient, album: str, stranger: User, theirs: ApiClient, anybody: ApiClient
) -> None:
    own = make_shown(stranger, latitude=43.0, longitude=11.0)
    put(original_key(str(own.id)), b"\xff\xd8\xff\xe1\x00\x0csecretGPS!\xff\xd9")
    let_in(api, album, "contributor")
    put_in(theirs, album, own)
    token = link_to(api, album, show_location=True, allow_download=True)["token"]
    (entry,) = photos_of_link(anybody, token)
    assert entry["location"] is None
    assert b"secret" not in open_object(entry["urls"]["original"]).content


@pytest.mark.parametrize(
    "hidden",
    [
        {"moderation_verdict": "pending"},
        {"moderation_verdict": "blocked"},
        {"trashed_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_moderation_holds_back_is_shown_nowhere(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient, hidden: dict[str, Any]
) -> None:
    token = link_to(api, album, allow_download=True)["token"]
    (entry,) = photos_of_link(anybody, token)
    Photo.objects.update(**hidden)
    assert photos_of_link(anybody, token) == []
    found = anybody("GET", f"/links/{token}").json()
    assert (found["photo_count"], found["cover"]) == (0, None)
    assert all(open_object(url).status_code == 404 for url in entry["urls"].values())
    assert names_in(download(anybody, token)[1]) == []


def end_by_revoking(api: ApiClient, album: str, link: str, photo: Photo) -> None:
    assert api("DELETE", f"/albums/{album}/links/{link}").status_code == 204


def end_by_time(api: ApiClient, album: str, link: str, photo: Photo) -> None:
    Link.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def end_by_deleting_the_album(api: ApiClient, album: str, link: str, photo: Photo) -> None:
    assert api("DELETE", f"/albums/{album}").status_code == 204


def end_by_shutting_out(api: ApiClient, album: str, link: str, photo: Photo) -> None:
    User.objects.filter(username="alice").update(is_active=False)


@pytest.mark.parametrize(
    "end", [end_by_revoking, end_by_time, end_by_deleting_the_album, end_by_shutting_out]
)
def test_a_link_that_ended_ends_every_address_made_from_it(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient, end: Any
) -> None:
    link = link_to(api, album, allow_download=True, password=PASSWORD)
    token = link["token"]
    unlocked = anybody("POST", f"/links/{token}/unlock", {"password": PASSWORD}).json()
    access = {"X-Link-Access": unlocked["access"]}
    (entry,) = photos_of_link(anybody, token, **access)
    assert {open_object(url).status_code for url in entry["urls"].values()} == {200}
    end(api, album, link["id"], photo)
    assert {open_object(url).status_code for url in entry["urls"].values()} == {404}
    for path in ("", "/photos", "/archive"):
        assert anybody("GET", f"/links/{token}{path}", **access).status_code == 404
    unlock = anybody("POST", f"/links/{token}/unlock", {"password": PASSWORD})
    assert unlock.status_code == 404


def test_a_photo_taken_out_of_the_album_is_shown_no_more(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    (entry,) = photos_of_link(anybody, link_to(api, album)["token"])
    api("DELETE", f"/albums/{album}/photos", {"ids": [str(photo.id)]})
    assert open_object(entry["urls"]["preview"]).status_code == 404


def test_a_link_ends_with_its_makers_right_to_share(
    api: ApiClient,
    album: str,
    photo: Photo,
    anybody: ApiClient,
    theirs: ApiClient,
) -> None:
    let_in(api, album, "manager")
    token = link_to(theirs, album)["token"]
    (entry,) = photos_of_link(anybody, token)
    let_in(api, album, "contributor")
    assert anybody("GET", f"/links/{token}").status_code == 404
    assert open_object(entry["urls"]["preview"]).status_code == 404


def test_a_link_ends_with_the_account_of_the_albums_owner(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient, theirs: ApiClient
) -> None:
    let_in(api, album, "manager")
    token = link_to(theirs, album)["token"]
    (entry,) = photos_of_link(anybody, token)
    User.objects.filter(username="alice").update(is_active=False)
    assert anybody("GET", f"/links/{token}").status_code == 404
    assert open_object(entry["urls"]["preview"]).status_code == 404


def test_one_album_manager_cannot_revoke_anothers_link(
    api: ApiClient, album: str, theirs: ApiClient
) -> None:
    link = link_to(api, album)
    own = theirs("POST", "/albums", {"title": "x"}).json()["id"]
    assert theirs("DELETE", f"/albums/{own}/links/{link['id']}").status_code == 404
    assert Link.objects.count() == 1


def test_without_the_password_nothing_is_shown(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    token = link_to(api, album, password=PASSWORD, allow_download=True)["token"]
    other = link_to(api, album, allow_download=True)["token"]
    foreign = anybody("GET", f"/links/{other}").json()["access"]
    for headers in ({}, {"X-Link-Access": "x"}, {"X-Link-Access": foreign}):
        locked = anybody("GET", f"/links/{token}", **headers).json()
        assert {name for name, value in locked.items() if value} == {"password_required"}
        for path in ("/photos", "/archive"):
            answer = anybody("GET", f"/links/{token}{path}", **headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "link_locked")
    wrong = anybody("POST", f"/links/{token}/unlock", {"password": PASSWORD + "!"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_password")
    assert Link.objects.get(password__gt="").views == 0
    unlocked = anybody("POST", f"/links/{token}/unlock", {"password": PASSWORD}).json()
    assert unlocked["title"] == "Summer"
    access = unlocked["access"]
    assert len(photos_of_link(anybody, token, **{"X-Link-Access": access})) == 1
    # A browser follows the archive's address without a header.
    path = unlocked["archive"].removeprefix("http://testserver/api/v1")
    assert anybody("GET", path).status_code == 200


def test_an_unlocked_link_locks_again(
    api: ApiClient,
    album: str,
    photo: Photo,
    anybody: ApiClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = link_to(api, album, password=PASSWORD)["token"]
    access = anybody("POST", f"/links/{token}/unlock", {"password": PASSWORD}).json()["access"]
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    answer = anybody("GET", f"/links/{token}/photos", **{"X-Link-Access": access})
    assert answer.status_code == 401


def test_passwords_cannot_be_tried_out_at_any_speed(
    api: ApiClient, album: str, anybody: ApiClient, settings: Any
) -> None:
    settings.LINK_ATTEMPTS, settings.LINK_ATTEMPTS_ADDRESS, settings.LINK_ATTEMPTS_ALL = 2, 3, 100
    settings.NUM_PROXIES = 1
    one, two = (link_to(api, album, password=PASSWORD)["token"] for _ in range(2))

    def attempt(token: str, address: str, password: str = "wrong") -> int:
        answer = anybody(
            "POST",
            f"/links/{token}/unlock",
            {"password": password},
            **{"X-Forwarded-For": address},
        )
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) > 0
        return int(answer.status_code)

    assert [attempt(one, "1.1.1.1") for _ in range(3)] == [401, 401, 429]
    assert attempt(one, "1.1.1.1", PASSWORD) == 429
    # Another link, from the same address: so many at all.
    assert [attempt(two, "1.1.1.1") for _ in range(2)] == [401, 429]
    assert attempt(one, "2.2.2.2", PASSWORD) == 200
    settings.LINK_ATTEMPTS_ALL = 0
    assert attempt(one, "3.3.3.3") == 429


def test_each_viewer_counts_once_and_no_more_come_than_may(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    token = link_to(api, album, max_views=2)["token"]
    first = anybody("GET", f"/links/{token}").json()["access"]
    for path in ("", "/photos", ""):
        anybody("GET", f"/links/{token}{path}", **{"X-Link-Access": first})
    assert Link.objects.get().views == 1
    second = anybody("GET", f"/links/{token}/photos?page_size=1")
    assert second.headers["X-Link-Access"]
    assert Link.objects.get().views == 2
    for path in ("", "/photos", "/archive"):
        answer = anybody("GET", f"/links/{token}{path}")
        assert (answer.status_code, answer.json()["code"]) == (410, "link_used_up")
    again = anybody("GET", f"/links/{token}", **{"X-Link-Access": first})
    assert again.status_code == 200


def test_who_comes_back_the_next_day_is_the_same_viewer(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = link_to(api, album, max_views=1)["token"]
    locked = link_to(api, album, max_views=1, password=PASSWORD)["token"]
    access = anybody("GET", f"/links/{token}").json()["access"]
    key = anybody("POST", f"/links/{locked}/unlock", {"password": PASSWORD}).json()["access"]
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    found = anybody("GET", f"/links/{token}", **{"X-Link-Access": access})
    assert found.status_code == 200
    assert found.json()["access"] != access
    # The password is asked for again; the view is not taken again.
    old = {"X-Link-Access": key}
    assert anybody("GET", f"/links/{locked}/photos", **old).status_code == 401
    unlocked = anybody("POST", f"/links/{locked}/unlock", {"password": PASSWORD}, **old)
    assert unlocked.status_code == 200
    assert set(Link.objects.values_list("views", flat=True)) == {1}
    # Another link's access is nobody's here.
    for mine, other in ((token, key), (token, "x")):
        foreign = anybody("GET", f"/links/{mine}", **{"X-Link-Access": other})
        assert foreign.status_code == 410


def test_who_only_asks_whether_there_is_something_has_seen_nothing(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    link = link_to(api, album, max_views=1, allow_download=True)
    paths = [f"/links/{link['token']}{path}" for path in ("", "/photos", "/archive")]
    for path in paths:
        answer = anybody("HEAD", path)
        assert (answer.status_code, answer.headers.get("X-Link-Access", "")) == (200, "")
    assert Link.objects.get().views == 0
    assert anybody("GET", paths[0]).status_code == 200
    assert [anybody("HEAD", path).status_code for path in paths] == [410] * 3
    locked = link_to(api, album, password=PASSWORD)["token"]
    assert anybody("HEAD", f"/links/{locked}/photos").status_code == 401


def test_pages_are_for_one_viewer(
    api: ApiClient, album: str, user: User, anybody: ApiClient
) -> None:
    photos = [make_shown(user) for _ in range(3)]
    put_in(api, album, *photos)
    token = link_to(api, album, max_views=1)["token"]
    seen: list[str] = []
    path = f"/links/{token}/photos?page_size=2"
    while path:
        page = anybody("GET", path).json()
        seen += [entry["id"] for entry in page["results"]]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert seen == [str(photo.id) for photo in photos] == shown(api, album)


def test_a_link_for_looking_hands_out_no_originals(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    token = link_to(api, album)["token"]
    (entry,) = photos_of_link(anybody, token)
    assert entry["urls"]["original"] is None
    answer = anybody("GET", f"/links/{token}/archive")
    assert (answer.status_code, answer.json()["code"]) == (403, "download_not_allowed")
    # An address of the original does not survive the leave for it.
    wide = link_to(api, album, allow_download=True)
    (entry,) = photos_of_link(anybody, wide["token"])
    assert open_object(entry["urls"]["original"]).status_code == 200
    Link.objects.filter(id=wide["id"]).update(allow_download=False)
    assert open_object(entry["urls"]["original"]).status_code == 404
    assert open_object(entry["urls"]["preview"]).status_code == 200


def test_an_address_of_one_picture_opens_no_other(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    (entry,) = photos_of_link(anybody, link_to(api, album)["token"])
    path = entry["urls"]["thumbnail"]
    assert Client().get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404


@pytest.mark.parametrize("show_location", [False, True])
def test_originals_tell_where_they_were_made_only_if_the_link_does(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient, show_location: bool
) -> None:
    link = link_to(api, album, allow_download=True, show_location=show_location)
    (entry,) = photos_of_link(anybody, link["token"])
    original = open_object(entry["urls"]["original"])
    _, data = download(anybody, link["token"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["00001.jpg"]
        archived = archive.read("00001.jpg")
    assert archived == original.content
    assert len(archived) == photo.size
    location = Image.open(io.BytesIO(archived)).getexif().get_ifd(0x8825)
    assert location == ({1: "N", 2: (43.0, 28.0, 5.0)} if show_location else {})
    # Whoever may know where it was is not told by whom, of whom, or what else was said of it.
    assert b"secret" not in archived
    assert "secret name" not in original.headers["Content-Disposition"]


def test_what_cannot_be_cleaned_is_replaced_by_its_preview(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    Photo.objects.update(content_type="image/heic")
    out = io.BytesIO()
    Image.new("RGB", (20, 15), "red").save(out, "JPEG")
    put(rendition_key(str(photo.id), Rendition.PREVIEW), out.getvalue())
    for show_location in (False, True):
        link = link_to(api, album, allow_download=True, show_location=show_location)
        (entry,) = photos_of_link(anybody, link["token"])
        assert entry["urls"]["original"] is None
        _, data = download(anybody, link["token"])
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.read("00001.jpg") == out.getvalue()


def test_storage_is_asked_about_several_previews_at_once(
    api: ApiClient, album: str, user: User, anybody: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2, timeout=20)

    def head(key: str) -> storage.StoredObject | None:
        together.wait()  # one after the other they would never meet
        return ask(key)

    ask = storage.head
    photos = [make_shown(user, content_type="image/heic") for _ in range(2)]
    for photo in photos:
        put(rendition_key(str(photo.id), Rendition.PREVIEW), b"\xff\xd8\xff\xd9")
    put_in(api, album, *photos)
    token = link_to(api, album, allow_download=True)["token"]
    monkeypatch.setattr(storage, "head", head)
    assert names_in(download(anybody, token)[1]) == ["00001.jpg", "00002.jpg"]


def test_a_download_that_broke_off_goes_on(
    api: ApiClient, album: str, photo: Photo, anybody: ApiClient
) -> None:
    token = link_to(api, album, allow_download=True)["token"]
    whole, data = download(anybody, token)
    assert whole.headers["Content-Type"] == "application/zip"
    assert int(whole.headers["Content-Length"]) == len(data)
    etag = whole.headers["ETag"]
    rest, end = download(anybody, token, **{"Range": "bytes=100-", "If-Range": etag})
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 100-{len(data) - 1}/{len(data)}"
    assert end == data[100:]
    middle, some = download(anybody, token, Range="bytes=100-109")
    assert middle.headers["Content-Range"] == f"bytes 100-109/{len(data)}"
    assert (some, middle.headers["Content-Length"]) == (data[100:110], "10")
    assert download(anybody, token, Range="bytes=-9")[1] == data[-9:]
    far = anybody("GET", f"/links/{token}/archive", Range=f"bytes={len(data)}-")
    assert (far.status_code, far.json()["code"]) == (416, "bad_range")
    # By now it is another archive: from the start.
    Photo.objects.update(moderation_verdict="blocked")
    other, data = download(anybody, token, **{"Range": "bytes=100-", "If-Range": etag})
    assert (other.status_code, names_in(data)) == (200, [])


def test_a_download_breaks_off_when_the_link_is_revoked(
    api: ApiClient, album: str, photo: Photo, user: User, anybody: ApiClient
) -> None:
    second = make_shown(user, size=4)
    put(original_key(str(second.id)), b"\xff\xd8\xff\xd9")
    put_in(api, album, second)
    link = link_to(api, album, allow_download=True)
    answer = anybody("GET", f"/links/{link['token']}/archive")

    async def read() -> None:
        pieces = aiter(answer.streaming_content)
        assert await anext(pieces)
        await sync_to_async(Link.objects.filter(id=link["id"]).delete)()
        with pytest.raises(StorageError, match="not shown any more"):
            async for _ in pieces:
                pass

    async_to_sync(read)()


def test_a_link_costs_the_same_queries_for_any_page(
    api: ApiClient,
    album: str,
    user: User,
    anybody: ApiClient,
    django_assert_max_num_queries: Any,
) -> None:
    put_in(api, album, *(make_shown(user) for _ in range(20)))
    token = link_to(api, album, allow_download=True)["token"]
    for path in ("", "/photos", "/archive"):
        with django_assert_max_num_queries(6):
            anybody("GET", f"/links/{token}{path}")


def test_a_smart_albums_link_stays_current(api: ApiClient, user: User, anybody: ApiClient) -> None:
    rule = {"favorite": True}
    album = api("POST", "/albums", {"title": "Best", "rule": rule}).json()["id"]
    token = link_to(api, album)["token"]
    assert photos_of_link(anybody, token) == []
    photo = make_shown(user, favorite=True)
    trash_photo(make_shown(user, favorite=True))
    make_photo(user, favorite=True)
    assert [entry["id"] for entry in photos_of_link(anybody, token)] == [str(photo.id)]
