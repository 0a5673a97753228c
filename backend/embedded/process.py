"""One program that runs beside us: started, watched and ended with all that it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Every process of an album carries this name in its environment, so that what a killed run
# left behind is told from everything else: see leftovers.py.
MARK = "SHIGUANG_INSTANCE"

# The folder of the repository: all our programs run in it.
ROOT = Path(__file__).resolve().parents[2]

# What any program may know of the machine that it runs on.
_MACHINE = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "XDG_CACHE_HOME"),
)

_PR_SET_PDEATHSIG = 1
_ROTATE_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Program:
    """How to run one program.

    is_ready:      cheap, asked again and again until it says True.
    orphan_signal: what the system sends it if we are killed; stores get one that lets them close.
    stop_seconds:  how long it may take after stop_signal until it is killed.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    is_ready: Callable[["RunningProgram"], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    stop_seconds: float = 3.0
    before: Callable[[], None] | None = None  # runs ahead of every start


@dataclass(frozen=True, kw_only=True)
class RunningProgram:
    program: Program
    process: subprocess.Popen[bytes]
    log_start: int  # where this run's lines begin in the log

    def log_says(self, text: bytes) -> bool:
        """True if this run has written the text to its log."""
        with self.program.log.open("rb") as file:
            file.seek(self.log_start)
            return text in file.read(1024 * 1024)

    def kill_group(self) -> None:
        """Nothing of the program's process group is left: a killed leader's children included."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def start_program(program: Program) -> RunningProgram:
    """The program runs in a process group of its own, so that a Ctrl-C reaches only us.

    Its output goes to the end of its log. Call it from the main thread: the system ends the
    program when the thread that started it ends.
    """
    if program.before:
        program.before()
    _rotate(program.log)
    with program.log.open("ab") as log:
        process = subprocess.Popen(
            list(program.command),
            env=dict(program.environment),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent(program.orphan_signal, parent=os.getpid()),  # noqa: PLW1509
        )
        return RunningProgram(program=program, process=process, log_start=log.tell())


def machine_environment(environ: Mapping[str, str], *, data_dir: Path) -> dict[str, str]:
    """For programs that take nothing else from the environment."""
    machine = {name: environ[name] for name in _MACHINE if name in environ}
    return machine | own_environment(data_dir)


def own_environment(data_dir: Path) -> dict[str, str]:
    """What every program of ours is told, whatever else it knows."""
    return {
        MARK: str(data_dir),
        # Else onnxruntime reports to its maker, over the network, that it was opened.
        "ORT_DISABLE_TELEMETRY": "1",
    }


def temporary_dir(data_dir: Path) -> Path:
    """Where the functions put what they need for a moment.

    What decodes uploads is told of nothing else that is the album's own, so this tells it from
    other programs: see leftovers.py.
    """
    return data_dir / "tmp"


def log_path(data_dir: Path, name: str) -> Path:
    return data_dir / "logs" / f"{name.lower().replace(' ', '-')}.log"


def end_with_parent(number: signal.Signals, *, parent: int) -> Callable[[], None] | None:
    """What a process calls so that it gets the signal when its parent dies.

    None where the system has no such thing.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)  # it died between the fork and the call

    return ask


def _rotate(log: Path) -> None:
    """Keep one earlier log once a log has grown large."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _ROTATE_BYTES:
            log.replace(log.with_suffix(".old.log"))
