"""What a look at a whole library costs as it grows: timeline, map, similar photos, memories.

python -m benchmarks.library [--photos 10000 100000 1000000] [--described 20000]
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from benchmarks.own_database import own_database
from benchmarks.tables import Report, describe_machine, milliseconds, seconds, times, use_cores

if TYPE_CHECKING:
    from backend.accounts.models import User

SIZES = [10_000, 100_000, 1_000_000]
CALLS = 60
WARM_UP = 5
TIMELINE_LIMIT = 0.05
GROWTH_LIMIT = 3.0

Call = Callable[[], object]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library", description=__doc__)
    parser.add_argument("--photos", type=int, nargs="+", default=SIZES, help="sizes, ascending")
    parser.add_argument(
        "--described", type=int, default=20_000,
        help="photos of each library that have image features; their index takes long to build",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    console = Console(width=120)
    use_cores(2)
    for line in describe_machine():
        console.print(line, highlight=False)
    with own_database():
        _measure(console, options.photos, options.described)
    return 0


def _measure(console: Console, sizes: list[int], described: int) -> None:
    from benchmarks.plain_library import set_defaults

    set_defaults()
    owners: list[User] = []
    built: list[dict[str, float]] = []
    for size in sizes:
        console.print(f"A library of {size:,} photos ...", highlight=False)
        owner, steps = _build(size, min(size, described))
        owners.append(owner)
        built.append(steps)
    callers = [_calls_of(owner) for owner in owners]
    report = Report(
        "95 % of calls within, by photos of the library, all in one database",
        [f"{size:,}" for size in sizes] + ["growth"],
    )
    for name in built[0]:
        report.add(name, *(seconds(steps[name]) for steps in built))
    report.section()
    for name in callers[0]:
        console.print(f"{name} ...", highlight=False)
        p95, cpu = _time([calls[name] for calls in callers])
        growth = p95[-1] / p95[0]
        report.add(name, *map(milliseconds, p95), times(growth))
        report.add("  of it CPU, on average", *map(milliseconds, cpu), times(cpu[-1] / cpu[0]))
        if name == "timeline":
            report.judge(
                "  the largest library's",
                p95[-1],
                unit=milliseconds,
                limit=TIMELINE_LIMIT,
                strict=True,
            )
        report.judge("  growth", growth, unit=times, limit=GROWTH_LIMIT, strict=False)
    report.print(console)


def _build(size: int, described: int) -> tuple["User", dict[str, float]]:
    """The owner, and how long the rows and what is kept ready took, in seconds."""
    from django.db import connection

    from backend.photos.map import renew_cells
    from backend.photos.timeline import renew_months
    from benchmarks.plain_library import add_library

    index = "image_features_hnsw"
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = %s", [index])
        (definition,) = cursor.fetchone()
        cursor.execute(f"drop index {index}")
    steps: dict[str, float] = {}

    def step(name: str, work: Callable[[], object]) -> None:
        began = time.perf_counter()
        work()
        steps[name] = time.perf_counter() - began

    owners: list[User] = []
    step("rows", lambda: owners.append(add_library(photos=size, described=described)))
    (owner,) = owners
    with connection.cursor() as cursor:
        # What the index needs at once; a smaller limit builds it several times slower.
        cursor.execute("set maintenance_work_mem = '2GB'")
        step("features' index", lambda: cursor.execute(definition))
        step("months from nothing", lambda: renew_months(owner.id))
        step("map from nothing", lambda: renew_cells(owner.id))
        cursor.execute("vacuum analyze photos_month")
        cursor.execute("vacuum analyze photos_mapcell")
    return owner, steps


def _calls_of(owner: "User") -> dict[str, Call]:
    """What is measured: each goes through all of the API but the socket."""
    from django.test import Client

    from backend.accounts.services import log_in
    from backend.analysis.models import ImageFeatures
    from backend.photos.models import Photo
    from benchmarks.plain_library import cities

    owner.set_password("a benchmark's")
    owner.save()
    token, _ = log_in(username=owner.username, password="a benchmark's", device="benchmark")
    client = Client(headers={"Authorization": f"Bearer {token}", "Host": "127.0.0.1"})
    chance, places = random.Random(owner.username), cities()
    described = list(
        ImageFeatures.objects.filter(photo__owner=owner).values_list("photo_id", flat=True)[:1000]
    )
    photos = Photo.objects.filter(owner=owner)
    some = list(photos.values_list("id", flat=True)[:: max(1, photos.count() // 300)])

    def get(path: str) -> None:
        answer = client.get(f"/api/v1{path}")
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")

    def look_at_map(zoom: int, width: float) -> None:
        latitude, longitude = places[int(len(places) * chance.random() ** 3)]
        height = width / 2
        west, east = max(-180.0, longitude - width / 2), min(180.0, longitude + width / 2)
        south, north = max(-90.0, latitude - height / 2), min(90.0, latitude + height / 2)
        get(f"/map?bbox={west},{south},{east},{north}&zoom={zoom}")

    def after_a_change(path: str) -> None:
        photo = photos.filter(id=chance.choice(some))
        photo.update(archived=True)
        photo.update(archived=False)
        get(path)

    def remember() -> None:
        get(f"/memories?date=2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}")

    return {
        "a call that does nothing (/me)": lambda: get("/me"),
        "timeline": lambda: get("/timeline"),
        "change a photo, timeline": lambda: after_a_change("/timeline"),
        "map: the world, zoom 2": lambda: get("/map?bbox=-180,-90,180,90&zoom=2"),
        # 1600 x 800 points of a screen
        "map: a country, zoom 6": lambda: look_at_map(6, 35.0),
        "map: a city, zoom 12": lambda: look_at_map(12, 0.55),
        "map: a street, zoom 17": lambda: look_at_map(17, 0.017),
        "change a photo, map": lambda: after_a_change("/map?bbox=-180,-90,180,90&zoom=2"),
        "memories": remember,
        "similar photos": lambda: get(f"/photos/{chance.choice(described)}/similar"),
    }


def _time(calls: list[Call]) -> tuple[list[float], list[float]]:
    """Of each call the time that 95 % take at most, and the CPU time of one, Postgres's too.

    By turns, so that whatever else the machine does slows all of them.
    """
    taken: list[list[float]] = [[] for _ in calls]
    worked: list[list[float]] = [[] for _ in calls]
    for turn in range(WARM_UP + CALLS):
        for call, wall, cpu in zip(calls, taken, worked, strict=True):
            before, began = _cpu_seconds(), time.perf_counter()
            call()
            if turn >= WARM_UP:
                wall.append(time.perf_counter() - began)
                cpu.append(_cpu_seconds() - before)
    return [float(np.percentile(wall, 95)) for wall in taken], [float(np.mean(c)) for c in worked]


def _cpu_seconds() -> float:
    """Of this process and of the database's, so far."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity where datname = current_database()")
        pids = [pid for (pid,) in cursor.fetchall()]
    nanoseconds = sum(
        int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in sorted(pids)
    )
    return time.process_time() + nanoseconds / 1e9


if __name__ == "__main__":
    sys.exit(main())
