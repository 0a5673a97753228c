"""Labels, on freely licensed photos and on made-up probabilities."""

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from functions import contract
from functions.analyzers.labels import (
    ALBUM_CALIBRATION,
    CLASS_CALIBRATION,
    MIN_SCORE,
    Calibration,
    LabelName,
    beyond_chance,
    choose_labels,
    labels_analyzer,
    read_label_names,
)

PHOTOS = Path(__file__).with_name("photos")

DOG, ANIMAL = ("dog", "狗"), ("animal", "动物")
NAMES = [
    LabelName(wnid="", name=f"breed {index}", name_zh=f"品种{index}", albums=(DOG, ANIMAL))
    for index in range(20)
] + [
    LabelName(wnid="", name=f"thing {index}", name_zh=f"东西{index}", albums=())
    for index in range(180)
]


def photo(name: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(PHOTOS / name).convert("RGB"))


def names_of(image: NDArray[np.uint8]) -> set[str]:
    return {label.name for label in labels_analyzer().analyse(image).labels}


def test_chelsea_is_a_cat_in_both_languages() -> None:
    labels = labels_analyzer().analyse(photo("chelsea.png")).labels
    assert ("cat", "猫") in {(label.name, label.name_zh) for label in labels}
    assert all(MIN_SCORE <= label.score <= 1 for label in labels)


def test_a_cup_of_coffee_is_coffee() -> None:
    assert "coffee" in names_of(photo("coffee.png"))


def test_a_temple_is_a_building() -> None:
    assert "building" in names_of(photo("china.jpg"))


def test_a_portrait_is_no_football_helmet() -> None:
    assert names_of(photo("astronaut.png")) == set()


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_shows_nothing_alive(value: int) -> None:
    assert not names_of(np.full((300, 400, 3), value, np.uint8)) & {"animal", "dog", "bird"}


def test_labels_come_best_first() -> None:
    scores = [label.score for label in labels_analyzer().analyse(photo("coffee.png")).labels]
    assert scores == sorted(scores, reverse=True)


def test_features_have_unit_length_and_tell_photos_apart() -> None:
    def features(image: NDArray[np.uint8]) -> NDArray[np.float64]:
        packed = labels_analyzer().analyse(image).features
        return np.array(contract.decode_vector(packed, contract.FEATURE_DIMENSIONS))

    cat = photo("chelsea.png")
    smaller = np.asarray(Image.fromarray(cat).resize((300, 200)))
    assert np.linalg.norm(features(cat)) == pytest.approx(1, abs=2e-3)
    assert features(cat) @ features(smaller) > 0.9
    assert features(cat) @ features(photo("coffee.png")) < 0.6


def test_two_threads_give_what_one_gives() -> None:
    images = [photo("chelsea.png"), photo("coffee.png")] * 4
    alone = [labels_analyzer().analyse(image) for image in images]
    together: dict[int, contract.LabelsFindings] = {}

    def analyse(start: int) -> None:
        for index in range(start, len(images), 2):
            together[index] = labels_analyzer().analyse(images[index])

    threads = [threading.Thread(target=analyse, args=(start,)) for start in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[index] for index in range(len(images))] == alone


def test_many_breeds_make_a_dog_and_none_of_them_a_label() -> None:
    probabilities = np.zeros(200)
    probabilities[:20] = 0.04
    found = choose_labels(probabilities, NAMES)
    assert [(label.name, label.name_zh) for label in found] == [ANIMAL, DOG]


def test_probability_spread_evenly_is_no_label() -> None:
    assert choose_labels(np.full(200, 1 / 200), NAMES) == []


def test_a_sure_class_and_its_album_words_are_all_told() -> None:
    probabilities = np.full(200, 0.1 / 199)
    probabilities[3] = 0.9
    assert {label.name for label in choose_labels(probabilities, NAMES)} == {
        "breed 3",
        "dog",
        "animal",
    }


def test_a_class_that_hardly_wins_is_not_told() -> None:
    probabilities = np.full(200, (1 - 0.2) / 199)
    probabilities[100] = 0.2
    assert "thing 80" not in {label.name for label in choose_labels(probabilities, NAMES)}


def test_what_could_offend_needs_more_certainty() -> None:
    bra = LabelName(wnid="n02892767", name="bra", name_zh="文胸", albums=())
    for probability, told in ((0.5, False), (0.7, True)):
        probabilities = np.full(200, (1 - probability) / 199)
        probabilities[0] = probability
        labels = choose_labels(probabilities, [bra, *NAMES[1:]])
        assert ("bra" in {label.name for label in labels}) == told


def test_a_class_named_like_its_album_word_is_told_once() -> None:
    zebra = LabelName(wnid="", name="zebra", name_zh="斑马", albums=(("zebra", "斑马"),))
    names = [zebra, *NAMES[1:]]
    probabilities = np.zeros(200)
    probabilities[0] = 0.9
    assert [label.name for label in choose_labels(probabilities, names)] == ["zebra"]


def test_no_more_labels_than_a_result_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "MAX_LABELS", 2)
    probabilities = np.zeros(200)
    probabilities[:2] = 0.5
    assert len(choose_labels(probabilities, NAMES)) == 2


def test_a_table_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        choose_labels(np.zeros(199), NAMES)


@pytest.mark.parametrize("calibrate", [CLASS_CALIBRATION, ALBUM_CALIBRATION])
def test_calibration_keeps_the_order_and_stays_inside_0_and_1(calibrate: Calibration) -> None:
    scores = [calibrate(probability) for probability in np.linspace(0, 1, 101)]
    assert scores == sorted(scores)
    assert 0 <= scores[0] < 0.01
    assert 0.99 < scores[-1] <= 1


def test_chance_leaves_nothing_and_certainty_everything() -> None:
    assert beyond_chance(0.4, 0.4) == 0
    assert beyond_chance(0.1, 0.4) == 0
    assert beyond_chance(1.0, 0.4) == 1


def test_the_shipped_names_fit_the_network() -> None:
    names = read_label_names()
    assert len(names) == 1000
    assert (names[281].name_zh, names[281].albums[0]) == ("虎斑猫", ("cat", "猫"))


def test_a_table_with_a_missing_row_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "names.tsv"
    table.write_text("index\twnid\tname\tname_zh\talbum\talbum_zh\n0\tn0\ta\t甲\t\t\n")
    with pytest.raises(ValueError, match="1000"):
        read_label_names(table)
