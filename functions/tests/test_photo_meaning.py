"""Where photos are among words."""

import numpy as np
import pytest
from numpy.typing import NDArray

from functions import contract
from functions.analyzers.labels import labels_analyzer, read_label_names
from functions.analyzers.photo_meaning import CLASS_MEANINGS, CLASSES, mean_meaning
from functions.tests.test_labels import photo


def sure_of(name: str) -> NDArray[np.float32]:
    """Probabilities of a network that is almost sure of one class."""
    probabilities = np.full(1000, 1e-6, np.float32)
    probabilities[[label.name for label in read_label_names()].index(name)] = 0.99
    return probabilities


def test_every_class_has_a_vector() -> None:
    meanings = np.load(CLASS_MEANINGS)
    assert meanings.shape == (1000, contract.MEANING_DIMENSIONS)
    assert meanings.dtype == np.int8
    assert (np.abs(meanings).max(axis=1) > 10).all()


def test_what_all_classes_have_in_common_is_left_out() -> None:
    meanings = np.load(CLASS_MEANINGS).astype(float)
    assert np.abs(meanings.mean(axis=0)).max() < 0.1


def test_a_photo_is_near_photos_of_like_things() -> None:
    cat, tiger, lorry = (
        mean_meaning(sure_of(name)) for name in ("tabby cat", "tiger cat", "garbage truck")
    )
    assert cat @ tiger > cat @ lorry + 0.3


def test_the_unlikeliest_classes_change_nothing() -> None:
    probabilities = np.linspace(1e-3, 2e-3, 1000, dtype=np.float32)
    fewer = probabilities.copy()
    fewer[:-CLASSES] = 0
    assert np.array_equal(mean_meaning(probabilities), mean_meaning(fewer))


@pytest.mark.parametrize("name", ["chelsea.png", "astronaut.png", "china.jpg"])
def test_a_photo_has_a_vector_of_unit_length(name: str) -> None:
    packed = labels_analyzer().analyse(photo(name)).meaning
    vector = contract.decode_vector(packed, contract.MEANING_DIMENSIONS)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=2e-3)


def test_a_picture_of_one_colour_has_a_finite_vector() -> None:
    findings = labels_analyzer().analyse(np.zeros((64, 64, 3), np.uint8))
    assert np.isfinite(contract.decode_vector(findings.meaning, contract.MEANING_DIMENSIONS)).all()
