"""What it costs to look with 8-bit networks: the same photos once more in full precision.

The networks in full precision are the same graphs before their layers are rounded, built into
the benchmarks' cache.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy_tables import Errand, Figure, TaskReport
from benchmarks.evaluation_data import face_photos, labelled_photos, load_preview, text_photos
from benchmarks.measures import acceptance_at, count_edits, fold_text, split_pairs
from benchmarks.text_accuracy import Tally, compare, read_ours
from functions import contract
from functions.analyzers.faces import faces_analyzer
from functions.analyzers.labels import labels_analyzer, read_label_names
from functions.networks.building import SIMPLIFIED
from functions.networks.fetch import Fetcher
from functions.networks.image_classification import ImageClassifier
from functions.networks.manifest import network_entry
from functions.networks.network import Network

MODEL = contract.MODELS[contract.Kind.FACES][0]
SETS = ("LFW", "Asian_faces")
TEXTS_A_LANGUAGE = 25

_Item = TypeVar("_Item")
_Seen = TypeVar("_Seen")


def measure_bits(errand: Errand) -> list[TaskReport]:
    report = TaskReport("Networks in 8 bits, beside the same in full precision")
    full = {name: _open_full(errand, name) for name in SIMPLIFIED}
    for row, measure in (
        ("labels", _measure_labels),
        ("faces", _measure_faces),
        ("text", _measure_text),
    ):
        errand.tell(f"Looking at everything twice: {row} ...")
        report.add(row, measure(errand, full))
    report.notes += [
        "labels: top-1 on ImageNet; agree: the same best class; least: cosine of the features",
        "faces: TAR at FAR 1e-3 (all pairs of LFW, of East Asian faces; the mean); "
        "agree: mean cosine of the same face's two vectors, and the least",
        "text: 1 - CER; agree: 1 - edits between the two readings a character, and the worst file",
    ]
    return [report]


def _open_full(errand: Errand, name: str) -> Network:
    entry = network_entry(name)
    path = errand.cache / f"{name}-{entry.source_sha256[:8]}-full.onnx"
    if not path.exists():
        source = Fetcher(errand.cache, say=errand.tell).read_source(entry)
        path.write_bytes(SIMPLIFIED[name](source).SerializeToString())
    return Network(name=name, path=path, sha256="")


@contextlib.contextmanager
def _running(instead: Mapping[str, Network]) -> Iterator[None]:
    """Whoever runs a network of one of these names runs the other one meanwhile."""
    run = Network.run

    def run_other(network: Network, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        return run(instead.get(network.name, network), feeds)

    Network.run = run_other  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Network.run = run  # type: ignore[method-assign]


def _see_twice(
    items: list[_Item], see: Callable[[_Item], _Seen], full: Mapping[str, Network]
) -> tuple[list[tuple[_Seen, _Seen]], dict[str, Figure]]:
    """What is seen in full precision and in 8 bits, and the CPU seconds an item of both."""
    see(items[0])
    pairs, spent = [], np.zeros(2)
    for item in items:
        began = time.process_time()
        with _running(full):
            exact = see(item)
        between = time.process_time()
        rounded = see(item)
        spent += (between - began, time.process_time() - between)
        pairs.append((exact, rounded))
    cpu = spent / len(items)
    return pairs, {
        "photos": len(items),
        "CPU s, full": float(cpu[0]),
        "CPU s, 8 bits": float(cpu[1]),
    }


def _measure_labels(errand: Errand, full: Mapping[str, Network]) -> dict[str, Figure]:
    photos = errand.few(labelled_photos(errand.data, dataset="imagenet"))
    index_of = {name.wnid: index for index, name in enumerate(read_label_names())}
    wanted = np.array([index_of[photo.wnid] for photo in photos])
    labels_analyzer()
    images = [load_preview(photo.path) for photo in photos]
    pairs, figures = _see_twice(images, ImageClassifier(), full)
    exact, rounded = (
        np.array([seen.probabilities.argmax() for seen in side])
        for side in zip(*pairs, strict=True)
    )
    alike = [float(first.features @ second.features) for first, second in pairs]
    return figures | {
        "accuracy, full": float(np.mean(exact == wanted)),
        "accuracy, 8 bits": float(np.mean(rounded == wanted)),
        "agree": float(np.mean(exact == rounded)),
        "least": min(alike),
    }


def _measure_faces(errand: Errand, full: Mapping[str, Network]) -> dict[str, Figure]:
    analyzer = faces_analyzer(MODEL)

    def embed_largest(image: NDArray[np.uint8]) -> NDArray[np.float64]:
        faces = analyzer.analyse(image).faces
        if not faces:
            return np.full(contract.FACE_DIMENSIONS, np.nan)
        largest = max(faces, key=lambda face: face.box.width * face.box.height)
        return np.array(contract.decode_vector(largest.embedding, contract.FACE_DIMENSIONS))

    rates: list[list[float]] = []
    alike: list[float] = []
    figures: dict[str, Figure] = {}
    for dataset in SETS:
        photos = errand.few(face_photos(errand.data, dataset=dataset))
        images = [load_preview(photo.path) for photo in photos]
        pairs, cost = _see_twice(images, embed_largest, full)
        # The larger set's.
        figures = figures or cost
        alike += [float(first @ second) for first, second in pairs if np.isfinite(first).all()]
        rates.append([])
        for side in zip(*pairs, strict=True):
            vectors = np.stack(side)
            same, different = split_pairs(
                1 - vectors @ vectors.T, [photo.identity for photo in photos]
            )
            rates[-1].append(acceptance_at(same, different, false_rate=1e-3))
    exact, rounded = np.mean(rates, axis=0)
    return figures | {
        "accuracy, full": float(exact),
        "accuracy, 8 bits": float(rounded),
        "agree": float(np.mean(alike)),
        "least": min(alike),
    }


def _measure_text(errand: Errand, full: Mapping[str, Network]) -> dict[str, Figure]:
    entries = text_photos(errand.data)
    chosen = []
    for language in ("zh", "en"):
        spoken = [entry for entry in entries if entry["lang"] == language]
        step = -(-len(spoken) // TEXTS_A_LANGUAGE)
        chosen += errand.few(spoken[::step])
    images = [load_preview(errand.data / entry["path"]) for entry in chosen]
    pairs, figures = _see_twice(images, lambda image: read_ours(image)[0], full)
    exact, rounded = Tally(), Tally()
    edits = characters = 0
    shares = []
    for entry, (first, second) in zip(chosen, pairs, strict=True):
        exact.add(compare(entry, first))
        rounded.add(compare(entry, second))
        wanted, got = (fold_text("".join(line.text for line in lines)) for lines in (first, second))
        changed = count_edits(wanted, got)
        edits, characters = edits + changed, characters + len(wanted)
        shares.append(1 - changed / max(len(wanted), len(got), 1))
    return figures | {
        "accuracy, full": 1 - exact.error_rate,
        "accuracy, 8 bits": 1 - rounded.error_rate,
        "agree": 1 - edits / max(characters, 1),
        "least": min(shares),
    }
