"""What the API's calls take under a steady load: `python -m benchmarks.api`.

    python -m benchmarks.api [--photos 100000] [--rate 100] [--seconds 20] [--processes 2]

Starts an album as everybody does, fills it by COPY, starts its web server so many times more, as a
cluster does behind its proxy, and sends them calls by turns from another process at a fixed rate,
whether or not earlier ones have been answered. Then one client downloads an archive of 1,000
photos. Prints one table.
"""

import argparse
import contextlib
import json
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import urllib3
from rich.console import Console

from backend.embedded.process import ROOT
from benchmarks.album import Album, AlbumError, free_port, running_album
from benchmarks.load import Call, Outcome, Plan, run_load
from benchmarks.processes import ProgramError, Programs, tree_cpu, tree_memory
from benchmarks.tables import Report, describe_machine, megabytes, milliseconds, use_cores

if TYPE_CHECKING:
    from backend.accounts.models import User

CORES = 2
MAX_P95 = 0.040
MAX_ARCHIVE_MEMORY = 100e6
ARCHIVE_PHOTOS = 1000
ARCHIVE_PHOTO_BYTES = 1_000_000
WARM_UP_SECONDS = 3
KINDS = ("list", "detail", "album", "album's photos", "ticket")
BARE = "a view that does nothing"
_PAGES, _DETAILS = 40, 5000

# Nothing of the album's own background comes to these uploads, which never arrive.
_SETTINGS = {"RATE_LIMIT_USER": "1000000", "UPLOAD_CHECK_SECONDS": "86400"}


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The web servers under load, and their processes."""

    urls: list[str]
    pids: list[int]

    @property
    def url(self) -> str:
        return self.urls[0]

    def cpu(self) -> float:
        return sum(map(tree_cpu, self.pids))

    def memory(self) -> int:
        return sum(map(tree_memory, self.pids))


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one load gave. cpu: seconds of a call, of the web server and of Postgres and Valkey."""

    outcomes: list[Outcome]
    web_cpu: float
    other_cpu: float


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_options(arguments)
    tell = Console(stderr=True, highlight=False, soft_wrap=True).print
    use_cores(CORES)
    os.environ.update(_SETTINGS)
    try:
        with running_album(threads=1) as album:
            tell(f"Filling the library with {options.photos:,} photos ...")
            user, ids = _fill(album, options.photos)
            with _web_servers(album, options.processes) as servers:
                caller = _Caller(servers, album)
                calls = _Calls(caller, ids)
                machine = describe_machine()
                measure = _Measure(servers, Programs(album.launcher), caller.headers)
                tell(f"{options.rate} calls a second, for {options.seconds} seconds each ...")
                measure(calls.mixed(options.rate * WARM_UP_SECONDS), rate=options.rate)
                count = int(options.rate * options.seconds)
                bare = measure([Call(BARE, "GET", "/healthz")] * count, rate=options.rate)
                mixed = measure(calls.mixed(count), rate=options.rate)
                alone = {
                    kind: measure(calls.some(kind, 100), rate=options.rate / len(KINDS))
                    for kind in KINDS
                }
                # Whoever interrupts what follows has this.
                _print(options, machine, _report(bare, mixed, alone))
                tell(f"Storing {ARCHIVE_PHOTOS:,} originals and downloading them ...")
                archive = _download_archive(caller, user, ids[:ARCHIVE_PHOTOS])
    except (AlbumError, ProgramError) as error:
        tell(str(error), markup=False)
        return 1
    _print(options, machine, _report_archive(archive))
    return 0


def _print(options: argparse.Namespace, machine: list[str], report: Report) -> None:
    console = Console(highlight=False, width=max(130, Console().width))
    for line in (_describe(options), *machine):
        console.print(line, soft_wrap=True)
    report.print(console)


def _describe(options: argparse.Namespace) -> str:
    return (
        f"python -m benchmarks.api: {options.photos:,} photos, {options.rate} calls a second, "
        f"{options.processes} web processes"
    )


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api", description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=100, help="calls a second, of all kinds")
    parser.add_argument("--seconds", type=int, default=20, help="of each load")
    parser.add_argument("--processes", type=int, default=2, help="of the web server")
    return parser.parse_args(arguments)


