"""What the programs of a running album cost: CPU seconds and memory, from Linux's /proc."""

import contextlib
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORKER = "functions worker"
_SANDBOX_CHILD = "functions.sandbox_child"

# A program is told by its command line.
_PROGRAMS = {
    "functions.worker worker": WORKER,
    "backend.celery worker": "backend worker",
    "backend.celery beat": "timer (Celery beat)",
    "uvicorn backend.asgi": "web server",
    "weed ": "SeaweedFS",
    "valkey-server": "Valkey",
    "postgres": "Postgres",
}
_SAMPLE_SECONDS = 0.2
_TICK = 1 / os.sysconf("SC_CLK_TCK")


class ProgramError(Exception):
    """A program of the album is not running, or not the one that was; the text says which."""


@dataclass(frozen=True)
class Usage:
    """CPU seconds so far, by program; the sandbox's, apart here, are in WORKER's too."""

    programs: dict[str, float]
    sandbox: float

    def since(self, earlier: "Usage") -> "Usage":
        return Usage(
            {name: value - earlier.programs[name] for name, value in self.programs.items()},
            self.sandbox - earlier.sandbox,
        )


@dataclass
class MemoryPeaks:
    """Bytes held at the worst moment seen; a page that processes share counts for each."""

    largest_child: int = 0
    children: int = 0
    together: int = 0  # the worker and its children at one moment


@dataclass(frozen=True)
class _Process:
    id: int
    parent: int
    cpu: float  # seconds
    cpu_of_dead: float  # of children that have ended and been waited for

    @property
    def command(self) -> str:
        return _read(self.id, "cmdline").replace("\0", " ")

    @property
    def environment(self) -> dict[str, str]:
        lines = _read(self.id, "environ").split("\0")
        return dict(line.split("=", 1) for line in lines if "=" in line)

    @property
    def resident(self) -> int:
        """Bytes of memory; 0 once it is gone."""
        fields = _read(self.id, "statm").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


class Programs:
    """The programs of one album, told by the launcher that started them."""

    def __init__(self, launcher: int) -> None:
        """Raises ProgramError if one of them is not running."""
        self._ids: dict[str, int] = {}
        for process in _children(launcher, _processes()):
            for part, name in _PROGRAMS.items():
                if part in process.command:
                    self._ids.setdefault(name, process.id)
                    break
        if missing := set(_PROGRAMS.values()) - set(self._ids):
            raise ProgramError(f"Not running: {', '.join(sorted(missing))}.")

    def process(self, name: str) -> _Process:
        """Raises ProgramError if it has ended."""
        found = _look_at(self._ids[name])
        if found is None:
            raise ProgramError(f"Ended in the middle: {name}.")
        return found

    def usage(self) -> Usage:
        """Raises ProgramError if one has ended: with it went what it has used."""
        processes = _processes()
        trees = {name: _tree(id_, processes) for name, id_ in self._ids.items()}
        if gone := [name for name, tree in trees.items() if not tree]:
            raise ProgramError(f"Ended in the middle: {', '.join(gone)}.")
        worker = trees[WORKER][0]
        return Usage(
            programs={
                name: sum(process.cpu + process.cpu_of_dead for process in tree)
                for name, tree in trees.items()
            },
            # All that the worker starts are children of its sandbox.
            sandbox=worker.cpu_of_dead
            + sum(process.cpu for process in trees[WORKER] if process is not worker),
        )

    def worker_peak_bytes(self) -> int:
        """The most memory that the functions worker's own process has ever held (VmHWM).

        Raises ProgramError if it has ended.
        """
        match = re.search(r"^VmHWM:\s+(\d+) kB$", _read(self._ids[WORKER], "status"), re.MULTILINE)
        if match is None:
            raise ProgramError(f"Ended in the middle: {WORKER}.")
        return int(match[1]) * 1024

    @contextlib.contextmanager
    def sampling_memory(self) -> Iterator[MemoryPeaks]:
        """The peaks are kept up to date meanwhile, looked at five times a second."""
        peaks, ended = MemoryPeaks(), threading.Event()

        def look() -> None:
            while not ended.wait(_SAMPLE_SECONDS):
                held = [process.resident for process in _tree(self._ids[WORKER], _processes())]
                worker, children = held[:1], held[1:]
                peaks.largest_child = max([peaks.largest_child, *children])
                peaks.children = max(peaks.children, sum(children))
                peaks.together = max(peaks.together, sum(worker + children))

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield peaks
        finally:
            ended.set()
            thread.join()


def tree_cpu(root: int) -> float:
    """Seconds that a process and all that it has started have worked so far."""
    return sum(process.cpu + process.cpu_of_dead for process in _tree(root, _processes()))


def tree_memory(root: int) -> int:
    """Bytes that they hold; a page that several share counts for each."""
    return sum(process.resident for process in _tree(root, _processes()))


def _tree(root: int, processes: dict[int, _Process]) -> list[_Process]:
    """A process, first, and all that it and its children have started."""
    found = [processes[root]] if root in processes else []
    for process in found:
        found += _children(process.id, processes)
    return found


def _children(parent: int, processes: dict[int, _Process]) -> list[_Process]:
    return [process for process in processes.values() if process.parent == parent]


def _processes() -> dict[int, _Process]:
    ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {id_: process for id_ in ids if (process := _look_at(id_)) is not None}


def _look_at(id_: int) -> _Process | None:
    """None if the process is gone."""
    # The name before it may hold blanks and parentheses (proc_pid_stat(5)).
    fields = _read(id_, "stat").rpartition(")")[2].split()
    if not fields:
        return None
    user, system, dead_user, dead_system = (int(ticks) * _TICK for ticks in fields[11:15])
    return _Process(
        id=id_, parent=int(fields[1]), cpu=user + system, cpu_of_dead=dead_user + dead_system
    )


def _read(id_: int, name: str) -> str:
    try:
        return Path(f"/proc/{id_}/{name}").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
