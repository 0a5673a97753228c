"""How well the functions see, beside what people use today: `make accuracy`.

    python -m benchmarks.accuracy [--task faces --task text] [--limit 50] [--json FILE]

Every task prints tables of accuracy and CPU seconds (one thread), ours and the baselines from
the same run. People and search go through the product's own code on a Postgres of their own.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from backend.embedded.process import ROOT
from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.own_database import own_database
from benchmarks.tables import describe_machine

_DATA = ROOT.parent / "shared" / "data"
Measure = Callable[[Errand], list[TaskReport]]

# In the order in which they run. Those of the second kind need the product's database.
TASKS = (
    *("metadata", "moderation", "labels", "faces", "text", "bits", "people", "search"),
    "duplicates",
)
_WITH_DATABASE = frozenset({"faces", "moderation", "people", "search", "duplicates"})


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_options(arguments)
    tell = Console(stderr=True, highlight=False).print
    if not (options.data / "faces" / "labels.csv").is_file():
        tell(f"The photos to measure with are not in {options.data}: name their folder by --data.")
        return 1
    options.cache.mkdir(parents=True, exist_ok=True)
    errand = Errand(data=options.data, limit=options.limit, cache=options.cache, tell=tell)
    # A file or a narrow terminal gets whole lines too.
    console = Console(highlight=False, width=max(150, Console().width))
    command = "python -m benchmarks.accuracy " + " ".join(arguments or sys.argv[1:])
    machine = describe_machine()
    for line in (command.strip(), *machine):
        console.print(line, soft_wrap=True)
    console.print()
    with own_database() if _WITH_DATABASE & set(options.task) else contextlib.nullcontext():
        reports = _run(errand, options.task, console)
    if options.json:
        message = {"command": command.strip(), "machine": machine, "tasks": reports}
        options.json.write_text(json.dumps(message, ensure_ascii=False, indent=1) + "\n")
    return 0


def _run(errand: Errand, tasks: list[str], console: Console) -> dict[str, object]:
    done: dict[str, object] = {}
    for task in TASKS:
        if task in tasks:
            reports = _measure_of(task)(errand)
            for report in reports:
                report.print(console)
            done[task] = [report.as_json() for report in reports]
    return done


def _measure_of(task: str) -> Measure:
    # Some import the product's models, which need its settings first.
    if task == "metadata":
        from benchmarks.metadata_accuracy import measure_metadata as measure
    elif task == "moderation":
        from benchmarks.moderation_accuracy import measure_moderation as measure
    elif task == "labels":
        from benchmarks.label_accuracy import measure_labels as measure
    elif task == "faces":
        from benchmarks.face_accuracy import measure_faces as measure
    elif task == "bits":
        from benchmarks.bits_accuracy import measure_bits as measure
    elif task == "people":
        from benchmarks.people_accuracy import measure_people as measure
    elif task == "search":
        from benchmarks.search_accuracy import measure_search as measure
    elif task == "duplicates":
        from benchmarks.duplicate_accuracy import measure_duplicates as measure
    else:
        from benchmarks.text_accuracy import measure_text as measure
    return measure


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--task", action="append", choices=TASKS, help="only this; repeatable")
    parser.add_argument("--limit", type=int, help="at most so many photos of each set")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--data", type=Path, default=_DATA, help=f"their folder; {_DATA}")
    parser.add_argument("--cache", type=Path, default=_cache_folder(), help="for the baselines")
    options = parser.parse_args(arguments)
    options.task = options.task or list(TASKS)
    return options


def _cache_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "shiguang" / "benchmarks"


if __name__ == "__main__":
    sys.exit(main())
