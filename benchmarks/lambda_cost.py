"""What the functions cost on Lambda: `python -m benchmarks.lambda_cost`.

Builds the zips, runs each function from its zip under Lambda's own runtime client on one core,
and prints three tables: cold starts and memory, where a cold start goes, and what 1,000 photos
cost. Photos come from plain HTTP servers on this machine, so the ways to S3 and to the backend
are shorter than AWS's.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from backend.embedded.process import ROOT
from benchmarks.photo_choice import NoDataError, choose_photos
from benchmarks.tables import Report, describe_machine, milliseconds, seconds, times
from deploy.package import BUILD, Builder, running_python
from deploy.state_machine import CLAIM, FUNCTION_OF
from functions.contract import Kind, Rendition
from functions.networks.manifest import shipped_manifest
from functions.tests.lambda_runtime import PACKAGES, LambdaFunction, Outcome
from functions.tests.lambda_world import LambdaWorld
from functions.workflow import FIRST, THEN

# Lambda's list price for x86 in us-east-1, and Step Functions' for Express, in dollars.
GB_SECOND = 0.0000166667
REQUEST = 0.20 / 1e6
EXECUTION = 1.00 / 1e6
# An Express execution is charged for at least 64 MB, at the first step of its price.
EXECUTION_GB_SECOND = 0.00001667
EXECUTION_GB = 64 / 1024

MAX_COLD_SECONDS = 1.2
MIN_PHOTOS_PER_DOLLAR = 50_000
COLD_STARTS = 5
# For S3 and the backend are nearer here than on AWS; an assumption, and marked as one.
_WAIT_SECONDS = 0.05
_DATA = ROOT.parent / "shared" / "data"
_ZIP_OF = {CLAIM: "courier", **{name: name for name in FUNCTION_OF.values()}}
_HANDLER_OF = {
    CLAIM: "functions.courier.claim",
    **{name: f"functions.handlers.{name}" for name in FUNCTION_OF.values()},
}


@dataclass
class Measured:
    """One function's runs. billed: whole milliseconds of the wall clock, as Lambda counts."""

    cold: list[Outcome] = field(default_factory=list)
    warm: list[Outcome] = field(default_factory=list)
    memory_mb: int = 0

    @property
    def peak_mb(self) -> float:
        return max(outcome.peak_mb for outcome in self.cold + self.warm)

    def billed_seconds(self) -> float:
        """A photo's mean."""
        return statistics.fmean(math.ceil(run.seconds * 1000) / 1000 for run in self.warm)

    def cpu_seconds(self) -> float:
        return statistics.fmean(run.cpu_seconds for run in self.warm)

    def gb_seconds(self, run_seconds: float) -> float:
        return run_seconds * self.memory_mb / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_options(arguments)
    tell = Console(stderr=True, highlight=False, soft_wrap=True).print
    machine = describe_machine()
    try:
        photos = choose_photos(options.data, options.photos)
    except NoDataError as error:
        tell(str(error), markup=False)
        return 1
    with tempfile.TemporaryDirectory() as folder, LambdaWorld() as world:
        tell("Building the zips ...")
        roots = _unpack(Path(folder))
        bench = _Bench(world, roots, core=min(os.sched_getaffinity(0)))
        tell(f"Starting each function {COLD_STARTS} times ...")
        bench.start_cold(photos[0])
        tell(f"{len(photos)} photos through all functions ...")
        bench.run_warm(photos)
        tell("Looking where a cold start goes ...")
        phases = bench.take_apart(Path(folder))
    console = Console(highlight=False, width=max(140, Console().width))
    for line in (f"python -m benchmarks.lambda_cost --photos {options.photos}", *machine):
        console.print(line, soft_wrap=True)
    for report in (
        _report_starts(bench.measured),
        _report_phases(phases),
        _report_cost(bench.measured, len(photos)),
        _report_resources(bench.measured),
    ):
        report.print(console)
    return 0


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lambda_cost", description=__doc__)
    parser.add_argument("--photos", type=int, default=100, help="how many to look at; 100")
    parser.add_argument("--data", type=Path, default=_DATA, help=f"their folder; {_DATA}")
    return parser.parse_args(arguments)


def _unpack(folder: Path) -> dict[str, Path]:
    """Function -> what Lambda would hold at /var/task."""
    builder = Builder(python=running_python(), folder=BUILD.with_name("lambda-tests"))
    zips = builder.build(sorted(set(_ZIP_OF.values())))
    roots = {}
    for name, path in zips.items():
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder / name)
        roots[name] = folder / name
    return {function: roots[name] for function, name in _ZIP_OF.items()}


