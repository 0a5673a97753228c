"""Read what is written in a photo: find lines, read them, put them in order."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions import contract
from functions.analyzers.reading_order import read_order
from functions.analyzers.text_boxes import Boxes, cut_out, sides, turned
from functions.analyzers.text_finding import TextFinder
from functions.halving import half_picture
from functions.networks.text_recognition import LINE_HEIGHT, Reading, TextRecognizer

# Lines are recognised in pieces of at most so many pixels at a height of 48 px, so that the
# recogniser's memory is bounded (80 MB at this width).
MAX_PIECE = 1024
# A piece ends at the widest blank of its last part, so that no character is cut.
PIECE_SLACK = 256
# A blank this wide between two Latin words is a space, which the pieces' ends do not show. The
# narrowest space of small print has 5 to 11 px here, and letters stand closer.
MIN_SPACE = 5

# One photo's lines together, in pixels at a height of 48 px: about 15 s. A full page of small
# print has half of it; only a picture made to be slow has more.
MAX_WIDTH_TOTAL = 500_000

# Readings of one, two, three, and more letters or digits that are less sure than this are
# texture, not text: the fewer characters, the more often a texture looks like them. Of 571
# right lines of 14 receipts 9 are below these.
MIN_SCORES = (0.95, 0.85, 0.75, 0.65)

# Which way lines run is tried on so many of the widest; if they read at least this surely
# as they stand, nothing else is tried; else the other way must be better by so much.
PROBES = 3
SURE = 0.85
BETTER_BY = 0.15

# A line this many times as high as wide stands: vertical Chinese, or a photo on its side.
STANDING = 1.5

# Images whose short side is below this, such as the crop of a number plate, are read as one
# line if the detector finds none: it needs some air around a line.
WHOLE_IMAGE_SIDE = 80


@dataclass(frozen=True, kw_only=True)
class _Line:
    box: NDArray[np.float64]
    reading: Reading


class TextAnalyzer:
    """Find and read the lines of text in a photo; safe to use from several threads."""

    def __init__(self) -> None:
        self._find = TextFinder()
        self._recognize = TextRecognizer()

    @property
    def weights_sha256(self) -> str:
        return f"{self._find.sha256}+{self._recognize.sha256}"

    def analyse(self, image: NDArray[np.uint8]) -> contract.TextFindings:
        """At most MAX_TEXT_LINES lines in reading order.

        Input:   uint8[h, w, 3], RGB, upright, the longest side at most 2048.
        Raises:  ValueError if the image has another shape or type; AnalysisError.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
            raise ValueError(f"expected uint8[h, w, 3], got {image.dtype}{list(image.shape)}")
        picture = Image.fromarray(image)
        read = _Reader(self._recognize, picture)
        found = self._find(picture, half_picture(image), read.is_text)
        lines = _read_lines(read, _affordable(found))
        if not lines and _may_be_one_line(picture.size):
            lines = _read_lines(read, _whole(picture))
        return contract.TextFindings(lines=_describe(_in_order(lines), picture.size))


class _Reader:
    """Read the lines of one picture, each box once.

    Most of what looks like text in a photo without any is read to find that out, and again as
    one of its lines.
    """

    def __init__(self, recognize: TextRecognizer, picture: Image.Image) -> None:
        self._recognize = recognize
        self._picture = picture
        self._readings: dict[bytes, Reading] = {}

    def __call__(self, box: NDArray[np.float64]) -> Reading:
        place = box.tobytes()
        if place not in self._readings:
            self._readings[place] = self._read(box)
        return self._readings[place]

    def is_text(self, box: NDArray[np.float64]) -> bool:
        """True if the line in the box, whichever way it lies, reads as text."""
        way = 1 if _standing(box) > 0 else 0
        return any(_is_text(self(turned(box, quarters))) for quarters in (way, way + 2))

    def _read(self, box: NDArray[np.float64]) -> Reading:
        text, weight, total = "", 0, 0.0
        for piece, spaced in _pieces(cut_out(self._picture, box, LINE_HEIGHT)):
            reading = self._recognize(piece)
            joint = " " if spaced and _are_latin(text[-1:], reading.text[:1]) else ""
            text += joint + reading.text
            weight += len(reading.text)
            total += len(reading.text) * reading.score
        return Reading(text=text, score=total / weight if weight else 0.0)


@functools.cache
def text_analyzer() -> TextAnalyzer:
    """The process's one analyzer, opened at the first call."""
    return TextAnalyzer()


def _read_lines(read: _Reader, boxes: Boxes) -> list[_Line]:
    """The readings that are text, in no order, each box turned as its line is read."""
    shapes = np.array([_standing(box) for box in boxes])
    # Lying lines are upright or upside down; standing ones run downwards (as vertical
    # Chinese does, which the recogniser reads on its side) or upwards.
    lying, lying_way = _read_turned(read, boxes[shapes < 0], ways=(0, 2))
    standing, standing_way = _read_turned(read, boxes[shapes > 0], ways=(1, 3))
    lines = [line for line in lying + standing if _is_text(line.reading)]
    # A single character does not show which way it lies: it follows the others.
    way = standing_way if _total_width(standing) > _total_width(lying) else lying_way
    for line in _read_all(read, turned(boxes[shapes == 0], way)):
        if _is_text(line.reading):
            lines.append(line)
        elif way != 0:
            upright = _read_all(read, turned(line.box[None], -way))
            lines += [line for line in upright if _is_text(line.reading)]
    return lines


