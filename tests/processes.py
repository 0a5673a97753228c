"""Processes as the kernel tells of them. They are known by number and start time together."""

from dataclasses import dataclass
from pathlib import Path

from backend.embedded.process import MARK


@dataclass(frozen=True, order=True)
class Process:
    pid: int
    started: int  # clock ticks since boot
    command: str

    def is_alive(self) -> bool:
        """False for a zombie: it runs no more."""
        found = _read_stat(self.pid)
        return found is not None and found.started == self.started and found.state not in "ZX"

    def environment(self) -> dict[str, str]:
        """What it was started with."""
        text = Path(f"/proc/{self.pid}/environ").read_bytes().decode(errors="replace")
        return dict(entry.split("=", 1) for entry in text.split("\0") if "=" in entry)

    def peak_memory_mb(self) -> float:
        """The most memory it ever held at once (VmHWM), in units of 1,000,000 bytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise AssertionError(f"{self} has no memory any more")


def descendants(pid: int) -> list[Process]:
    """Everything that the process started, and what that started."""
    stats = _all_stats()
    found: list[Process] = []
    parents = {pid}
    while children := [stat for stat in stats if stat.parent in parents]:
        found += [child.process() for child in children]
        parents = {child.pid for child in children}
    return sorted(found)


def processes_of_album(data_dir: Path) -> list[Process]:
    """Every living process that carries the album's mark, or works in its database's folder."""
    mark = f"{MARK}={data_dir}".encode()
    found = []
    for stat in _all_stats():
        folder = Path(f"/proc/{stat.pid}")
        try:
            marked = mark in (folder / "environ").read_bytes().split(b"\0")
            inside = (folder / "cwd").readlink().is_relative_to(data_dir)
        except OSError:  # ended meanwhile, or somebody else's
            continue
        if marked or inside:
            found.append(stat.process())
    return [process for process in found if process.is_alive()]


@dataclass(frozen=True)
class _Stat:
    pid: int
    state: str
    parent: int
    started: int

    def process(self) -> Process:
        try:
            words = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            words = []
        command = b" ".join(words).decode(errors="replace").strip()
        return Process(pid=self.pid, started=self.started, command=command)


def _all_stats() -> list[_Stat]:
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [stat for number in numbers if (stat := _read_stat(number)) is not None]


def _read_stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name, in brackets, may hold anything: what counts comes after the last bracket.
    fields = text.rpartition(")")[2].split()
    return _Stat(pid=pid, state=fields[0], parent=int(fields[1]), started=int(fields[19]))
