"""Uploading photos to a running album and waiting for them, with a watch in hand."""

import mimetypes
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from backend.embedded.process import ROOT
from benchmarks.album import Album, AlbumError, Client
from benchmarks.processes import MemoryPeaks, Programs, Usage
from functions.contract import Kind

# A photo is asked for this often, so it may have been findable for as long; asking more often
# would take the time of a core from the work.
_ASK_SECONDS = 0.05
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Import:
    """What importing photos took."""

    photos: int
    seconds: float  # from the command's start until a search finds every photo
    usage: Usage
    command_cpu: float
    stages: dict[Kind, float]  # CPU seconds as the functions measured and the album recorded them
    failures: list[str]
    peak_bytes: int
    peaks: MemoryPeaks


def time_uploads(client: Client, photos: list[Path]) -> list[float]:
    """Seconds from asking for an upload until a search finds the photo and all is known of it.

    The album has nothing else to do. Raises AlbumError if one does not get ready.
    """
    waits = []
    for number, path in enumerate(photos):
        data, name = path.read_bytes(), f"single-{number:05}{path.suffix.lower()}"
        began = time.monotonic()
        photo_id = client.upload(data, filename=name, content_type=_content_type(path))
        while not _is_found(client, photo_id, query=f"single {number:05}"):
            if time.monotonic() - began > _PATIENCE_SECONDS:
                raise AlbumError(f"{path} is still {client.status(photo_id)}")
            time.sleep(_ASK_SECONDS)
        waits.append(time.monotonic() - began)
    return waits


def _is_found(client: Client, photo_id: str, *, query: str) -> bool:
    # A sweep in between may have made the file name known before all analyses were done.
    return client.found(query) == photo_id and client.status(photo_id) == "ready"


def measure_import(album: Album, photos: list[Path]) -> Import:
    """The photos go in by `manage.py import_photos`. Raises AlbumError if that fails."""
    programs, client = Programs(album.launcher), Client(album)
    with tempfile.TemporaryDirectory(prefix="shiguang-bench-") as folder:
        for number, path in enumerate(photos):
            shutil.copyfile(path, Path(folder) / f"import-{number:05}{path.suffix.lower()}")
        before, own = programs.usage(), _cpu_of_commands()
        with programs.sampling_memory() as peaks:
            began = time.monotonic()
            _run_import(album, folder)
            _wait_until_found(client, count=len(photos) - _count_failed(album))
            took = time.monotonic() - began
        return Import(
            photos=len(photos),
            seconds=took,
            usage=programs.usage().since(before),
            command_cpu=_cpu_of_commands() - own,
            stages=_stages(album),
            failures=_failures(album),
            peak_bytes=programs.worker_peak_bytes(),
            peaks=peaks,
        )


def _content_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or f"image/{path.suffix[1:].lower()}"


def _run_import(album: Album, folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "import_photos", folder],
        cwd=ROOT,
        env=dict(album.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):  # 1: some photos failed, which the table tells
        raise AlbumError(f"The import failed:\n{done.stdout}{done.stderr}")


def _wait_until_found(client: Client, *, count: int) -> None:
    """A search by what all file names share finds so many photos."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while count and client.found("import", skip=count - 1) is None:
        if time.monotonic() > end:
            raise AlbumError(f"A search does not find {count} imported photos.")
        time.sleep(_ASK_SECONDS)


def _cpu_of_commands() -> float:
    """CPU seconds of the commands that we have run to their end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


_OF_IMPORTED = """
from analysis_analysis join photos_photo on photos_photo.id = analysis_analysis.photo_id
where starts_with(filename, 'import-')
"""


def _count_failed(album: Album) -> int:
    """Photos that could not be inspected, which a search does not find."""
    counted = f"select count(*) {_OF_IMPORTED} and kind = 'inspection' and state = 'failed'"
    return int(_query(album, counted)[0][0])


def _stages(album: Album) -> dict[Kind, float]:
    summed = f"select kind, coalesce(sum(cpu_ms), 0) / 1000 {_OF_IMPORTED} group by kind"
    return {Kind(kind): float(total) for kind, total in _query(album, summed)}


def _failures(album: Album) -> list[str]:
    counted = f"""
        select kind, code, count(*) {_OF_IMPORTED} and state <> 'done'
        group by kind, code order by kind, code
    """
    return [f"{kind} {code}: {count}" for kind, code, count in _query(album, counted)]


def _query(album: Album, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(album.settings["DATABASE_URL"]) as connection:
        return connection.execute(sql.encode()).fetchall()
