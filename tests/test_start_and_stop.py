"""Starting, stopping, being killed, and being in somebody's way."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NewAlbum, sign_in_as_admin
from tests.pictures import photo_file, small_photos
from tests.stack import Stack, run_up
from tests.waiting import wait_until

pytestmark = pytest.mark.stack

# A killed program's helpers may still be writing down what they hold.
_GONE_SECONDS = 20


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An album that the tests start and stop themselves."""
    settings = {"SWEEP_SECONDS": "2", "ANALYSIS_LEASE_SECONDS": "20", "UPLOAD_CHECK_SECONDS": "2"}
    stack = Stack(tmp_path_factory.mktemp("album"), settings)
    try:
        yield stack
    finally:
        stack.clean_up()


def test_it_stops_when_asked_and_goes_on_where_it_was(resting: Stack, new_album: NewAlbum) -> None:
    resting.start()
    password = resting.secrets()["ADMIN_PASSWORD"]
    assert resting.said().count(f"Sign in as admin with the password {password} ") == 1
    album, file = new_album(resting), photo_file("coffee.png")
    photo_id = album.upload(file)
    assert album.settle(photo_id)["status"] == "ready"
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        processes = resting.processes()
        assert len(processes) > 6
        assert resting.stop(number) == 0
        assert [process for process in processes if process.is_alive()] == []
        assert resting.living_processes() == []
        assert resting.said().rstrip().endswith("Stopped.")

        resting.start()
        assert password not in resting.said()  # once is enough
        photo = album.photo(photo_id)  # the token is still good, too
        assert photo["status"] == "ready"
        assert album.fetch(photo["urls"]["original"]).data == file.data
        assert photo_id in album.search("espresso")
    assert resting.stop() == 0


@pytest.mark.parametrize("everything", [False, True], ids=["up alone", "everything at once"])
def test_a_kill_leaves_no_process_and_loses_nothing(
    resting: Stack, new_album: NewAlbum, everything: bool
) -> None:
    resting.start()
    album = new_album(resting)
    files = small_photos(8, series=f"killed-{everything}")
    photo_ids = {album.upload(file) for file in files}
    processes = resting.processes()
    assert len(processes) > 6
    if everything:
        # As when the power goes: nothing gets the time to write down what it holds.
        resting.up.send_signal(signal.SIGSTOP)
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
    resting.kill()
    wait_until(
        "every process has followed",
        lambda: not [process for process in processes if process.is_alive()],
        seconds=_GONE_SECONDS,
    )
    assert resting.living_processes() == []

    resting.start()
    assert {album.settle(photo_id)["status"] for photo_id in photo_ids} == {"ready"}
    assert album.photo_ids() == photo_ids
    for file in files:
        answer = album.announce(file, expect=200)
        assert answer["photo"]["id"] in photo_ids
        assert album.fetch(answer["photo"]["urls"]["original"]).data == file.data
    assert resting.stop() == 0


def test_what_a_killed_run_left_behind_does_not_stop_the_next(resting: Stack) -> None:
    resting.start()
    stopped = resting.processes()
    # What does not run cannot follow its parent: nothing but the next start ends it.
    for process in stopped:
        os.kill(process.pid, signal.SIGSTOP)
    resting.kill()
    resting.start()
    assert [process for process in stopped if process.is_alive()] == []
    sign_in_as_admin(resting).close()
    assert resting.stop() == 0
    assert resting.living_processes() == []


def test_a_stop_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "album")
    try:
        stack.begin()
        wait_until("it starts", lambda: "Starting" in stack.said(), seconds=60)
        wait_until("something runs", stack.processes, seconds=60)
        processes = stack.processes()
        assert stack.stop() == 0
        assert [process for process in processes if process.is_alive()] == []
        assert stack.living_processes() == []
        # Half-made things are no hindrance.
        stack.start()
        assert stack.stop() == 0
    finally:
        stack.clean_up()


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "album")
    with socket.create_server(("127.0.0.1", stack.port)):
        done = run_up(stack.environment())
    assert done.returncode == 1
    assert str(stack.port) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert stack.living_processes() == []


def test_a_second_up_on_the_same_folder_is_refused_and_the_first_goes_on(stack: Stack) -> None:
    second = Stack(stack.data_dir)
    done = run_up(second.environment())
    assert done.returncode == 1
    assert f"process {stack.up.pid}" in done.stderr
    assert str(stack.data_dir) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    sign_in_as_admin(stack).close()


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("HOST", "0.0.0.0"), ("DATABASE_URL", "mysql://a/b")]
)
def test_a_wrong_setting_is_told_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    done = run_up(Stack(tmp_path / "album").environment() | {name: value})
    assert done.returncode == 1
    assert name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
