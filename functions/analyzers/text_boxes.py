"""From a text detector's probability map to slanted boxes around lines, and their pixels.

A box is float64[4, 2]: the corners (x, y) in pixels, in the order top left, top right,
bottom right, bottom left of the line as it is read. Several boxes are float64[n, 4, 2].
"""

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Boxes = NDArray[np.float64]

# A pixel belongs to a line from this probability on; DB was trained with it (arXiv:1911.08947).
PIXEL_THRESHOLD = 0.3

# A line counts if its pixels' mean probability reaches this. RapidOCR's .5 misses small print
# in a small first look; what is no text is not read as any.
LINE_THRESHOLD = 0.4

# The detector marks a line's core: shrunk by area * (1 - 0.4 ** 2) / perimeter. Growing the
# core by area * ratio / perimeter brings the line back, with a little air; RapidOCR's value.
GROWTH = 1.6

# Thinner cores (pixels of the map) are noise.
MIN_CORE = 2.0

# No photo has more; a texture can have thousands, and each costs a few hundred microseconds.
MAX_CANDIDATES = 2000

# Shapes at least this many times as wide as high say by themselves how they slant.
LONG = 3.0

RESAMPLING = Image.Resampling.BICUBIC

# Slants are looked for in ever smaller steps, each time around the best so far.
_STEPS = tuple(
    np.deg2rad(steps)
    for steps in (np.arange(-45, 45, 3.0), np.arange(-2, 3, 1.0), np.arange(-1, 1, 0.1))
)


@dataclass(frozen=True, kw_only=True)
class FoundBoxes:
    boxes: Boxes
    doubtful: Boxes  # too thin or too improbable to be lines; a closer look may tell


def trace_boxes(probabilities: NDArray[np.float32]) -> FoundBoxes:
    """One box around each line in the map, grown from core to line; (0, 0) is the map's corner.

    Boxes are at least as wide as high unless the line stands: then the first corner is the
    one that is top left after a quarter turn to the left.
    """
    cores = [core for core in _contours(probabilities) if len(core) > 3]
    cores.sort(key=lambda core: -float(np.prod(np.ptp(core, axis=0))))
    boxes = smallest_boxes(cores[:MAX_CANDIDATES])
    widths, heights = sides_of(boxes)
    has_area = np.minimum(widths, heights) > 0
    boxes, widths, heights = boxes[has_area], widths[has_area], heights[has_area]
    grown = _grown(boxes, widths=widths, heights=heights)
    is_line = np.minimum(widths, heights) >= MIN_CORE
    for place in np.flatnonzero(is_line):
        is_line[place] = _mean_inside(probabilities, boxes[place]) >= LINE_THRESHOLD
    return FoundBoxes(boxes=grown[is_line], doubtful=grown[~is_line])


def sides(box: NDArray[np.float64]) -> tuple[float, float]:
    """A box's width along the line, and its height."""
    return math.dist(box[0], box[1]), math.dist(box[0], box[3])