def _report(bare: Measured, mixed: Measured, alone: dict[str, Measured]) -> Report:
    report = Report(
        "Calls: 95 of 100 within, half, 99 of 100; CPU of one alone, here and in its servers",
        ["95 %", "50 %", "99 %", "web CPU", "servers' CPU"],
    )

    def add(name: str, outcomes: list[Outcome], cost: Measured) -> float:
        taken = np.array([outcome.seconds for outcome in outcomes])
        p95, *others = (float(value) for value in np.percentile(taken, [95, 50, 99]))
        report.add(name, *map(milliseconds, (p95, *others, cost.web_cpu, cost.other_cpu)))
        return p95

    add(BARE, bare.outcomes, bare)
    for kind in KINDS:
        p95 = add(kind, [each for each in mixed.outcomes if each.kind == kind], alone[kind])
        report.judge(f"  95 % of {kind}", p95, unit=milliseconds, limit=MAX_P95, strict=True)
    report.add("all", "", "", "", milliseconds(mixed.web_cpu), milliseconds(mixed.other_cpu))
    refused = [each for each in mixed.outcomes if not 200 <= each.status < 300]
    report.judge("calls without a good answer", len(refused), unit=str, limit=0, strict=False)
    return report


def _report_archive(archive: "Archive") -> Report:
    report = Report(f"An archive of {ARCHIVE_PHOTOS:,} photos, {megabytes(archive.size)}", [""])
    report.add("seconds", f"{archive.seconds:.1f} s")
    report.add("memory of all web processes before", megabytes(archive.before))
    report.judge(
        "more of it meanwhile",
        archive.peak - archive.before,
        unit=megabytes,
        limit=MAX_ARCHIVE_MEMORY,
        strict=True,
    )
    return report


# --- The album


def _fill(album: Album, photos: int) -> tuple["User", list[str]]:
    """The account's library by COPY. Returns the account and the ids of some photos."""
    os.environ.update(album.settings)
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
    import django

    django.setup()
    from django.db import connections

    from backend.accounts.models import User
    from backend.photos.models import Photo
    from benchmarks.synthetic_library import fill_library, make_names

    user = User.objects.get(username=album.environ["ADMIN_USERNAME"])
    fill_library(user, make_names(user, photos=photos), range(photos), with_meanings=False)
    ids = list(Photo.objects.filter(owner=user).order_by("?").values_list("id", flat=True))
    connections.close_all()
    return user, [str(id_) for id_ in ids[: max(_DETAILS, ARCHIVE_PHOTOS)]]


