"""Find the lines of text in a photo, spending pixels only where text may be."""

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.analyzers.text_boxes import Boxes, sides, trace_boxes
from functions.networks.text_detection import TextDetector

# The first look is small, because most photos hold no text and are done after it. What it sees
# only as small lines is looked at again, so labelled pictures lose nothing (610 of 664 lines
# found, 606 with 640 px); of lonely lines of 20-24 px in previews of 2048 px it sees 18 of 24,
# 22 with 640 px, which take 1.6 times as long.
FIRST_LOOK_SIDE = 512
FIRST_LOOK_PIXELS = 512 * 400
# A strip of paper keeps so many pixels across.
STRIP_SIDE = 160

# Lines lower than this in the first look are looked at again with more pixels: their boxes
# are too loose, and neighbours run into one another...
SMALL_LINE = 24.0
# ... so many more that the lower lines become this high, as far as the photo has pixels.
WANTED_LINE = 30.0
MIN_GAIN = 1.2
# ... if at least one of so many of the widest reads as text.
PROBES = 4
MAX_MAGNIFICATION = 1.5
MAX_SECOND_LOOK_PIXELS = 3_500_000

# If what the second look found fills so much of a box of the first look, it knows better.
MIN_FILL = 0.4

# The second look goes tile by tile, so that its memory is that of one tile (about 100 MB),
# and only where the first look saw small lines. Tiles overlap by a margin on each side,
# because what surrounds a line decides on its probability.
TILE = 544
TILE_MARGIN = 48


class TextFinder:
    """Say where the lines of text in a photo are.

    Input:   a picture in mode RGB; the same, perhaps smaller, for the first look; a function
             that reads the line in a box of the picture and says whether it is text. It is
             asked about a few small lines only: textures such as fur and leaves look like
             small text to the detector, and reading them costs less than a closer look.
    Output:  boxes in the picture's pixels, in no order; see text_boxes.
    """

    def __init__(self) -> None:
        self._detect = TextDetector()
        self.sha256 = self._detect.sha256

    def __call__(
        self,
        picture: Image.Image,
        smaller: Image.Image,
        reads_as_text: Callable[[NDArray[np.float64]], bool],
    ) -> Boxes:
        pixels = picture.width * picture.height
        scale = max(FIRST_LOOK_SIDE / max(picture.size), STRIP_SIDE / min(picture.size))
        scale = min(1.0, scale, (FIRST_LOOK_PIXELS / pixels) ** 0.5)
        small_picture = _resized(smaller, _size_at(picture, scale))
        found = trace_boxes(self._detect(np.asarray(small_picture)))
        boxes = _rescaled(found.boxes, small_picture.size, picture.size)
        heights = np.array([min(sides(box)) for box in found.boxes])
        low = heights < SMALL_LINE
        if not low.any():
            return boxes
        second_scale = min(
            scale * WANTED_LINE / float(np.percentile(heights[low], 25)),
            MAX_MAGNIFICATION,
            (MAX_SECOND_LOOK_PIXELS / pixels) ** 0.5,
        )
        if second_scale < MIN_GAIN * scale:
            return boxes
        widest = sorted(boxes[low], key=lambda box: -max(sides(box)))
        if not any(reads_as_text(box) for box in widest[:PROBES]):
            return boxes
        # Where there is some small text, what was too faint to be a line may be text too.
        doubtful = _rescaled(found.doubtful, small_picture.size, picture.size)
        unclear = np.concatenate([boxes[low], doubtful])
        return _merged(boxes, self._look_closer(picture, unclear, second_scale))

    def _look_closer(self, picture: Image.Image, boxes: Boxes, scale: float) -> Boxes:
        """The lines found around the boxes in the picture resized by `scale`."""
        large_picture = _resized(picture, _size_at(picture, scale))
        pixels = np.asarray(large_picture)
        where = _rescaled(boxes, picture.size, large_picture.size)
        bounds = np.concatenate([where.min(axis=1), where.max(axis=1)], axis=1)
        probabilities = np.zeros(pixels.shape[:2], dtype=np.float32)
        for left, top, right, bottom in _tiles(bounds, large_picture.size):
            outer_left, outer_top = max(0, left - TILE_MARGIN), max(0, top - TILE_MARGIN)
            tile = pixels[outer_top : bottom + TILE_MARGIN, outer_left : right + TILE_MARGIN]
            seen = self._detect(np.ascontiguousarray(tile))
            probabilities[top:bottom, left:right] = seen[
                top - outer_top : bottom - outer_top, left - outer_left : right - outer_left
            ]
        return _rescaled(trace_boxes(probabilities).boxes, large_picture.size, picture.size)


def _size_at(picture: Image.Image, scale: float) -> tuple[int, int]:
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if size == picture.size:
        return picture
    # Halving first, as far as the result still has half as many pixels to average over,
    # takes a third of the time and changes nothing that is seen.
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.5)


def _rescaled(boxes: Boxes, size: tuple[int, int], wanted: tuple[int, int]) -> Boxes:
    rescaled: Boxes = boxes * (np.array(wanted) / np.array(size))
    return rescaled


def _tiles(bounds: NDArray[np.float64], size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Tiles (left, top, right, bottom) of a grid over the bounds that touch any of them."""
    # Air around the lines lets the detector see where they end.
    first = np.maximum(np.floor(bounds[:, :2]).astype(int) - TILE_MARGIN, 0)
    last = np.minimum(np.ceil(bounds[:, 2:]).astype(int) + TILE_MARGIN, size)
    (left, top), (right, bottom) = first.min(axis=0), last.max(axis=0)
    tiles = []
    for tile_top, tile_bottom in _steps(int(top), int(bottom)):
        for tile_left, tile_right in _steps(int(left), int(right)):
            touches = (first < (tile_right, tile_bottom)) & (last > (tile_left, tile_top))
            if touches.all(axis=1).any():
                tiles.append((tile_left, tile_top, tile_right, tile_bottom))
    return tiles


def _steps(start: int, end: int) -> list[tuple[int, int]]:
    """The range cut into equal parts that are no longer than a tile without its margins."""
    count = -(-(end - start) // (TILE - 2 * TILE_MARGIN))
    cuts = np.linspace(start, end, count + 1).round().astype(int).tolist()
    return list(itertools.pairwise(cuts))


def _merged(first: Boxes, closer: Boxes) -> Boxes:
    """What the closer look found, and of the first look what it does not fill.

    A first box may be several lines run into one, which the closer look tells apart, or a
    line so large that the closer look sees only parts of it.
    """
    kept = []
    for box in first:
        overlaps = _overlaps(box, closer)
        if overlaps.sum() < MIN_FILL * _areas(box[None])[0]:
            kept.append(box)
            closer = closer[overlaps < _areas(closer) / 2]
    return np.concatenate([np.array(kept).reshape(-1, 4, 2), closer])


def _overlaps(box: NDArray[np.float64], boxes: Boxes) -> NDArray[np.float64]:
    """How many pixels the upright rectangle around each box shares with that around `box`."""
    first = np.maximum(box.min(axis=0), boxes.min(axis=1))
    last = np.minimum(box.max(axis=0), boxes.max(axis=1))
    overlaps: NDArray[np.float64] = np.maximum(last - first, 0.0).prod(axis=1)
    return overlaps


def _areas(boxes: Boxes) -> NDArray[np.float64]:
    areas: NDArray[np.float64] = np.ptp(boxes, axis=1).prod(axis=1)
    return areas
