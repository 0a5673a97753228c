"""`manage.py up` in circumstances of its machine: see also tests/test_start_and_stop.py."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.embedded.env_file import read_env_file
from backend.embedded.tests.listening import listening_addresses
from tests.stack import STORAGE, Stack, free_port, run_up
from tests.waiting import wait_until

pytestmark = pytest.mark.stack


@contextmanager
def album(data_dir: Path, **settings: str) -> Iterator[Stack]:
    """An album that runs meanwhile, and then leaves nothing."""
    stack = Stack(data_dir, settings)
    try:
        stack.start()
        yield stack
        assert stack.stop() == 0
        assert stack.living_processes() == []
    finally:
        stack.clean_up()


def complaint(data_dir: Path, **settings: str) -> str:
    """What it says as it refuses to start."""
    stack = Stack(data_dir, settings)
    done = run_up(stack.environment())
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert stack.living_processes() == []
    return done.stderr


def test_a_run_killed_while_it_set_up_the_database_is_no_hindrance(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data")
    stack.begin()
    while not (stack.data_dir / "postgres.new").exists():
        assert stack.up.poll() is None, stack.said()
        time.sleep(0.001)
    stack.kill()
    assert not (stack.data_dir / "postgres").exists()
    with album(stack.data_dir):
        assert (stack.data_dir / "postgres").exists()


def test_a_chosen_password_is_not_told(tmp_path: Path) -> None:
    with album(tmp_path / "data", ADMIN_USERNAME="me", ADMIN_PASSWORD="correct horse") as stack:
        assert "Sign in as" not in stack.said()
        assert "correct horse" not in stack.said()


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert "cannot be used: File exists" in complaint(tmp_path / "data")


def test_own_servers_replace_the_embedded_ones(tmp_path: Path) -> None:
    # The servers of this test run serve as the user's own.
    names = ("DATABASE_URL", "BROKER_URL", "S3_ENDPOINT_URL", "S3_BUCKET")
    keys = ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
    own = {name: os.environ[name] for name in (*names, *keys)}
    with album(tmp_path / "data", **own) as stack:
        logs = {path.name for path in (stack.data_dir / "logs").iterdir()}
        assert "web-server.log" in logs
        assert not logs & {"postgres.log", "valkey.log", "seaweedfs.log"}


def test_an_own_database_that_is_away_is_told_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://me:hunter2@127.0.0.1:{free_port()}/mine"
    said = complaint(tmp_path / "data", DATABASE_URL=url)
    assert "The database and the storage could not be prepared" in said
    assert "hunter2" not in said


def test_with_an_address_only_the_page_and_the_storage_listen_there(tmp_path: Path) -> None:
    address, port = _address_of_this_machine(), free_port()
    stack = Stack(tmp_path / "data", {"HOST": address, "PORT": str(port)})
    try:
        stack.begin()
        while f"Ready: http://{address}:{port}" not in stack.said():
            assert stack.up.poll() is None, stack.said()
            time.sleep(0.1)
        assert "Open to the network" in stack.said()
        ports = read_env_file(stack.data_dir / "ports.env")
        s3 = int(ports["s3_public"])
        found = listening_addresses(process.pid for process in stack.processes())
        outside = {(host, number) for host, number in found if host != "127.0.0.1"}
        assert outside == {(address, port), (address, s3)}
        assert stack.instance()["S3_PUBLIC_ENDPOINT_URL"] == f"http://{address}:{s3}"
        assert _answers(f"http://{address}:{s3}/status")
        # The storage comes back by itself, with the relay still there.
        storage = stack.process(STORAGE)
        os.kill(storage.pid, signal.SIGKILL)
        wait_until("it is gone", lambda: not storage.is_alive(), seconds=60)
        url = f"http://{address}:{s3}/status"
        wait_until("the storage answers again", lambda: _answers(url), seconds=60)
        assert stack.stop() == 0
    finally:
        stack.clean_up()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _address_of_this_machine() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; asks which address would be used
        except OSError:
            pytest.skip("this machine has no address but the loopback's")
        address = str(probe.getsockname()[0])
    if address.startswith("127."):
        pytest.skip("this machine has no address but the loopback's")
    return address
