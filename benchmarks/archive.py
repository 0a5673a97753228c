"""What taking everything out and in again costs: time and memory, as a library grows.

    python -m benchmarks.archive [--photos N] [--megabytes M]

Real Postgres and object storage. Each part runs in a process of its own, whose peak of resident
memory is its own; photos are random bytes, which nothing makes smaller.
"""

import argparse
import hashlib
import io
import multiprocessing
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.own_database import own_database

Part = Callable[[str], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--megabytes", type=float, default=1.0, help="a photo")
    asked = parser.parse_args()
    with own_database(), tempfile.TemporaryDirectory() as folder:
        _measure(asked.photos, asked.megabytes, path=f"{folder}/archive.zip")


def _measure(photos: int, megabytes: float, *, path: str) -> None:
    owner, reader = _in_process(_set_up, f"{photos} {megabytes}")[0].split()
    total_mb = photos * megabytes
    print(f"{photos} photos, {total_mb:.0f} MB")
    print(f"{'part':<28}{'seconds':>9}{'MB/s':>8}{'peak MB':>9}{'more MB':>9}")
    parts: list[tuple[str, Part, str]] = [
        ("prepare", _prepare, owner),
        ("send all", _send, f"{owner} 0 {path}"),
        ("go on at the last megabyte", _send, f"{owner} -1000000 /dev/null"),
        ("import", _import, f"{reader} {path}"),
        ("delete the account", _delete, owner),
    ]
    for title, part, values in parts:
        _, seconds, peak, more = _in_process(part, values)
        print(f"{title:<28}{seconds:>9.1f}{total_mb / seconds:>8.0f}{peak:>9.0f}{more:>9.0f}")


def _in_process(part: Part, values: str) -> tuple[str, float, float, float]:
    """What the part says, its seconds, its peak of memory, and how much of that it added."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measured, (part, values))


def _measured(part: Part, values: str) -> tuple[str, float, float, float]:
    import django

    django.setup()
    before = _most_memory()
    started = time.perf_counter()
    said = part(values)
    seconds = time.perf_counter() - started
    peak = _most_memory()
    return said, seconds, peak, peak - before


def _most_memory() -> float:
    """The most that this program has held, in MB; getrusage would tell its parent's, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def _set_up(values: str) -> str:
    from backend.accounts.models import User
    from backend.core import storage
    from backend.photos.models import Photo
    from functions.contract import original_key

    storage.prepare_bucket()
    count, megabytes = values.split()
    owner, reader = (User.objects.create_user(name) for name in ("owner", "reader"))
    for number in range(int(count)):
        data = os.urandom(int(float(megabytes) * 1_000_000))
        sha256 = hashlib.sha256(data).hexdigest()
        photo = Photo.objects.create(
            owner=owner,
            filename=f"IMG_{number:05}.jpg",
            content_type="image/jpeg",
            size=len(data),
            sha256=sha256,
            status=Photo.Status.READY,
            description="Lorem ipsum " * 20,
        )
        photo.tags.create(name="summer")
        storage.put(
            original_key(str(photo.id)),
            io.BytesIO(data),
            size=len(data),
            content_type="image/jpeg",
            sha256=sha256,
        )
    return f"{owner.id} {reader.id}"


def _prepare(values: str) -> str:
    from backend.accounts.models import User
    from backend.archive.exporting import ask_export, prepare

    export = ask_export(User.objects.get(id=values))
    while prepare(export.id):
        pass
    return ""


def _send(values: str) -> str:
    from backend.archive.models import Export
    from backend.archive.sending import stream_export

    owner, start, path = values.split()
    export = Export.objects.get(owner__id=owner)
    first = int(start) if int(start) >= 0 else export.size + int(start)
    with Path(path).open("wb") as file:
        for piece in stream_export(export, start=first):
            file.write(piece)
    return ""


def _import(values: str) -> str:
    from backend.accounts.models import User
    from backend.archive.reading import Archive, ZipFiles
    from backend.archive.restoring import Restorer

    reader, path = values.split()
    with Path(path).open("rb") as file:
        archive = Archive(ZipFiles(file, size=Path(path).stat().st_size))
        restorer = Restorer(User.objects.get(id=reader), archive)
        outcomes = [restorer.restore_photo(name) for name in archive.photos()]
    assert all(outcome.result == "imported" for outcome in outcomes)
    return ""


def _delete(values: str) -> str:
    from backend.accounts.models import User
    from backend.leaving.closing import close_account
    from backend.leaving.erasing import go_on

    _, deletion = close_account(User.objects.get(id=values))
    while go_on(deletion.id):
        pass
    deletion.refresh_from_db()
    assert deletion.erased_at is not None
    return ""


if __name__ == "__main__":
    main()
