"""PP-OCRv6's text detector: where in an image lines of text are."""

import numpy as np
from numpy.typing import NDArray

from functions.networks.network import open_network, require_finite

NAME = "ppocr-v6-small-det"

# The network halves its input five times, so both sides have to be multiples of this.
STRIDE = 32


class TextDetector:
    """Say of every pixel how probably it lies in the core of a line of text.

    Input:   uint8[h, w, 3], RGB, any h and w from 1 on; memory grows with h * w
             (about 140 MB for 640 x 640), so bound it.
    Output:  float32[h, w], 0-1. The core is the line shrunk from all sides, so that
             neighbouring lines stay apart.
    Raises:  ValueError if the image has another shape or type; AnalysisError.
    Source:  PP-OCRv6 small, after DB (arXiv:1911.08947); file, digest and licence in
             manifest.toml.
    """

    def __init__(self) -> None:
        self._network = open_network(NAME)
        self.sha256 = self._network.sha256

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
            raise ValueError(f"expected uint8[h, w, 3], got {image.dtype}{list(image.shape)}")
        height, width = image.shape[:2]
        (output,) = self._network.run({self._network.input_names[0]: make_blob(image)})
        probabilities: NDArray[np.float32] = output[0, 0, :height, :width]
        require_finite(probabilities)
        return probabilities


def make_blob(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32[1, 3, h, w], BGR, -1 to 1, both sides made up to multiples of 32."""
    height, width = image.shape[:2]
    # The edge's own colour goes on: a border of another colour looks like a stroke.
    padded = np.pad(image, ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0)), mode="edge")
    blue_green_red = padded[None, :, :, ::-1].transpose(0, 3, 1, 2)
    pixels = np.ascontiguousarray(blue_green_red, dtype=np.float32)
    pixels /= 127.5
    pixels -= 1
    return pixels
