"""Finding faces and telling people apart, beside the face_recognition library.

The library as its users call it: face_locations (HOG, one upsampling), face_encodings, .6.
"""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.evaluation_data import (
    PREVIEW_SIDE,
    FacePhoto,
    at_preview_size,
    face_photos,
    group_photos,
    labelled_photos,
    load_preview,
)
from benchmarks.measures import acceptance_at, split_pairs
from functions import contract
from functions.analyzers.faces import faces_analyzer

OURS, LIBRARY = "ours", "face_recognition"
MODEL = contract.MODELS[contract.Kind.FACES][0]
LIBRARY_DISTANCE = 0.6
SETS = {"LFW": "LFW", "Asian_faces": "East Asian"}

MAX_CPU_RATIO = 1 / 15
MAX_FALSE_RATE = 0.01
MIN_EAST_ASIAN = 0.90
MAX_LARGE = 12  # photos; the library takes a second for each


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one engine saw in one photo: a vector a face and its area (of the photo)."""

    vectors: NDArray[np.float64]  # [n, d]
    areas: NDArray[np.float64]  # [n]
    cpu: float
    findings: tuple[contract.FaceFinding, ...] = ()

    @property
    def largest(self) -> NDArray[np.float64] | None:
        return self.vectors[self.areas.argmax()] if len(self.areas) else None


@functools.cache
def see(engine: str, path: Path) -> Seen:
    """Looks once a process: faces and people ask for the same photos."""
    return _see_with(engine)(load_preview(path))


@functools.cache
def _see_with(engine: str) -> Callable[[NDArray[np.uint8]], Seen]:
    look = _ours() if engine == OURS else _library()
    look(np.zeros((320, 320, 3), np.uint8))  # opens the networks
    return look


def _ours() -> Callable[[NDArray[np.uint8]], Seen]:
    analyzer = faces_analyzer(MODEL)

    def look(image: NDArray[np.uint8]) -> Seen:
        began = time.process_time()
        faces = analyzer.analyse(image).faces
        cpu = time.process_time() - began
        vectors = [
            contract.decode_vector(face.embedding, contract.FACE_DIMENSIONS) for face in faces
        ]
        return Seen(
            vectors=np.array(vectors).reshape(-1, contract.FACE_DIMENSIONS),
            areas=np.array([face.box.width * face.box.height for face in faces]),
            cpu=cpu,
            findings=tuple(faces),
        )

    return look


def _library() -> Callable[[NDArray[np.uint8]], Seen]:
    import face_recognition

    def look(image: NDArray[np.uint8]) -> Seen:
        # dlib wants memory of its own.
        image = np.array(image)
        began = time.process_time()
        places = face_recognition.face_locations(image, number_of_times_to_upsample=1, model="hog")
        vectors = face_recognition.face_encodings(image, places)
        cpu = time.process_time() - began
        areas = [(bottom - top) * (right - left) for top, right, bottom, left in places]
        return Seen(vectors=np.array(vectors).reshape(-1, 128), areas=np.array(areas), cpu=cpu)

    return look


def distances_between(engine: str, photos: Sequence[FacePhoto]) -> NDArray[np.float64]:
    """float[n, n] of the largest faces: cosine distance (ours), Euclidean (the library's)."""
    largest = [see(engine, photo.path).largest for photo in photos]
    vectors = np.stack([np.full(128, np.nan) if one is None else one for one in largest])
    products = vectors @ vectors.T
    if engine == OURS:
        cosine: NDArray[np.float64] = 1 - products
        return cosine
    squares = (vectors**2).sum(axis=1)
    with np.errstate(invalid="ignore"):
        euclid: NDArray[np.float64] = np.sqrt(
            np.maximum(squares[:, None] + squares - 2 * products, 0)
        )
    return euclid


def measure_faces(errand: Errand) -> list[TaskReport]:
    spent: dict[str, list[float]] = {OURS: [], LIBRARY: []}
    return [
        _measure_detection(errand, spent),
        _measure_verification(errand, spent),
        _measure_cost(errand),
    ]


def _measure_cost(errand: Errand) -> TaskReport:
    """What faces cost in photos as large as a phone's, which the sets' photos are not."""
    report = TaskReport(f"Faces: cost at {PREVIEW_SIDE} px")
    groups = errand.few(group_photos(errand.data))[:MAX_LARGE]
    images = [at_preview_size(load_preview(photo.path)) for photo in groups]
    errand.tell(f"Looking for faces in {len(images)} large photos ...")
    cpu = {}
    for engine in (OURS, LIBRARY):
        seen = [_see_with(engine)(image) for image in images]
        cpu[engine] = float(np.mean([one.cpu for one in seen]))
        faces = sum(len(one.areas) for one in seen)
        report.add(engine, {"photos": len(images), "faces": faces, "CPU s a photo": cpu[engine]})
    ratio = cpu[OURS] / cpu[LIBRARY]
    report.must_not_pass("CPU of these photos, in the library's", ratio, MAX_CPU_RATIO)
    return report


def _measure_detection(errand: Errand, spent: dict[str, list[float]]) -> TaskReport:
    report = TaskReport("Faces: finding them in group photos")
    groups = errand.few(group_photos(errand.data))
    empty = errand.few(
        [
            photo
            for photo in labelled_photos(errand.data, dataset="coco")
            if "person" not in photo.labels
        ]
    )
    errand.tell(f"Looking for faces in {len(groups) + len(empty)} photos ...")
    for engine in (OURS, LIBRARY):
        counts = {photo.path: len(see(engine, photo.path).areas) for photo in groups}
        counted = [photo for photo in groups if photo.faces]
        wanted = sum(photo.faces or 0 for photo in counted)
        found = sum(min(counts[photo.path], photo.faces or 0) for photo in counted)
        # More faces than people is wrong for certain; fewer may still be wrong ones.
        false = sum(
            max(0, counts[photo.path] - photo.people)
            for photo in groups
            if photo.people is not None and not photo.is_crowd
        )
        cpu = [see(engine, photo.path).cpu for photo in groups]
        spent[engine] += cpu
        report.add(
            engine,
            {
                "faces wanted": wanted,
                "found": found,
                "recall": found / wanted if wanted else None,
                "more than people": false,
                "uncounted groups: found": sum(
                    counts[photo.path] for photo in groups if photo.faces is None
                ),
                "photos of nobody": len(empty),
                "faces there": sum(len(see(engine, photo.path).areas) for photo in empty),
                "CPU s a photo": float(np.mean(cpu)),
            },
        )
    report.notes.append(
        "wanted: persons of COCO whose nose a person has marked, a lower bound of visible faces"
    )
    return report


def _measure_verification(errand: Errand, spent: dict[str, list[float]]) -> TaskReport:
    from backend.people.distances import same_distance

    report = TaskReport("Faces: telling people apart (largest face of each photo, all pairs)")
    thresholds = {OURS: same_distance(MODEL), LIBRARY: LIBRARY_DISTANCE}
    rates: dict[tuple[str, str], dict[str, float]] = {}
    for dataset, title in SETS.items():
        photos = errand.few(face_photos(errand.data, dataset=dataset))
        errand.tell(f"Comparing {len(photos)} faces: {title} ...")
        for engine, threshold in thresholds.items():
            same, different = split_pairs(
                distances_between(engine, photos), [photo.identity for photo in photos]
            )
            cpu = [see(engine, photo.path).cpu for photo in photos]
            spent[engine] += cpu
            rate = rates[title, engine] = {
                "TAR@FAR 1e-2": acceptance_at(same, different, false_rate=1e-2),
                "TAR@FAR 1e-3": acceptance_at(same, different, false_rate=1e-3),
                "TAR shipped": float(np.mean(same <= threshold)),
                "FAR shipped": float(np.mean(different <= threshold)),
            }
            faceless = sum(see(engine, photo.path).largest is None for photo in photos)
            counts = {"photos": len(photos), "no face": faceless, "same": len(same)}
            counts["different"] = len(different)
            mean = float(np.mean(cpu))
            report.add(f"{title}, {engine}", {**counts, **rate, "CPU s a photo": mean})
    _judge(report, rates, spent)
    report.notes.append(f"shipped: {thresholds[OURS]} (cosine), the library's .6 (Euclidean)")
    return report


def _judge(
    report: TaskReport,
    rates: dict[tuple[str, str], dict[str, float]],
    spent: dict[str, list[float]],
) -> None:
    for name in ("TAR@FAR 1e-2", "TAR@FAR 1e-3"):
        report.must_reach(f"LFW {name}", rates["LFW", OURS][name], rates["LFW", LIBRARY][name])
    east = rates["East Asian", OURS]
    report.must_reach("East Asian TAR@FAR 1e-2", east["TAR@FAR 1e-2"], MIN_EAST_ASIAN)
    for title in SETS.values():
        false = rates[title, OURS]["FAR shipped"]
        report.must_not_pass(f"{title} FAR at the shipped distance", false, MAX_FALSE_RATE)
    ratio = sum(spent[OURS]) / sum(spent[LIBRARY])
    report.must_not_pass("CPU of all these photos, in the library's", ratio, MAX_CPU_RATIO)
