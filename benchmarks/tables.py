"""The one table that a benchmark prints, and the machine that its figures are of."""

import os
import platform
import subprocess
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from backend.embedded.process import ROOT


class Report:
    """Rows of figures, with what each must reach where that is agreed."""

    def __init__(self, title: str, columns: list[str]) -> None:
        """columns: what stands over the figures, besides the row's name and the limit."""
        self._table = Table(title=title, title_justify="left", pad_edge=False)
        self._table.add_column("", no_wrap=True)
        for column in columns:
            self._table.add_column(column, justify="right", no_wrap=True)
        self._table.add_column("must be", no_wrap=True)
        self._table.add_column("", no_wrap=True)
        self._columns = len(columns)

    def add(self, name: str, *figures: str) -> None:
        """A row without a limit."""
        self._row(name, list(figures))

    def judge(
        self, name: str, figure: float, *, unit: Callable[[float], str], limit: float, strict: bool
    ) -> None:
        """A row whose figure must be below the limit, or at it unless strict."""
        reached = figure < limit if strict else figure <= limit
        must = f"{'<' if strict else '<='} {unit(limit)}"
        self._row(name, [unit(figure)], must=must, verdict="reached" if reached else "MISSED")

    def section(self) -> None:
        self._table.add_section()

    def print(self, console: Console) -> None:
        console.print(self._table)

    def _row(self, name: str, figures: list[str], *, must: str = "", verdict: str = "") -> None:
        figures += [""] * (self._columns - len(figures))
        style = {"reached": "green", "MISSED": "bold red"}.get(verdict, "")
        self._table.add_row(Text(name), *map(Text, figures), Text(must), Text(verdict, style=style))


def seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s"


def milliseconds(value: float) -> str:
    """Of a figure in seconds."""
    return f"{1000 * value:.1f} ms"


def megabytes(value: float) -> str:
    return f"{value / 1e6:.0f} MB"


def times(value: float) -> str:
    return f"{value:.2f}"


def describe_machine() -> list[str]:
    """Lines about what the figures depend on; call it before the machine is put to work."""
    memory = _memory()
    total, free = memory["MemTotal"] / 1e9, memory["MemAvailable"] / 1e9
    return [
        f"{_processor()}; {usable_cores()} of {os.cpu_count()} cores used; "
        f"{total:.0f} GB of memory, {free:.0f} GB of it free",
        f"load average at the start {', '.join(f'{load:.2f}' for load in os.getloadavg())} "
        f"(of other programs; CPU seconds bear it, wall-clock times do not)",
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}, "
        f"revision {_revision()}",
    ]


def usable_cores() -> int:
    return len(os.sched_getaffinity(0))


def use_cores(count: int) -> None:
    """This process and all that it starts later run on at most so many cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def _memory() -> dict[str, int]:
    """Bytes, by the names of proc_meminfo(5)."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    fields = (line.split() for line in lines)
    return {name.rstrip(":"): int(value) * 1024 for name, value, *_ in fields}


def _processor() -> str:
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _revision() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    revision = git("rev-parse", "--short", "HEAD") or "unknown"
    is_changed = bool(git("status", "--porcelain", "--untracked-files=no"))
    return f"{revision}{' with changes' if is_changed else ''}"
