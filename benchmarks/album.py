"""An album of a benchmark's own: started empty, used as clients use it, thrown away."""

import contextlib
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from backend.embedded.env_file import INSTANCE_FILE, read_env_file
from backend.embedded.process import ROOT

_START_SECONDS = 600  # the first time, networks are fetched
_STOP_SECONDS = 20
# A benchmark fills and throws away what it is given, so it is never given anybody's own servers.
_OWN_SERVERS = ("DATABASE_URL", "BROKER_URL", "S3_ENDPOINT_URL", "S3_BUCKET", "S3_ACCESS_KEY_ID")
_USERNAME = "benchmark"


class AlbumError(Exception):
    """The album does not do what it should; the text says what."""


@dataclass(frozen=True, kw_only=True)
class Album:
    """A running album. settings: what its programs are told, such as DATABASE_URL."""

    url: str
    data_dir: Path
    launcher: int  # process id of `manage.py up`
    environ: Mapping[str, str]
    settings: Mapping[str, str]


@contextlib.contextmanager
def running_album(*, threads: int) -> Iterator[Album]:
    """An empty album with servers of its own, stopped and deleted afterwards.

    threads: photos that the functions worker looks at at once. Raises AlbumError.
    """
    own = [name for name in _OWN_SERVERS if name in read_env_file(ROOT / ".env")]
    if own:
        raise AlbumError(f"A benchmark runs its own servers, but .env sets {', '.join(own)}.")
    with tempfile.TemporaryDirectory(prefix="shiguang-bench-") as folder:
        data_dir, port = Path(folder) / "data", free_port()
        environ = {name: value for name, value in os.environ.items() if name not in _OWN_SERVERS}
        environ |= {
            "DATA_DIR": str(data_dir),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "FUNCTIONS_THREADS": str(threads),
            "ADMIN_USERNAME": _USERNAME,
            "ADMIN_PASSWORD": secrets.token_urlsafe(12),
            "STOP_WITH_PARENT": "1",
        }
        log = Path(folder) / "up.log"
        with log.open("wb") as output:
            launcher = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for us, and we stop it
            )
        try:
            _wait_until_ready(launcher, log)
            yield Album(
                url=f"http://127.0.0.1:{port}",
                data_dir=data_dir,
                launcher=launcher.pid,
                environ=environ,
                settings=read_env_file(data_dir / INSTANCE_FILE),
            )
        finally:
            _stop(launcher)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(launcher: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while "\nReady: " not in f"\n{log.read_text(errors='replace')}":
        if launcher.poll() is not None or time.monotonic() > end:
            raise AlbumError(f"The album did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def _stop(launcher: "subprocess.Popen[bytes]") -> None:
    launcher.send_signal(signal.SIGTERM)
    try:
        launcher.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        launcher.kill()  # its programs die with it
        launcher.wait()


class Client:
    """Somebody with a phone: knows the public API and nothing else."""

    def __init__(self, album: Album) -> None:
        self._url = f"{album.url}/api/v1"
        self._http = urllib3.PoolManager(retries=False, timeout=60)
        session = self._ask(
            "POST",
            "/auth/login",
            {"username": _USERNAME, "password": album.environ["ADMIN_PASSWORD"]},
        )
        self._token = str(session["token"])

    def upload(self, data: bytes, *, filename: str, content_type: str) -> str:
        """The bytes are in storage and the album has been told. Returns the photo's id.

        Raises AlbumError if it is refused, or there already.
        """
        ticket = self._ask(
            "POST",
            "/photos",
            {
                "filename": filename,
                "size": len(data),
                "content_type": content_type,
                "sha256": hashlib.sha256(data).hexdigest(),
            },
        )
        photo_id = str(ticket["photo"]["id"])
        if "upload" not in ticket:
            raise AlbumError(f"{filename} is a duplicate")
        form = ticket["upload"]["fields"] | {"file": (filename, data, content_type)}
        answer = self._http.request("POST", ticket["upload"]["url"], fields=form)
        if answer.status not in (200, 201, 204):
            raise AlbumError(f"storage answered {answer.status}: {answer.data[:300]!r}")
        self._ask("POST", f"/photos/{photo_id}/complete", {})
        return photo_id

    def found(self, query: str, *, skip: int = 0) -> str | None:
        """The id of the best photo that a search finds, after so many better ones."""
        hits = self._ask("GET", "/search", {"q": query, "cursor": str(skip), "page_size": "1"})
        return str(hits["results"][0]["photo"]["id"]) if hits["results"] else None

    def status(self, photo_id: str) -> str:
        return str(self._ask("GET", f"/photos/{photo_id}", {})["status"])

    def _ask(self, method: str, path: str, message: Mapping[str, Any]) -> dict[str, Any]:
        token = getattr(self, "_token", None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        sent = {"fields": dict(message)} if method == "GET" else {"json": dict(message)}
        try:
            answer = self._http.request(method, self._url + path, headers=headers, **sent)
        except urllib3.exceptions.HTTPError as error:
            raise AlbumError(f"{method} {path} got no answer: {error}") from error
        if answer.status >= 300:
            raise AlbumError(f"{method} {path} answered {answer.status}: {answer.data[:300]!r}")
        return dict(json.loads(answer.data))