class _Bench:
    """Functions on one core, as deployed. measured: by function, in the workflow's order."""

    def __init__(self, world: LambdaWorld, roots: dict[str, Path], *, core: int) -> None:
        self._world = world
        self._roots = roots
        self._core = core
        memory = memory_of_functions()
        self.measured = {name: Measured(memory_mb=memory[name]) for name in _in_order()}

    def start_cold(self, photo: Path) -> None:
        for attempt in range(COLD_STARTS + 1):
            state = self._new_state(photo)
            for name, measured in self.measured.items():
                with self._function(name) as function:
                    outcome, state = _invoke(function, state)
                # The first one read the files from the disk; on Lambda they are fetched too,
                # at a pace that cannot be measured here.
                if attempt:
                    measured.cold.append(outcome)

    def run_warm(self, photos: list[Path]) -> None:
        functions = {name: self._function(name) for name in self.measured}
        try:
            for number, photo in enumerate([photos[0], *photos]):
                state = self._new_state(photo)
                for name, function in functions.items():
                    outcome, state = _invoke(function, state)
                    if number:
                        self.measured[name].warm.append(outcome)
                    if state["claim"] is None:  # no photo
                        break
        finally:
            for function in functions.values():
                function.__exit__(None, None, None)

    def take_apart(self, folder: Path) -> dict[str, dict[str, float]]:
        """Function -> phase -> CPU milliseconds, medians."""
        preview = folder / "preview.jpg"
        preview.write_bytes(
            next(
                data
                for key, data in self._world.objects.items()
                if key.endswith(f"/{Rendition.PREVIEW}.jpg")
            )
        )
        return {
            name: _median_phases([self._phases(kind, preview) for _ in range(COLD_STARTS)])
            for kind, name in FUNCTION_OF.items()
        }

    def _phases(self, kind: Kind, preview: Path) -> dict[str, float]:
        root = self._roots[FUNCTION_OF[kind]]
        program = Path(__file__).with_name("cold_start_phases.py")
        done = subprocess.run(
            [sys.executable, "-S", str(program), kind, str(preview)],
            env=self._environment(root) | {"PYTHONPATH": f"{root}:{PACKAGES}"},
            capture_output=True,
            text=True,
            check=True,
        )
        phases: dict[str, float] = json.loads(done.stdout)
        return phases

    def _function(self, name: str) -> LambdaFunction:
        root = self._roots[name]
        return LambdaFunction(
            _HANDLER_OF[name],
            environment=self._environment(root),
            task_root=root,
            packages=(),
            memory_mb=self.measured[name].memory_mb,
            core=self._core,
        )

    def _environment(self, root: Path) -> dict[str, str]:
        return self._world.environment | {"NETWORKS_DIR": str(root / "networks")}

    def _new_state(self, photo: Path) -> Any:
        photo_id = self._world.add_photo(photo.read_bytes())
        return {"photo_id": photo_id}


def _invoke(function: LambdaFunction, state: Any) -> tuple[Outcome, Any]:
    """The outcome and the next step's event. Raises RuntimeError if the function failed."""
    outcome = function.invoke(state)
    if outcome.error:
        raise RuntimeError(f"{function.handler}: {outcome.payload}")
    return outcome, outcome.payload or state


def _in_order() -> list[str]:
    return [CLAIM, *(FUNCTION_OF[kind] for kind in (FIRST, *THEN))]


