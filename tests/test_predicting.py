"""Analysis as a service on the whole album: predictions, and batches that outlive a kill."""

import contextlib
import io
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from tests.album import Album, File
from tests.conftest import NewAlbum
from tests.hostile import READY, hostile_files
from tests.pictures import photo_file, small_photos
from tests.stack import BACKEND_WORKER, FUNCTIONS_WORKER, Stack
from tests.test_kills import is_replaced
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PHOTOS = 40
KINDS = ["faces", "labels", "text"]


def noise(side: int) -> File:
    """A PNG that no compression makes smaller, so that its bytes are many."""
    image = Image.frombytes("RGB", (side, side), random.Random(0).randbytes(side * side * 3))
    data = io.BytesIO()
    image.save(data, "PNG")
    return File(name="noise.png", data=data.getvalue(), content_type="image/png")


def test_a_picture_longer_than_any_other_request_is_looked_at(stack: Stack, album: Album) -> None:
    file = noise(1600)
    assert len(file.data) > 5_000_000
    answer = album.predict("moderation", file, expect=200)
    assert answer["moderation"]["verdict"] in ("ok", "review", "blocked")
    assert album.photo_ids() == set()


def test_a_picture_beyond_the_limit_is_refused(album: Album) -> None:
    file = noise(2700)
    assert len(file.data) > 20_000_000
    # A server that refuses what it has not read may be gone before the answer is.
    with contextlib.suppress(Exception):
        assert album.predict("moderation", file, expect=413)["code"] == "too_large"
    assert album.predict("moderation", photo_file("rocket.jpg"), expect=200)


def test_hostile_pictures_end_as_they_would_as_photos(stack: Stack, album: Album) -> None:
    worker, ends = stack.process(FUNCTIONS_WORKER), {}
    hostile = hostile_files()
    for each in hostile:
        status = 200 if each.ends == READY else 400
        answer = album.predict("moderation", each.file, expect=status)
        ends[each.file.name] = READY if status == 200 else answer["errors"][0]["code"]
    assert ends == {each.file.name: each.ends for each in hostile}
    assert stack.process(FUNCTIONS_WORKER) == worker
    assert album.photo_ids() == set()


def test_predictions_and_photos_share_the_functions(stack: Stack, album: Album) -> None:
    worker = stack.process(FUNCTIONS_WORKER)
    photo_ids = [album.upload(file) for file in small_photos(4, series="beside")]
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask_patiently, album, photo_file("astronaut.png")) for _ in range(12)]
    assert [len(each.result()["faces"]) for each in asked] == [1] * 12
    assert {album.settle(photo_id)["status"] for photo_id in photo_ids} == {"ready"}
    assert stack.process(FUNCTIONS_WORKER) == worker
    assert album.photo_ids() == set(photo_ids)
    usage = album.call("GET", "/usage", expect=200)
    assert (usage["predictions"], usage["photos"], usage["analyses"]) == (12, 4, 20)


def ask_patiently(album: Album, file: File) -> Any:
    """An answer, after as many refusals for want of room as a busy machine gives."""

    def ask() -> Any:
        with contextlib.suppress(AssertionError):
            return album.predict("faces", file, expect=200)

    return wait_until("there is room for a prediction", ask, seconds=120, pause=1)


@pytest.mark.parametrize(
    "program", [FUNCTIONS_WORKER, BACKEND_WORKER], ids=["functions worker", "backend worker"]
)
def test_a_batch_outlives_the_death_of_a_worker(
    fragile_stack: Stack, new_album: NewAlbum, program: str
) -> None:
    stack, album = fragile_stack, new_album(fragile_stack)
    files = small_photos(PHOTOS, series=f"batch {program[-9:]}")
    with ThreadPoolExecutor(4) as pool:
        photo_ids = list(pool.map(album.upload, files))
    for photo_id in photo_ids:
        assert album.settle(photo_id)["status"] == "ready"
    before = album.call("GET", "/usage", expect=200)["analyses"]
    batch = album.call("POST", "/batches", {"filter": {}, "kinds": KINDS}, expect=202)
    total = PHOTOS * len(KINDS)
    assert batch["total"] == total
    assert batch["estimated_cost"] > 0

    def look() -> Any:
        return album.call("GET", f"/batches/{batch['id']}", expect=200)

    wait_until("the batch is under way", lambda: look()["done"] >= 6, seconds=120, pause=0.02)
    killed = stack.process(program)
    os.kill(killed.pid, signal.SIGKILL)
    wait_until("it is started again", lambda: is_replaced(stack, killed), seconds=60)
    wait_until("the batch is over", lambda: look()["state"] == "done", seconds=240)
    done = look()
    assert {name: done[name] for name in ("total", "done", "failed", "waiting", "running")} == {
        **{"total": total, "done": total, "failed": 0, "waiting": 0, "running": 0}
    }
    assert done["cost"] > 0
    # Nothing was done twice, but for what died with the worker and could not tell.
    after = album.call("GET", "/usage", expect=200)["analyses"]
    assert total <= after - before <= total + 10
    for photo_id in photo_ids:
        assert album.photo(photo_id)["status"] == "ready"


def test_objects_in_the_bucket_become_photos(stack: Stack, album: Album) -> None:
    own = album.call("GET", "/me", expect=200)["id"]
    bucket, files = stack.instance()["S3_BUCKET"], small_photos(3, series="prefix")
    with contextlib.closing(stack.storage()) as storage:
        for file in files:
            key = f"imports/{own}/2024/{file.name}"
            storage.put_object(Bucket=bucket, Key=key, Body=file.data)
        storage.put_object(Bucket=bucket, Key=f"imports/{own}/2024/notes.txt", Body=b"notes")
    wanted = {"prefix": f"imports/{own}/2024/", "kinds": ["labels"]}
    batch = album.call("POST", "/batches", wanted, expect=202)
    assert batch["total"] == 4

    def look() -> Any:
        found = album.call("GET", f"/batches/{batch['id']}", expect=200)
        return found if found["state"] == "done" else None

    done = wait_until("the batch is over", look, seconds=120)
    assert (done["done"], done["failed"]) == (3, 1)
    assert [each["code"] for each in done["failures"]] == ["unsupported_type"]
    photos = [album.settle(photo_id) for photo_id in album.photo_ids()]
    assert {photo["sha256"] for photo in photos} == {file.sha256 for file in files}
    assert all(photo["status"] == "ready" and photo["urls"]["preview"] for photo in photos)
