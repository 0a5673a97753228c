"""How well photos are labelled: ImageNet's classes, the album words, and whether scores mean it.

Beside the bare network: EfficientNet-Lite2 in full precision as its makers feed it (the whole
file, its shorter side brought to 292 px, the middle 260 px), its probabilities as they are.
"""

import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.baselines import BaselineError
from benchmarks.evaluation_data import (
    LabelledPhoto,
    face_photos,
    labelled_photos,
    load_preview,
)
from benchmarks.measures import calibration_error
from functions.analyzers.labels import CLASS_CALIBRATION, labels_analyzer, read_label_names
from functions.networks.fetch import Fetcher
from functions.networks.image_classification import ImageClassifier
from functions.networks.manifest import read_manifest
from functions.networks.network import softmax

MAPPING = Path(__file__).with_name("label_mapping.toml")
BARE_NETWORKS = Path(__file__).with_name("bare_networks.toml")
SIDE, RESIZED = 260, 292
SETS = ("LFW", "Asian_faces")
_Mapping = Mapping[str, Sequence[str]]
MAX_LOSS = 0.01
MAX_CALIBRATION_ERROR = 0.05


def measure_labels(errand: Errand) -> list[TaskReport]:
    return [_measure_classes(errand), _measure_words(errand)]


@dataclass
class _Ranking:
    first: list[bool] = field(default_factory=list)
    fifth: list[bool] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, scores: NDArray[np.floating[Any]], *, wanted: int, cpu: float) -> None:
        best = np.argsort(-scores, kind="stable")[:5]
        self.first.append(bool(best[0] == wanted))
        self.fifth.append(wanted in best)
        self.scores.append(float(scores[best[0]]))
        self.cpu.append(cpu)

    @property
    def calibration_error(self) -> float:
        return calibration_error(np.array(self.scores), np.array(self.first))


def _measure_classes(errand: Errand) -> TaskReport:
    report = TaskReport("Labels: ImageNet's 1,000 classes")
    photos = errand.few(labelled_photos(errand.data, dataset="imagenet"))
    index_of = {name.wnid: index for index, name in enumerate(read_label_names())}
    analyzer, classify, bare_network = labels_analyzer(), ImageClassifier(), _open_bare(errand)
    ours, bare = _Ranking(), _Ranking()
    agreeing = 0
    errand.tell(f"Naming what {len(photos)} ImageNet photos show ...")
    for photo in photos:
        wanted, blob, image = index_of[photo.wnid], _bare_blob(photo.path), load_preview(photo.path)
        began = time.process_time()
        logits = bare_network.run(["logits"], {"image": blob})[0][0]
        cpu = time.process_time() - began
        bare.add(softmax(logits), wanted=wanted, cpu=cpu)
        began = time.process_time()
        analyzer.analyse(image)
        cpu = time.process_time() - began
        scores = np.array([CLASS_CALIBRATION(float(p)) for p in classify(image).probabilities])
        ours.add(scores, wanted=wanted, cpu=cpu)
        agreeing += int(scores.argmax() == logits.argmax())
    for name, ranking in (("ours", ours), ("bare Lite2, fp32", bare)):
        report.add(
            name,
            {
                "photos": len(photos),
                "top-1": float(np.mean(ranking.first)),
                "top-5": float(np.mean(ranking.fifth)),
                "mean score": float(np.mean(ranking.scores)),
                "ECE": ranking.calibration_error,
                "agree": agreeing / len(photos),
                "CPU s a photo": float(np.mean(ranking.cpu)),
            },
        )
    least = float(np.mean(bare.first)) - MAX_LOSS
    report.must_reach("top-1, against the bare network's", float(np.mean(ours.first)), least)
    report.must_not_pass("ECE", ours.calibration_error, MAX_CALIBRATION_ERROR)
    return report


def _open_bare(errand: Errand) -> Any:
    """Lite2 in full precision, built from its checkpoint the first time. Raises BaselineError."""
    import onnxruntime

    (entry,) = read_manifest(BARE_NETWORKS).values()
    if Fetcher(errand.cache, say=errand.tell).fetch([entry]):
        raise BaselineError("the bare network could not be brought")
    path = entry.path(errand.cache)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _bare_blob(path: Path) -> NDArray[np.float32]:
    """float32[1, 3, 260, 260] of the file itself, without any of our sizes in between."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    scale = RESIZED / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    left, top = ((side - SIDE) // 2 for side in size)
    middle = picture.resize(size, Image.Resampling.BICUBIC).crop(
        (left, top, left + SIDE, top + SIDE)
    )
    pixels = (np.asarray(middle, np.float32) - 127) / 128
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


@dataclass
class _Words:
    """Labels shown on photos of a data set, as far as its own words can judge them."""

    shown: int = 0
    judged: int = 0
    right: int = 0
    things: int = 0  # a photo and a thing in it that labels can name
    found: int = 0
    scores: list[float] = field(default_factory=list)
    verdicts: list[bool] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)

    def add(self, photo: LabelledPhoto, labels: Mapping[str, float], things: _Mapping) -> None:
        vocabulary = {word for words in things.values() for word in words}
        true = {word for thing in photo.labels for word in things.get(thing, ())}
        self.shown += len(labels)
        for word, score in labels.items():
            if word in vocabulary:
                self.judged += 1
                self.right += word in true
                self.scores.append(score)
                self.verdicts.append(word in true)
                self.wrong[word] += word not in true
        for thing in photo.labels & things.keys():
            self.things += 1
            self.found += bool(labels.keys() & set(things[thing]))


def _measure_words(errand: Errand) -> TaskReport:
    report = TaskReport("Labels: what an album shows of them")
    mapping: dict[str, _Mapping] = tomllib.loads(MAPPING.read_text(encoding="utf-8"))
    wrong: Counter[str] = Counter()
    for dataset, things in mapping.items():
        words = _Words()
        for photo in errand.few(labelled_photos(errand.data, dataset=dataset)):
            found = labels_analyzer().analyse(load_preview(photo.path)).labels
            words.add(photo, {label.name: label.score for label in found}, things)
        wrong += words.wrong
        report.add(
            dataset,
            {
                "shown": words.shown,
                "judged": words.judged,
                "precision": words.right / words.judged if words.judged else None,
                "things": words.things,
                "recall": words.found / words.things if words.things else None,
                "ECE": calibration_error(np.array(words.scores), np.array(words.verdicts)),
            },
        )
    portraits = [photo for name in SETS for photo in face_photos(errand.data, dataset=name)]
    labels = [
        label.name
        for photo in errand.few(portraits)
        for label in labels_analyzer().analyse(load_preview(photo.path)).labels
    ]
    report.add("portraits", {"shown": len(labels)})
    report.notes.append(f"shown most on portraits: {_list(Counter(labels))}")
    report.notes.append(f"judged wrong: {_list(wrong)}")
    report.notes.append("right or wrong by benchmarks/label_mapping.toml; the rest is not judged")
    return report


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common(12) if count)
