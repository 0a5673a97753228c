"""What starts the work on a photo: each way suffices alone, and together they do it once."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import urllib3
from psycopg import sql

from functions.contract import Kind
from tests.album import Album
from tests.conftest import NewAlbum, running
from tests.pictures import photo_file, small_photos
from tests.stack import Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def silent_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An album on servers of one's own, whose object storage tells nobody of uploads."""
    with own_servers() as settings:
        settings |= {"SWEEP_SECONDS": "1", "UPLOAD_CHECK_SECONDS": "1"}
        with running(tmp_path_factory, settings) as started:
            # None of the servers is the album's own: there is no webhook to be called.
            programs = [process.command for process in started.processes()]
            assert not [each for each in programs if "postgres" in each or "weed" in each]
            yield started


@contextlib.contextmanager
def own_servers() -> Iterator[dict[str, str]]:
    """The servers of this test run, in a database and a bucket of their own."""
    name = f"album_{secrets.token_hex(4)}"
    url = urlsplit(os.environ["DATABASE_URL"])
    broker = urlsplit(os.environ["BROKER_URL"])
    chosen = ("S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "S3_REGION")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield {each: os.environ[each] for each in chosen} | {
                "S3_BUCKET": name.replace("_", "-"),
                "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
                "BROKER_URL": urlunsplit(broker._replace(path="/1")),
            }
        finally:
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )


def hide_from_sweeper(stack: Stack, photo_id: str) -> None:
    """No sweep looks whether the photo's bytes have come."""
    stack.query("update photos_photo set upload_check_at = null where id = %s", photo_id)


def analyses(stack: Stack, photo_id: str) -> dict[str, tuple[Any, ...]]:
    """By kind: state, attempts, who ran it and when it ended."""
    rows = stack.query(
        "select kind, state, attempts, request_id, finished_at from analysis_analysis"
        " where photo_id = %s",
        photo_id,
    )
    assert len(rows) == len({row[0] for row in rows})
    return {row[0]: row[1:] for row in rows}


def assert_done_once(stack: Stack, photo_id: str) -> None:
    found = analyses(stack, photo_id)
    assert set(found) == set(Kind)
    assert {(state, attempts) for state, attempts, *_ in found.values()} == {("done", 1)}


def test_the_storages_word_suffices(stack: Stack, album: Album) -> None:
    # Nobody says /complete, and the shared album's sweeper does not look for an hour.
    photo_id = album.upload(photo_file("rocket.jpg"))
    assert album.settle(photo_id)["status"] == "ready"
    assert_done_once(stack, photo_id)


def test_the_clients_word_suffices(silent_stack: Stack, new_album: NewAlbum) -> None:
    album, file = new_album(silent_stack), photo_file("rocket.jpg")
    ticket = album.announce(file)
    photo_id = ticket["photo"]["id"]
    hide_from_sweeper(silent_stack, photo_id)
    assert album.send(file, ticket["upload"]) < 300
    assert album.photo(photo_id)["status"] == "awaiting_upload"
    assert album.complete(photo_id)["status"] in ("processing", "ready")
    assert album.settle(photo_id)["status"] == "ready"
    assert_done_once(silent_stack, photo_id)


@pytest.mark.parametrize("method", ["POST", "PUT", "multipart"])
def test_the_sweeper_suffices(silent_stack: Stack, new_album: NewAlbum, method: str) -> None:
    # Nobody says anything: the storage has no webhook, the client goes away.
    album = new_album(silent_stack)
    photo_id = album.upload(photo_file("rocket.jpg"), method=method)
    assert album.settle(photo_id)["status"] == "ready"
    assert_done_once(silent_stack, photo_id)


def test_without_any_word_nothing_happens(silent_stack: Stack, new_album: NewAlbum) -> None:
    # The proof that the tests above test something.
    album, file = new_album(silent_stack), photo_file("rocket.jpg")
    ticket = album.announce(file)
    hide_from_sweeper(silent_stack, ticket["photo"]["id"])
    album.send(file, ticket["upload"])
    other = album.upload(photo_file("coffee.png"))
    assert album.settle(other)["status"] == "ready"
    assert album.photo(ticket["photo"]["id"])["status"] == "awaiting_upload"


