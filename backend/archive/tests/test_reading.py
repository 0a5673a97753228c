"""An archive that anybody may have made is refused where it lies, and harms nobody."""

import io
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.albums.comments import like_photo, write_comment
from backend.albums.links import make_link
from backend.archive import reading
from backend.archive.reading import Archive, ArchiveError, FolderFiles, ZipFiles
from backend.archive.restoring import Restorer
from backend.archive.tests.scenes import (
    CHINA,
    PHOTOS,
    archive_of,
    documents_in,
    files_in,
    make_library,
    opened,
    restore,
    zip_of,
)
from backend.archive.validating import check_document
from backend.events.webhooks import make_webhook
from backend.people.models import ErasedFace
from backend.photos.models import Photo

ABOUT = json.dumps({"format": "shiguang-archive", "version": 1}).encode()
BYTES = (PHOTOS / CHINA).read_bytes()
NAME = "photos/2023/05/china.jpg"


def photo_document(**values: Any) -> dict[str, Any]:
    import hashlib

    return {
        "format": "shiguang-archive/photo",
        "version": 1,
        "file": "china.jpg",
        "filename": "china.jpg",
        "content_type": "image/jpeg",
        "size": len(BYTES),
        "sha256": hashlib.sha256(BYTES).hexdigest(),
    } | values


def archive(*, original: bytes = BYTES, text: bytes | None = None, **values: Any) -> bytes:
    """An archive of one photo whose document has these values."""
    document = json.dumps(photo_document(**values)).encode() if text is None else text
    return zip_of({"archive.json": ABOUT, f"{NAME}.json": document, NAME: original})


def refusal(data: bytes) -> str:
    with pytest.raises(ArchiveError) as raised:
        opened(data)
    return raised.value.code


def test_a_photo_with_no_more_than_it_must_say_is_taken(user: User) -> None:
    assert restore(user, archive()) == [("imported", "")]
    assert Photo.objects.get().filename == "china.jpg"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        zip_of({}),
        zip_of({"other.json": b"{}"}),
        archive_end := b"PK\x05\x06" + bytes(18),
        b"x" * 1000 + archive_end,
    ],
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    assert refusal(data) == "not_an_archive"


def test_an_archive_of_a_later_album_is_refused() -> None:
    about = ABOUT.replace(b"1", b"2")
    assert refusal(zip_of({"archive.json": about})) == "unknown_version"


def test_fields_of_a_later_album_are_passed_over(user: User) -> None:
    assert restore(user, archive(mood="happy")) == [("imported", "")]


@pytest.mark.parametrize("name", ["../../etc/china.jpg", "/etc/passwd", "..\\china.jpg", ".."])
def test_no_name_leads_out_of_the_archive(name: str, user: User) -> None:
    assert restore(user, archive(file=name)) in (
        [("failed", "bad_document")],
        [("failed", "missing_file")],
    )
    document = json.dumps(photo_document()).encode()
    odd = zip_of({"archive.json": ABOUT, f"../{NAME}.json": document, f"../{NAME}": BYTES})
    assert restore(user, odd) == []


@pytest.mark.parametrize(
    "values",
    [
        {"sha256": "ab" * 32},
        {"size": len(BYTES) - 1},
        {"size": len(BYTES) + 1},
        {"original": BYTES[:-1] + b"x"},
    ],
)
def test_bytes_that_are_not_those_told_of_are_refused(values: dict[str, Any], user: User) -> None:
    assert restore(user, archive(**values)) == [("failed", "damaged")]
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"description": 5},
        {"description": "x" * 100_001},
        {"tags": ["x"] * 10_001},
        {"tags": [""]},
        {"tags": "summer"},
        {"taken_at": "yesterday", "taken_at_source": "person"},
        {"taken_at": "2023-05-01T10:00:00", "taken_at_source": "person"},
        {"location": {"latitude": 91, "longitude": 0}},
        {"location": {"latitude": True, "longitude": 0}},
        {"faces": [{"box": {"left": 0, "top": 0, "width": 0, "height": 1}, "person": None}]},
        {"faces": [{"box": {"left": 0, "top": 0, "width": 1, "height": 1}, "person": "me"}]},
        {"sha256": "AB" * 32},
        {"sha256": "ab" * 32 + "\n"},
        {"size": 0},
        {"size": "5"},
        {"format": "other"},
        {"version": 0},
        {"favorite": 1},
    ],
)
def test_forged_words_are_refused(values: dict[str, Any], user: User) -> None:
    assert restore(user, archive(**values)) == [("failed", "bad_document")]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"{" * 50_000,
        b"[" * 50_000,
        b'{"a": NaN}',
        b"\xff\xfe",
        json.dumps(photo_document()).encode().replace(b'"version": 1', b'"version": 1e999'),
    ],
)
def test_what_is_no_document_is_refused(text: bytes, user: User) -> None:
    assert restore(user, archive(text=text)) == [("failed", "bad_document")]


def test_signs_that_cannot_be_stored_are_left_out(user: User) -> None:
    restore(user, archive(description="a\x00b\ud800c", tags=["\x00sea", "\u202e"]))
    photo = Photo.objects.get()
    assert photo.description == "ab?c"
    assert [tag.name for tag in photo.tags.all()] == ["sea"]


def test_a_year_in_which_nobody_takes_photos_is_refused(user: User) -> None:
    data = archive(taken_at="0001-01-01T00:00:00+14:00", taken_at_source="person")
    assert restore(user, data) == [("failed", "invalid")]
    # What was begun for it is not in the way of a better archive.
    assert restore(user, archive()) == [("imported", "")]


