"""What meeting a new face costs as a library grows, and as other people's libraries grow beside it.

python -m benchmarks.people [--photos 10000 100000 1000000] [--calls 300]

Each size is an owner of its own in one database, with two faces a photo. Postgres does not wait
for the disk here. Everything is gone afterwards.
"""

import argparse
import functools
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from benchmarks.own_database import own_database
from benchmarks.tables import Report, describe_machine, milliseconds, seconds, times, use_cores

if TYPE_CHECKING:
    from benchmarks.crowded_library import CrowdedLibrary

SIZES = [10_000, 100_000, 1_000_000]
WARM_UP = 20
LIMIT = 0.015
GROWTH_LIMIT = 3.0

_CPU = "assigning it: CPU, here and in Postgres, mean"

Times = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.people", description=__doc__)
    parser.add_argument("--photos", type=int, nargs="+", default=SIZES, help="sizes, ascending")
    parser.add_argument("--calls", type=int, default=300, help="new faces of each library")
    options = parser.parse_args(arguments)
    console = Console(width=140, highlight=False)
    use_cores(2)
    for line in describe_machine():
        console.print(line)
    with own_database():
        _measure(console, options.photos, options.calls)
    return 0


def _measure(console: Console, sizes: list[int], calls: int) -> None:
    from benchmarks.crowded_library import add_crowded_library

    libraries, columns = [], {}
    for size in sizes:
        console.print(f"A library of {size:,} photos and {2 * size:,} faces ...")
        began = time.perf_counter()
        libraries.append(add_crowded_library(photos=size))
        built = time.perf_counter() - began
        columns[f"{size:,}"] = {"made in": built} | _meet(libraries[-1], calls=calls)
        # A long run that is broken off has found something all the same.
        console.print({name: round(figure, 4) for name, figure in columns[f"{size:,}"].items()})
    if len(sizes) > 1:
        console.print("The smallest once more, beside the others ...")
        columns[f"{sizes[0]:,} beside"] = _meet(libraries[0], calls=calls)
    _print(console, columns, first=f"{sizes[0]:,}", last=f"{sizes[-1]:,}")


def _meet(library: "CrowdedLibrary", *, calls: int) -> Times:
    """Seconds. Six of ten new faces are of somebody known, the others of nobody."""
    from django.db import connection

    from backend.people.models import Face
    from backend.people.services import assign_people, replace_faces
    from backend.photos.models import Photo
    from benchmarks.crowded_library import MODEL, faces_like
    from functions.contract import Box, FaceFinding, encode_vector

    chance = np.random.default_rng()
    spent: dict[str, list[float]] = {"storing": [], "assigning": []}
    cpu: dict[str, list[float]] = {"storing": [], "assigning": []}
    right = known = 0
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (postgres,) = cursor.fetchone()

    def took(name: str, work: Callable[[], object]) -> None:
        began, cpu_began = time.perf_counter(), time.process_time() + _cpu_of(postgres)
        work()
        spent[name].append(time.perf_counter() - began)
        cpu[name].append(time.process_time() + _cpu_of(postgres) - cpu_began)

    for _ in range(WARM_UP + calls):
        is_known = chance.random() < 0.6
        number = int(chance.integers(len(library.looks)))
        look = library.looks[number][None] if is_known else chance.standard_normal((1, 128))
        vector = faces_like(look.astype(np.float32), chance)[0]
        photo = Photo.objects.create(
            owner=library.owner, filename="new.jpg", content_type="image/jpeg", size=1,
            sha256=uuid.uuid4().hex * 2,
        )  # fmt: skip
        finding = FaceFinding(
            box=Box(left=0.1, top=0.1, width=0.2, height=0.2),
            score=0.9,
            quality=0.9,
            embedding=encode_vector(vector.tolist()),
        )
        took(
            "storing",
            functools.partial(
                replace_faces,
                photo=photo,
                analysis_id=uuid.uuid4(),
                model=MODEL,
                findings=[finding],
                shown=True,
            ),
        )
        took("assigning", functools.partial(assign_people, photo, model=MODEL))
        face = Face.objects.get(photo=photo)
        known += is_known
        right += is_known and face.person_id is not None
    counted = {name: np.array(values[WARM_UP:]) for name, values in spent.items()}
    return {
        "storing a face: median": float(np.median(counted["storing"])),
        "assigning it: median": float(np.median(counted["assigning"])),
        "assigning it: 95 of 100 within": float(np.percentile(counted["assigning"], 95)),
        _CPU: float(np.mean(cpu["assigning"][WARM_UP:])),
        "known faces that joined": right / max(1, known),
    }


def _cpu_of(process: int) -> float:
    """Seconds, by the kernel's own count of what the process was given."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _print(console: Console, columns: dict[str, Times], *, first: str, last: str) -> None:
    report = Report("Meeting a new face, by photos of the library", list(columns))
    units = {"made in": seconds, "known faces that joined": times}
    for name in columns[first]:
        unit = units.get(name, milliseconds)
        report.add(name, *(unit(each[name]) if name in each else "" for each in columns.values()))
    report.section()
    for name in ("assigning it: median", "assigning it: 95 of 100 within", _CPU):
        report.judge(
            f"{name}, {last}", columns[last][name], unit=milliseconds, limit=LIMIT, strict=True
        )
        growth = columns[last][name] / columns[first][name]
        report.judge(
            f"{name}, {last} to {first}",
            growth,
            unit=times,
            limit=GROWTH_LIMIT,
            strict=False,
        )
    report.print(console)


if __name__ == "__main__":
    sys.exit(main())
