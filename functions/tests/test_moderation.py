"""Moderation, on photos that nobody needs to be protected from."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from functions import contract
from functions.analyzers.moderation import moderation_analyzer
from functions.errors import AnalysisError
from functions.networks.nsfw import make_blob

PHOTOS = Path(__file__).with_name("photos")


def photo(name: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(PHOTOS / name).convert("RGB"))


@pytest.mark.parametrize(
    "name",
    ["astronaut.png", "grace_hopper.jpg", "chelsea.png", "coffee.png", "china.jpg", "flower.jpg"],
)
def test_a_harmless_photo_scores_low(name: str) -> None:
    assert 0 <= moderation_analyzer().analyse(photo(name)).score < 0.2


def test_bare_skin_colours_score_higher_than_a_cat() -> None:
    # Nothing explicit is kept here; a smooth gradient of skin is what the network leans to.
    column = np.linspace(0, 1, 300)[:, None, None]
    skin = np.array([224, 172, 145]) * (1 - column) + np.array([160, 105, 80]) * column
    image = np.broadcast_to(skin, (300, 300, 3)).astype(np.uint8)
    score = moderation_analyzer().analyse(image).score
    assert score > moderation_analyzer().analyse(photo("chelsea.png")).score


def test_the_network_sees_blue_green_red_without_the_mean() -> None:
    blob = make_blob(np.full((50, 80, 3), (200, 150, 110), np.uint8))
    assert blob.shape == (1, 224, 224, 3)
    assert blob[0, 100, 100].tolist() == [110 - 104, 150 - 117, 200 - 123]


def test_the_edges_are_cut_off() -> None:
    image = np.zeros((256, 256, 3), np.uint8)
    image[:16] = image[-16:] = 255
    image[:, :16] = image[:, -16:] = 255
    assert make_blob(image).max() <= 0


def test_a_score_that_is_not_finite_is_an_analysis_error(monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer = moderation_analyzer()
    monkeypatch.setattr(analyzer, "_score", lambda image: float("nan"))
    with pytest.raises(AnalysisError) as caught:
        analyzer.analyse(photo("coffee.png"))
    assert (caught.value.code, caught.value.permanent) == ("not_finite", True)


def test_the_findings_are_of_the_contract() -> None:
    findings = moderation_analyzer().analyse(photo("rocket.jpg"))
    assert isinstance(findings, contract.FINDINGS[contract.Kind.MODERATION])
