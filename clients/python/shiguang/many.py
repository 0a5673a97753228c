"""Doing one thing to many files, several at a time, with a bar that tells how far it is."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from shiguang.errors import RefusedError, ShiguangError

T = TypeVar("T")
R = TypeVar("R")


class Bar:
    """How many bytes of how many; nothing where nobody watches."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.fields[done]} of {task.fields[count]}"),
            *(BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()),
        )
        self._progress = Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        )
        self._task: TaskID = self._progress.add_task("", total=0, done=0, count=0)
        self._done = self._files = self._size = 0

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def expect(self, *, files: int, size: int) -> None:
        """So many more."""
        self._files += files
        self._size += size
        self._progress.update(self._task, total=self._size, count=self._files)

    def advance(self, size: int) -> None:
        self._progress.advance(self._task, size)

    def count(self) -> None:
        self._done += 1
        self._progress.update(self._task, done=self._done)


def do_all(
    things: Iterable[T],
    act: Callable[[T], R],
    *,
    jobs: int,
    done: Callable[[T, R | Exception], None],
) -> None:
    """Each thing is acted upon once, by so many threads; `done` hears of each, in this thread.

    What may go wrong with one file does not stop the others. No longer being signed in does:
    raises RefusedError. On Ctrl-C what has not begun does not begin.
    """
    with ThreadPoolExecutor(jobs) as pool:
        running: dict[Future[R], T] = {}
        try:
            for thing in things:
                running[pool.submit(act, thing)] = thing
                if len(running) >= jobs * 2:
                    _tell(running, done)
            while running:
                _tell(running, done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _tell(running: dict[Future[R], T], done: Callable[[T, R | Exception], None]) -> None:
    finished, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in finished:
        thing = running.pop(future)
        error = future.exception()
        if isinstance(error, RefusedError) and error.status == 401:
            raise error
        if isinstance(error, ShiguangError | OSError):
            done(thing, error)
        else:
            done(thing, future.result())