@contextlib.contextmanager
def _web_servers(album: Album, count: int) -> Iterator[Servers]:
    """The album's own web server so many times more, by its very command line."""
    own, ports = Programs(album.launcher).process("web server"), [free_port() for _ in range(count)]
    with contextlib.ExitStack() as opened:
        pids = []
        for port in ports:
            command = own.command.split()
            command[command.index("--port") + 1] = str(port)
            process = subprocess.Popen(
                command,
                env=own.environment,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            opened.callback(process.wait, 20)
            opened.callback(process.terminate)
            pids.append(process.pid)
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for url in urls:
            _wait_for(url)
        yield Servers(urls=urls, pids=pids)


def _wait_for(url: str) -> None:
    end = time.monotonic() + 60
    with urllib3.PoolManager(retries=False, timeout=5) as http:
        while time.monotonic() < end:
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                if http.request("GET", f"{url}/readyz").status == 200:
                    return
            time.sleep(0.2)
    raise AlbumError("The web server did not get ready.")


class _Caller:
    """Somebody who is signed in."""

    def __init__(self, servers: Servers, album: Album) -> None:
        self._http, self.servers = urllib3.PoolManager(retries=False, timeout=60), servers
        self.headers: dict[str, str] = {}
        account = {
            "username": album.environ["ADMIN_USERNAME"],
            "password": album.environ["ADMIN_PASSWORD"],
        }
        self.headers = {
            "Authorization": f"Bearer {self.ask('POST', '/auth/login', account)['token']}"
        }

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Raises AlbumError for anything but a good answer."""
        url = path if path.startswith("http") else f"{self.servers.url}/api/v1{path}"
        sent = {"json": body} if body is not None else {}
        answer = self._http.request(method, url, headers=self.headers, **sent)
        if answer.status >= 300:
            raise AlbumError(f"{method} {path} answered {answer.status}: {answer.data[:300]!r}")
        return json.loads(answer.data)

    def open(self, url: str) -> Any:
        return self._http.request("GET", url, preload_content=False)


class _Calls:
    """Calls as clients make them: any page, any photo, each ticket for a photo of its own."""

    def __init__(self, caller: _Caller, ids: list[str]) -> None:
        self._rng, self._ids = random.Random(1), ids
        album = caller.ask("POST", "/albums", {"title": "Benchmark"})["id"]
        self._album = f"/api/v1/albums/{album}"
        for start in range(0, ARCHIVE_PHOTOS, 500):
            chosen = ids[:ARCHIVE_PHOTOS][start : start + 500]
            caller.ask("POST", f"/albums/{album}/photos", {"ids": chosen})
        self._pages = {
            "list": list(_pages(caller, "/photos")),
            "album's photos": list(_pages(caller, f"/albums/{album}/photos")),
        }

    def mixed(self, count: int) -> list[Call]:
        """As many of each kind, in an order of their own."""
        calls = [self._make(KINDS[number % len(KINDS)]) for number in range(count)]
        self._rng.shuffle(calls)
        return calls

    def some(self, kind: str, count: int) -> list[Call]:
        return [self._make(kind) for _ in range(count)]

    def _make(self, kind: str) -> Call:
        if kind in self._pages:
            return Call(kind, "GET", self._rng.choice(self._pages[kind]))
        if kind == "detail":
            return Call(kind, "GET", f"/api/v1/photos/{self._rng.choice(self._ids)}")
        if kind == "album":
            return Call(kind, "GET", self._album)
        ticket = {
            "filename": "IMG_0001.JPG",
            "content_type": "image/jpeg",
            "size": 3_000_000,
            "sha256": secrets.token_hex(32),
        }
        return Call(kind, "POST", "/api/v1/photos", json.dumps(ticket))


def _pages(caller: _Caller, path: str) -> Iterator[str]:
    """The first pages of a list, as paths."""
    url: str | None = f"{caller.servers.url}/api/v1{path}"
    for _ in range(_PAGES):
        if url is None:
            return
        yield url.removeprefix(caller.servers.url)
        url = caller.ask("GET", url)["next"]


class _Measure:
    def __init__(self, servers: Servers, programs: Programs, headers: dict[str, str]) -> None:
        self._servers, self._programs = servers, programs
        self._headers = headers

    def __call__(self, calls: list[Call], *, rate: float) -> Measured:
        plan = Plan(urls=self._servers.urls, headers=self._headers, rate=rate, calls=calls)
        web, before = self._servers.cpu(), self._programs.usage()
        outcomes = run_load(plan)
        spent = self._programs.usage().since(before).programs
        return Measured(
            outcomes=outcomes,
            web_cpu=(self._servers.cpu() - web) / len(calls),
            other_cpu=(spent["Postgres"] + spent["Valkey"]) / len(calls),
        )


# --- The archive


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A download. before, peak: bytes of memory of all web processes together."""

    size: int
    seconds: float
    before: int
    peak: int


def _download_archive(caller: _Caller, user: "User", ids: list[str]) -> Archive:
    """By a link that hands out originals, cleaned of all that they tell: the costliest way."""
    _store_originals(ids)
    album = caller.ask("POST", "/albums", {"title": "Archive"})["id"]
    for start in range(0, len(ids), 500):
        caller.ask("POST", f"/albums/{album}/photos", {"ids": ids[start : start + 500]})
    link = caller.ask("POST", f"/albums/{album}/links", {"allow_download": True})
    url = f"{caller.servers.url}/api/v1/links/{link['token']}/archive"
    servers = caller.servers
    # What a process takes once, for its first download, is not what a download takes.
    with contextlib.closing(caller.open(url)) as answer:
        answer.read(1_000_000)
    archive = Archive(size=0, seconds=0, before=servers.memory(), peak=0)
    ended, began = threading.Event(), time.monotonic()
    peaks = [archive.before]

    def look() -> None:
        while not ended.wait(0.05):
            peaks.append(servers.memory())

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    answer = caller.open(url)
    size = sum(len(part) for part in answer.stream(1024**2))
    ended.set()
    watcher.join()
    if answer.status != 200 or size != int(answer.headers["Content-Length"]):
        raise AlbumError(f"The archive broke off after {size} bytes ({answer.status}).")
    return replace(archive, size=size, seconds=time.monotonic() - began, peak=max(peaks))


def _store_originals(ids: list[str]) -> None:
    """Each photo has a real photo's bytes, and as many zeros behind them as make it a large one."""
    from backend.core import storage
    from backend.photos.models import Photo
    from functions.contract import original_key

    photo = (ROOT / "functions/tests/photos/rocket.jpg").read_bytes()
    data = photo + bytes(ARCHIVE_PHOTO_BYTES - len(photo))
    Photo.objects.filter(id__in=ids).update(size=len(data))
    for photo_id in ids:
        storage._client().put_object(
            Bucket=os.environ["S3_BUCKET"], Key=original_key(photo_id), Body=data
        )


if __name__ == "__main__":
    sys.exit(main())
