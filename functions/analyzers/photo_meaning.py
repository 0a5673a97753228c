"""Where a photo is among words, so that what somebody writes finds it.

ConSE (Norouzi et al., arXiv:1312.5650): the mean of what the likeliest classes' names mean,
each with a weight by its probability, in the space of a sentence encoder. Here the weight is
the root of the probability and a class is its names in both languages and its definition: of 180
photos' captions .62 (English) and .50 (Chinese) find theirs among the first ten, .52 and .42 as
published.
"""

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.networks.network import unit_length

# int8[1000, 512] in ImageNet's order, less what all classes have in common;
# `python -m benchmarks.write_class_meanings` makes it.
CLASS_MEANINGS = Path(__file__).with_name("class_meanings.npy")
CLASSES = 100  # the likeliest; the others are noise


def mean_meaning(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """float32[512], unit length. probabilities: float[1000], ImageNet's order."""
    likeliest = np.argpartition(probabilities, -CLASSES)[-CLASSES:]
    weights = np.sqrt(probabilities[likeliest], dtype=np.float32)
    return unit_length(weights @ _class_meanings()[likeliest].astype(np.float32))


@functools.cache
def _class_meanings() -> NDArray[np.int8]:
    meanings: NDArray[np.int8] = np.load(CLASS_MEANINGS, allow_pickle=False)
    return meanings
