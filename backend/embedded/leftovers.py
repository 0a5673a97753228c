"""Processes that a killed run left behind."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from backend.embedded.process import MARK, temporary_dir

_PROC = Path("/proc")


def end_leftovers(data_dir: Path, *, seconds: float = 5.0) -> int:
    """No process of an earlier run of this album is left. Returns how many there were.

    They are known by the mark in their environment, Postgres's children by the folder they
    work in; process numbers, which the system uses again, are never trusted. Call it with the
    album's lock held. Where there is no /proc, nothing is found.
    """
    marks = {f"{MARK}={data_dir}".encode(), f"TMPDIR={temporary_dir(data_dir)}".encode()}
    postgres = str(data_dir / "postgres")

    def is_ours(process: Path) -> bool:
        try:
            if marks & set((process / "environ").read_bytes().split(b"\0")):
                return True
            return str((process / "cwd").readlink()) == postgres
        except OSError:  # ended meanwhile, or somebody else's
            return False

    found = _processes(is_ours)
    left = found
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL):
        _send(left, number)
        end = time.monotonic() + seconds / 3
        while (left := _processes(is_ours)) and time.monotonic() < end:
            time.sleep(0.05)
        if not left:
            break
    return len(found)


def _processes(is_ours: Callable[[Path], bool]) -> list[int]:
    if not _PROC.is_dir():
        return []
    own = {os.getpid(), os.getppid()}
    return [
        int(entry.name)
        for entry in _PROC.iterdir()
        if entry.name.isdecimal() and int(entry.name) not in own and is_ours(entry)
    ]


def _send(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)
