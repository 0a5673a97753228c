"""Boxes, landmarks and transforms as pure values. Nothing here opens a file or a network.

Boxes inside the functions are float[n, 4] rows (left, top, right, bottom) in pixels; what
leaves them is a contract.Box. Points are (x, y), pixels, the origin at the top left corner of
the top left pixel.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.contract import Box

Floats = NDArray[np.floating[Any]]

FACE_CROP_SIDE = 112

# Where ArcFace puts the eye on the left of the picture, the other eye, the tip of the nose and
# the corners of the mouth in a 112x112 crop (insightface, arcface_template; SFace's as well).
ARCFACE_TEMPLATE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)

# Fractions are multiples of this. Sums of such numbers are exact, in single precision too, so
# left + width <= 1 holds to the last bit wherever it is checked.
_GRID = 65536


# A conversation in one screenshot, a receipt or a panorama would lose all that is written on it
# and everybody who is in it: the shorter side keeps this share of the longest that is asked for,
# up to a longest side that every JPEG reader and browser takes.
_SHORT_SHARE = 3 / 8
_LONGEST_SIDE = 16_384


def fitting_side(size: tuple[int, int], longest_side: int) -> int:
    """The longest side of a picture of this shape; more than asked for where it is long.

    Never more pixels than a square would have, so that no shape takes more memory.
    """
    ratio = max(size) / min(size)
    longer = longest_side * min(_SHORT_SHARE * ratio, ratio**0.5)
    return max(longest_side, min(int(longer), _LONGEST_SIDE))


def fraction_box(corners: Floats, *, width: int, height: int) -> Box | None:
    """The part of a box in pixels that lies inside the picture, as fractions of it.

    None if nothing of it does, or if a corner is not finite.
    """
    if not np.all(np.isfinite(corners)):
        return None
    left, top, right, bottom = (
        float(corner) / side
        for corner, side in zip(corners, (width, height, width, height), strict=True)
    )
    horizontal, vertical = _span(left, right), _span(top, bottom)
    if horizontal is None or vertical is None:
        return None
    return Box(left=horizontal[0], top=vertical[0], width=horizontal[1], height=vertical[1])


def _span(start: float, end: float) -> tuple[float, float] | None:
    """Start and length of an interval cut to 0-1 and widened to the grid."""
    first = int(np.floor(np.clip(start, 0, 1) * _GRID))
    last = int(np.ceil(np.clip(end, 0, 1) * _GRID))
    return (first / _GRID, (last - first) / _GRID) if last > first else None


def suppress_overlaps(boxes: Floats, scores: Floats, *, threshold: float) -> list[int]:
    """Indices of the boxes that stay, best first: none overlaps a better one too much.

    threshold: intersection over union, 0-1, above which the weaker box goes.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        size = np.minimum(boxes[best, 2:], boxes[rest, 2:]) - np.maximum(
            boxes[best, :2], boxes[rest, :2]
        )
        shared = np.prod(np.maximum(size, 0), axis=1)
        union = areas[best] + areas[rest] - shared
        order = rest[shared <= threshold * union]
    return kept


def similarity_transform(points: Floats, template: Floats) -> NDArray[np.float64]:
    """The turn, scale and shift, float64[2, 3], that bring points closest to a template.

    points, template: float[n, 2]. Least squares, without reflection.
    Raises ValueError if the points all fall together or are not finite.
    Source: Umeyama 1991, in its closed form for the plane.
    """
    centre, target = points.mean(axis=0), template.mean(axis=0)
    x, y = (points - centre).T.astype(np.float64)
    u, v = (template - target).T
    spread = float(np.sum(x * x + y * y))
    if not np.isfinite(spread) or spread < 1e-6:
        raise ValueError("the points fall together")
    a = float(np.sum(x * u + y * v)) / spread
    b = float(np.sum(x * v - y * u)) / spread
    if a * a + b * b < 1e-12:
        raise ValueError("the points do not tell a direction")
    turn = np.array([[a, -b], [b, a]])
    return np.column_stack([turn, target - turn @ centre])


def align_face(image: NDArray[np.uint8], landmarks: Floats) -> NDArray[np.uint8]:
    """The face as uint8[112, 112, 3], eyes level, where embedders expect it.

    image: uint8[h, w, 3]; landmarks: float[5, 2] in its pixels, in the template's order.
    What lies outside the picture is black. Raises ValueError for landmarks that fall together.
    """
    forward = similarity_transform(landmarks, ARCFACE_TEMPLATE)
    turn, shift = forward[:, :2], forward[:, 2]
    backward = np.linalg.inv(turn)
    side = FACE_CROP_SIDE
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]]) - shift
    corners = corners @ backward.T
    # Bilinear sampling looks at four pixels, so a large face is first brought near its size.
    factor = max(1, int(np.sqrt(abs(np.linalg.det(backward)))))
    margin = 2 * factor
    bounds = np.array([image.shape[1], image.shape[0]])
    first = np.clip(np.floor(corners.min(axis=0)) - margin, 0, bounds - 1).astype(int)
    last = np.clip(np.ceil(corners.max(axis=0)) + margin, first + 1, bounds).astype(int)
    part = Image.fromarray(np.ascontiguousarray(image[first[1] : last[1], first[0] : last[0]]))
    part = part.reduce(factor)
    origin = (-backward @ shift - first) / factor
    rows = np.column_stack([backward / factor, origin])
    crop = part.transform(
        (side, side), Image.Transform.AFFINE, rows.ravel().tolist(), Image.Resampling.BILINEAR
    )
    return np.asarray(crop)
