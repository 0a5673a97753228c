"""What one task of the accuracy benchmark found: a table for people, an object for programs."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

Figure = float | int | str | None
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A figure that must be at least (or at most) the limit."""

    name: str
    figure: float
    limit: float
    at_least: bool

    @property
    def reached(self) -> bool:
        # `not (a < b)` would let NaN pass.
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


@dataclass
class TaskReport:
    """Rows of named figures; not every row has every figure."""

    title: str
    rows: dict[str, dict[str, Figure]] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, row: str, figures: dict[str, Figure]) -> None:
        self.rows.setdefault(row, {}).update(figures)

    def must_reach(self, name: str, figure: float, limit: float) -> None:
        self.targets.append(Target(name=name, figure=figure, limit=limit, at_least=True))

    def must_not_pass(self, name: str, figure: float, limit: float) -> None:
        self.targets.append(Target(name=name, figure=figure, limit=limit, at_least=False))

    def as_json(self) -> dict[str, Any]:
        targets = [{**dataclasses.asdict(goal), "reached": goal.reached} for goal in self.targets]
        return {"title": self.title, "rows": self.rows, "targets": targets, "notes": self.notes}

    def print(self, console: Console) -> None:
        columns = list(dict.fromkeys(name for row in self.rows.values() for name in row))
        table = Table(title=self.title, title_justify="left", pad_edge=False)
        table.add_column("", no_wrap=True)
        for column in columns:
            table.add_column(column, justify="right", no_wrap=True)
        for name, row in self.rows.items():
            table.add_row(Text(name), *(Text(_show(row.get(column))) for column in columns))
        console.print(table)
        for target in self.targets:
            sign = ">=" if target.at_least else "<="
            line = f"  {target.name}: {_show(target.figure)} (must be {sign} {_show(target.limit)})"
            verdict, style = ("reached", "green") if target.reached else ("MISSED", "bold red")
            console.print(Text(line + "  ").append(verdict, style=style))
        for note in self.notes:
            console.print(Text(f"  {note}", style="dim"), soft_wrap=True)
        console.print()


def _show(figure: Figure) -> str:
    if figure is None:
        return ""
    if isinstance(figure, float):
        return f"{figure:.4f}" if abs(figure) < 10 else f"{figure:.1f}"
    return str(figure)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What every task is told.

    data: the evaluation data. limit: at most so many files of each set, evenly chosen; None: all.
    cache: a folder for what only benchmarks need. tell: says what is going on.
    """

    data: Path
    limit: int | None
    cache: Path
    tell: Callable[[str], None]

    def few(self, items: list[_Item]) -> list[_Item]:
        """The items, or `limit` of them spread over the whole list."""
        if self.limit is None or len(items) <= self.limit:
            return items
        return [items[place * len(items) // self.limit] for place in range(self.limit)]
