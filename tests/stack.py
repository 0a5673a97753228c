"""The whole album as a user starts it: `manage.py up`, with nothing faked."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import psycopg
from botocore.config import Config

from backend.embedded.env_file import INSTANCE_FILE, read_env_file
from backend.embedded.process import ROOT
from tests.processes import Process, descendants, processes_of_album
from tests.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READY_SECONDS = 120
# `up` promises 10 s and then kills what is left; a machine busy with tests gets some more.
STOP_SECONDS = 15

# What the tests' own environment tells a program; pytest's servers are none of its business.
_KEPT = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CACHE_HOME"),
    *("NETWORKS_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)

# How to know the programs of an album among its processes.
FUNCTIONS_WORKER = "-A functions.worker"
BACKEND_WORKER = "-A backend.celery worker"
POSTGRES = "bin/postgres -D"
STORAGE = "bin/weed"
BROKER = "valkey-server"
WEB = "-m uvicorn"


class Stack:
    """One album: its folder, its settings, and its processes while it runs."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.resolve()
        self.port = free_port()
        self._settings = dict(settings or {})
        self._said = data_dir.with_name(f"{data_dir.name}.log")
        self._up: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self._settings.get('HOST', '127.0.0.1')}:{self.port}"

    @property
    def up(self) -> subprocess.Popen[bytes]:
        assert self._up is not None, "the album was not started"
        return self._up

    def start(self) -> None:
        """An upload would be accepted."""
        self.begin()
        self.wait_until_ready()

    def begin(self) -> None:
        """`up` is on its way."""
        assert self._up is None, "the album runs already"
        with self._said.open("wb") as said:
            self._up = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                env=self.environment(),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Under nohup it would ignore what a test sends.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
            )

    def wait_until_ready(self) -> None:
        def is_ready() -> bool:
            if self.up.poll() is not None:
                raise AssertionError(f"up ended with {self.up.returncode}: {self.said()}")
            return f"Ready: {self.url}\n" in self.said()

        wait_until("the album is ready", is_ready, seconds=READY_SECONDS)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Nothing runs any more. Returns the exit code of `up`."""
        process, self._up = self.up, None
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"up did not stop within {STOP_SECONDS} s") from None

    def kill(self) -> None:
        """`up` itself is gone, as by kill -9."""
        process, self._up = self.up, None
        process.kill()
        process.wait()

    def clean_up(self) -> None:
        """Nothing is left running, whatever a test did."""
        if self._up is not None:
            self.stop()
        for process in self.living_processes():
            os.kill(process.pid, signal.SIGKILL)

    def said(self) -> str:
        """What `up` has said to the user since its latest start."""
        return self._said.read_text(errors="replace")

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        chosen = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)}
        # A test run that is killed leaves no album behind.
        return kept | chosen | {"STOP_WITH_PARENT": "1"} | self._settings

    def instance(self) -> dict[str, str]:
        """The settings that `up` wrote down for commands."""
        return read_env_file(self.data_dir / INSTANCE_FILE)

    def secrets(self) -> dict[str, str]:
        return read_env_file(self.data_dir / "secrets.env")

    def processes(self) -> list[Process]:
        """Everything that `up` started, and that started."""
        return descendants(self.up.pid)

    def living_processes(self) -> list[Process]:
        """Every process of this album, whoever its parent is now."""
        return processes_of_album(self.data_dir)

    def process(self, program: str) -> Process:
        """The program's own process, not one of its children."""
        own = {each.pid for each in self.processes()}
        found = [each for each in descendants(self.up.pid) if program in each.command]
        found = [each for each in found if each.pid in own and _parent(each.pid) == self.up.pid]
        assert len(found) == 1, f"{program}: {found}"
        return found[0]

    def manage(self, *arguments: str) -> str:
        """What a command of manage.py says; it must succeed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def shell(self, code: str) -> str:
        """What the code prints, run inside Django."""
        return self.manage("shell", "--no-imports", "-c", code).strip()

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.instance()["DATABASE_URL"]) as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def storage(self, keys: str = "") -> "S3Client":
        """A client of its object storage. keys: "" for the backend's, "FUNCTIONS_" for theirs."""
        instance = self.instance()
        return boto3.client(
            "s3",
            endpoint_url=instance["S3_ENDPOINT_URL"],
            aws_access_key_id=instance[f"{keys}S3_ACCESS_KEY_ID"],
            aws_secret_access_key=instance[f"{keys}S3_SECRET_ACCESS_KEY"],
            region_name=instance["S3_REGION"],
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def keys(self, prefix: str) -> set[str]:
        """What object storage holds under the prefix."""
        client, bucket = self.storage(), self.instance()["S3_BUCKET"]
        try:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            return {entry["Key"] for page in pages for entry in page.get("Contents", [])}
        finally:
            client.close()


def run_up(environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """`up` run to its end, for when it must not start."""
    return subprocess.run(
        [sys.executable, "manage.py", "up"],
        env=dict(environment),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _parent(pid: int) -> int:
    text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    return int(text.rpartition(")")[2].split()[1])
