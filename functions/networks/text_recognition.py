"""PP-OCRv6's text recogniser: the characters of one line."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.networks.network import open_network, require_finite

NAME = "ppocr-v6-small-rec"

LINE_HEIGHT = 48

# One output step is eight pixels wide; widths are rounded up to a few steps, so that
# onnxruntime meets few different shapes.
WIDTH_STEP = 32


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a line says, and how sure the network is (the mean over its characters, 0-1)."""

    text: str
    score: float


class TextRecognizer:
    """Read one line of text, Chinese or English or both, with its spaces.

    Input:   uint8[48, w, 3], RGB, one horizontal line that fills the height; memory grows
             with w (about 90 MB for 1280), so bound it.
    Output:  Reading; empty text with score 0 if nothing is read.
    Raises:  ValueError if the line has another shape or type; AnalysisError.
    Source:  PP-OCRv6 small; file, digest and licence in manifest.toml. The alphabet is in
             the file's metadata.
    """

    def __init__(self) -> None:
        self._network = open_network(NAME)
        self.sha256 = self._network.sha256
        # Output 0 is CTC's blank and the last one the space; neither is in the metadata.
        self._alphabet = ["", *self._network.metadata["character"].split("\n"), " "]

    def __call__(self, line: NDArray[np.uint8]) -> Reading:
        if line.ndim != 3 or line.shape[0] != LINE_HEIGHT or line.shape[2] != 3:
            raise ValueError(f"expected uint8[{LINE_HEIGHT}, w, 3], got {list(line.shape)}")
        if line.dtype != np.uint8 or line.shape[1] == 0:
            raise ValueError(f"expected uint8 of width 1 or more, got {line.dtype}")
        (output,) = self._network.run({self._network.input_names[0]: make_blob(line)})
        return self._decode(output)

    def _decode(self, probabilities: NDArray[np.float32]) -> Reading:
        """CTC, greedily: the best character of each step, repeats and blanks dropped."""
        best = probabilities.argmax(axis=1)
        scores = np.take_along_axis(probabilities, best[:, None], axis=1)[:, 0]
        require_finite(scores)
        characters: list[str] = []
        kept: list[float] = []
        for index, steps in itertools.groupby(range(len(best)), key=lambda step: int(best[step])):
            if index == 0:
                continue
            characters.append(self._alphabet[index])
            kept.append(float(scores[next(steps)]))
        text = "".join(characters).strip()
        return Reading(text=text, score=sum(kept) / len(kept) if text else 0.0)


def make_blob(line: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32[1, 3, 48, w], BGR, -1 to 1; padding is zero after normalisation, as in training."""
    width = line.shape[1]
    pixels = np.zeros((1, 3, LINE_HEIGHT, width + -width % WIDTH_STEP), dtype=np.float32)
    pixels[0, :, :, :width] = line[:, :, ::-1].transpose(2, 0, 1)
    pixels[0, :, :, :width] /= 127.5
    pixels[0, :, :, :width] -= 1
    return pixels
