"""An export holds all of its owner's and nothing of anybody else's, and its bytes never change."""

import io
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.albums.members import set_role
from backend.albums.models import Role
from backend.albums.services import add_photos, create_album
from backend.archive import exporting
from backend.archive.exporting import ask_export, exports_of, forget_exports, prepare
from backend.archive.models import Export, ExportEntry, State
from backend.archive.sending import stream_export
from backend.archive.tests.scenes import (
    CHINA,
    PHOTOS,
    archive_of,
    documents_in,
    export_of,
    files_in,
    look_at,
    make_library,
    upload,
)
from backend.conftest import make_photo
from backend.core import storage
from backend.core.errors import RefusedError, StorageError
from backend.photos.models import Photo
from backend.photos.services import delete_photo
from functions.contract import original_key


def test_originals_lie_under_readable_names_beside_what_is_said_of_them(user: User) -> None:
    make_library(user)
    files = files_in(archive_of(user))
    # By the clock of the place: EXIF says 18:30 on the first of May.
    for name in ("photos/2023/05/china.jpg", "photos/1987/06/flower.jpg"):
        assert files[name] == (PHOTOS / name.rpartition("/")[2]).read_bytes()
        assert {f"{name}.json", f"{name}.xmp"} <= files.keys()
    assert {"archive.json", "people/00001.json", "albums/00003.json"} <= files.keys()


def test_results_albums_and_people_are_in_it(user: User) -> None:
    make_library(user)
    documents = documents_in(archive_of(user))
    photo = documents["photos/2023/05/china.jpg.json"]
    assert [label["name"] for label in photo["labels"]] == ["cat", "dog"]
    assert photo["text"][0]["text"] == "出口 Exit"
    assert photo["camera"]["model"] == "X-T4"
    assert {analysis["state"] for analysis in photo["analyses"]} == {"done"}
    assert [face["name"] for face in photo["faces"]] == ["小明", "Anna & co"]
    assert documents["archive.json"]["photos"] == 4
    titles = [documents[f"albums/0000{number}.json"]["title"] for number in (1, 2, 3)]
    assert titles == ["Journey", "Day 1", "小明"]
    day, above = documents["albums/00002.json"], documents["albums/00001.json"]
    assert day["parent"] == above["key"]
    hopper = documents["photos/2023/05/grace_hopper.jpg.json"]
    assert day["photos"] == [hopper["sha256"], photo["sha256"]]
    assert "embedding" not in str(documents)


def test_nothing_of_anybody_else_is_in_it(user: User, stranger: User) -> None:
    own, foreign = upload(user, CHINA), upload(stranger, "flower.jpg")
    for photo in (own, foreign):
        look_at(photo)
    theirs = create_album(stranger, {"title": "Secret title"})
    set_role(theirs, user, Role.CONTRIBUTOR, giver=stranger)
    add_photos(theirs, user, [own.id])
    shared = create_album(user, {"title": "Ours"})
    set_role(shared, stranger, Role.CONTRIBUTOR, giver=user)
    add_photos(shared, stranger, [foreign.id])
    add_photos(shared, user, [own.id])
    files = files_in(archive_of(user))
    documents = documents_in(archive_of(user))
    everything = b"".join(files.values())
    for secret in ("Secret title", "mallory", foreign.sha256, str(foreign.id), str(stranger.id)):
        assert secret.encode() not in everything
    assert documents["albums/00001.json"]["photos"] == [own.sha256]
    assert sum(name.endswith(".jpg") for name in files) == 1


