"""Files that are no photos, or worse: each ends with an answer, and no other photo notices."""

import csv
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backend.embedded.process import ROOT
from functions.contract import MAX_UPLOAD_BYTES
from tests.album import Album, File
from tests.hostile import READY, hostile_files
from tests.pictures import photo_file
from tests.processes import Process, descendants
from tests.stack import FUNCTIONS_WORKER, Stack
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

MEMORY_MB = 900  # what the functions worker may hold at its highest
SETTLED_SECONDS = 300
_TYPES = {
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".avif": "image/avif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
# The same in the words of the collection's labels.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "TIFF", "HEIF", "AVIF")


@pytest.fixture
def worker(stack: Stack, album: Album) -> Iterator[Process]:
    """The functions worker. After the test it is the same, no larger than allowed, and works."""
    before = stack.process(FUNCTIONS_WORKER)
    count = int(before.environment().get("FUNCTIONS_THREADS", "2"))
    wait_until("it has its decoders", lambda: len(decoders_of(before)) == count, seconds=60)
    yield before
    assert album.settle(album.upload(photo_file("flower.jpg")))["status"] == "ready"
    assert stack.process(FUNCTIONS_WORKER) == before
    assert before.is_alive()
    # Some may have been replaced; none may have been lost.
    wait_until("it has its decoders", lambda: len(decoders_of(before)) == count, seconds=60)
    peak = before.peak_memory_mb()
    print(f"functions worker at its highest: {peak:.0f} MB")
    assert peak < MEMORY_MB


def decoders_of(worker: Process) -> list[Process]:
    """The children in which the worker opens uploads."""
    found = descendants(worker.pid)
    return [each for each in found if "sandbox_child" in each.command and each.is_alive()]


def settle_all(album: Album, files: list[File]) -> list[Any]:
    """Each file's photo, in order, once it is ready or has failed."""
    with ThreadPoolExecutor(4) as pool:
        photo_ids = list(pool.map(album.upload, files))
    return [album.settle(photo_id, seconds=SETTLED_SECONDS) for photo_id in photo_ids]


def failure_of(photo: Any) -> dict[str, str]:
    """Why a photo failed: its inspection says so."""
    (inspection,) = [each for each in photo["analyses"] if each["kind"] == "inspection"]
    assert inspection["status"] == "failed"
    error: dict[str, str] = inspection["error"]
    return error


def assert_has_an_answer(photo: Any, name: str) -> None:
    """It is ready and can be looked at, or it failed with a code and a sentence."""
    if photo["status"] == READY:
        assert photo["width"] >= 1, name
        assert photo["urls"]["thumbnail"], name
    else:
        error = failure_of(photo)
        assert error["code"].isidentifier(), (name, error)
        assert error["code"] not in ("internal_error", "worker_lost"), (name, error)
        assert len(error["detail"]) > 10, (name, error)


def test_each_hostile_file_ends_as_it_should(album: Album, worker: Process) -> None:
    hostile = hostile_files()
    photos = settle_all(album, [each.file for each in hostile])
    ends = {}
    for each, photo in zip(hostile, photos, strict=True):
        assert_has_an_answer(photo, each.file.name)
        ends[each.file.name] = READY if photo["status"] == READY else failure_of(photo)["code"]
    assert ends == {each.file.name: each.ends for each in hostile}


def test_what_is_no_picture_is_never_served_as_one(album: Album, worker: Process) -> None:
    by_name = {each.file.name: each.file for each in hostile_files()}
    for name in ("page.jpg", "drawing.jpg", "photo-and-page.jpg"):
        photo = album.settle(album.upload(by_name[name]))
        answer = album.fetch(photo["urls"]["original"])
        assert answer.data == by_name[name].data
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        if photo["status"] == READY:
            assert answer.headers["Content-Type"] == "image/jpeg"
        else:
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert photo["urls"]["thumbnail"] is None


def test_the_largest_files_at_once_do_not_outgrow_the_worker(album: Album, worker: Process) -> None:
    photo = photo_file("rocket.jpg").data
    files = [
        # What follows the picture's end marker is nobody's business, but it is read.
        File(f"large-{n}.jpg", photo + bytes([n]) * (MAX_UPLOAD_BYTES - len(photo)))
        for n in range(3)
    ]
    assert [photo["status"] for photo in settle_all(album, files)] == [READY] * 3


def test_other_bytes_than_announced_are_found_out(album: Album, worker: Process) -> None:
    # In parts nothing checks the whole before inspection does.
    announced = photo_file("rocket.jpg").data
    file = File("swapped.jpg", announced, sent=announced[:-2000] + bytes(2000))
    photo = album.settle(album.upload(file, method="multipart", complete=True))
    assert photo["status"] == "failed"
    assert failure_of(photo)["code"] == "checksum_mismatch"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"content_type": "image/svg+xml"}, 415, "unsupported_type"),
        ({"content_type": "text/html"}, 415, "unsupported_type"),
        ({"size": 0}, 400, "empty_file"),
        ({"size": 10**12}, 413, "too_large"),
        ({"sha256": "no digest"}, 400, "invalid"),
        ({"filename": ""}, 400, "invalid"),
        ({"upload_method": "carrier pigeon"}, 400, "invalid"),
    ],
)
def test_a_ticket_is_refused_with_a_reason(
    album: Album, change: dict[str, Any], status: int, code: str
) -> None:
    good = {"filename": "a.jpg", "size": 10, "content_type": "image/jpeg", "sha256": "0" * 64}
    assert album.call("POST", "/photos", good | change, expect=status)["code"] == code
    assert album.photo_ids() == set()


def test_every_file_of_the_collection_of_formats_has_an_answer(
    album: Album, worker: Process
) -> None:
    folder = shared_data() / "formats"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: SHARED_DATA names where the photos for measuring are")
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size:
            file = File(path.name, path.read_bytes(), _TYPES.get(path.suffix.lower(), "image/jpeg"))
            files[file.sha256] = file
    photos = dict(zip(files, settle_all(album, list(files.values())), strict=True))
    for digest, photo in photos.items():
        assert_has_an_answer(photo, files[digest].name)
    good = sound_photos(folder)
    assert len(good) > 100
    for path in good:
        photo = photos[hashlib.sha256(path.read_bytes()).hexdigest()]
        assert photo["status"] == READY, (path.name, failure_of(photo))


def sound_photos(folder: Path) -> list[Path]:
    """The collection's undamaged photos in formats that we take, as its reference reading says."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [
            folder.parent / row["path"]
            for row in csv.DictReader(file)
            if row["ref_decode"] == "ok"
            and row["fmt"] in _FORMATS
            and row["category"] not in ("corrupt", "bomb")
        ]


def shared_data() -> Path:
    return Path(os.environ.get("SHARED_DATA") or ROOT.parent / "shared" / "data")
