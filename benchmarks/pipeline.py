"""What the main job costs: `python -m benchmarks.pipeline`, or `make bench`.

Starts an album of its own, uploads photos one by one as a phone does and waits until a search
finds each; imports many at once; then measures in this process what decoding and the networks
alone cost for the same photos. Prints one table. Nothing of the album is left afterwards.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from backend.embedded.process import ROOT
from benchmarks.album import AlbumError, Client, running_album
from benchmarks.bare_cost import BareCost, measure_bare_cost
from benchmarks.main_job import Import, measure_import, time_uploads
from benchmarks.photo_choice import NoDataError, choose_photos
from benchmarks.processes import WORKER, ProgramError
from benchmarks.tables import (
    Report,
    describe_machine,
    megabytes,
    milliseconds,
    seconds,
    times,
    use_cores,
)
from functions.contract import Kind
from functions.workflow import THEN

CORES = 2
THREADS = 2
WARM_UPS = 3  # singles that are not counted
SINGLES = 30

MAX_MEDIAN_SECONDS = 3.0
MAX_RATIO = 1.5
MAX_CODE_RATIO = 1.25
MAX_MEMORY_BYTES = 900e6

_DATA = ROOT.parent / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_options(arguments)
    tell = Console(stderr=True, highlight=False, soft_wrap=True).print
    if sys.platform != "linux":
        tell("This benchmark reads what processes cost from /proc, which only Linux has.")
        return 1
    use_cores(CORES)
    machine = describe_machine()
    singles = WARM_UPS + min(SINGLES, options.photos)
    try:
        photos = choose_photos(options.data, singles + options.photos)
        tell("Starting an album ...")
        with running_album(threads=THREADS) as album:
            tell(f"Uploading {singles} photos, one after the other ...")
            waits = time_uploads(Client(album), photos[:singles])[WARM_UPS:]
            tell(f"Importing {options.photos} photos ...")
            imported = measure_import(album, photos[singles:])
    except (NoDataError, AlbumError, ProgramError) as error:
        tell(str(error), markup=False)
        return 1
    tell("Measuring decoding and the networks alone ...")
    bare = measure_bare_cost(photos[singles:], seen=_telling(tell, every=50, of=options.photos))
    # A file or a narrow terminal gets whole lines too.
    console = Console(highlight=False, width=max(110, Console().width))
    for line in (f"python -m benchmarks.pipeline --photos {options.photos}", *machine):
        console.print(line, soft_wrap=True)
    _report(waits, imported, bare).print(console)
    return 0


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("--photos", type=int, default=200, help="how many to import; 200")
    parser.add_argument("--data", type=Path, default=_DATA, help=f"their folder; {_DATA}")
    options = parser.parse_args(arguments)
    if options.photos < 1:
        parser.error("--photos must be at least 1")
    return options


def _telling(tell: Callable[[str], None], *, every: int, of: int) -> Callable[[int], None]:
    def seen(count: int) -> None:
        if count % every == 0 or count == of:
            tell(f"  {count} of {of}")

    return seen


def _report(waits: list[float], imported: Import, bare: BareCost) -> Report:
    report = Report("What the main job costs", ["album", "code alone", "bare"])
    _add_waits(report, waits)
    report.section()
    report.add("import: photos a minute", f"{60 * imported.photos / imported.seconds:.0f}")
    failed = "; ".join(imported.failures) or "none"
    report.add(f"import: failed analyses of {imported.photos} photos", failed)
    report.section()
    _add_functions(report, imported, bare)
    report.section()
    _add_stack(report, imported, bare)
    report.section()
    _add_memory(report, imported)
    return report


def _add_waits(report: Report, waits: list[float]) -> None:
    name = f"upload to searchable, idle ({len(waits)} photos)"
    report.judge(
        f"{name}: median",
        statistics.median(waits),
        unit=seconds,
        limit=MAX_MEDIAN_SECONDS,
        strict=True,
    )
    ordered = sorted(waits)
    report.add("  95 of 100 within", seconds(ordered[math.ceil(0.95 * len(ordered)) - 1]))
    report.add("  slowest", seconds(ordered[-1]))


def _add_functions(report: Report, imported: Import, bare: BareCost) -> None:
    """CPU seconds a photo of the functions worker by stage, beside the least that they cost."""

    def row(name: str, spent: float, *others: float) -> None:
        report.add(name, *(milliseconds(value / imported.photos) for value in (spent, *others)))

    usage, stages = imported.usage, imported.stages
    total = usage.programs[WORKER]
    row("CPU a photo: functions worker", total, sum(bare.alone.values()), bare.total)
    row(
        "  inspection, in the sandbox",
        usage.sandbox,
        bare.alone[Kind.INSPECTION],
        bare.bare[Kind.INSPECTION],
    )
    fetching = max(0.0, stages.get(Kind.INSPECTION, 0.0) - usage.sandbox)
    row("  inspection, in the worker: fetch, check, store", fetching)
    for kind in THEN:
        row(f"  {kind}", stages.get(kind, 0.0), bare.alone[kind], bare.bare[kind])
    known = usage.sandbox + fetching + sum(stages.get(kind, 0.0) for kind in THEN)
    row("  claims, deliveries, Celery", total - known)
    report.judge("ratio to bare", total / bare.total, unit=times, limit=MAX_RATIO, strict=False)
    alone = sum(bare.alone.values()) / bare.total
    report.judge("ratio of the code alone", alone, unit=times, limit=MAX_CODE_RATIO, strict=False)


def _add_stack(report: Report, imported: Import, bare: BareCost) -> None:
    programs = imported.usage.programs
    whole = sum(programs.values())
    report.add("CPU a photo: whole album", milliseconds(whole / imported.photos))
    for name, spent in sorted(programs.items(), key=lambda item: -item[1]):
        if name != WORKER:
            report.add(f"  {name}", milliseconds(spent / imported.photos))
    report.add(
        "  besides: the import command", milliseconds(imported.command_cpu / imported.photos)
    )
    report.add("ratio of the whole album to bare", times(whole / bare.total))


def _add_memory(report: Report, imported: Import) -> None:
    peaks = imported.peaks
    report.judge(
        "functions worker: peak memory",
        imported.peak_bytes,
        unit=megabytes,
        limit=MAX_MEMORY_BYTES,
        strict=True,
    )
    report.add("  its largest sandbox child", megabytes(peaks.largest_child))
    report.add("  its sandbox children together", megabytes(peaks.children))
    report.add("  worker and children at one moment", megabytes(peaks.together))


if __name__ == "__main__":
    sys.exit(main())
