"""Uploads straight to real object storage, which enforces what the ticket signed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.conftest import make_photo
from backend.core import storage
from backend.core.errors import RefusedError, StorageError
from backend.core.uuids import uuid7
from backend.events.models import Event
from backend.events.services import tell
from backend.photos.models import Photo
from backend.photos.services import (
    UploadTicket,
    clean_filename,
    confirm_upload,
    delete_photo,
    issue_upload_ticket,
    purge_orphans,
    purge_photos,
    restore_photo,
    trash_photo,
    update_photo,
)
from functions.contract import original_key

BYTES = b"\xff\xd8\xff not a whole photo, but storage does not look"
http = urllib3.PoolManager()


def ticket(owner: User, data: bytes = BYTES, **changes: Any) -> UploadTicket:
    values: dict[str, Any] = {
        "owner": owner,
        "filename": "a.jpg",
        "size": len(data),
        "content_type": "image/jpeg",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return issue_upload_ticket(**(values | changes))


def send(upload: storage.SignedUpload | None, data: bytes = BYTES) -> int:
    """Do what a client does with a ticket; the HTTP status."""
    assert upload is not None
    if upload.method == "POST":
        fields: dict[str, Any] = {**(upload.fields or {}), "file": ("x.jpg", data, "image/jpeg")}
        return http.request("POST", upload.url, fields=fields).status
    return http.request("PUT", upload.url, body=data, headers=upload.headers).status


def put(key: str, data: bytes) -> None:
    storage._client().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=data)


def exists(key: str) -> bool:
    return storage.head(key) is not None


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_bytes_go_straight_to_storage(user: User, method: str) -> None:
    given = ticket(user, upload_method=method)
    assert not confirm_upload(given.photo)
    assert send(given.upload) in (200, 204)
    assert confirm_upload(given.photo)
    assert given.photo.status == Photo.Status.PROCESSING
    stored = storage.head(original_key(str(given.photo.id)))
    assert stored is not None
    assert (stored.size, stored.sha256) == (len(BYTES), given.photo.sha256)


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("data", [BYTES + b"more", BYTES[:-1], b"X" + BYTES[1:]])
def test_storage_refuses_any_other_bytes(user: User, method: str, data: bytes) -> None:
    given = ticket(user, upload_method=method)
    upload = given.upload
    assert upload is not None
    if upload.headers:
        upload = replace(upload, headers={**upload.headers, "Content-Length": str(len(data))})
    assert send(upload, data) in (400, 403)
    assert not confirm_upload(given.photo)


def test_storage_refuses_another_type_key_or_checksum(user: User) -> None:
    upload = ticket(user).upload
    assert upload is not None
    fields = upload.fields or {}
    for name, value in [
        ("Content-Type", "text/html"),
        ("key", "originals/somebody-elses"),
        ("x-amz-checksum-sha256", "A" * 43 + "="),
    ]:
        assert send(replace(upload, fields={**fields, name: value})) in (400, 403), name


def test_storage_refuses_the_anonymous(user: User) -> None:
    given = ticket(user)
    send(given.upload)
    key = original_key(str(given.photo.id))
    url = f"{settings.S3_ENDPOINT_URL}/{settings.S3_BUCKET}/{key}"
    assert http.request("GET", url).status == 403
    assert http.request("PUT", url, body=b"x").status == 403


def test_an_upload_in_parts_arrives_whole(user: User, settings: Any) -> None:
    settings.MULTIPART_BYTES = 5 * 1024**2
    data = bytes(range(256)) * (9 * 4096)  # 9 MiB: two parts
    given = ticket(user, data, upload_method="multipart")
    parts = (given.upload.parts if given.upload else None) or []
    assert [part["size"] for part in parts] == [5 * 1024**2, 4 * 1024**2]
    for part in parts:
        body = data[part["offset"] : part["offset"] + part["size"]]
        assert http.request("PUT", part["url"], body=body).status == 200
    given.photo.refresh_from_db()
    assert confirm_upload(given.photo)
    opened = storage.open_object(original_key(str(given.photo.id)))
    assert opened is not None
    assert b"".join(opened.chunks) == data


@pytest.fixture
def two_parts(settings: Any) -> bytes:
    settings.MULTIPART_BYTES = 5 * 1024**2
    return bytes(range(256)) * (6 * 4096)  # 6 MiB


def send_part(given: UploadTicket, number: int, data: bytes) -> None:
    part = ((given.upload.parts if given.upload else None) or [])[number]
    body = data[part["offset"] : part["offset"] + part["size"]]
    assert http.request("PUT", part["url"], body=body).status == 200


def test_an_upload_in_parts_is_left_alone_until_the_last_part(user: User, two_parts: bytes) -> None:
    given = ticket(user, two_parts, upload_method="multipart")
    send_part(given, 0, two_parts)
    assert not confirm_upload(given.photo)
    send_part(given, 1, two_parts)
    assert confirm_upload(given.photo)


def test_a_new_ticket_ends_the_parts_of_the_old_one(user: User, two_parts: bytes) -> None:
    first = ticket(user, two_parts, upload_method="multipart")
    send_part(first, 0, two_parts)
    second = ticket(user, two_parts, upload_method="PUT")
    assert send(second.upload, two_parts) == 200
    assert confirm_upload(second.photo)
    uploads = storage._client().list_multipart_uploads(Bucket=settings.S3_BUCKET)
    key = original_key(str(second.photo.id))
    assert key not in [upload["Key"] for upload in uploads.get("Uploads", [])]
    stored = storage.head(key)
    assert stored is not None
    assert stored.size == len(two_parts)


@pytest.mark.parametrize("data", [BYTES + b"more", b"X" + BYTES[1:]])
def test_other_bytes_than_announced_are_removed_and_may_be_sent_again(
    user: User, data: bytes
) -> None:
    given = ticket(user)
    client, key = storage._client(), original_key(str(given.photo.id))
    client.put_object(Bucket=settings.S3_BUCKET, Key=key, Body=data, ChecksumAlgorithm="SHA256")
    assert not confirm_upload(given.photo)
    assert not exists(key)
    assert send(ticket(user).upload) == 204
    assert confirm_upload(Photo.objects.get(id=given.photo.id))


def test_a_photo_whose_wrong_bytes_were_found_later_may_be_sent_again(user: User) -> None:
    given = ticket(user)
    Photo.objects.filter(id=given.photo.id).update(status=Photo.Status.FAILED)
    again = ticket(user)
    assert send(again.upload) == 204
    assert confirm_upload(again.photo)


def test_the_same_bytes_again_are_a_duplicate(user: User) -> None:
    first = ticket(user)
    send(first.upload)
    confirm_upload(first.photo)
    again = ticket(user, filename="other name.jpg")
    assert (again.photo, again.upload) == (first.photo, None)
    user.refresh_from_db()
    assert user.used_bytes == len(BYTES)


def test_an_upload_that_never_came_can_be_asked_for_again(user: User) -> None:
    first, second = ticket(user), ticket(user)
    assert first.photo == second.photo
    assert send(second.upload) == 204


def test_two_owners_may_have_the_same_photo(user: User, stranger: User) -> None:
    assert ticket(user).photo != ticket(stranger).photo


def test_the_same_bytes_come_back_out_of_the_trash(user: User) -> None:
    first = ticket(user)
    send(first.upload)
    confirm_upload(first.photo)
    trash_photo(first.photo)
    again = ticket(user)
    assert (again.photo.id, again.photo.trashed_at) == (first.photo.id, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": 0}, "empty_file"),
        ({"size": settings.MAX_UPLOAD_BYTES + 1}, "too_large"),
        ({"content_type": "text/html"}, "unsupported_type"),
        ({"content_type": "image/svg+xml"}, "unsupported_type"),
    ],
)
def test_what_cannot_be_a_photo_gets_no_ticket(
    user: User, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        ticket(user, **changes)
    assert refused.value.code == code
    assert not Photo.objects.exists()


def test_the_quota_counts_tickets_and_gives_back_what_is_deleted(user: User) -> None:
    User.objects.filter(id=user.id).update(quota_bytes=100)
    first = ticket(user, b"a" * 60)
    with pytest.raises(RefusedError, match="quota_exceeded"):
        ticket(user, b"b" * 60)
    delete_photo(first.photo)
    ticket(user, b"b" * 60)
    user.refresh_from_db()
    assert user.used_bytes == 60


def test_deleting_removes_every_object_and_row_and_may_be_repeated(user: User) -> None:
    given = ticket(user)
    send(given.upload)
    confirm_upload(given.photo)
    delete_photo(given.photo)
    delete_photo(given.photo)
    assert storage.head(original_key(str(given.photo.id))) is None
    user.refresh_from_db()
    assert (user.used_bytes, Photo.objects.count()) == (0, 0)


def test_the_purge_empties_old_trash_and_forgets_abandoned_tickets(user: User) -> None:
    old, fresh, abandoned, late = (ticket(user, bytes([n]) * 10).photo for n in range(4))
    for number, photo in enumerate((old, fresh, abandoned, late)):
        if photo != abandoned:
            put(original_key(str(photo.id)), bytes([number]) * 10)
    for photo in (old, fresh):
        confirm_upload(photo)
        trash_photo(photo)
    long_ago = timezone.now() - timedelta(days=settings.TRASH_DAYS + 1)
    Photo.objects.filter(id=old.id).update(trashed_at=long_ago)
    Photo.objects.filter(id__in=[abandoned.id, late.id]).update(ticket_at=long_ago)
    assert purge_photos() == 2
    assert set(Photo.objects.values_list("id", flat=True)) == {fresh.id, late.id}


def test_a_photo_restored_in_the_meantime_is_not_purged(user: User) -> None:
    photo = ticket(user).photo
    assert not delete_photo(photo, only_if=Q(trashed_at__isnull=False))
    assert Photo.objects.filter(id=photo.id).exists()


def test_storage_that_is_away_leaves_the_photo_whole(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = ticket(user).photo

    def away(keys: list[str]) -> None:
        raise StorageError("away")

    monkeypatch.setattr(storage, "delete_objects", away)
    with pytest.raises(StorageError):
        delete_photo(photo)
    assert Photo.objects.filter(id=photo.id).exists()
    user.refresh_from_db()
    assert user.used_bytes == len(BYTES)


def test_objects_without_a_photo_are_purged_once_they_are_old(user: User, settings: Any) -> None:
    kept = ticket(user).photo
    gone = uuid7()
    keys = [original_key(str(kept.id)), original_key(str(gone)), f"renditions/{gone}/preview.jpg"]
    for key in [*keys, "originals/not-ours"]:
        put(key, b"x")
    purge_orphans()
    assert all(exists(key) for key in keys)
    settings.UPLOAD_ABANDONED_SECONDS = -60
    purge_orphans()
    assert [exists(key) for key in keys] == [True, False, False]
    assert exists("originals/not-ours")


def test_trashing_and_restoring_may_be_repeated(user: User) -> None:
    photo = ticket(user).photo
    trash_photo(photo)
    trash_photo(photo)
    restore_photo(photo)
    photo.refresh_from_db()
    assert photo.trashed_at is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/etc/passwd", "passwd"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("a\x00b\n.jpg", "ab.jpg"),
        ("../", "photo"),
        ("海边.jpg", "海边.jpg"),
        ("x" * 300 + ".jpg", "x" * 251 + ".jpg"),
        ("\u202egpj.exe", "gpj.exe"),
    ],
)
def test_file_names_are_only_names(given: str, kept: str) -> None:
    assert clean_filename(given) == kept


def test_there_is_an_end_to_photos_that_are_announced_and_do_not_come(
    user: User, stranger: User, settings: Any
) -> None:
    settings.MAX_OPEN_TICKETS = 1
    first = ticket(user)
    with pytest.raises(RefusedError, match="too_many_tickets"):
        ticket(user, b"b")
    ticket(user)  # the same one again
    ticket(stranger, b"b")
    send(first.upload)
    confirm_upload(first.photo)
    ticket(user, b"b")


def test_a_ticket_does_not_take_back_what_has_come_in_the_meantime(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = ticket(user).photo
    sign = storage.sign_post

    def arrive_first(**values: Any) -> storage.SignedUpload:
        Photo.objects.filter(id=photo.id).update(status=Photo.Status.READY)
        return sign(**values)

    monkeypatch.setattr(storage, "sign_post", arrive_first)
    assert ticket(user).photo.status == Photo.Status.READY


@pytest.mark.parametrize(
    ("moment", "offset"),
    [
        ("2022-03-01T00:30:00+09:00", 540),
        ("2022-03-01T00:30:00-03:30", -210),
        ("2022-03-01T00:30:00+00:00", 120),  # nothing of the place: what the file said stays
    ],
)
def test_a_persons_date_is_of_the_day_that_they_wrote(user: User, moment: str, offset: int) -> None:
    photo = make_photo(user, taken_at_offset=120)
    update_photo(photo, {"taken_at": datetime.fromisoformat(moment)})
    photo.refresh_from_db()
    assert photo.taken_at == datetime.fromisoformat(moment)
    assert photo.taken_at_offset == offset


@pytest.mark.parametrize("year", [1, 1825, 2201, 9999])
def test_a_year_without_photos_is_refused(user: User, year: int) -> None:
    photo, moment = make_photo(user), datetime(year, 12, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(RefusedError, match="invalid"):
        update_photo(photo, {"taken_at": moment})
    with pytest.raises(RefusedError, match="invalid"):
        ticket(user, taken_at=moment)
    assert list(Photo.objects.values_list("id", "taken_at")) == [(photo.id, None)]


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_is_being_worked_on_is_deleted_when_that_is_done(user: User) -> None:
    photo = make_photo(user)

    def delete() -> None:
        try:
            delete_photo(photo)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Photo.objects.select_for_update().get(id=photo.id)
            deletion = pool.submit(delete)
            while not _somebody_waits():
                assert not deletion.done()
            # Its owner is looked for at the commit: what waits must not stand in the way.
            tell(user.id, Event.Kind.PHOTO_READY, photo=str(photo.id))
        deletion.result()
    assert not Photo.objects.filter(id=photo.id).exists()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
            "and datname = current_database()"
        )
        return bool(cursor.fetchone()[0])
