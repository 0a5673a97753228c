"""/exports, /imports, DELETE /me and /deletions: out, in, and gone, as clients see it."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from backend.accounts.models import Token, User
from backend.albums.links import make_link
from backend.albums.members import set_role
from backend.albums.models import Role
from backend.albums.services import add_photos, create_album
from backend.archive import importing
from backend.archive.exporting import prepare_exports
from backend.archive.importing import forget_imports, run_imports
from backend.archive.models import Export, Import
from backend.archive.tests.scenes import archive_of, files_in, make_library, zip_of
from backend.conftest import PASSWORD, ApiClient, make_photo
from backend.core import storage
from backend.core.errors import StorageError
from backend.leaving.erasing import delete_accounts
from backend.leaving.models import Deletion
from backend.photos.models import Photo


@pytest.fixture(autouse=True)
def no_earlier_attempts() -> None:
    cache.clear()


@pytest.fixture
def anybody(db: None) -> ApiClient:
    return ApiClient(None)


def fetch(url: str, **headers: str) -> tuple[Any, bytes]:
    """The answer at a path, and all of its bytes."""
    answer: Any = Client().get(url, headers=headers)
    if not answer.streaming:
        return answer, answer.content

    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return answer, async_to_sync(read)()


def exported(api: ApiClient) -> dict[str, Any]:
    asked = api("POST", "/exports")
    assert asked.status_code == 202
    assert (asked.json()["status"], asked.json()["url"]) == ("queued", None)
    while prepare_exports():
        pass
    found: dict[str, Any] = api("GET", f"/exports/{asked.json()['id']}").json()
    assert found["status"] == "ready"
    return found


def file_url(api: ApiClient, export: dict[str, Any]) -> str:
    answer = api("GET", f"/exports/{export['id']}/archive")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_an_export_is_asked_for_watched_and_fetched(api: ApiClient, user: User) -> None:
    make_library(user)
    asked = api("POST", "/exports").json()
    assert (asked["done"], asked["total"]) == (0, 4)
    early = api("GET", f"/exports/{asked['id']}/archive")
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")
    export = exported(api)
    assert export["id"] == asked["id"]
    assert (export["done"], export["left_out"]) == (4, [])
    assert export["url"] == f"http://testserver/api/v1/exports/{export['id']}/archive"
    answer, data = fetch(file_url(api, export))
    assert len(data) == export["size"] == int(answer.headers["Content-Length"])
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(files_in(data)) == 1 + 4 * 3 + 1 + 3 + 1
    assert [each["id"] for each in api("GET", "/exports").json()["results"]] == [export["id"]]
    assert api("DELETE", f"/exports/{export['id']}").status_code == 204
    assert fetch(str(answer.wsgi_request.path))[0].status_code == 404


def test_a_broken_download_goes_on_from_any_byte(api: ApiClient, user: User) -> None:
    make_library(user)
    export = exported(api)
    url = file_url(api, export)
    answer, data = fetch(url)
    etag, size = answer.headers["ETag"], len(data)
    assert not etag.startswith("W/")
    for asked, (start, end) in {
        "bytes=0-": (0, size),
        "bytes=1000-": (1000, size),
        f"bytes={size - 1}-": (size - 1, size),
        "bytes=10-19": (10, 20),
        "bytes=-100": (size - 100, size),
        f"bytes=5-{size + 100}": (5, size),
    }.items():
        # Each time with an address of its own: addresses end, the archive stays.
        again, part = fetch(file_url(api, export), Range=asked, **{"If-Range": etag})
        assert (again.status_code, part) == (206, data[start:end]), asked
        assert again.headers["ETag"] == etag
        assert again.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    far = fetch(url, Range=f"bytes={size}-")[0]
    assert (far.status_code, far.headers["Content-Range"]) == (416, f"bytes */{size}")
    for odd in ("bytes=9-5", "lines=1-", "bytes=1-2,4-5", "bytes=-"):
        answer, whole = fetch(url, Range=odd)
        assert (answer.status_code, whole) == (200, data)
    other, whole = fetch(url, Range="bytes=10-", **{"If-Range": '"other"'})
    assert (other.status_code, whole) == (200, data)
    head = Client().head(url, headers={"Range": "bytes=10-"})
    assert (head.status_code, head.headers["Content-Length"]) == (206, str(size - 10))


def test_an_address_of_an_archive_ends(
    api: ApiClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = exported(api)
    url = file_url(api, export)
    assert fetch(url)[0].status_code == 200
    assert fetch(url[:-2] + "xx")[0].status_code == 404
    later = timezone.now() + timedelta(hours=2)
    with monkeypatch.context() as patch:
        patch.setattr("time.time", later.timestamp)
        assert fetch(url)[0].status_code == 404
    User.objects.filter(id=user.id).update(is_active=False)
    assert fetch(url)[0].status_code == 404


def send_parts(upload: dict[str, Any], data: bytes) -> None:
    for part in upload["parts"]:
        piece = data[part["offset"] : part["offset"] + part["size"]]
        answer = urllib3.request("PUT", part["url"], body=piece)
        assert answer.status == 200, answer.data


def test_an_archive_is_sent_in_parts_and_taken_in(
    api: ApiClient, stranger: User, user: User, settings: Any
) -> None:
    settings.MULTIPART_BYTES = 5 * 2**20  # the least that S3 takes
    make_library(stranger)
    files = files_in(archive_of(stranger))
    data = zip_of(files | {"more.bin": random.Random(0).randbytes(6 * 2**20)})
    ticket = api("POST", "/imports", {"size": len(data)})
    assert ticket.status_code == 201
    assert ticket.headers["Cache-Control"] == "no-store"
    run = ticket.json()
    assert len(run["upload"]["parts"]) == 2
    # One part gets through; later the rest is asked for.
    send_parts({"parts": run["upload"]["parts"][:1]}, data)
    unfinished = api("POST", f"/imports/{run['id']}/complete")
    assert (unfinished.status_code, unfinished.json()["code"]) == (409, "archive_not_uploaded")
    rest = api("GET", f"/imports/{run['id']}").json()
    assert [part["number"] for part in rest["upload"]["parts"]] == [2]
    assert api("POST", "/imports", {"size": len(data)}).json()["id"] == run["id"]
    send_parts(rest["upload"], data)
    assert api("POST", f"/imports/{run['id']}/complete").status_code == 202
    assert api("POST", f"/imports/{run['id']}/complete").status_code == 202
    busy = api("POST", "/imports", {"size": 5})
    assert (busy.status_code, busy.json()["code"]) == (409, "import_under_way")
    while run_imports():
        pass
    found = api("GET", f"/imports/{run['id']}").json()
    assert (found["status"], found["imported"], found["total"]) == ("ready", 4, 7)
    assert (found["failed"], found["failures"], found["upload"]) == (0, [], None)
    assert Photo.objects.filter(owner=user).count() == 4
    assert user.albums.count() == 3
    # The archive itself is not kept.
    assert list(storage.list_objects(f"imports/{user.id}/")) == []
    assert [each["id"] for each in api("GET", "/imports").json()["results"]] == [run["id"]]


@pytest.fixture
def begun(user: User, stranger: User) -> Import:
    """An import of four photos whose archive has come."""
    make_library(stranger)
    data = archive_of(stranger)
    run = Import.objects.create(owner=user, size=len(data), state="queued", due_at=timezone.now())
    storage._client().put_object(
        Bucket=settings.S3_BUCKET, Key=f"imports/{user.id}/{run.id}", Body=data
    )
    return run


def test_an_import_that_is_killed_anywhere_goes_on(begun: Import, user: User) -> None:
    steps = 0
    while Import.objects.get(id=begun.id).state != "ready":
        work = importing._steps(begun.id)
        for _ in range(steps):
            next(work, None)
        work.close()
        steps += 1
        assert steps < 20
    begun.refresh_from_db()
    assert (begun.done, begun.imported + begun.already_there) == (7, 4)
    assert Photo.objects.filter(owner=user).count() == 4
    assert user.albums.count() == 3


def test_while_storage_is_away_an_import_waits(
    begun: Import, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **values: Any) -> bytes:
        raise StorageError("away")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "put", away)
        run_imports()
    begun.refresh_from_db()
    assert (begun.state, begun.done) == ("running", 0)
    Import.objects.filter(id=begun.id).update(due_at=timezone.now())
    while run_imports():
        pass
    begun.refresh_from_db()
    assert (begun.state, begun.imported) == ("ready", 4)


def test_what_is_no_archive_ends_the_import(api: ApiClient, user: User) -> None:
    run = Import.objects.create(owner=user, size=7, state="queued", due_at=timezone.now())
    key = f"imports/{user.id}/{run.id}"
    storage._client().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=b"no zip!")
    run_imports()
    found = api("GET", f"/imports/{run.id}").json()
    assert (found["status"], found["code"], found["failed"]) == ("failed", "not_an_archive", 1)
    assert storage.head(key) is None


def test_an_import_is_cancelled(api: ApiClient, begun: Import, user: User) -> None:
    key = f"imports/{user.id}/{begun.id}"
    assert api("DELETE", f"/imports/{begun.id}").status_code == 204
    assert storage.head(key) is None
    assert run_imports() == 0


@pytest.mark.parametrize(("size", "status"), [(0, 400), (-1, 400), ("x", 400), (1001, 413)])
def test_archives_of_odd_sizes_are_refused(
    size: Any, status: int, api: ApiClient, user: User
) -> None:
    User.objects.filter(id=user.id).update(quota_bytes=1000)
    assert api("POST", "/imports", {"size": size}).status_code == status


def test_archives_that_nobody_went_on_sending_are_given_up(api: ApiClient, user: User) -> None:
    run = api("POST", "/imports", {"size": 100}).json()
    assert forget_imports() == 0
    Import.objects.filter(id=run["id"]).update(created_at=timezone.now() - timedelta(days=4))
    assert forget_imports() == 1
    assert not Import.objects.exists()


def test_deleting_an_account_asks_for_the_password(api: ApiClient, user: User) -> None:
    for body in ({}, {"password": "wrong"}):
        answer = api("DELETE", "/me", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    answers = [api("DELETE", "/me", {"password": str(number)}) for number in range(25)]
    assert answers[-1].status_code == 429
    assert User.objects.get(id=user.id).is_active


def test_without_a_password_one_signs_in_again(api: ApiClient, user: User) -> None:
    token = Token.objects.get(user=user)
    user.set_unusable_password()
    user.save()
    Token.objects.filter(id=token.id).update(password_digest=user.get_session_auth_hash())
    long_ago = timezone.now() - timedelta(minutes=6)
    Token.objects.filter(id=token.id).update(created_at=long_ago)
    answer = api("DELETE", "/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_again")
    Token.objects.filter(id=token.id).update(created_at=timezone.now())
    assert api("DELETE", "/me").status_code == 202


def test_from_then_on_nothing_of_the_account_is_of_use(
    api: ApiClient, anybody: ApiClient, user: User
) -> None:
    photo = make_photo(user, has_renditions=True, moderation_verdict="ok")
    album = create_album(user, {"title": "Summer"})
    add_photos(album, user, [photo.id])
    token, _ = make_link(album, user)
    assert anybody("GET", f"/links/{token}").status_code == 200
    key = api("POST", "/api-keys", {"name": "k", "scopes": ["photos:read"]}).json()["secret"]
    answer = api("DELETE", "/me", {"password": PASSWORD})
    assert answer.status_code == 202
    assert answer.headers["Cache-Control"] == "no-store"
    assert api("GET", "/me").status_code == 401
    assert anybody("GET", "/photos", Authorization=f"Bearer {key}").status_code == 401
    assert anybody("GET", f"/links/{token}").status_code == 404
    body = {"username": "alice", "password": PASSWORD}
    assert anybody("POST", "/auth/login", body).status_code == 401


def test_the_receipt_opens_the_record_and_is_kept_nowhere(
    api: ApiClient, anybody: ApiClient, user: User
) -> None:
    make_photo(user)
    asked = api("DELETE", "/me", {"password": PASSWORD}).json()
    receipt = asked["receipt"]
    assert asked["status"] == "erasing"
    assert receipt not in str(list(Deletion.objects.values()))
    while delete_accounts():
        pass
    found = anybody("GET", f"/deletions/{receipt}").json()
    assert found["status"] == "erased"
    assert found["account_id"] == str(user.id)
    assert found["removed"]["photos.Photo"] == 1
    assert set(found["remaining"].values()) == {0}
    assert not User.objects.filter(id=user.id).exists()
    Deletion.objects.update(watched_until=timezone.now(), due_at=timezone.now())
    delete_accounts()
    assert anybody("GET", f"/deletions/{receipt}").json()["status"] == "confirmed"
    assert anybody("GET", f"/deletions/{receipt}x").status_code == 404
    # The name is free again.
    User.objects.create_user("alice", password=PASSWORD)


def test_what_would_go_is_told_before(api: ApiClient, user: User, stranger: User) -> None:
    own, foreign = make_photo(user), make_photo(stranger)
    shared = create_album(user, {"title": "Ours"})
    set_role(shared, stranger, Role.CONTRIBUTOR, giver=user)
    add_photos(shared, user, [own.id])
    add_photos(shared, stranger, [foreign.id])
    create_album(user, {"title": "Alone"})
    theirs = create_album(stranger, {"title": "Theirs"})
    set_role(theirs, user, Role.CONTRIBUTOR, giver=stranger)
    add_photos(theirs, user, [own.id])
    found = api("GET", "/me/deletion").json()
    assert (found["photo_count"], found["used_bytes"], found["album_count"]) == (1, 1000, 2)
    (album,) = found["shared_albums"]
    assert (album["title"], album["member_count"], album["photos_of_others"]) == ("Ours", 1, 1)
    assert found["photos_in_albums_of_others"] == 1
    assert api("GET", "/me").status_code == 200


def test_quotas_are_told(api: ApiClient, user: User, settings: Any) -> None:
    settings.DEFAULT_QUOTA_BYTES = 5000
    found = api("GET", "/me").json()
    assert (found["quota_bytes"], found["used_bytes"]) == (5000, 0)
    User.objects.filter(id=user.id).update(quota_bytes=10)
    assert api("GET", "/me").json()["quota_bytes"] == 10


def test_an_export_of_a_stranger_is_not_found(
    api: ApiClient, stranger: User, as_user: Callable[[User], ApiClient]
) -> None:
    theirs = exported(as_user(stranger))
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/archive")):
        assert api(method, f"/exports/{theirs['id']}{path}").status_code == 404
    assert Export.objects.count() == 1
