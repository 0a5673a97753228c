"""Score how explicit a photo is: Yahoo's OpenNSFW."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.halving import half_picture
from functions.networks.network import Network, open_network

RESIZED_SIDE = 256
SIDE = 224
MEAN_BGR = np.array([104, 117, 123], np.float32)


class NsfwScorer:
    """Say how likely a picture is explicit.

    Input:   uint8[h, w, 3], RGB, any size.
    Output:  0 safe - 1 explicit.
    Raises:  ValueError for another shape or type; AnalysisError if the network cannot run.
    Source:  github.com/yahoo/open_nsfw; file, digest and licence in manifest.toml.
    """

    network_name = "opennsfw"

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or open_network(self.network_name)

    def __call__(self, image: NDArray[np.uint8]) -> float:
        (probabilities,) = self._network.run({"input:0": make_blob(image)})
        return float(np.clip(probabilities[0, 1], 0, 1))


def make_blob(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32[1, 224, 224, 3], BGR minus the mean: resized to 256x256, the middle cut out.

    The network was trained on squeezed pictures, so the sides' ratio is given up here.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"expected uint8[h, w, 3], got {image.dtype}{list(image.shape)}")
    margin = (RESIZED_SIDE - SIDE) // 2
    resized = half_picture(image).resize(
        (RESIZED_SIDE, RESIZED_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0
    )
    pixels = np.asarray(resized, np.float32)[margin : margin + SIDE, margin : margin + SIDE]
    return np.ascontiguousarray((pixels[:, :, ::-1] - MEAN_BGR)[None])
