"""Keeps programs running until asked to stop, then stops them in order."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from backend.embedded.errors import StartError
from backend.embedded.process import ROOT, Program, RunningProgram, end_with_parent, start_program

# A program that dies this soon after its start, this often in a row, will not get better.
QUICK_DEATH_SECONDS = 10.0
MAX_QUICK_DEATHS = 5
_MAX_BACK_OFF_SECONDS = 5.0


class StopRequestedError(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, a closed terminal)."""


@dataclass
class _Watched:
    program: Program
    running: RunningProgram | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    quick_deaths: int = 0
    ready: bool = False


class Supervisor:
    """Runs programs, starts again those that die, and stops all.

    Single-threaded: everything happens inside wait_until_ready, run_to_end, watch and stop.
    """

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._watched: dict[str, _Watched] = {}
        self._stop_requests = 0
        self._wake_read, self._wake_write = os.pipe()
        for end in (self._wake_read, self._wake_write):
            os.set_blocking(end, False)

    @contextlib.contextmanager
    def handling_signals(self) -> Iterator[None]:
        """Requests to stop and the deaths of children wake us up meanwhile."""

        def count(_number: int, _frame: FrameType | None) -> None:
            self._stop_requests += 1

        def note(_number: int, _frame: FrameType | None) -> None:
            pass  # the wake-up alone matters

        handlers = {signal.SIGINT: count, signal.SIGTERM: count, signal.SIGCHLD: note}
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants us to stay
            handlers[signal.SIGHUP] = count
        previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        previous_fd = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(previous_fd)
            for number, handler in previous.items():
                signal.signal(number, handler)

    def start(self, programs: Iterable[Program]) -> None:
        for program in programs:
            watched = _Watched(program)
            self._watched[program.name] = watched
            self._start(watched)

    def wait_until_ready(self, *, seconds: float) -> None:
        """Every program started so far is ready.

        Raises StartError naming the program (and its log) that does not get ready in time or
        keeps dying, StopRequestedError if asked to stop.
        """
        end = time.monotonic() + seconds
        while waiting := [watched for watched in self._watched.values() if not watched.ready]:
            self._look_after()
            for watched in waiting:
                watched.ready = watched.running is not None and watched.program.is_ready(
                    watched.running
                )
            if time.monotonic() > end:
                program = waiting[0].program
                raise StartError(
                    f"{program.name} did not get ready in {seconds:.0f} s: see {program.log}"
                )
            if not all(watched.ready for watched in waiting):
                self._sleep(0.05)

    def run_to_end(
        self, command: Sequence[str], *, environment: Mapping[str, str], log: Path | None
    ) -> int:
        """Run one command while looking after the others. Returns its exit code.

        log: what it says goes there, instead of to the user.
        Raises StopRequestedError if asked to stop; the command is then ended.
        """
        with (
            log.open("wb") if log else contextlib.nullcontext() as output,
            subprocess.Popen(
                command,
                env=dict(environment),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL, parent=os.getpid()),  # noqa: PLW1509
            ) as process,
        ):
            try:
                while process.poll() is None:
                    self._look_after()
                    self._sleep(0.1)
            except BaseException:
                process.kill()
                raise
            return process.returncode

    def watch(self) -> None:
        """Returns when asked to stop. Raises StartError if a program keeps dying."""
        with contextlib.suppress(StopRequestedError):
            while True:
                self._look_after()
                self._sleep(1.0)

    def stop(self, stages: Sequence[Sequence[str]]) -> None:
        """Nothing that we started is left. The programs of a stage are stopped together.

        Programs that no stage names are stopped last. A further request to stop hurries: what
        is left is killed.
        """
        if not self._watched:
            return
        self._say("Stopping ...")
        asked = self._stop_requests
        named = {name for stage in stages for name in stage}
        for stage in [*stages, [name for name in self._watched if name not in named]]:
            running = [
                watched.running
                for name in stage
                if (watched := self._watched.pop(name, None)) and watched.running is not None
            ]
            self._stop_together(running, hurry=lambda: self._stop_requests > asked)
        self._say("Stopped.")

    def _stop_together(self, running: list[RunningProgram], *, hurry: Callable[[], bool]) -> None:
        begun = time.monotonic()
        for each in running:
            with contextlib.suppress(ProcessLookupError):
                each.process.send_signal(each.program.stop_signal)
        left = list(running)
        while left := [each for each in left if each.process.poll() is None]:
            for each in left:
                if hurry() or time.monotonic() - begun > each.program.stop_seconds:
                    each.kill_group()
            self._sleep(0.1)
        for each in running:
            each.kill_group()

    def _look_after(self) -> None:
        """Start again what has died and whose time has come."""
        if self._stop_requests:
            raise StopRequestedError
        for watched in self._watched.values():
            if watched.running is not None and watched.running.process.poll() is not None:
                self._note_death(watched, watched.running)
            if watched.running is None and time.monotonic() >= watched.start_again_at:
                self._start(watched)

    def _note_death(self, watched: _Watched, ended: RunningProgram) -> None:
        ended.kill_group()
        watched.running = None
        watched.ready = False
        now = time.monotonic()
        quick = now - watched.started_at < QUICK_DEATH_SECONDS
        watched.quick_deaths = watched.quick_deaths + 1 if quick else 1
        how = _describe_end(ended.process.returncode)
        program = watched.program
        if watched.quick_deaths >= MAX_QUICK_DEATHS:
            raise StartError(
                f"{program.name} ended {watched.quick_deaths} times in a row soon after its start "
                f"({how}): see {program.log}"
            )
        delay = min(0.25 * 2**watched.quick_deaths, _MAX_BACK_OFF_SECONDS)
        watched.start_again_at = now + delay
        self._say(
            f"{program.name} ended ({how}), starts again in {delay:.1f} s; its log: {program.log}"
        )

    def _start(self, watched: _Watched) -> None:
        watched.started_at = time.monotonic()
        try:
            watched.running = start_program(watched.program)
        except OSError as error:
            raise StartError(f"{watched.program.name} cannot be started: {error}") from error

    def _sleep(self, seconds: float) -> None:
        """Until the time is over or a signal arrives."""
        select.select([self._wake_read], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wake_read, 1024):
                pass


def _describe_end(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
