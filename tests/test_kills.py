"""Each program killed in the middle of an import: no photo is lost, none is there twice."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded.process import ROOT
from functions.contract import Kind, Rendition, original_key, rendition_key
from tests.album import Album
from tests.conftest import NewAlbum
from tests.pictures import small_photos
from tests.processes import Process
from tests.stack import (
    BACKEND_WORKER,
    BROKER,
    FUNCTIONS_WORKER,
    POSTGRES,
    STORAGE,
    WEB,
    Stack,
)
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PHOTOS = 60
# How many are ready when the kill comes: the work is well under way, and far from done.
UNDER_WAY = 8
# The embedded storage alone needs a quarter of a minute to come back; a lease is half a minute.
SETTLED_SECONDS = 240


@pytest.mark.parametrize(
    "program",
    [FUNCTIONS_WORKER, BACKEND_WORKER, POSTGRES, STORAGE, BROKER, WEB],
    ids=["functions worker", "backend worker", "Postgres", "storage", "broker", "web server"],
)
def test_a_kill_in_the_middle_of_an_import_loses_nothing_and_doubles_nothing(
    fragile_stack: Stack, new_album: NewAlbum, tmp_path: Path, program: str
) -> None:
    stack, album = fragile_stack, new_album(fragile_stack)
    files = small_photos(PHOTOS, series=program.rpartition(" ")[2].replace("/", "-"))
    for file in files:
        (tmp_path / file.name).write_bytes(file.data)
    with importing(stack, tmp_path, album.username) as process:
        wait_until(
            "the import is under way", lambda: count_ready(stack, album) >= UNDER_WAY, seconds=120
        )
        killed = stack.process(program)
        os.kill(killed.pid, signal.SIGKILL)
        assert process.poll() is None, "the import was over before the kill"
        wait_until("it is started again", lambda: is_replaced(stack, killed), seconds=60)
        code = process.wait(SETTLED_SECONDS)
    said = (tmp_path / "import.log").read_text(errors="replace")
    assert code == 0, said
    assert_everything_is_there_once(stack, album, {file.sha256 for file in files})


@contextlib.contextmanager
def importing(stack: Stack, folder: Path, username: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`manage.py import_photos` runs meanwhile; what it says is in import.log."""
    with (
        (folder / "import.log").open("wb") as said,
        subprocess.Popen(
            [sys.executable, "manage.py", "import_photos", str(folder), "--user", username],
            env=stack.environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def count_ready(stack: Stack, album: Album) -> int:
    ((count,),) = stack.query(
        "select count(*) from photos_photo join accounts_user on accounts_user.id = owner_id"
        " where username = %s and status = 'ready'",
        album.username,
    )
    return int(count)


def is_replaced(stack: Stack, killed: Process) -> bool:
    """True if another process of the same program runs in its place."""
    return any(
        process.command == killed.command and process != killed and process.is_alive()
        for process in stack.processes()
    )


def assert_everything_is_there_once(stack: Stack, album: Album, digests: set[str]) -> None:
    rows = stack.query(
        "select photos_photo.id::text, sha256, status, size from photos_photo"
        " join accounts_user on accounts_user.id = owner_id where username = %s",
        album.username,
    )
    assert sorted(row[1] for row in rows) == sorted(digests)
    assert {row[2] for row in rows} == {"ready"}
    photo_ids = [row[0] for row in rows]
    assert album.photo_ids() == set(photo_ids)
    assert album.call("GET", "/me", expect=200)["used_bytes"] == sum(row[3] for row in rows)
    assert_each_analysis_is_done_once(stack, photo_ids)
    assert_no_face_is_doubled(stack, photo_ids)
    assert_objects_are_there(stack, photo_ids)
    wait_until("search knows them all", lambda: is_indexed(stack, photo_ids), seconds=60)


def assert_each_analysis_is_done_once(stack: Stack, photo_ids: list[str]) -> None:
    rows = stack.query(
        "select photo_id::text, kind, state from analysis_analysis"
        " where photo_id = any(%s::uuid[])",
        photo_ids,
    )
    expected = [(photo_id, str(kind), "done") for photo_id in photo_ids for kind in Kind]
    assert sorted(rows) == sorted(expected)


def assert_no_face_is_doubled(stack: Stack, photo_ids: list[str]) -> None:
    """There are faces, each found by an analysis that counts, and no two in one place."""
    rows = stack.query(
        "select face.photo_id::text, state, face.left + face.width / 2, face.top + face.height / 2"
        " from people_face face join analysis_analysis analysis on analysis.id = face.analysis_id"
        " where face.photo_id = any(%s::uuid[])",
        photo_ids,
    )
    ((every,),) = stack.query(
        "select count(*) from people_face where photo_id = any(%s::uuid[])", photo_ids
    )
    assert len(rows) == every >= PHOTOS / 5
    assert {row[1] for row in rows} == {"done"}
    places = {(photo_id, round(x, 1), round(y, 1)) for photo_id, _, x, y in rows}
    assert len(places) == len(rows)


def assert_objects_are_there(stack: Stack, photo_ids: list[str]) -> None:
    """The originals of all photos and no others of theirs, and their renditions."""
    originals, renditions = stack.keys("originals/"), stack.keys("renditions/")
    known = {str(photo_id) for (photo_id,) in stack.query("select id from photos_photo")}
    assert {original_key(photo_id) for photo_id in photo_ids} <= originals
    assert originals <= {original_key(photo_id) for photo_id in known}
    expected = {rendition_key(photo_id, each) for photo_id in photo_ids for each in Rendition}
    assert expected <= renditions


def is_indexed(stack: Stack, photo_ids: list[str]) -> bool:
    ((count,),) = stack.query(
        "select count(*) from search_searchdocument document"
        " join photos_photo photo on photo.id = document.photo_id"
        " where photo.id = any(%s::uuid[]) and not search_stale and not people_stale",
        photo_ids,
    )
    return int(count) == len(photo_ids)
