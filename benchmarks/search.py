"""What searching costs as a library grows: `python -m benchmarks.search`.

    python -m benchmarks.search [--sizes 10000,100000,1000000] [--queries 200]

One library in a database of its own grows from size to size, by COPY. Calls go through the
API's views, in one process, without the network. Times are of single calls, by the clock and by
the CPU: other programs on the machine make the first longer, and hardly the second.
"""

import argparse
import gc
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from benchmarks.own_database import own_database
from benchmarks.tables import Report, describe_machine, milliseconds, seconds, times, use_cores

if TYPE_CHECKING:
    from benchmarks.synthetic_library import Names

CORES = 2
SEARCH_P95, SUGGEST_P95 = 0.150, 0.030  # seconds, at the largest size
MAX_GROWTH = 3.0  # from the smallest to the largest
_NAME = "benchmark"
_WARM_UP = 40  # calls that are not counted: caches of the process and of Postgres


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_options(arguments)
    console = Console(highlight=False, width=max(120, Console().width))
    machine = describe_machine()
    use_cores(CORES)
    for line in machine:
        console.print(line, soft_wrap=True)
    tell = Console(stderr=True, highlight=False).print
    measured: dict[int, dict[str, float]] = {}
    with own_database():
        from backend.accounts.models import User
        from benchmarks.synthetic_library import check_documents, fill_library, make_names

        user = User.objects.create_user(_NAME, password=_NAME)
        names, filled = make_names(user, photos=max(options.sizes)), 0
        for size in sorted(options.sizes):
            began = time.monotonic()
            tell(f"Filling the library up to {size:,} photos ...")
            fill_library(user, names, range(filled, size))
            check_documents(user, count=50)
            filled, spent = size, time.monotonic() - began
            measured[size] = _measure(options.queries, names, tell) | {"(filling)": spent}
    report = Report("Searching", [f"{size:,} photos" for size in options.sizes])
    for kind in next(iter(measured.values())):
        figures = [milliseconds(measured[size][kind]) for size in options.sizes]
        report.add(kind, *figures) if not kind.startswith("(") else report.add(
            kind, *(seconds(measured[size][kind]) for size in options.sizes)
        )
    print_limits(report, measured, options.sizes)
    report.print(console)
    return 0


def print_limits(report: Report, measured: dict[int, dict[str, float]], sizes: list[int]) -> None:
    """The agreed limits, of the largest library, and how the cost grew up to it."""
    report.section()
    least, most = measured[min(sizes)], measured[max(sizes)]
    for call, limit in (("search: p95", SEARCH_P95), ("suggest: p95", SUGGEST_P95)):
        for figure in (call, f"{call} of CPU"):
            name = f"{figure} at {max(sizes):,}"
            report.judge(name, most[figure], unit=milliseconds, limit=limit, strict=True)
            growth = most[figure] / least[figure]
            report.judge(f"{figure}, growth", growth, unit=times, limit=MAX_GROWTH, strict=False)


def _measure(queries: int, names: "Names", tell: Callable[[str], None]) -> dict[str, float]:
    """Seconds, by what was measured."""
    from backend.accounts.services import log_in

    secret, _ = log_in(username=_NAME, password=_NAME, device=_NAME)
    call = _caller(secret)
    figures: dict[str, float] = {}
    searches = dict(_make_queries(names, random.Random(2), queries))
    all_spent: list[_Spent] = []
    # The collector need not look through what only a benchmark holds.
    gc.collect()
    gc.freeze()
    for kind in dict.fromkeys(searches.values()):
        asked = [query for query, of in searches.items() if of == kind]
        tell(f"  {kind} ...")
        spent = _time(lambda query: call("/search", query), asked)
        figures |= _summarise(kind, spent)
        all_spent += spent
    figures |= _summarise("search", all_spent)
    typed = list(_make_beginnings(names, random.Random(3), queries))
    return figures | _summarise("suggest", _time(lambda text: call("/search/suggest", text), typed))


def _summarise(name: str, spent: list["_Spent"]) -> dict[str, float]:
    wall = [each.wall for each in spent]
    return {
        f"{name}: median": float(np.median(wall)),
        f"{name}: p95": float(np.percentile(wall, 95)),
        f"{name}: p95 of CPU": float(np.percentile([each.cpu for each in spent], 95)),
    }


def _caller(secret: str) -> Callable[[str, str], None]:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    headers = {"Authorization": f"Bearer {secret}"}

    def call(path: str, query: str) -> None:
        answer: Any = client.get(f"/api/v1{path}", {"q": query}, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} {query!r}: {answer.status_code}")

    return call


@dataclass(frozen=True)
class _Spent:
    """Seconds of one call. cpu: of this process and its Postgres process together."""

    wall: float
    cpu: float


def _time(call: Callable[[str], None], queries: list[str]) -> list[_Spent]:
    for query in queries[:_WARM_UP]:
        call(query)
    spent = []
    for query in queries:
        cpu, began = _cpu(), time.perf_counter()
        call(query)
        spent.append(_Spent(time.perf_counter() - began, _cpu() - cpu))
    return spent


def _cpu() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    # The kernel counts the nanoseconds that a process has run.
    postgres = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    return time.process_time() + postgres / 1e9


def _make_queries(names: "Names", rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Queries as people ask them, in both languages, each with its kind."""
    people = [name for _, name in names.people if name]
    for number in range(count // 8):
        # The frequent ones, which have most answers, as often as the rare ones.
        person = people[number % 20] if number % 2 else rng.choice(people)
        other = rng.choice(people[:20])
        label = rng.choice(names.labels[: 50 if number % 2 else None])
        english, chinese = label[0]
        album, album_zh = label[-1]
        place = rng.choice(names.places)[2][-1]
        year = rng.randint(2006, 2025)
        is_chinese = number % 2 == 0
        yield person, "one name"
        yield (chinese if is_chinese else english), "one thing"
        yield (album_zh if is_chinese else album), "one thing"
        yield (
            (
                f"{person} {album_zh} {year}年夏天"
                if is_chinese
                else f"{person} {album} summer {year}"
            ),
            "who, what, when",
        )
        yield (
            (
                f"{person}在{place.name_zh} 没有{other}"
                if is_chinese
                else f"photos of {person} without {other} in {place.name}"
            ),
            "who, where, without whom",
        )
        yield f"{rng.choice(names.words)} {rng.choice(['', str(year)])}".strip(), "words on photos"
        yield (
            rng.choice(
                [
                    f"{year}",
                    f"{year}年春节",
                    "收藏",
                    "Christmas",
                    f"{place.name} {year}",
                    "有字的照片",
                ]
            )
            + " " * number,
            "when, where, flags",
        )
        yield (
            (f"a {english} next to a {album} in front of some {rng.choice(names.words)}"),
            "a description",
        )


def _make_beginnings(names: "Names", rng: random.Random, count: int) -> Iterator[str]:
    from backend.core.chinese import spell

    for _ in range(count):
        name = rng.choice(
            [
                rng.choice([name for _, name in names.people if name]),
                rng.choice(rng.choice(names.labels))[rng.randrange(2)],
                rng.choice(names.places)[2][-1].name,
            ]
        )
        typed = spell(name) if rng.random() < 0.3 and not name.isascii() else name
        yield typed[: rng.randint(1, 4)]


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(part) for part in text.split(",")],
        default=[10_000, 100_000, 1_000_000],
    )
    parser.add_argument("--queries", type=int, default=400)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    sys.exit(main())
