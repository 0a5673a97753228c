"""The order in which a person reads the lines of a page: an XY-cut that looks for columns.

Cutting at the rows first reads two columns of evenly spaced lines straight across; cutting
at the columns first tears the prices of a receipt from what they are for. So consecutive
rows that share a gutter are a block, its columns are read one after the other only if each
could stand alone as text, and everything else is read row by row.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Rectangles = NDArray[np.float64]  # [n, 4]: left, top, right, bottom along the page's own axes

# A gutter is at least this wide, in heights of a line.
MIN_GUTTER = 0.8

# A column has at least so many lines; two rows with a hole at the same place can be chance.
MIN_LINES = 3

# The median line of a column is at least this wide, in heights of a line: four Chinese
# characters or eight Latin ones. Prices, quantities and list numbers are shorter.
MIN_LINE_WIDTH = 3.0

# The narrower column has at least this share of the wider one's width.
MIN_WIDTH_RATIO = 0.3

# Columns stand side by side for at least this share of the shorter one's height.
MIN_SHARED_HEIGHT = 0.5

# A column whose lines are numbers from this share on belongs to a table.
MAX_NUMBERS = 0.5

# Boxes are grown beyond their ink, and photos are not quite straight: only the middle part
# of a line's height says which row it is in.
MIDDLE = 0.5

# The left column may go on below the right one by rows that follow within so many heights.
MAX_ROW_GAP = 1.0

# Gutters are looked for on a grid of so many cells.
_CELLS = 1024


def read_order(rectangles: Rectangles, texts: Sequence[str]) -> list[int]:
    """The rectangles' indices in reading order, each once.

    The texts, one a rectangle, only tell columns of numbers from columns of words.
    """
    if len(rectangles) != len(texts):
        raise ValueError(f"{len(rectangles)} rectangles but {len(texts)} texts")
    if len(rectangles) == 0:
        return []
    numeric = np.array([_is_numeric(text) for text in texts])
    return list(_Page(rectangles, numeric).read(np.arange(len(rectangles))))


class _Page:
    def __init__(self, rectangles: Rectangles, numeric: NDArray[np.bool_]) -> None:
        self._left, self._top, self._right, self._bottom = rectangles.T
        self._numeric = numeric
        self._height = max(float(np.median(self._bottom - self._top)), 1e-9)
        origin, end = float(self._left.min()), float(self._right.max())
        cell = max((end - origin) / _CELLS, 1e-9)
        self._first_cell = np.floor((self._left - origin) / cell).astype(int)
        self._end_cell = np.ceil((self._right - origin) / cell).astype(int)
        self._middle_cell = (self._first_cell + self._end_cell) / 2
        self._min_gap = MIN_GUTTER * self._height / cell

    def read(self, members: NDArray[np.intp]) -> Iterator[int]:
        """The members in reading order."""
        rows = self._rows(members)
        start = 0
        while start < len(rows):
            end, gutter = self._block(rows, start)
            if gutter is None:
                yield from self._read_row(rows[start])
            else:
                block = np.concatenate(rows[start:end])
                before = self._middle_cell[block] < gutter
                # Each side has fewer members, so this ends.
                yield from self.read(block[before])
                yield from self.read(block[~before])
            start = end

    def _rows(self, members: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        """The members by bands that horizontal lines through white separate, top to bottom."""
        trim = (self._bottom[members] - self._top[members]) * (1 - MIDDLE) / 2
        tops, bottoms = self._top[members] + trim, self._bottom[members] - trim
        order = np.argsort(tops, kind="stable")
        reach = np.maximum.accumulate(bottoms[order])
        breaks = np.flatnonzero(tops[order][1:] >= reach[:-1]) + 1
        return np.split(members[order], breaks)

    def _read_row(self, row: NDArray[np.intp]) -> Iterator[int]:
        """The lines of one band: those side by side from left to right, else downwards."""
        middles = (self._top[row] + self._bottom[row]) / 2
        rest = row[np.argsort(middles, kind="stable")]
        while len(rest):
            middle = (self._top[rest] + self._bottom[rest]) / 2
            height = self._bottom[rest[0]] - self._top[rest[0]]
            # At least the first line itself, so this ends.
            beside = middle - middle[0] <= height / 2
            line = rest[beside]
            yield from (int(index) for index in line[np.argsort(self._left[line], kind="stable")])
            rest = rest[~beside]

    def _block(self, rows: list[NDArray[np.intp]], start: int) -> tuple[int, float | None]:
        """The end of the longest block of columns from row `start` on, and its gutter's middle.

        Without columns the end is the next row, and the gutter None.
        """
        covered = self._cover(rows[start])
        first = start + 1
        if first < len(rows) and self._gap(rows[start], rows[first]) < 0:
            # Of columns that are not level with each other, one begins alone.
            covered |= self._cover(rows[first])
            first += 1
        gaps = self._gaps(covered)
        runs: list[tuple[int, list[tuple[int, int]]]] = []
        for end in range(first, len(rows) + 1):
            if not gaps:
                break
            if end == len(rows):
                runs.append((end, gaps))
                break
            covered |= self._cover(rows[end])
            fewer = self._gaps(covered)
            # A run worth a look ends where a gutter ends.
            if len(fewer) < len(gaps):
                runs.append((end, gaps))
            gaps = fewer
        for end, run_gaps in reversed(runs):
            for left, right in sorted(run_gaps, key=lambda gap: gap[0] - gap[1]):
                gutter = (left + right) / 2
                found = self._trimmed(rows, start, end, gutter)
                if self._has_columns(np.concatenate(rows[start:found]), gutter):
                    return found, gutter
        return start + 1, None

    def _trimmed(self, rows: list[NDArray[np.intp]], start: int, end: int, gutter: float) -> int:
        """The end of the block without rows that only seem to belong to its left column.

        What is on the right alone can be read after the block as well as at its end.
        """
        shared = [
            number
            for number in range(start, end)
            if len(set((self._middle_cell[rows[number]] < gutter).tolist())) == 2
        ]
        if not shared:
            return end
        trimmed = shared[-1] + 1
        while trimmed < end:
            if self._gap(rows[trimmed - 1], rows[trimmed]) > MAX_ROW_GAP * self._height:
                break
            trimmed += 1
        return trimmed

    def _gap(self, row: NDArray[np.intp], following: NDArray[np.intp]) -> float:
        return float(self._top[following].min() - self._bottom[row].max())

    def _has_columns(self, block: NDArray[np.intp], gutter: float) -> bool:
        """True if both sides of the gutter could stand alone as text."""
        before = self._middle_cell[block] < gutter
        sides = (block[before], block[~before])
        if not all(self._is_column(side) for side in sides):
            return False
        widths = [float(self._right[side].max() - self._left[side].min()) for side in sides]
        if min(widths) < MIN_WIDTH_RATIO * max(widths):
            return False
        tops = [float(self._top[side].min()) for side in sides]
        bottoms = [float(self._bottom[side].max()) for side in sides]
        shared = min(bottoms) - max(tops)
        shorter = min(bottom - top for top, bottom in zip(tops, bottoms, strict=True))
        return shared >= MIN_SHARED_HEIGHT * shorter

    def _is_column(self, side: NDArray[np.intp]) -> bool:
        if len(side) < MIN_LINES or self._numeric[side].mean() >= MAX_NUMBERS:
            return False
        widths = (self._right[side] - self._left[side]) / self._height
        return float(np.median(widths)) >= MIN_LINE_WIDTH

    def _cover(self, row: NDArray[np.intp]) -> NDArray[np.bool_]:
        covered = np.zeros(_CELLS, dtype=np.bool_)
        for index in row:
            covered[self._first_cell[index] : self._end_cell[index]] = True
        return covered

    def _gaps(self, covered: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """The gaps between covered cells that are wide enough for a gutter."""
        cells = np.flatnonzero(covered)
        steps = np.diff(cells)
        wide = np.flatnonzero(steps > max(self._min_gap, 1))
        return [(int(cells[index]), int(cells[index + 1])) for index in wide]


def _is_numeric(text: str) -> bool:
    """True if at least half of what is written are digits."""
    written = [character for character in text if not character.isspace()]
    return bool(written) and 2 * sum(map(str.isdigit, written)) >= len(written)
