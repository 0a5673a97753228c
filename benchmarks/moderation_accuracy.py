"""False alarms of moderation: every photo of the evaluation data is safe.

Nothing explicit was collected, so what moderation misses is not measured here.
"""

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from django.conf import settings

from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.evaluation_data import (
    captions,
    face_photos,
    labelled_photos,
    load_preview,
    read_rows,
)
from functions.analyzers.moderation import moderation_analyzer


def measure_moderation(errand: Errand) -> list[TaskReport]:
    report = TaskReport("Moderation: false alarms on safe photos")
    analyzer = moderation_analyzer()
    every: list[float] = []
    for name, paths in _sets(errand.data).items():
        chosen = errand.few(sorted(set(paths)))
        errand.tell(f"Scoring {len(chosen)} safe photos: {name} ...")
        scores, cpu = [], []
        for path in chosen:
            image = load_preview(path)
            began = time.process_time()
            scores.append(analyzer.analyse(image).score)
            cpu.append(time.process_time() - began)
        every += scores
        _add(report, name, scores)
        report.add(name, {"CPU s a photo": float(np.mean(cpu))})
    _add(report, "all", every)
    review, blocked = settings.MODERATION_REVIEW, settings.MODERATION_BLOCKED
    report.notes.append(f"to review from {review} on, blocked from {blocked}")
    return [report]


def _add(report: TaskReport, name: str, scores: list[float]) -> None:
    values = np.array(scores)
    report.add(
        name,
        {
            "photos": len(scores),
            "blocked": int((values >= settings.MODERATION_BLOCKED).sum()),
            "to review": int((values >= settings.MODERATION_REVIEW).sum()),
            "highest": float(values.max()),
            "99 of 100": float(np.percentile(values, 99)),
        },
    )


def _sets(data: Path) -> dict[str, Iterable[Path]]:
    negatives = read_rows(data / "classify" / "nsfw_negatives.csv")
    return {
        "chosen to be hard": [data / row["path"] for row in negatives],
        "clothing": [photo.path for photo in labelled_photos(data, dataset="clothing")],
        "COCO": [photo.path for photo in labelled_photos(data, dataset="coco")],
        "ImageNet": [photo.path for photo in labelled_photos(data, dataset="imagenet")],
        "Flickr8k": [caption.path for caption in captions(data)],
        "portraits, East Asian": [photo.path for photo in face_photos(data, dataset="Asian_faces")],
        "portraits, LFW": [photo.path for photo in face_photos(data, dataset="LFW")],
    }
