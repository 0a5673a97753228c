"""How far a face's embedding can be trusted, from what is seen before it is embedded."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.geometry import ARCFACE_TEMPLATE

# Eyes this many pixels apart and further cost an embedding nothing: in an aligned crop they
# are 35 apart, so anything below is magnified.
ENOUGH_EYE_DISTANCE = 35.0
# Half of the full mark for sharpness: the contrast between neighbouring pixels (standard
# deviation of the Laplacian) of a face that is a little out of focus.
HALF_SHARP = 8.0


def face_quality(crop: NDArray[np.uint8], landmarks: NDArray[np.floating[Any]]) -> float:
    """0-1: the geometric mean of size, sharpness and pose, so that one bad one counts.

    crop: uint8[112, 112, 3], aligned. landmarks: float[5, 2], pixels of the photo, in the
    order of the ArcFace template.
    """
    parts = [_size(landmarks), _sharpness(crop), _frontality(landmarks)]
    return float(np.clip(np.prod(parts) ** (1 / len(parts)), 0, 1))


def _size(landmarks: NDArray[np.floating[Any]]) -> float:
    return min(1.0, _distance(landmarks[0], landmarks[1]) / ENOUGH_EYE_DISTANCE)


def _sharpness(crop: NDArray[np.uint8]) -> float:
    grey = crop.astype(np.float32).mean(axis=2)
    # The middle: what is around a face may be sharp when the face is not.
    grey = grey[24:104, 20:92]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    edges = float((around - 4 * grey[1:-1, 1:-1]).std())
    return edges / (edges + HALF_SHARP)


def _frontality(landmarks: NDArray[np.floating[Any]]) -> float:
    """1 for a face that looks at the camera, 0 for a profile or one looking far up or down.

    Seen from the front the nose lies on the line from between the eyes to the middle of the
    mouth, about half way; turning the head moves it across, nodding along.
    """
    across, along = _nose(landmarks)
    _, usual = _nose(ARCFACE_TEMPLATE)
    return max(0.0, 1 - 1.6 * abs(across)) * max(0.0, 1 - 1.6 * abs(along - usual))


def _nose(landmarks: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """The nose's place: across in eye distances, along from the eyes (0) to the mouth (1)."""
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    down = mouth - eyes
    length = max(float(np.hypot(*down)), 1e-6)
    x, y = landmarks[2] - eyes
    along = float(x * down[0] + y * down[1]) / length**2
    across = float(x * down[1] - y * down[0]) / length
    # A profile's eyes fall together, but the face keeps its height.
    width = max(_distance(landmarks[0], landmarks[1]), 0.3 * length)
    return across / width, along


def _distance(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> float:
    return float(np.hypot(*(a - b)))
