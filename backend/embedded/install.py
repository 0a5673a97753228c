"""Makes the virtual environment hold exactly what a lock names, then becomes another program.

    python3 backend/embedded/install.py requirements.txt [COMMAND ...]

It runs before anything is installed, so it uses the standard library alone and is started as a
file. Safe to run again: nothing happens while the lock is the same, and what a killed run left
half-done is made anew.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = "requirements.txt"
# What the packages, their downloads and the networks take on the disk.
NEEDED_BYTES = 2 * 1024**3


class InstallError(Exception):
    """The text says what is wrong and what to do."""


def main() -> int:
    lock, *command = sys.argv[1:] or [LOCK]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        install(ROOT / lock)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before everything was installed. Run it again to go on.", file=sys.stderr)
        return 130
    if command:
        os.execvp(command[0], command)  # noqa: S606
    return 0


def install(lock: Path) -> None:
    """The environment holds what the lock names. Raises InstallError."""
    with _only_one() as held:
        _install(lock, held)


def _install(lock: Path, held: int) -> None:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if _stamp(lock).exists() and _stamp(lock).read_text() == digest and _python_has("sys"):
        return
    _check_python()
    _check_free_space()
    started = VENV / "installing"
    if started.exists() or not _python_has("pip"):
        # A package that was cut off while it was written looks installed to pip.
        _make_environment(held)
    started.touch()
    _install_packages(lock, held)
    _stamp(lock).write_text(digest)
    if _contains(lock, ROOT / LOCK):
        _stamp(ROOT / LOCK).write_text(hashlib.sha256((ROOT / LOCK).read_bytes()).hexdigest())
    started.unlink()


@contextlib.contextmanager
def _only_one() -> Iterator[int]:
    """Nobody else installs here meanwhile. Yields what a program must hold that does it for us.

    A killed run's programs hold it until they end, so that they are not in our way.
    """
    held = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another installation here to end ...", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield held
    finally:
        os.close(held)


@contextlib.contextmanager
def _program(command: list[str], held: int) -> Iterator["subprocess.Popen[str]"]:
    """A program whose output is read; it and all that it started end with us."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[held],
        start_new_session=True,
    ) as process:
        try:
            yield process
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _stamp(lock: Path) -> Path:
    return VENV / f"{lock.name}.sha256"


def _python_has(module: str) -> bool:
    """True if the environment's Python starts and has the module.

    An upgrade of the system may have taken its Python away, a killed run its pip.
    """
    check = f"import sys, {module}; sys.exit(sys.version_info < (3, 11))"
    with contextlib.suppress(OSError):
        command = [str(VENV / "bin/python"), "-c", check]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def _check_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this runs on whatever Python there is
        raise InstallError(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise InstallError(
            f"This Python ({sys.executable}) cannot make virtual environments. "
            f"On Debian and Ubuntu: apt install python3-venv"
        ) from error


def _check_free_space() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        raise InstallError(
            f"Installing needs about {NEEDED_BYTES // 2**20} MB on the disk of {ROOT}; "
            f"{free // 2**20} MB are free."
        )


def _make_environment(held: int) -> None:
    print(f"Making the virtual environment with Python {sys.version.split()[0]} ...", flush=True)
    with _program([sys.executable, "-m", "venv", "--clear", str(VENV)], held) as venv:
        said, _ = venv.communicate()
    if venv.returncode != 0:
        raise InstallError(f"The virtual environment could not be made: {_last_words(said)}")


def _install_packages(lock: Path, held: int) -> None:
    total = sum(1 for _ in _requirements(lock))
    print(f"Installing {total} packages of {lock.name} ...", flush=True)
    command = [
        *(str(VENV / "bin/python"), "-m", "pip", "install", "--require-hashes", "--no-deps"),
        *("--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
        *("--requirement", str(lock)),
    ]
    log, progress = VENV / "install.log", _Progress(total)
    with log.open("w") as file, _program(command, held) as pip:
        for line in pip.stdout or ():
            file.write(line)
            progress.note(line)
    progress.end()
    if pip.returncode != 0:
        raise InstallError(
            f"pip could not install {lock.name}: {_last_words(log.read_text())} "
            f"(all it said is in {log})"
        )


# What pip says of each package, once.
_PACKAGE = re.compile(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")


class _Progress:
    """Tells how far pip is: a line that changes on a terminal, a line now and then elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._terminal = sys.stdout.isatty()
        self._told_at = time.monotonic()

    def note(self, line: str) -> None:
        if found := _PACKAGE.match(line):
            self._done += 1
            self._tell(f"  {self._done}/{self._total} {found[1]}")
        elif line.startswith("Installing collected packages"):
            self._tell("  unpacking ...", now=True)

    def end(self) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", flush=True)

    def _tell(self, text: str, *, now: bool = False) -> None:
        if self._terminal:
            print(f"\r\x1b[K{text}", end="", flush=True)
        elif now or time.monotonic() - self._told_at > 5:
            self._told_at = time.monotonic()
            print(text, flush=True)


def _requirements(lock: Path) -> Iterator[str]:
    """name==version of each package, without markers and hashes."""
    for line in lock.read_text().splitlines():
        if match := re.match(r"[A-Za-z0-9._-]+(\[[^\]]*\])?==[^\s;]+", line):
            yield match[0]


def _contains(lock: Path, other: Path) -> bool:
    return set(_requirements(other)) <= set(_requirements(lock))


def _last_words(text: str) -> str:
    errors = [line for line in text.splitlines() if line.startswith("ERROR:")]
    lines = (
        errors or [line for line in text.splitlines() if line.strip()] or ["no reason was given"]
    )
    return lines[-1].removeprefix("ERROR: ")


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