def _read_turned(read: _Reader, boxes: Boxes, *, ways: tuple[int, int]) -> tuple[list[_Line], int]:
    """All boxes read the first way, or the second if a few of the widest read better so.

    A way is so many quarter turns to the left.
    """
    widest = sorted(boxes, key=lambda box: -max(sides(box)))
    probes = np.array(widest[:PROBES]).reshape(-1, 4, 2)
    rest = np.array(widest[PROBES:]).reshape(-1, 4, 2)
    way, other = ways
    lines = _read_all(read, turned(probes, way))
    if lines and _mean_score(lines) < SURE:
        others = _read_all(read, turned(probes, other))
        if _mean_score(others) > _mean_score(lines) + BETTER_BY:
            way, lines = other, others
    return lines + _read_all(read, turned(rest, way)), way


def _read_all(read: _Reader, boxes: Boxes) -> list[_Line]:
    return [_Line(box=box, reading=read(box)) for box in boxes]


def _affordable(boxes: Boxes) -> Boxes:
    """The largest boxes, as many as one photo may have."""
    kept: list[NDArray[np.float64]] = []
    width_total = 0.0
    for box in sorted(boxes, key=lambda box: -min(sides(box))):
        width_total += LINE_HEIGHT * max(sides(box)) / min(sides(box))
        if len(kept) == contract.MAX_TEXT_LINES or width_total > MAX_WIDTH_TOTAL:
            break
        kept.append(box)
    return np.array(kept).reshape(-1, 4, 2)


def _may_be_one_line(size: tuple[int, int]) -> bool:
    return min(size) <= WHOLE_IMAGE_SIDE and LINE_HEIGHT * max(size) <= MAX_PIECE * min(size)


def _whole(picture: Image.Image) -> Boxes:
    width, height = picture.size
    return np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float64)


def _standing(box: NDArray[np.float64]) -> int:
    """1 for a box that stands, -1 for one that lies, 0 for one about as wide as high."""
    width, height = sides(box)
    return int(height >= STANDING * width) - int(width >= STANDING * height)


def _total_width(lines: list[_Line]) -> float:
    return sum(sides(line.box)[0] for line in lines if _is_text(line.reading))


def _mean_score(lines: list[_Line]) -> float:
    return sum(line.reading.score for line in lines) / len(lines)


def _is_text(reading: Reading) -> bool:
    written = sum(map(str.isalnum, reading.text))
    if written == 0:
        return False  # rulers and rows of stars tell nothing
    return reading.score >= MIN_SCORES[min(written, len(MIN_SCORES)) - 1]


def _pieces(line: NDArray[np.uint8]) -> list[tuple[NDArray[np.uint8], bool]]:
    """The line cut at blanks into pieces of bounded width, and whether a space is before each."""
    pieces = []
    spaced = False
    while line.shape[1] > MAX_PIECE:
        first = MAX_PIECE - PIECE_SLACK
        start, end = _widest_blank(line[:, first:MAX_PIECE])
        cut = first + (start + end) // 2
        pieces.append((line[:, :cut], spaced))
        spaced = end - start >= MIN_SPACE
        line = line[:, cut:]
    return [*pieces, (line, spaced)]


def _widest_blank(part: NDArray[np.uint8]) -> tuple[int, int]:
    """The first and end column of the widest stretch without ink; the quietest column if none."""
    contrast = np.ptp(part.max(axis=2).astype(int), axis=0)
    blank = contrast <= contrast.min() + (contrast.max() - contrast.min()) / 4
    edges = np.flatnonzero(np.diff(np.concatenate([[False], blank, [False]]).astype(int)))
    starts, ends = edges[::2], edges[1::2]
    widest = int(np.argmax(ends - starts))
    return int(starts[widest]), int(ends[widest])


def _are_latin(before: str, after: str) -> bool:
    return bool(before) and bool(after) and before.isascii() and after.isascii()


def _in_order(lines: list[_Line]) -> list[_Line]:
    """The lines in reading order, however the page lies."""
    if not lines:
        return []
    # The page's own axes: along most of its lines, and down from there.
    along = np.array([line.box[1] - line.box[0] for line in lines])
    quarters = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    main = quarters[np.maximum(along @ quarters.T, 0).sum(axis=0).argmax()]
    with_most = along[along @ main >= np.abs(along).max(axis=1)]
    x, y = with_most.sum(axis=0) / np.linalg.norm(with_most.sum(axis=0))
    axes = np.array([[x, -y], [y, x]])
    corners = np.array([line.box @ axes for line in lines])
    rectangles = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    order = read_order(rectangles, [line.reading.text for line in lines])
    return [lines[index] for index in order]


def _describe(lines: list[_Line], size: tuple[int, int]) -> list[contract.TextLine]:
    described = []
    for line in lines:
        corners = np.clip(line.box / size, 0.0, 1.0)
        left, top = (float(value) for value in corners.min(axis=0))
        right, bottom = (float(value) for value in corners.max(axis=0))
        if right > left and bottom > top:
            box = contract.Box(left=left, top=top, width=right - left, height=bottom - top)
            described.append(
                contract.TextLine(text=line.reading.text, box=box, score=line.reading.score)
            )
    return described
