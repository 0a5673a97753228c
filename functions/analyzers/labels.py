"""Name what a photo shows, in English and Chinese, and describe it as vectors."""

import csv
import functools
import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions import contract
from functions.analyzers.photo_meaning import mean_meaning
from functions.errors import AnalysisError
from functions.networks.image_classification import ClassifiedImage, ImageClassifier
from functions.networks.image_text import PHOTOS, photo_reader
from functions.networks.network import digest_of

LABEL_NAMES = Path(__file__).with_name("label_names.tsv")

# What is more likely right than wrong.
MIN_SCORE = 0.5


@dataclass(frozen=True)
class Calibration:
    """How likely a label of probability p is right: 1 / (1 + exp(-slope * logit(p) - offset))."""

    slope: float
    offset: float

    def __call__(self, probability: float) -> float:
        """0-1, in the order of the probabilities."""
        bounded = min(max(probability, 1e-6), 1 - 1e-6)
        odds = self.slope * math.log(bounded / (1 - bounded)) + self.offset
        return 1 / (1 + math.exp(-odds))


# Logistic regressions of "right" on logit(p).
# Classes: how likely the best one is right in a photo that shows one of the 1000. Fitted on half
# of 110 ImageNet photos of the evaluation data (.97 right) and, with the same weight, on what is
# known of 890 others (.976 right above p = .5, .70 below): with either alone the other's
# expected calibration error is above .07, so it is .04 on both. The offset is that of 8 bits,
# whose probabilities are lower by .006.
# Album words: 140 with p > .15 on photos as albums hold them (30 COCO, 12 PhotoPrism, groups
# and portraits), judged by hand; above MIN_SCORE .84 were right, and .85 of the right ones there.
# A temperature instead makes the portrait of an astronaut a football helmet: it sharpens
# whatever wins, though nothing won.
CLASS_CALIBRATION = Calibration(slope=1.106, offset=2.7)
ALBUM_CALIBRATION = Calibration(slope=2.0, offset=1.74)

# An album's photos often show none of the classes, and the network's low probabilities are how
# it says so: of 87 such photos, judged by hand, .83 of those above this were right.
MIN_PROBABILITY = 0.24
# Bra, bikini, leotard, one-piece swimsuit, swimming trunks: a wrong one on a portrait offends,
# and bare shoulders are enough for a third.
DELICATE = frozenset({"n02837789", "n02892767", "n03710637", "n03710721", "n04371430"})
MIN_DELICATE_PROBABILITY = 0.6


@dataclass(frozen=True, kw_only=True)
class LabelName:
    """What a class is called, and the everyday words an album would use: dog, pet, animal."""

    wnid: str  # WordNet 3.0's synset
    name: str
    name_zh: str
    albums: tuple[tuple[str, str], ...]  # English and Chinese, narrow words first


class LabelsAnalyzer:
    """Labels by EfficientNet-Lite2, its features, and where its classes are among words.

    Safe to use from several threads.
    """

    model = "efficientnet-lite2-1"

    def __init__(self) -> None:
        self._classify = ImageClassifier()
        self._read_photo = photo_reader()
        self._names = read_label_names()

    @property
    def weights_sha256(self) -> str:
        return digest_of([ImageClassifier.network_name, *([PHOTOS] if self._read_photo else [])])

    def analyse(self, image: NDArray[np.uint8]) -> contract.LabelsFindings:
        """image: uint8[h, w, 3], RGB, upright. Raises AnalysisError."""
        classified = self._classify(image)
        try:
            features = contract.encode_vector(classified.features.tolist())
            meaning = contract.encode_vector(self._mean(image, classified).tolist())
        except contract.ContractError as error:
            raise AnalysisError(
                stage="classify",
                code="not_finite",
                detail="The photo could not be described.",
                permanent=True,
            ) from error
        return contract.LabelsFindings(
            labels=choose_labels(classified.probabilities, self._names),
            features=features,
            meaning=meaning,
        )

    def _mean(self, image: NDArray[np.uint8], classified: ClassifiedImage) -> NDArray[np.float32]:
        if self._read_photo is not None:
            return self._read_photo(image)
        return mean_meaning(classified.probabilities)


def choose_labels(
    probabilities: NDArray[np.floating[Any]], names: list[LabelName]
) -> list[contract.LabelFinding]:
    """The labels that are more likely right than wrong, best first, at most MAX_LABELS.

    An album word stands for all its classes: twenty breeds at .04 are a dog. Where a class
    and an album word have the same name, the higher score stays.
    """
    scores: dict[tuple[str, str], float] = defaultdict(float)
    albums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for probability, label in zip(probabilities.tolist(), names, strict=True):
        key = (label.name, label.name_zh)
        least = MIN_DELICATE_PROBABILITY if label.wnid in DELICATE else MIN_PROBABILITY
        if probability >= least:
            scores[key] = max(scores[key], CLASS_CALIBRATION(probability))
        for album in label.albums:
            albums[album].append(probability)
    for key, members in albums.items():
        probability = beyond_chance(sum(members), len(members) / len(names))
        scores[key] = max(scores[key], ALBUM_CALIBRATION(probability))
    found = [
        contract.LabelFinding(name=name, name_zh=name_zh, score=score)
        for (name, name_zh), score in scores.items()
        if score >= MIN_SCORE
    ]
    # By name where scores are equal, so that a photo gives the same result twice.
    return sorted(found, key=lambda label: (-label.score, label.name))[: contract.MAX_LABELS]


def beyond_chance(probability: float, chance: float) -> float:
    """What is left of a probability when what a blind guess would get is taken away, 0-1.

    394 of the 1000 classes are animals, so a network that sees none of its classes still
    gives animals a third: 22 of 251 portraits were "animal" before this, none after.
    """
    return max(0.0, (probability - chance) / (1 - chance)) if chance < 1 else 0.0


@functools.cache
def read_label_names(path: Path = LABEL_NAMES) -> list[LabelName]:
    """The 1000 classes in ImageNet's order. Raises ValueError if the file does not hold them."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
    if [row["index"] for row in rows] != [str(index) for index in range(1000)]:
        raise ValueError(f"{path} does not hold the 1000 classes in order")
    return [
        LabelName(
            wnid=row["wnid"],
            name=row["name"],
            name_zh=row["name_zh"],
            albums=tuple(
                zip(_words(row["album"]), _words(row["album_zh"]), strict=True),
            ),
        )
        for row in rows
    ]


def _words(cell: str) -> list[str]:
    return cell.split("|") if cell else []


@functools.cache
def labels_analyzer() -> LabelsAnalyzer:
    """Opened once a process. Raises AnalysisError if its network cannot be opened."""
    return LabelsAnalyzer()