def sides_of(boxes: Boxes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The widths and the heights of boxes; see sides."""
    return (
        np.hypot(*(boxes[:, 1] - boxes[:, 0]).T),
        np.hypot(*(boxes[:, 3] - boxes[:, 0]).T),
    )


def turned(boxes: Boxes, quarters: int) -> Boxes:
    """The same boxes read after so many quarter turns to the left."""
    return np.roll(boxes, -quarters, axis=-2)


def cut_out(image: Image.Image, box: NDArray[np.float64], height: int) -> NDArray[np.uint8]:
    """The line as uint8[height, w, 3], w in proportion; outside the image is its nearest edge."""
    box_width, box_height = sides(box)
    width = max(1, round(height * box_width / max(box_height, 1.0)))
    upright = _upright_bounds(box, image.size)
    if upright is not None:
        # One resampling that averages when it shrinks.
        return np.asarray(image.resize((width, height), RESAMPLING, box=upright))
    return np.asarray(_cut_slanted(image, box, height).resize((width, height), RESAMPLING))


def _cut_slanted(image: Image.Image, box: NDArray[np.float64], height: int) -> Image.Image:
    """The line turned upright, one to two times as high as wanted if the image has the pixels.

    transform() does not average when it shrinks, so what is larger is halved first.
    """
    left, top = (int(value) - 1 for value in np.floor(box.min(axis=0)))
    right, bottom = (int(value) + 1 for value in np.ceil(box.max(axis=0)))
    part = _clamped_crop(image, (left, top, right, bottom))
    factor = max(1, int(sides(box)[1] / height))
    if factor > 1:
        part = part.reduce(factor)
    corners = (box - (left, top)) / factor
    box_width, box_height = sides(corners)
    size = (max(1, round(box_width)), max(1, round(box_height)))
    across, down = (corners[1] - corners[0]) / size[0], (corners[3] - corners[0]) / size[1]
    coefficients = (across[0], down[0], corners[0, 0], across[1], down[1], corners[0, 1])
    return part.transform(size, Image.Transform.AFFINE, coefficients, RESAMPLING)


def _contours(probabilities: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """The outlines of all cores, float64[n, 2] each, holes left out."""
    is_core = probabilities >= PIXEL_THRESHOLD
    rows, columns = np.flatnonzero(is_core.any(axis=1)), np.flatnonzero(is_core.any(axis=0))
    if not len(rows):
        return []
    # Most photos hold little text: what is empty around it need not be looked at. One pixel of
    # it says where a core ends.
    top, left = max(0, rows[0] - 1), max(0, columns[0] - 1)
    part = probabilities[top : rows[-1] + 2, left : columns[-1] + 2]
    # The border makes cores that touch the edge closed.
    generator = contour_generator(z=np.pad(part, 1), line_type=LineType.Separate)
    lines = cast(list[NDArray[np.float64]], generator.lines(PIXEL_THRESHOLD))
    # contourpy keeps the higher side on the left, so a hole runs the other way round. The
    # shift undoes the border, and pixels are areas here, not points.
    shift = np.array([left - 0.5, top - 0.5])
    return [line + shift for line in lines if _signed_area(line) > 0]


def _signed_area(outline: NDArray[np.float64]) -> float:
    x, y = outline[:, 0], outline[:, 1]
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def smallest_boxes(outlines: list[NDArray[np.float64]]) -> Boxes:
    """Around each outline, float64[n, 2], the smallest rectangle.

    Around a short outline it slants as the long ones of the page do, unless that makes it much
    larger: the smallest rectangle around one character is often a diamond.
    """
    if not outlines:
        return np.empty((0, 4, 2))
    outline = _Outlines(outlines)
    angles = np.zeros(len(outlines))
    for steps in _STEPS:
        angles = outline.best_of(angles[:, None] + steps)
    boxes = outline.rectangles(angles)
    widths, heights = sides_of(boxes)
    is_long = np.maximum(widths, heights) >= LONG * np.minimum(widths, heights)
    common = float(np.median(angles[is_long])) if is_long.any() else 0.0
    aligned = outline.rectangles(np.full(len(outlines), common))
    areas, aligned_areas = widths * heights, np.prod(sides_of(aligned), axis=0)
    keeps = is_long | (aligned_areas > 1.5 * areas)
    return np.where(keeps[:, None, None], boxes, aligned)


class _Outlines:
    """The points of many outlines in one array: there are hundreds, of a few points each."""

    def __init__(self, outlines: list[NDArray[np.float64]]) -> None:
        lengths = [len(outline) for outline in outlines]
        self._x, self._y = np.ascontiguousarray(np.concatenate(outlines).T)
        self._starts = np.cumsum([0, *lengths[:-1]])
        self._owners = np.repeat(np.arange(len(outlines)), lengths)

    def best_of(self, angles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each outline's angles, float64[n, k], that of its smallest rectangle: float64[n]."""
        # One angle at a time: all at once takes longer, and much memory.
        areas = np.stack([self._areas(column) for column in angles.T])
        best: NDArray[np.float64] = angles[np.arange(len(angles)), areas.argmin(axis=0)]
        return best

    def rectangles(self, angles: NDArray[np.float64]) -> Boxes:
        """Around each outline the rectangle that slants by its angle, float64[n]."""
        left, right, top, bottom = self._bounds(angles)
        x = np.stack([left, right, right, left], axis=1)
        y = np.stack([top, top, bottom, bottom], axis=1)
        cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
        return np.stack([x * cos - y * sin, x * sin + y * cos], axis=2)

    def _areas(self, angles: NDArray[np.float64]) -> NDArray[np.float64]:
        left, right, top, bottom = self._bounds(angles)
        areas: NDArray[np.float64] = (right - left) * (bottom - top)
        return areas

    def _bounds(self, angles: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Least and greatest x, then y, of each outline in axes turned by its angle."""
        cos, sin = np.cos(angles)[self._owners], np.sin(angles)[self._owners]
        across = self._x * cos + self._y * sin
        down = self._y * cos - self._x * sin
        return [
            extreme.reduceat(values, self._starts)
            for values in (across, down)
            for extreme in (np.minimum, np.maximum)
        ]


def _grown(boxes: Boxes, *, widths: NDArray[np.float64], heights: NDArray[np.float64]) -> Boxes:
    """The cores with every side moved outwards by area * GROWTH / perimeter."""
    distances = widths * heights * GROWTH / (2 * (widths + heights))
    across = (boxes[:, 1] - boxes[:, 0]) / widths[:, None]
    down = (boxes[:, 3] - boxes[:, 0]) / heights[:, None]
    outwards = np.stack([-across - down, across - down, across + down, down - across], axis=1)
    grown: Boxes = boxes + distances[:, None, None] * outwards
    return grown


def _mean_inside(probabilities: NDArray[np.float32], box: NDArray[np.float64]) -> float:
    height, width = probabilities.shape
    left, top = np.clip(np.floor(box.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(box.max(axis=0)).astype(int), (left + 1, top + 1), None)
    part = probabilities[top:bottom, left:right]
    mask = Image.new("1", (part.shape[1], part.shape[0]))
    corners = [(float(x) - left - 0.5, float(y) - top - 0.5) for x, y in box]
    ImageDraw.Draw(mask).polygon(corners, fill=1)
    inside = part[np.asarray(mask)]
    return float(inside.mean()) if inside.size else 0.0


def _upright_bounds(
    box: NDArray[np.float64], size: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom inside the image, if the box neither slants nor stands out of it."""
    # A slant that moves the line's end by less than a tenth of its height is not seen.
    tilt = max(abs(box[1, 1] - box[0, 1]), abs(box[3, 0] - box[0, 0]))
    if box[1, 0] <= box[0, 0] or box[3, 1] <= box[0, 1] or tilt > sides(box)[1] / 10:
        return None
    left = max(0.0, float(box[0, 0] + box[3, 0]) / 2)
    top = max(0.0, float(box[0, 1] + box[1, 1]) / 2)
    right = min(float(size[0]), float(box[1, 0] + box[2, 0]) / 2)
    bottom = min(float(size[1]), float(box[2, 1] + box[3, 1]) / 2)
    return (left, top, right, bottom) if right - left >= 1 and bottom - top >= 1 else None


def _clamped_crop(image: Image.Image, bounds: tuple[int, int, int, int]) -> Image.Image:
    """The part of the image, with its edge pixels repeated where the bounds leave it."""
    left, top, right, bottom = bounds
    inner = (
        min(max(left, 0), image.width - 1),
        min(max(top, 0), image.height - 1),
        max(min(right, image.width), 1),
        max(min(bottom, image.height), 1),
    )
    part = np.asarray(image.crop(inner))
    margins = ((inner[1] - top, bottom - inner[3]), (inner[0] - left, right - inner[2]), (0, 0))
    return Image.fromarray(np.pad(part, margins, mode="edge"))
