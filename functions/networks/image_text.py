"""Optional: networks that see and read into one space, CLIP style, named in manifest.toml.

Where the manifest has both, photos' meanings and queries' come from them instead of from labels
and a sentence encoder (analyzers/photo_meaning.py, backend/core/meanings.py); nothing else
changes. Photos that were analysed before mean nothing to the new queries, nor do they disturb:
vectors of two spaces are about at right angles. Analyse their labels again.

    [[network]]
    name = "image-text-photos"  # float32[1, 3, side, side], normalised as CLIP's, to float32[1, d]
    [[network]]
    name = "image-text-words"   # string[1] to float32[1, d]
    # both: build = "copy", a source with a url, the digests

The first output counts; d <= 512. The second network splits text into tokens itself: with ONNX's
own operators, or with those of onnxruntime-extensions, which must be installed then.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from functions.contract import MEANING_DIMENSIONS
from functions.errors import AnalysisError
from functions.networks.manifest import MANIFEST, ManifestError, shipped_manifest
from functions.networks.network import Network, open_network, unit_length

PHOTOS, WORDS = "image-text-photos", "image-text-words"

# CLIP's and Chinese-CLIP's, of RGB as 0-1.
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def image_text_networks() -> tuple[str, ...]:
    """PHOTOS and WORDS; nothing if the manifest has neither. Raises ManifestError for one alone."""
    known = tuple(name for name in (PHOTOS, WORDS) if name in shipped_manifest())
    if len(known) == 1:
        raise ManifestError(
            f"{MANIFEST} has {known[0]!r} alone: {PHOTOS!r} and {WORDS!r} are a pair"
        )
    return known


class PhotoReader:
    """Say where a picture is in the space that both networks share.

    Input:   uint8[h, w, 3], RGB, any size; its middle counts.
    Output:  float32[MEANING_DIMENSIONS], unit length.
    Raises:  AnalysisError if the network cannot run or does not have the shapes above.
    """

    def __init__(self) -> None:
        self._network = open_network(PHOTOS)
        shape = self._network.input_shapes[0]
        if (
            len(shape) != 4
            or shape[1] != 3
            or not isinstance(shape[2], int)
            or shape[2] != shape[3]
        ):
            raise _unusable(PHOTOS, f"its input is {shape}, not [1, 3, side, side]")
        self._side = shape[2]

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        # The backend, which reads text only, does without Pillow on Lambda.
        from PIL import Image

        picture = Image.fromarray(image)
        side = min(picture.size)
        left, top = (picture.width - side) / 2, (picture.height - side) / 2
        middle = picture.resize(
            (self._side, self._side),
            Image.Resampling.BICUBIC,
            box=(left, top, left + side, top + side),
            reducing_gap=2.0,
        )
        pixels = ((np.asarray(middle, np.float32) / 255 - _MEAN) / _DEVIATION).astype(np.float32)
        blob = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        return _meaning(self._network, blob)


class TextReader:
    """Say where a text is in the space that both networks share.

    Output:  float32[MEANING_DIMENSIONS], unit length.
    Raises:  AnalysisError if the network cannot run or does not have the shapes above.
    """

    def __init__(self) -> None:
        self._network = open_network(WORDS)

    def encode(self, text: str) -> NDArray[np.float32]:
        return _meaning(self._network, np.array([text], object))


@functools.cache
def photo_reader() -> PhotoReader | None:
    """Opened once a process; None if the manifest has no image-text networks."""
    return PhotoReader() if image_text_networks() else None


def _meaning(
    network: Network, value: NDArray[np.float32] | NDArray[np.object_]
) -> NDArray[np.float32]:
    (name,) = network.input_names
    vector = network.run({name: value})[0].reshape(-1).astype(np.float32)
    if not 0 < len(vector) <= MEANING_DIMENSIONS:
        problem = (
            f"its vectors have {len(vector)} numbers, and there is room for {MEANING_DIMENSIONS}"
        )
        raise _unusable(network.name, problem)
    # Zeros change neither lengths nor angles.
    return np.pad(unit_length(vector), (0, MEANING_DIMENSIONS - len(vector)))


def _unusable(name: str, problem: str) -> AnalysisError:
    return AnalysisError(
        stage="image_text",
        code="network_unusable",
        detail=f"{name} cannot be used: {problem}",
        permanent=False,
    )
