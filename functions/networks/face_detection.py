"""Find faces in a picture: YuNet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.geometry import suppress_overlaps
from functions.networks.network import Network, open_network, require_finite

STRIDES = (8, 16, 32)
OVERLAP = 0.3  # OpenCV's own figure for this network


@dataclass(frozen=True)
class DetectedFaces:
    """Faces of one picture, best first: box row i, score i and landmarks i are one face's.

    boxes: float32[n, 4], left, top, right, bottom in pixels; may reach beyond the picture.
    scores: float32[n], 0-1.
    landmarks: float32[n, 5, 2], pixels: the eye on the picture's left, the other eye, the tip
    of the nose, the mouth's left and right corner.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]


class FaceDetector:
    """Find faces of about 10 to 300 pixels.

    Input:   uint8[h, w, 3], RGB, any size (it is padded to multiples of 32).
    Output:  DetectedFaces above `min_score`, at most `limit`.
    Raises:  ValueError for another shape or type; AnalysisError if the network cannot run.
    Source:  YuNet 2023mar, doi:10.1007/s11633-023-1423-y; file, digest, licence: manifest.toml.
    """

    network_name = "yunet"

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or open_network(self.network_name)

    def __call__(self, image: NDArray[np.uint8], *, min_score: float, limit: int) -> DetectedFaces:
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(f"expected uint8[h, w, 3], got {image.dtype}{list(image.shape)}")
        blob = make_blob(image)
        outputs = self._network.run({"input": blob})
        named = dict(zip(self._network.output_names, outputs, strict=True))
        found = [
            decode_stride(named, stride, columns=blob.shape[3] // stride, min_score=min_score)
            for stride in STRIDES
        ]
        boxes, scores, landmarks = (np.concatenate(parts) for parts in zip(*found, strict=True))
        # Overlaps are compared pair by pair; noise may pass the gate at every cell.
        best = np.argsort(-scores, kind="stable")[: 20 * limit]
        kept = best[suppress_overlaps(boxes[best], scores[best], threshold=OVERLAP)[:limit]]
        return DetectedFaces(boxes[kept], scores[kept], landmarks[kept])


def make_blob(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32[1, 3, h, w], BGR 0-255; black is added at the right and the bottom."""
    height, width = (-(-side // 32) * 32 for side in image.shape[:2])
    blob = np.zeros((1, 3, height, width), np.float32)
    blob[0, :, : image.shape[0], : image.shape[1]] = image[:, :, ::-1].transpose(2, 0, 1)
    return blob


def decode_stride(
    outputs: dict[str, NDArray[np.float32]], stride: int, *, columns: int, min_score: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Boxes [n, 4], scores [n] and landmarks [n, 5, 2] of the cells of one stride.

    Each cell tells how far the box's centre and the points lie from its corner, and the
    logarithm of the box's size, in strides. Raises AnalysisError for scores that are no numbers.
    """
    is_face = np.clip(outputs[f"cls_{stride}"][0, :, 0], 0, 1)
    is_object = np.clip(outputs[f"obj_{stride}"][0, :, 0], 0, 1)
    scores = np.sqrt(is_face * is_object)
    require_finite(scores)
    cells = np.flatnonzero(scores >= min_score)
    corners = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
    delta = outputs[f"bbox_{stride}"][0, cells]
    centres = (corners + delta[:, :2]) * stride
    # e^9 strides are larger than any picture.
    sizes = np.exp(np.minimum(delta[:, 2:], 9)) * stride
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    points = outputs[f"kps_{stride}"][0, cells].reshape(-1, 5, 2)
    return boxes, scores[cells], (points + corners[:, None]) * stride
