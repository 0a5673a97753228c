"""What an import shows of itself: bars on a terminal, plain lines anywhere else."""

import contextlib
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from backend.analysis.importing import Outcome, Result

# A terminal shows this many failures; a file or a pipe gets them all.
MAX_ROWS = 200
_WIDE = 110  # columns that bear a file, a stage, a code and a sentence side by side
_LINE_EVERY_S = 5.0


class ImportView:
    """Where a command writes: it breaks no line, marks nothing up, and bears any file name."""

    def __init__(self, file: TextIO | None = None) -> None:
        file = file or sys.stdout
        if hasattr(file, "reconfigure"):
            # A terminal that knows no Chinese shows question marks rather than a traceback.
            file.reconfigure(errors="replace")
        self.console = Console(file=file, highlight=False)

    @property
    def is_plain(self) -> bool:
        return not self.console.is_terminal

    def say(self, line: str) -> None:
        # Unbroken: an address stays one, and a terminal wraps by itself.
        self.console.print(Text(line), soft_wrap=True)

    @contextlib.contextmanager
    def counting(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show how many of `total` are done; call what is given with that number."""
        if self.is_plain:
            yield self._count_in_lines(title, total)
            return
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=self.console,
        ) as progress:
            task = progress.add_task(title, total=total)

            def show(done: int) -> None:
                progress.update(task, completed=done)

            yield show

    def _count_in_lines(self, title: str, total: int) -> Callable[[int], None]:
        told_at, told = time.monotonic(), -1

        def show(done: int) -> None:
            nonlocal told_at, told
            now = time.monotonic()
            if done != told and (done == total or now - told_at >= _LINE_EVERY_S):
                told_at, told = now, done
                self.say(f"{title}: {done} of {total}")

        return show

    def summarise(self, outcomes: list[Outcome], *, folder: Path) -> None:
        """Each failure with its reason, what was passed over by reason, and the four counts."""
        failures = sorted(
            (outcome for outcome in outcomes if outcome.result == Result.FAILED),
            key=lambda outcome: outcome.path,
        )
        if failures:
            self._list_failures(failures, folder)
        counts = Counter(outcome.result for outcome in outcomes)
        passed_over = _passed_over(outcomes)
        if self.is_plain:
            for result in Result:
                why = f" ({passed_over})" if result == Result.PASSED_OVER and passed_over else ""
                self.say(f"{result}: {counts[result]}{why}")
            return
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold")
        for result in Result:
            style = "red" if result == Result.FAILED and counts[result] else ""
            table.add_row(
                Text(result, style=style),
                Text(str(counts[result]), style=style),
                Text(passed_over if result == Result.PASSED_OVER else "", style="dim"),
            )
        self.console.print(table)

    def _list_failures(self, failures: list[Outcome], folder: Path) -> None:
        if self.is_plain:
            for outcome in failures:
                name = printable(_below(outcome.path, folder))
                self.say(
                    f"failed: {name}: {outcome.stage}: {outcome.code}: {printable(outcome.detail)}"
                )
            return
        wide = self.console.width >= _WIDE
        table = Table(box=SIMPLE_HEAD, title="Failed", title_justify="left", pad_edge=False)
        for title in ("file", "stage", "code", "why") if wide else ("file", "why"):
            table.add_column(title, overflow="fold", ratio=1 if title in ("file", "why") else None)
        for outcome in failures[:MAX_ROWS]:
            name, detail = printable(_below(outcome.path, folder)), printable(outcome.detail)
            if wide:
                cells = [name, outcome.stage, outcome.code, detail]
            else:
                cells = [name, f"{outcome.stage} {outcome.code}\n{detail}"]
            table.add_row(*(Text(cell) for cell in cells))
        self.console.print(table)
        if len(failures) > MAX_ROWS:
            more = Counter(outcome.code for outcome in failures[MAX_ROWS:])
            rest = ", ".join(f"{count:,} {code}" for code, count in more.most_common())
            self.say(f"... and {rest}. Send the output to a file to see them all.")


def printable(text: str) -> str:
    """The text without what a terminal would obey, or an encoding refuse, in a file's name."""
    decoded = os.fsencode(text).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "�" for character in decoded)


def _below(path: Path, folder: Path) -> str:
    root = folder.resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) and path != root else path.name


def _passed_over(outcomes: list[Outcome]) -> str:
    words = {
        "not_a_photo": "not a photo: {detail}",
        "link": "link, not followed",
        "link_outside": "link out of the folder",
    }
    reasons = Counter(
        words[outcome.code].format(detail=outcome.detail)
        for outcome in outcomes
        if outcome.result == Result.PASSED_OVER
    )
    parts = [f"{count} {reason}" for reason, count in reasons.most_common(12)]
    if len(reasons) > 12:
        parts.append("...")
    return printable(", ".join(parts))


@contextlib.contextmanager
def quiet_logs() -> Iterator[None]:
    """A server's restart is told once by the import, and not by every connection and message."""
    loggers = [logging.getLogger(name) for name in ("psycopg.pool", "backend.core.jobs")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
