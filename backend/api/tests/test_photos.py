"""photos, their tickets, lists, changes, tags, verdicts, pictures; timeline; search."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client
from django.utils import timezone
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from backend.accounts.models import User
from backend.analysis.services import record_result, start_analysis
from backend.api import objects
from backend.api.photo_documents import summarise_photo
from backend.api.photo_schema import PhotoSerializer, PhotoSummarySerializer
from backend.api.rendering import JsonRenderer
from backend.conftest import (
    ApiClient,
    face,
    faces,
    inspection,
    labels,
    make_photo,
    make_result,
    make_run,
    text,
)
from backend.core import storage
from backend.photos.models import Photo
from backend.photos.tests.test_uploads import BYTES, send
from backend.search.services import index_stale_photos
from functions.contract import Failure, Kind, Rendition, original_key, rendition_key

NEW = {
    "filename": "a.jpg",
    "size": len(BYTES),
    "content_type": "image/jpeg",
    "sha256": hashlib.sha256(BYTES).hexdigest(),
}
Callbacks = Any


def put(key: str, data: bytes = b"\xff\xd8\xff") -> None:
    storage._client().put_object(Bucket="photos", Key=key, Body=data)


def test_upload_complete_and_look(
    api: ApiClient, django_capture_on_commit_callbacks: Callbacks
) -> None:
    answer = api("POST", "/photos", NEW)
    assert answer.status_code == 201
    body = answer.json()
    photo_id = body["photo"]["id"]
    assert body["photo"]["status"] == "awaiting_upload"
    assert set(body["upload"]) == {"method", "url", "fields", "expires_at"}
    assert api("POST", f"/photos/{photo_id}/complete").json()["code"] == "not_uploaded"
    upload = storage.SignedUpload(
        method="POST", url=body["upload"]["url"], fields=body["upload"]["fields"]
    )
    assert send(upload) == 204
    for _ in range(2):
        done = api("POST", f"/photos/{photo_id}/complete")
        assert (done.status_code, done.json()["status"]) == (202, "processing")
    assert {entry["status"] for entry in done.json()["analyses"]} == {"queued"}
    again = api("POST", "/photos", NEW)
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert "upload" not in again.json()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"sha256": "zz"}, 400, "invalid"),
        ({"size": -1}, 400, "invalid"),
        ({"size": "many"}, 400, "invalid"),
        ({"size": 0}, 400, "empty_file"),
        ({"size": 10**12}, 413, "too_large"),
        ({"content_type": "text/html"}, 415, "unsupported_type"),
        ({"filename": ""}, 400, "invalid"),
        ({"upload_method": "carrier pigeon"}, 400, "invalid"),
        ({"album_id": "01a1f770-870f-704a-abb5-c258cd85fc48"}, 404, "unknown_album"),
    ],
)
def test_a_bad_ticket_request_says_what_is_wrong(
    api: ApiClient, change: dict[str, Any], status: int, code: str
) -> None:
    answer = api("POST", "/photos", NEW | change)
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status)
    if code == "invalid":
        assert body["errors"][0]["field"] == next(iter(change))


def test_errors_are_told_in_the_readers_language(api: ApiClient) -> None:
    chinese = api("POST", "/photos", NEW | {"size": 0}, **{"Accept-Language": "zh-CN,zh"})
    assert chinese.json()["detail"] == "文件是空的。"
    assert api("POST", "/photos", NEW | {"size": 0}).json()["detail"] == "The file is empty."


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(api: ApiClient, body: bytes) -> None:
    answer = api._client.post(
        "/api/v1/photos", body, content_type="application/json", headers=api.headers
    )
    assert answer.status_code == 400


def test_quota_is_a_409(api: ApiClient, user: User) -> None:
    User.objects.filter(id=user.id).update(quota_bytes=1)
    answer = api("POST", "/photos", NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "quota_exceeded")


@pytest.fixture
def known(user: User) -> Photo:
    photo = make_photo(user, filename="trip.jpg")
    start_analysis(photo)
    record_result(make_result(photo, inspection()))
    record_result(make_result(photo, labels(("dog", "狗"))))
    record_result(make_result(photo, faces(face(0))))
    record_result(make_result(photo, text("HELLO", "小票")))
    index_stale_photos(limit=10)
    return Photo.objects.get(id=photo.id)


def test_a_photo_in_full_has_every_field_of_the_contract(api: ApiClient, known: Photo) -> None:
    body = api("GET", f"/photos/{known.id}").json()
    assert set(body) >= {
        *("id", "owner", "filename", "content_type", "size", "sha256", "width", "height"),
        *("status", "taken_at", "taken_at_source", "camera", "location", "placeholder", "color"),
        *("favorite", "archived", "description", "moderation", "urls", "labels", "tags", "faces"),
        *("text", "analyses"),
    }
    assert set(body["camera"]) == {
        *("make", "model", "lens", "iso", "f_number", "exposure", "focal_length")
    }
    assert body["location"]["place"] == {
        "country": "Italy", "region": "Tuscany", "city": "Arezzo"
    }  # fmt: skip
    # Outside China the two datums are one.
    assert body["location"]["gcj02"]["latitude"] == body["location"]["latitude"]
    assert body["labels"][0] == {
        "name": "dog", "name_zh": "狗", "score": 0.9, "source": "model",
        "model": "efficientnet-lite2-1", "verdict": None,
    }  # fmt: skip
    assert body["text"]["full"] == "HELLO\n小票"
    assert set(body["faces"][0]) == {"id", "box", "score", "person", "confirmed"}
    assert set(body["analyses"][0]) == {
        *("kind", "model", "status", "started_at", "finished_at", "duration_ms", "attempts"),
        "error",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"taken_at": None, "width": None, "height": None},
        {"trashed_at": timezone.now(), "moderation_score": 0.25, "favorite": True},
        {"has_renditions": False, "taken_at": datetime(2023, 5, 1, 12, tzinfo=UTC)},
    ],
)
def test_a_summary_is_what_its_fields_would_say(known: Photo, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(known, name, value)
    document = summarise_photo(known, None)
    by_fields = serializers.Serializer.to_representation(PhotoSummarySerializer(), document)
    # As clients get them: json knows neither ids nor moments.
    assert JsonRenderer().render(document) == JSONRenderer().render(by_fields)


def test_a_photo_in_full_is_what_its_fields_would_say(api: ApiClient, known: Photo) -> None:
    api("POST", f"/photos/{known.id}/labels/dog/verdict", {"correct": False})
    api("POST", f"/photos/{known.id}/tags", {"name": "b"})
    document = api("POST", f"/photos/{known.id}/tags", {"name": "a"}).json()
    by_fields = serializers.Serializer.to_representation(PhotoSerializer(), document)
    assert json.loads(JSONRenderer().render(by_fields)) == document
    assert document["tags"] == ["a", "b"]
    assert [label["verdict"] for label in document["labels"]] == [False]
    assert document["analyses"][0]["finished_at"].endswith("Z")


@pytest.mark.parametrize("answer", [{"a": 10**30}, {"b": [None, 1.5, '\u2028 "页面"']}, [], "x"])
def test_answers_are_json_whatever_is_in_them(answer: Any) -> None:
    assert json.loads(JsonRenderer().render(answer)) == answer


def test_failures_are_told_to_the_owner(api: ApiClient, known: Photo) -> None:
    failure = Failure(stage="detect", code="too_odd", detail="It is odd.", permanent=True)
    run = make_run(started_at="2026-05-01T00:00:00+00:00")
    record_result(make_result(known, failure, kind=Kind.FACES, run=run))
    analyses = api("GET", f"/photos/{known.id}").json()["analyses"]
    (failed,) = [entry for entry in analyses if entry["kind"] == "faces"]
    assert failed["error"] == {"code": "too_odd", "detail": "It is odd."}


EVERY_CALL = [
    ("GET", "", None),
    ("PATCH", "", {"favorite": True}),
    ("DELETE", "", None),
    ("DELETE", "?permanent=true", None),
    ("POST", "/complete", None),
    ("POST", "/restore", None),
    ("GET", "/thumbnail", None),
    ("GET", "/preview", None),
    ("GET", "/original", None),
    ("POST", "/tags", {"name": "x"}),
    ("DELETE", "/tags?name=x", None),
    ("POST", "/labels/dog/verdict", {"correct": True}),
    ("POST", "/reanalyze", {}),
]


@pytest.mark.parametrize(("method", "path", "data"), EVERY_CALL)
def test_somebody_elses_photo_is_not_found(
    known: Photo,
    stranger: User,
    as_user: Callable[[User | None], ApiClient],
    method: str,
    path: str,
    data: Any,
) -> None:
    before = Photo.objects.filter(id=known.id).values().get()
    answer = as_user(stranger)(method, f"/photos/{known.id}{path}", data)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert as_user(None)(method, f"/photos/{known.id}{path}", data).status_code == 401
    assert Photo.objects.filter(id=known.id).values().get() == before


def test_lists_are_the_callers_own(
    known: Photo, stranger: User, as_user: Callable[[User | None], ApiClient]
) -> None:
    theirs = as_user(stranger)
    assert theirs("GET", "/photos").json()["results"] == []
    assert theirs("GET", "/photos?q=dog").json()["results"] == []
    assert theirs("GET", "/search?q=dog").json()["results"] == []
    assert theirs("GET", "/timeline").json() == []


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("label=dog", True), ("label=狗", True), ("label=cat", False),
        ("has_text=true", True), ("has_text=false", False),
        ("from=2023-05-01&to=2023-05-01", True), ("from=2023-05-02", False),
        ("to=2023-04-30", False),
        ("to=9999-12-31", True), ("from=0001-01-01", True),
        ("from=2023-05-01T16:00:00Z", True), ("from=2023-05-01T18:31:00%2B02:00", False),
        ("from=2023-05-01T18:29:00+02:00", True),
        ("bbox=11,43,12,44", True), ("bbox=12,43,13,44", False), ("bbox=170,-90,12,90", True),
        ("place=arezzo", True), ("place=Italy", True), ("place=Rome", False),
        ("status=processing", True), ("status=ready", False), ("status=trashed", False),
        ("favorite=true", False), ("favorite=false", True), ("archived=false", True),
        ("trashed=true", False), ("tag=x", False), ("q=hello", True), ("q=小票", True),
        ("person=00000000-0000-0000-0000-000000000000", False),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(api: ApiClient, known: Photo, query: str, is_found: bool) -> None:
    results = api("GET", f"/photos?{query}").json()["results"]
    assert [entry["id"] for entry in results] == ([str(known.id)] if is_found else [])


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday", "to=2023-13-01", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=0,50,0,40",
        "bbox=nan,0,0,0", "person=me", "favorite=maybe", "status=lost", "from=2023-02-30",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_named(api: ApiClient, query: str) -> None:
    for path in ("/photos", "/search"):
        answer = api("GET", f"{path}?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("query", ["tag=%00", "place=%00", "q=%00", "label=%00", "q=%F0%9F%98%80"])
def test_odd_characters_are_answered(api: ApiClient, known: Photo, query: str) -> None:
    assert api("GET", f"/photos?{query}").status_code == 200
    assert api("GET", f"/search?{query}").status_code == 200


def test_photos_of_one_moment_are_all_reached(api: ApiClient, user: User) -> None:
    moment = timezone.now()
    Photo.objects.bulk_create(
        Photo(
            owner=user,
            filename="a.jpg",
            content_type="image/jpeg",
            size=1,
            sha256=f"{number:064}",
            status="ready",
            taken_at=moment,
        )
        for number in range(1100)
    )
    seen: list[str] = []
    path = "/photos?page_size=500"
    while path:
        page = api("GET", path).json()
        seen += [entry["id"] for entry in page["results"]]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert len(seen) == len(set(seen)) == 1100


@pytest.mark.parametrize("cursor", ["x", "cD1nYXJiYWdl", "cD0lMDA=", "cj0xJnA9eA==", "é"])
def test_a_cursor_of_no_page_is_not_found(api: ApiClient, known: Photo, cursor: str) -> None:
    answer = api("GET", f"/photos?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_album_that_does_not_exist_is_not_everything(api: ApiClient, known: Photo) -> None:
    for path in ("/photos", "/search"):
        answer = api("GET", f"{path}?album=01a1f770-870f-704a-abb5-c258cd85fc48")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_album")


@pytest.mark.parametrize("name", ["tag", "label", "person"])
def test_too_many_of_one_filter_are_refused(api: ApiClient, name: str) -> None:
    query = "&".join(f"{name}={uuid.uuid4()}" for _ in range(11))
    answer = api("GET", f"/photos?{query}")
    assert answer.json()["errors"][0]["field"] == name


def test_pages_hold_every_photo_once(api: ApiClient, user: User) -> None:
    photos = {str(make_photo(user).id) for _ in range(7)}
    seen: list[str] = []
    path = "/photos?page_size=3"
    while path:
        page = api("GET", path).json()
        seen += [entry["id"] for entry in page["results"]]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert sorted(seen) == sorted(photos)


def test_search_pages_hold_every_photo_once(api: ApiClient, user: User) -> None:
    photos = set()
    for _ in range(5):
        photo = make_photo(user)
        record_result(make_result(photo, labels(("dog", "狗"))))
        photos.add(str(photo.id))
    index_stale_photos(limit=10)
    seen: list[str] = []
    path = "/search?q=dog&page_size=2"
    while path:
        page = api("GET", path).json()
        seen += [hit["photo"]["id"] for hit in page["results"]]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert sorted(seen) == sorted(photos)


def test_a_list_costs_the_same_queries_for_any_page(
    api: ApiClient, user: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        photo = make_photo(user)
        record_result(make_result(photo, labels(("dog", "狗"))))
        record_result(make_result(photo, faces(face(0))))
    index_stale_photos(limit=20)
    for path in ("/photos", "/photos?fields=all", "/photos?q=dog&fields=all", "/search?q=dog"):
        with django_assert_max_num_queries(14):
            api("GET", path)


@pytest.mark.parametrize("query", ["", "?fields=all", "?q=nothing&fields=all"])
def test_an_empty_library_is_a_list(api: ApiClient, query: str) -> None:
    answer = api("GET", f"/photos{query}")
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_search_says_what_was_understood_and_why_each_was_found(
    api: ApiClient, known: Photo
) -> None:
    body = api("GET", "/search?q=dog%20arezzo").json()
    assert body["parsed"]["labels"] == ["dog"]
    assert body["parsed"]["places"] == ["Arezzo"]
    assert body["parsed"]["text"] == ""
    (hit,) = body["results"]
    assert hit["photo"]["id"] == str(known.id)
    assert hit["score"] > 0
    assert {reason["kind"] for reason in hit["why"]} == {"label", "place"}


def test_what_one_says_of_a_photo_is_kept(api: ApiClient, known: Photo) -> None:
    changes = {
        "description": "At the market",
        "favorite": True,
        "taken_at": "2020-01-01T00:00:00Z",
        "location": {"latitude": 30.25, "longitude": 120.16},
    }
    body = api("PATCH", f"/photos/{known.id}", changes).json()
    assert body["description"] == "At the market"
    assert body["favorite"] is True
    assert body["taken_at"] == "2020-01-01T00:00:00Z"
    assert body["location"]["place"]["city"] == "Hangzhou"
    # In China maps are shifted by some hundred metres.
    assert 0.001 < abs(body["location"]["gcj02"]["longitude"] - 120.16) < 0.01
    assert api("PATCH", f"/photos/{known.id}", {"location": None}).json()["location"] is None


def test_bad_changes_are_refused(api: ApiClient, known: Photo) -> None:
    for change in ({"location": {"latitude": 91, "longitude": 0}}, {"favorite": "perhaps"}):
        assert api("PATCH", f"/photos/{known.id}", change).status_code == 400


def test_trash_restore_and_the_end(api: ApiClient, known: Photo) -> None:
    put(original_key(str(known.id)))
    put(rendition_key(str(known.id), Rendition.PREVIEW))
    assert api("DELETE", f"/photos/{known.id}").status_code == 204
    assert api("GET", f"/photos/{known.id}").json()["status"] == "trashed"
    assert api("GET", "/photos").json()["results"] == []
    assert len(api("GET", "/photos?trashed=true").json()["results"]) == 1
    assert api("POST", f"/photos/{known.id}/restore").json()["status"] == "processing"
    assert api("DELETE", f"/photos/{known.id}?permanent=true").status_code == 204
    assert api("GET", f"/photos/{known.id}").status_code == 404
    assert storage.head(original_key(str(known.id))) is None
    assert storage.head(rendition_key(str(known.id), Rendition.PREVIEW)) is None


def test_tags_and_verdicts(api: ApiClient, known: Photo) -> None:
    assert api("POST", f"/photos/{known.id}/tags", {"name": " 我们  家 "}).json()["tags"] == [
        "我们 家"
    ]
    assert api("GET", "/photos?tag=我们 家").json()["results"]
    assert api("DELETE", f"/photos/{known.id}/tags?name=我们 家").status_code == 204
    body = api("POST", f"/photos/{known.id}/labels/dog/verdict", {"correct": False}).json()
    assert body["labels"][0]["verdict"] is False
    for name in ("cat", "%00"):
        unknown = api("POST", f"/photos/{known.id}/labels/{name}/verdict", {"correct": False})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_label")


def test_reanalysis_is_accepted_and_unknown_kinds_are_not(api: ApiClient, known: Photo) -> None:
    answer = api("POST", f"/photos/{known.id}/reanalyze", {"kinds": ["labels"]})
    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert api("POST", f"/photos/{known.id}/reanalyze", {"kinds": ["auras"]}).status_code == 400


def test_pictures_are_served_by_signed_address_and_only_as_pictures(
    api: ApiClient, known: Photo
) -> None:
    put(rendition_key(str(known.id), Rendition.THUMBNAIL), b"\xff\xd8\xff thumb")
    redirect = api("GET", f"/photos/{known.id}/thumbnail")
    assert redirect.status_code == 302
    path = redirect.headers["Location"].removeprefix("http://testserver")
    picture = Client().get(path)
    assert picture.content == b"\xff\xd8\xff thumb"
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Content-Disposition"] == "inline"
    assert Client().get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404


def test_a_signed_address_is_kept_for_a_while_and_then_expires(
    api: ApiClient, known: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(rendition_key(str(known.id), Rendition.THUMBNAIL))

    def at(moment: float) -> str:
        monkeypatch.setattr(time, "time", lambda: moment)
        return str(objects.object_url(known, "thumbnail"))

    path = at(1_800_000_000)
    assert at(1_800_000_001) == path
    assert Client().get(path).status_code == 200
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000 + 2 * 3600)
    assert Client().get(path).status_code == 404


def test_an_original_nobody_has_inspected_is_an_attachment(
    api: ApiClient, user: User, settings: Any
) -> None:
    photo = make_photo(user, filename='页面".html')
    put(original_key(str(photo.id)), b"<html><script>alert(1)</script>")
    path = api("GET", f"/photos/{photo.id}/original").headers["Location"]
    page = Client().get(path.removeprefix("http://testserver"))
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert api("GET", f"/photos/{photo.id}/preview").json()["code"] == "not_ready"


def get_rest(url: str, asked: str = "") -> HttpResponse:
    """What an address streams, all of it or what Range asks for."""

    async def download() -> HttpResponse:
        headers = {"Range": asked} if asked else {}
        answer: Any = await AsyncClient().get(
            url.removeprefix("http://testserver"), headers=headers
        )
        if isinstance(answer, StreamingHttpResponse):
            body = b"".join([chunk async for chunk in answer])
            return HttpResponse(body, status=answer.status_code, headers=answer.headers)
        return cast(HttpResponse, answer)

    # In the thread that the test's transaction is in.
    return async_to_sync(download)()


def test_a_large_original_is_streamed_whole(api: ApiClient, known: Photo) -> None:
    data = bytes(range(256)) * 8192  # 2 MiB
    put(original_key(str(known.id)), data)
    path = api("GET", f"/photos/{known.id}/original").headers["Location"]

    assert get_rest(path).content == data


def test_a_download_that_broke_off_goes_on_where_it_was(api: ApiClient, known: Photo) -> None:
    data = bytes(range(256)) * 16
    put(original_key(str(known.id)), data)
    path = api("GET", f"/photos/{known.id}/original").headers["Location"]

    def ask(asked: str) -> tuple[int, str, bytes]:
        answer = get_rest(path, asked)
        if answer.status_code != 416:
            assert len(answer.content) == int(answer.headers["Content-Length"])
        return answer.status_code, answer.headers.get("Content-Range", ""), answer.content

    assert ask("bytes=0-") == (206, "bytes 0-4095/4096", data)
    assert ask("bytes=4000-") == (206, "bytes 4000-4095/4096", data[4000:])
    assert ask("bytes=4096-")[0] == 416
    # Other ranges may be answered with everything.
    assert ask("bytes=0-1,5-6") == (200, "", data)


def test_the_timeline_goes_by_the_clock_of_the_place_whatever_the_servers(
    api: ApiClient, user: User, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    photo = make_photo(user)
    start_analysis(photo)
    record_result(make_result(photo, inspection(taken_at="2023-05-31T23:30:00+08:00")))
    assert [month["month"] for month in api("GET", "/timeline").json()] == ["2023-05"]


def test_the_day_that_a_person_wrote_is_the_day_that_finds_the_photo(
    api: ApiClient, known: Photo
) -> None:
    api("PATCH", f"/photos/{known.id}", {"taken_at": "2022-03-01T00:30:00+09:00"})

    def found(day: str) -> int:
        return len(api("GET", f"/photos?from={day}&to={day}").json()["results"])

    assert (found("2022-02-28"), found("2022-03-01")) == (0, 1)


def test_a_moment_that_no_clock_can_show_is_refused(api: ApiClient, known: Photo) -> None:
    answer = api("PATCH", f"/photos/{known.id}", {"taken_at": "9999-12-31T23:59:59Z"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == "taken_at"


def test_what_was_announced_and_has_not_come_is_shown_only_if_asked_for(
    api: ApiClient, known: Photo
) -> None:
    waiting = api("POST", "/photos", NEW).json()["photo"]["id"]
    listed = [photo["id"] for photo in api("GET", "/photos").json()["results"]]
    asked = [
        photo["id"] for photo in api("GET", "/photos?status=awaiting_upload").json()["results"]
    ]
    assert (listed, asked) == ([str(known.id)], [waiting])


@pytest.mark.parametrize("data", [{"kinds": []}, [], {"kinds": None}])
def test_analysing_nothing_again_is_refused(api: ApiClient, known: Photo, data: Any) -> None:
    answer = api("POST", f"/photos/{known.id}/reanalyze", data)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_tag_that_cannot_be_seen_is_refused(api: ApiClient, known: Photo) -> None:
    answer = api("POST", f"/photos/{known.id}/tags", {"name": "\u200b\u202e"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not known.tags.exists()


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("what", ["photo", "album"])
def test_what_was_changed_meanwhile_is_not_overwritten(
    api: ApiClient, known: Photo, what: str, method: str
) -> None:
    path = f"/photos/{known.id}"
    if what == "album":
        path = f"/albums/{api('POST', '/albums', {'title': 'x'}).json()['id']}"
    read = api("GET", path).headers["ETag"]
    assert api("PATCH", path, {"description": "first"}, **{"If-Match": read}).status_code == 200
    late = api(method, path, {"description": "late"}, **{"If-Match": f'"x", {read}'})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    found = api("GET", path)
    assert found.json()["description"] == "first"
    assert found.json().get("status") != "trashed"
    for now in (found.headers["ETag"], "*"):
        changed = api("PATCH", path, {"description": "first"}, **{"If-Match": now})
        assert changed.status_code == 200
    done = api(method, path, {"description": "late"}, **{"If-Match": "*"})
    assert done.status_code in (200, 204)


@pytest.mark.parametrize("what", ["photo", "album"])
def test_addresses_that_changed_are_sent_again_and_stop_no_change(
    api: ApiClient, known: Photo, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/photos/{known.id}"
    if what == "album":
        path = f"/albums/{api('POST', '/albums', {'title': 'x'}).json()['id']}"
        api("POST", f"{path}/photos", {"ids": [str(known.id)]})
    # Others' words count, even those that look like an address.
    looks_so = {"description": '"thumbnail":"http://a"'}
    assert api("PATCH", path, looks_so).status_code == 200
    read = api("GET", path)
    etag = read.headers["ETag"]
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    again = api("GET", path, **{"If-None-Match": etag})
    assert again.status_code == 200
    assert again.headers["ETag"] != etag
    assert again.json() != read.json()
    done = api("PATCH", path, {"description": '"thumbnail":"http://b"'}, **{"If-Match": etag})
    assert done.status_code == 200
    assert api("PATCH", path, looks_so, **{"If-Match": etag}).status_code == 412


@pytest.mark.parametrize("path", ["/photos", "/photos/{id}", "/timeline", "/search?q=dog"])
def test_what_has_not_changed_is_not_sent_again(api: ApiClient, known: Photo, path: str) -> None:
    path = path.format(id=known.id)
    etag = api("GET", path).headers["ETag"]
    again = api("GET", path, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    api(
        "PATCH", f"/photos/{known.id}", {"description": "a dog", "taken_at": "2020-01-01T00:00:00Z"}
    )
    assert api("GET", path, **{"If-None-Match": etag}).status_code == 200
