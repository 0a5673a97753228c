"""Turn faces into vectors that compare by identity: SFace."""

import numpy as np
from numpy.typing import NDArray

from functions.networks.network import Network, open_network, unit_length


class FaceEmbedder:
    """Turn aligned face crops into vectors that compare by identity.

    Input:   uint8[n, 112, 112, 3], RGB, eyes level (see geometry.align_face).
    Output:  float32[n, 128], unit length, so a dot product is a cosine similarity.
    Raises:  ValueError if the crops have another shape or type; AnalysisError if the network
             cannot run.
    Source:  SFace 2021dec, arXiv:2205.12010; file, digest and licence in manifest.toml.
    """

    network_name = "sface"

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or open_network(self.network_name)

    def __call__(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        if crops.ndim != 4 or crops.shape[1:] != (112, 112, 3) or crops.dtype != np.uint8:
            raise ValueError(
                f"expected uint8[n, 112, 112, 3], got {crops.dtype}{list(crops.shape)}"
            )
        # One at a time: the file fixes its batch, and on one thread a batch saves nothing.
        vectors = [self._embed(crop) for crop in crops]
        return np.stack(vectors) if vectors else np.empty((0, 128), np.float32)

    def _embed(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        blob = np.ascontiguousarray(crop.transpose(2, 0, 1)[None], dtype=np.float32)
        (vectors,) = self._network.run({"data": blob})
        return unit_length(vectors[0])
