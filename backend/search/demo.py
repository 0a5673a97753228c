"""The photos of `manage.py demo`, and what the album found in them."""

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from backend.accounts.models import User
from backend.core import env
from backend.photos.models import Photo
from backend.search.reasons import Reason, explain, with_findings
from backend.search.selectors import find_photos
from backend.search.terms import understand

DEMO = Path(__file__).with_name("demo.toml")
_PACKAGE = ("package", "version", "member")


@dataclass(frozen=True, kw_only=True)
class DemoPhoto:
    """One photo of demo.toml: what it shows, who made it, what allows us to use it."""

    file: str
    shows: str
    source: str
    licence: str
    package: str
    version: str
    member: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DemoSearch:
    query: str
    shows: str


class DemoError(Exception):
    """The demo's photos could not be brought; the text says why, for a person."""


def read_demo(path: Path = DEMO) -> tuple[list[DemoPhoto], list[DemoSearch]]:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    photos = [DemoPhoto(**table) for table in tables["photo"]]
    return photos, [DemoSearch(**table) for table in tables["search"]]


def photos_dir() -> Path:
    """Where the photos are kept, with the networks: fetched once a machine, not once an album."""
    cache = Path(env.optional("XDG_CACHE_HOME") or Path.home() / ".cache")
    networks = Path(env.optional("NETWORKS_DIR") or cache / "shiguang" / "networks")
    return networks / "demo-photos"


def fetch_photos(photos: list[DemoPhoto], folder: Path) -> Iterator[str]:
    """What is done, line by line; at the end every photo is in the folder, bytes checked.

    The program that fetches the networks does it. Safe to run twice. Raises DemoError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        manifest = folder / ".manifest.toml"
        manifest.write_text(_write_manifest(photos), encoding="utf-8")
    except OSError as error:
        raise DemoError(f"{folder} cannot be written: {error.strerror or error}.") from error
    command = [sys.executable, "-m", "functions.networks.fetch", "--verify"]
    command += ["--manifest", str(manifest), "--dir", str(folder)]
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None  # noqa: S101 (it is a pipe)
        for line in process.stdout:
            yield line.rstrip()
    if process.returncode != 0:
        raise DemoError("The demo's photos could not be fetched; the lines above say why.")


def _write_manifest(photos: list[DemoPhoto]) -> str:
    """The photos in the networks' form: functions/networks/manifest.toml."""
    lines: list[str] = []
    for photo in photos:
        source = ", ".join(f"{name} = {_quote(getattr(photo, name))}" for name in _PACKAGE)
        lines += [
            "[[network]]",
            f"name = {_quote(photo.file)}",
            f"job = {_quote(photo.shows)}",
            f"licence = {_quote(photo.licence)}",
            f"file = {_quote(photo.file)}",
            'build = "copy"',
            *(f"{name} = {photo.size}" for name in ("size", "source_size")),
            *(f"{name} = {_quote(photo.sha256)}" for name in ("sha256", "source_sha256")),
            f"sources = [{{ {source} }}]",
            "inputs = {}",
            "outputs = {}",
        ]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    # A JSON string of printable characters is a TOML string.
    return json.dumps(text, ensure_ascii=False)


def wait_for_search(photos: QuerySet[Photo], *, seconds: float) -> bool:
    """True once search and people know the photos; False if that takes too long."""
    deadline = time.monotonic() + seconds
    unknown = photos.filter(Q(search_stale=True) | Q(people_stale=True))
    while unknown.all().exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def find_examples(user: User, query: str, *, limit: int) -> list[tuple[Photo, list[Reason]]]:
    """The best photos for a query, each with the reasons."""
    parsed = understand(user, query)
    hits = find_photos(user, parsed, size=limit)
    ids = [hit.photo_id for hit in hits]
    found = with_findings(Photo.objects.filter(id__in=ids)).in_bulk()
    photos = [found[photo_id] for photo_id in ids]
    meant = {hit.photo_id for hit in hits if hit.is_meant}
    reasons = explain(photos, parsed, meant=meant)
    return [(photo, reasons[photo.id]) for photo in photos]


def album_url() -> str:
    """Where the running album is, as `make up` has told in its settings; else empty."""
    return env.optional("BACKEND_URL")