def tell(stack: Stack, photo_id: str, *, token: str | None = None) -> list[int]:
    """Deliver the storage's event again, in each of the shapes that storages use."""
    instance = stack.instance()
    key, bucket = f"originals/{photo_id}", instance["S3_BUCKET"]
    events: list[dict[str, Any]] = [
        {"key": f"/buckets/{bucket}/{key}", "event_type": "create"},
        {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}}] * 2},
        {"detail-type": "Object Created", "detail": {"object": {"key": key}}},
    ]
    headers = {"Authorization": f"Bearer {token or instance['WEBHOOK_TOKEN']}"}
    url = f"{stack.url}/internal/storage-events"
    with urllib3.PoolManager(retries=False) as http:
        return [
            http.request("POST", url, body=json.dumps(event), headers=headers).status
            for event in events
        ]


def sweep_and_send_twice(stack: Stack, photo_ids: list[str]) -> None:
    """Two sweeps, and two messages a photo as if the broker had doubled them."""
    stack.shell(
        "from backend.analysis.services import sweep\n"
        "from backend.core.jobs import enqueue\n"
        "from functions.contract import ANALYSIS_QUEUE, ANALYSIS_TASK\n"
        "sweep()\n"
        f"for photo_id in {photo_ids!r}:\n"
        "    for _ in range(2):\n"
        "        assert enqueue(ANALYSIS_TASK, photo_id, queue=ANALYSIS_QUEUE)\n"
        "sweep()"
    )


def test_everything_at_once_doubled_and_late_does_the_work_once(stack: Stack, album: Album) -> None:
    photo_ids = []
    for file in small_photos(4, series="doubled"):
        ticket = album.announce(file)
        photo_ids.append(ticket["photo"]["id"])
        # An event that comes before the bytes starts nothing.
        assert tell(stack, photo_ids[-1]) == [200, 200, 200]
        assert album.photo(photo_ids[-1])["status"] == "awaiting_upload"
        stack.query("update photos_photo set upload_check_at = now() where id = %s", photo_ids[-1])
        album.send(file, ticket["upload"])
    with ThreadPoolExecutor(8) as pool:
        said = [pool.submit(album.complete, photo_id) for photo_id in photo_ids * 2]
        told = [pool.submit(tell, stack, photo_id) for photo_id in photo_ids * 2]
        swept = pool.submit(sweep_and_send_twice, stack, photo_ids)
    assert {status for each in told for status in each.result()} == {200}
    assert all(each.result()["id"] in photo_ids for each in said)
    swept.result()
    for photo_id in photo_ids:
        assert album.settle(photo_id)["status"] == "ready"
        assert_done_once(stack, photo_id)
    before = {photo_id: analyses(stack, photo_id) for photo_id in photo_ids}

    # Hours later the same is told once more, to an album that has done it all.
    for photo_id in photo_ids:
        assert tell(stack, photo_id) == [200, 200, 200]
        album.complete(photo_id)
    sweep_and_send_twice(stack, photo_ids)
    assert album.settle(album.upload(photo_file("flower.jpg")))["status"] == "ready"
    wait_until("the doubled messages are taken", lambda: queue_is_empty(stack), seconds=60)
    assert {photo_id: analyses(stack, photo_id) for photo_id in photo_ids} == before


def queue_is_empty(stack: Stack) -> bool:
    waiting = stack.shell(
        "from backend.core.jobs import waiting_messages\n"
        "from functions.contract import ANALYSIS_QUEUE\n"
        "print(waiting_messages(ANALYSIS_QUEUE))"
    )
    return waiting == "0"


def test_an_event_without_the_storages_token_starts_nothing(stack: Stack, album: Album) -> None:
    ticket = album.announce(photo_file("china.jpg"))
    photo_id = ticket["photo"]["id"]
    assert tell(stack, photo_id, token="made-up") == [401, 401, 401]
    assert album.photo(photo_id)["status"] == "awaiting_upload"


def test_a_client_that_says_so_too_early_is_told(album: Album) -> None:
    ticket = album.announce(photo_file("china.jpg"))
    problem = album.call("POST", f"/photos/{ticket['photo']['id']}/complete", expect=409)
    assert problem["code"] == "not_uploaded"