def test_every_part_is_the_same_at_any_time(user: User) -> None:
    photos = make_library(user)
    export = export_of(user)
    data = b"".join(stream_export(export))
    # What is said later is in the next export.
    Photo.objects.filter(id=photos[CHINA].id).update(description="later", filename="later.jpg")
    for start in (0, 1, 1000, len(data) // 2, len(data) - 5000, len(data) - 1):
        assert b"".join(stream_export(export, start=start)) == data[start:], start


def test_names_that_some_system_takes_for_one_are_two(user: User) -> None:
    names = ["IMG.jpg", "img.JPG", "img.jpg", "a/../../b<>.jpg", "CON.jpg", ".", "照" * 120]
    for number, name in enumerate(names):
        photo = upload(user, name, (PHOTOS / CHINA).read_bytes() + bytes([number]))
        look_at(photo)
    found = [name for name in files_in(archive_of(user)) if not name.endswith((".json", ".xmp"))]
    assert len({name.casefold() for name in found}) == len(names)
    assert all(name.startswith("photos/2023/05/") for name in found)
    assert all(len(part.encode()) < 250 for name in found for part in name.split("/"))
    assert not any(sign in name for name in found for sign in '<>:"|?*\\')
    assert not any(".." in name for name in found)
    assert "photos/2023/05/_CON.jpg" in found


def test_a_picture_is_never_called_as_a_document(user: User) -> None:
    look_at(upload(user, "notes.json", (PHOTOS / CHINA).read_bytes()))
    assert "photos/2023/05/notes.json.jpg" in files_in(archive_of(user))


def test_photos_that_have_not_come_are_left_out(user: User) -> None:
    make_photo(user, status=Photo.Status.AWAITING_UPLOAD)
    make_photo(user, filename="lost.jpg")
    damaged = upload(user, CHINA)
    Photo.objects.filter(id=damaged.id).update(sha256="ab" * 32)
    export = export_of(user)
    assert {one["code"] for one in export.left_out} == {"missing", "checksum_mismatch"}
    documents = documents_in(b"".join(stream_export(export)))
    assert documents["archive.json"]["photos"] == 0
    assert documents["archive.json"]["left_out"] == export.left_out
    assert (export.done, export.total) == (2, 2)


def test_an_empty_library_is_exported(user: User) -> None:
    assert documents_in(archive_of(user)).keys() == {"archive.json", "account.json"}


def test_a_preparation_that_is_killed_goes_on(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(user)
    whole = files_in(archive_of(user))
    user.exports.all().delete()
    monkeypatch.setattr(exporting, "_PHOTOS", 1)
    export = ask_export(user)
    for steps in range(4):
        work = exporting._steps(export.id)
        for _ in range(steps):
            next(work, None)
        work.close()
    Export.objects.filter(id=export.id).update(due_at=timezone.now())
    prepare(export.id)
    export.refresh_from_db()
    assert (export.state, export.done) == (State.READY, 4)
    again = files_in(b"".join(stream_export(export)))
    assert again.keys() == whole.keys()
    assert {name: data for name, data in again.items() if name != "archive.json"} == {
        name: data for name, data in whole.items() if name != "archive.json"
    }


def test_two_who_prepare_the_same_export_do_not_disturb_each_other(user: User) -> None:
    make_library(user)
    export = ask_export(user)
    first, second = exporting._steps(export.id), exporting._steps(export.id)
    for work in (first, second, first, second):
        for _ in range(2):
            next(work, None)
    export.refresh_from_db()
    assert export.state == State.READY
    assert len(documents_in(b"".join(stream_export(export)))) == 10


def test_an_export_that_somebody_prepares_is_not_taken(user: User) -> None:
    export = ask_export(user)
    Export.objects.filter(id=export.id).update(due_at=timezone.now() + timedelta(minutes=1))
    assert not prepare(export.id)


def test_asked_for_twice_there_is_one(user: User) -> None:
    assert ask_export(user).id == ask_export(user).id
    for _ in range(exporting.MAX_KEPT):
        export_of(user)
    with pytest.raises(RefusedError, match="too_many_exports"):
        ask_export(user)


def test_exports_are_forgotten_after_a_while(user: User) -> None:
    export = export_of(user)
    assert forget_exports() == 0
    Export.objects.filter(id=export.id).update(expires_at=timezone.now())
    assert not exports_of(user).exists()
    assert forget_exports() == 1
    assert not ExportEntry.objects.exists()


def test_a_photo_that_was_deleted_breaks_the_download_off(user: User) -> None:
    photos = make_library(user)
    export = export_of(user)
    delete_photo(photos[CHINA])
    with pytest.raises(StorageError):
        b"".join(stream_export(export))


def test_memory_does_not_grow_with_the_archive(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """300 photos of 1 MB each, of which storage is asked for each byte."""
    piece = bytes(256 * 1024)

    def opened(key: str, *, start: int = 0) -> storage.OpenObject:
        assert start == 0
        return storage.OpenObject(size=4 * len(piece), chunks=iter([piece] * 4))

    sha256 = "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58"  # of 1 MB of zeros
    Photo.objects.bulk_create(
        Photo(
            owner=user,
            filename=f"{number}.jpg",
            content_type="image/jpeg",
            size=4 * len(piece),
            sha256=f"{number:064}",
            status=Photo.Status.READY,
        )
        for number in range(300)
    )
    monkeypatch.setattr(storage, "open_object", opened)
    # Equal bytes are one photo; here each is taken for another.
    monkeypatch.setattr(exporting, "_is_whole", lambda photo, read: read.sha256 == sha256)
    tracemalloc.start()
    export = export_of(user)
    size = sum(len(part) for part in stream_export(export))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert export.done == 300
    assert size == export.size > 300 * 2**20
    assert peak < 30 * 2**20


def test_the_archive_is_read_by_others(user: User) -> None:
    make_library(user)
    with zipfile.ZipFile(io.BytesIO(archive_of(user))) as archive:
        info = archive.getinfo("photos/2023/05/china.jpg")
        assert info.date_time == (2023, 5, 1, 18, 30, 0)
        assert info.external_attr >> 16 == 0o100644
    assert storage.head(original_key(str(user.photos.all()[0].id))) is not None
