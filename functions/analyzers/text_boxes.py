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

# A line counts if its pixels' mean probability reaches this; RapidOCR's value.
LINE_THRESHOLD = 0.5

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

_STEPS = np.deg2rad(np.arange(-45, 45, 1.0))
_FINE_STEPS = np.deg2rad(np.arange(-1, 1, 0.1))


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
    cores = cores[:MAX_CANDIDATES]
    angles = [_best_angle(core) for core in cores]
    common = _common_angle(cores, angles)
    boxes: list[NDArray[np.float64]] = []
    doubtful: list[NDArray[np.float64]] = []
    for core, angle in zip(cores, angles, strict=True):
        box = _settled_rectangle(core, angle, common)
        width, height = sides(box)
        if min(width, height) <= 0:
            continue
        grown = _grown(box, width * height * GROWTH / (2 * (width + height)))
        is_line = min(width, height) >= MIN_CORE and (
            _mean_inside(probabilities, box) >= LINE_THRESHOLD
        )
        (boxes if is_line else doubtful).append(grown)
    return FoundBoxes(
        boxes=np.array(boxes).reshape(-1, 4, 2), doubtful=np.array(doubtful).reshape(-1, 4, 2)
    )


def sides(box: NDArray[np.float64]) -> tuple[float, float]:
    """A box's width along the line, and its height."""
    return math.dist(box[0], box[1]), math.dist(box[0], box[3])


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
    # The border makes cores that touch the edge closed.
    bordered = np.pad(probabilities, 1)
    generator = contour_generator(z=bordered, line_type=LineType.Separate)
    lines = cast(list[NDArray[np.float64]], generator.lines(PIXEL_THRESHOLD))
    # contourpy keeps the higher side on the left, so a hole runs the other way round. The
    # shift undoes the border, and pixels are areas here, not points.
    return [line - 0.5 for line in lines if _signed_area(line) > 0]


def _signed_area(outline: NDArray[np.float64]) -> float:
    x, y = outline[:, 0], outline[:, 1]
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2


def _best_angle(outline: NDArray[np.float64]) -> float:
    """The slant, -45 to 45 degrees in radians, of the smallest rectangle around the outline."""
    coarse = _STEPS[_areas(outline, _STEPS).argmin()]
    fine = coarse + _FINE_STEPS
    return float(fine[_areas(outline, fine).argmin()])


def _areas(outline: NDArray[np.float64], angles: NDArray[np.float64]) -> NDArray[np.float64]:
    cos, sin = np.cos(angles), np.sin(angles)
    widths = np.ptp(outline @ np.stack([cos, sin]), axis=0)
    heights = np.ptp(outline @ np.stack([-sin, cos]), axis=0)
    areas: NDArray[np.float64] = widths * heights
    return areas


def _rectangle(outline: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    axes = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    inside = outline @ axes.T
    (left, top), (right, bottom) = inside.min(axis=0), inside.max(axis=0)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    rectangle: NDArray[np.float64] = corners @ axes
    return rectangle


def _common_angle(outlines: list[NDArray[np.float64]], angles: list[float]) -> float:
    """The median slant of the long shapes; 0 if there are none."""
    long = []
    for outline, angle in zip(outlines, angles, strict=True):
        width, height = sides(_rectangle(outline, angle))
        if max(width, height) >= LONG * min(width, height):
            long.append(angle)
    return float(np.median(long)) if long else 0.0


def _settled_rectangle(
    outline: NDArray[np.float64], angle: float, common: float
) -> NDArray[np.float64]:
    """The smallest rectangle, or for a short shape the one that slants as the page does.

    The smallest rectangle around one character is often a diamond.
    """
    box = _rectangle(outline, angle)
    width, height = sides(box)
    if max(width, height) >= LONG * min(width, height):
        return box
    aligned = _rectangle(outline, common)
    aligned_width, aligned_height = sides(aligned)
    return aligned if aligned_width * aligned_height <= 1.5 * width * height else box


def _grown(box: NDArray[np.float64], distance: float) -> NDArray[np.float64]:
    """The rectangle with every side moved outwards by `distance`."""
    width, height = sides(box)
    across, down = (box[1] - box[0]) / width, (box[3] - box[0]) / height
    outwards = np.array([-across - down, across - down, across + down, down - across])
    grown: NDArray[np.float64] = box + distance * outwards
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