def test_a_moment_to_come_is_not_when_a_photo_was_added(user: User) -> None:
    restore(user, archive(added_at="2999-01-01T00:00:00+00:00"))
    assert Photo.objects.get().created_at.year < 2999


def test_a_type_that_is_not_taken_is_found_out_by_inspection(user: User) -> None:
    assert restore(user, archive(content_type="text/html")) == [("imported", "")]
    assert Photo.objects.get().content_type == "image/jpeg"


def test_a_full_account_takes_no_more(user: User) -> None:
    User.objects.filter(id=user.id).update(quota_bytes=10)
    assert restore(user, archive()) == [("failed", "quota_exceeded")]


def test_a_photo_larger_than_any_is_not_read(
    user: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    monkeypatch.setattr(ZipFiles, "size", lambda self, name: 1 / 0)
    assert restore(user, archive()) == [("failed", "too_large")]


def test_a_bomb_is_not_opened(user: User) -> None:
    zeros = bytes(50 * 2**20)
    data = archive(original=zeros, size=len(zeros))
    assert len(data) < 2**20
    assert restore(user, data) == [("failed", "bomb")]
    document = zip_of({"archive.json": ABOUT, f"{NAME}.json": b" " * 20 * 2**20})
    assert restore(user, document) == [("failed", "bomb")]


def test_a_document_is_not_read_beyond_measure(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_DOCUMENT_BYTES", 1000)
    assert restore(user, archive(description="x" * 1000)) == [("failed", "too_large")]


def test_files_that_lie_on_each_other_are_refused() -> None:
    """One file's bytes, named by many entries: a few bytes that would be many files."""
    data = zip_of({"archive.json": ABOUT, "big": bytes(range(256)) * 50})
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        start = made.start_dir
    directory = data[start : data.rindex(b"PK\x05\x06")]
    entry = directory[directory.rindex(b"PK\x01\x02") :]
    copies = b"".join(entry.replace(b"big", f"b{number:02}".encode()) for number in range(90))
    size = len(directory) + len(copies)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 92, 92, size, start, 0)
    assert refusal(data[:start] + directory + copies + end) == "not_an_archive"


def test_a_directory_of_any_length_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_DIRECTORY_BYTES", 70_000)
    data = zip_of({f"{number:0100}": b"" for number in range(1000)})
    assert refusal(data) == "too_large"


def test_encrypted_files_are_refused(user: User) -> None:
    data = bytearray(archive())
    for start in (data.rindex(b"PK\x01\x02") + 8, data.rindex(b"PK\x03\x04") + 6):
        data[start] |= 1
    assert restore(user, bytes(data)) == [("failed", "unreadable")]


def test_memory_does_not_grow_with_what_is_read(user: User) -> None:
    big = BYTES + bytes(range(256)) * 200_000
    import hashlib

    data = archive(original=big, size=len(big), sha256=hashlib.sha256(big).hexdigest())
    found = opened(data)
    tracemalloc.start()
    Restorer(user, found).restore_photo(f"{NAME}.json")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert Photo.objects.get().size == len(big) > 50 * 10**6
    assert peak < 20 * 2**20


def test_an_archive_that_was_packed_anew_is_read(user: User, stranger: User) -> None:
    make_library(user)
    files = files_in(archive_of(user))
    moved = zip_of({f"my archive/{name}": data for name, data in files.items()})
    assert restore(stranger, moved) == [("imported", "")] * 4


def test_an_unpacked_archive_is_read(user: User, stranger: User, tmp_path: Path) -> None:
    make_library(user)
    with zipfile.ZipFile(io.BytesIO(archive_of(user))) as packed:
        packed.extractall(tmp_path)
    (tmp_path / "photos" / "link.jpg.json").symlink_to("/etc/passwd")
    found = Archive(FolderFiles(tmp_path))
    restorer = Restorer(stranger, found)
    assert {str(restorer.restore_photo(name).result) for name in found.photos()} == {"imported"}
    assert Photo.objects.filter(owner=stranger).count() == 4


def test_what_an_export_says_fits_the_schema(user: User) -> None:
    photos = make_library(user)
    album = user.albums.get(title="Day 1")
    write_comment(album, photos[CHINA], user, "多美啊")
    like_photo(album, photos[CHINA], user)
    make_link(album, user)
    make_webhook(user=user, url="https://example.com/", kinds=["photo.ready"])
    kinds = {
        **{"archive.json": "archive", "people": "people", "albums": "album", "photos": "photo"},
        **{"reactions": "reactions", "account.json": "account"},
    }
    seen = set()
    for name, document in documents_in(archive_of(user)).items():
        kind = kinds[name.partition("/")[0]]
        assert check_document(document, kind) == "", name
        seen.add(kind)
    assert seen == set(kinds.values())


def test_an_erased_box_outside_its_photo_harms_nobody(user: User) -> None:
    box = {"left": 1, "top": 1, "width": 1, "height": 1}
    face = {"box": box, "person": "0" * 8 + "-0000-0000-0000-" + "0" * 12}
    assert restore(user, archive(erased_faces=[box], faces=[face])) == [("imported", "")]
    assert ErasedFace.objects.count() == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = (
    *("description", "favorite", "tags", "taken_at", "taken_at_source", "location"),
    *("location_source", "verdicts", "faces", "erased_faces", "added_at", "filename"),
)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.dictionaries(st.sampled_from(_FIELDS), _json, max_size=4))
def test_whatever_a_document_says_it_is_taken_or_refused(
    values: dict[str, Any], user: User
) -> None:
    (result,) = restore(user, archive(**values))
    assert result[0] in ("imported", "already there", "failed")