def memory_of_functions() -> dict[str, int]:
    """Function -> MB, as serverless.yml gives."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    loaded = yaml.load((ROOT / "serverless.yml").read_text(), Loader=Loader)
    named = {f"${{self:custom.{key}}}": value for key, value in loaded["custom"].items()}
    return {
        name: named.get(function["memorySize"], function["memorySize"])
        for name, function in loaded["functions"].items()
    }


def _median_phases(runs: list[dict[str, float]]) -> dict[str, float]:
    return {phase: statistics.median(run[phase] for run in runs) for phase in runs[0]}


def _report_starts(measured: dict[str, Measured]) -> Report:
    report = Report("Cold starts: from process start to the first result", ["seconds", "MB"])
    for name, runs in measured.items():
        cold = statistics.median(run.seconds for run in runs.cold)
        report.judge(name, cold, unit=seconds, limit=MAX_COLD_SECONDS, strict=True)
        report.add(
            "  CPU seconds; peak MB, of so many",
            seconds(statistics.median(run.cpu_seconds for run in runs.cold)),
            f"{runs.peak_mb:.0f} of {runs.memory_mb}",
        )
    return report


def _report_phases(phases: dict[str, dict[str, float]]) -> Report:
    report = Report("Where a cold start goes (CPU milliseconds)", list(phases))
    names: dict[str, None] = {}
    for run in phases.values():
        names |= dict.fromkeys(run)
    for phase in names:
        report.add(phase, *(f"{run[phase]:.0f}" if phase in run else "" for run in phases.values()))
    return report


def _report_cost(measured: dict[str, Measured], photos: int) -> Report:
    report = Report(
        f"What 1,000 photos cost, functions warm ({photos} photos)",
        ["ms billed", "ms CPU", "GB-s", "$ compute"],
    )
    totals: dict[str, float] = defaultdict(float)
    for name, runs in measured.items():
        share = len(runs.warm) / photos  # photos that are none go no further
        billed, cpu = runs.billed_seconds() * share, runs.cpu_seconds() * share
        gb_seconds = runs.gb_seconds(billed)
        totals["billed"] += gb_seconds
        totals["cpu"] += runs.gb_seconds(cpu)
        totals["requests"] += share
        report.add(
            name,
            milliseconds(billed),
            milliseconds(cpu),
            f"{1000 * gb_seconds:.0f}",
            f"{1000 * gb_seconds * GB_SECOND:.4f}",
        )
    compute = totals["billed"] * GB_SECOND
    report.section()
    report.add("all functions", "", "", f"{1000 * totals['billed']:.0f}", f"{1000 * compute:.4f}")
    report.add("requests", "", "", "", f"{1000 * totals['requests'] * REQUEST:.4f}")
    report.add("state machine (Express)", "", "", "", f"{1000 * _machine_cost(measured):.4f}")
    report.section()
    report.judge(
        f"{MIN_PHOTOS_PER_DOLLAR:,} photos",
        MIN_PHOTOS_PER_DOLLAR * compute,
        unit=_dollars,
        limit=1.0,
        strict=False,
    )
    report.add("photos a dollar of compute", _count(1 / compute))
    report.add("  if billed for CPU seconds alone", _count(1 / (totals["cpu"] * GB_SECOND)))
    whole = compute + totals["requests"] * REQUEST + _machine_cost(measured)
    waiting = sum(
        runs.gb_seconds(_WAIT_SECONDS * len(runs.warm) / photos) for runs in measured.values()
    )
    report.add(
        f"  if each function also waited {_WAIT_SECONDS * 1000:.0f} ms for S3 and the backend",
        _count(1 / ((totals["billed"] + waiting) * GB_SECOND)),
    )
    report.add("  with requests and state machine", _count(1 / whole))
    extra = sum(
        runs.gb_seconds(statistics.median(run.seconds for run in runs.cold))
        for runs in measured.values()
    )
    report.add(
        "  a cold start of every function costs as much as",
        f"{extra / totals['billed']:.1f} photos",
    )
    return report


def _machine_cost(measured: dict[str, Measured]) -> float:
    """Of one photo; it lasts as long as its longest branch."""
    billed = {name: runs.billed_seconds() for name, runs in measured.items()}
    first = billed[CLAIM] + billed[FUNCTION_OF[FIRST]]
    lasts = first + max(billed[FUNCTION_OF[kind]] for kind in THEN)
    # Charged by tenths of a second.
    return EXECUTION + math.ceil(lasts * 10) / 10 * EXECUTION_GB * EXECUTION_GB_SECOND


def _report_resources(measured: dict[str, Measured]) -> Report:
    """C, T and R of the writing on serverless machine learning (docs/architecture.md)."""
    report = Report("Compression, splitting, use of what is paid for", [""])
    for entry in shipped_manifest().values():
        report.add(
            f"C {entry.name}: shipped / original size", times(entry.size / entry.source_size)
        )
    branches = [measured[FUNCTION_OF[kind]].billed_seconds() for kind in THEN]
    report.add("T one after the other / side by side", times(sum(branches) / max(branches)))
    for name, runs in measured.items():
        report.add(
            f"R {name}: CPU of time billed, memory of memory paid for",
            f"{times(runs.cpu_seconds() / runs.billed_seconds())}, "
            f"{times(runs.peak_mb / runs.memory_mb)}",
        )
    return report


def _dollars(value: float) -> str:
    return f"${value:.2f}"


def _count(value: float) -> str:
    return f"{value:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
