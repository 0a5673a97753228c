"""Gathering faces into people through the product's own code, photos arriving one by one.

By day as they come, then after the nightly pass. The library's way beside it: a face is the
person of the nearest known face within .6.
"""

import hashlib
import random
import time
import uuid
from collections.abc import Hashable, Sequence

import numpy as np

from backend.accounts.models import User
from backend.people.models import Face
from backend.people.services import assign_people, mend_people, replace_faces
from backend.photos.models import Photo
from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.evaluation_data import FacePhoto, face_photos
from benchmarks.face_accuracy import (
    LIBRARY,
    LIBRARY_DISTANCE,
    MODEL,
    OURS,
    SETS,
    distances_between,
    see,
)
from benchmarks.measures import bcubed, pairwise

ORDERS = 3
MIN_F1 = {"LFW": 0.98, "East Asian": 0.95}
MIN_F1_BY_NIGHT = {"LFW": 0.99, "East Asian": 0.97}
OURS_BY_NIGHT = f"{OURS}, after the night"
MIN_PRECISION = 0.985


def measure_people(errand: Errand) -> list[TaskReport]:
    report = TaskReport(f"People: one stream in random order, mean of {ORDERS} orders")
    photos = [
        photo for dataset in SETS for photo in errand.few(face_photos(errand.data, dataset=dataset))
    ]
    rows: dict[str, list[dict[str, float]]] = {}
    for engine, gather in ((OURS, _gather_ours), (LIBRARY, _gather_library)):
        errand.tell(f"Gathering {len(photos)} faces into people: {engine} ...")
        for photo in photos:
            see(engine, photo.path)  # is not part of gathering
        for seed in range(ORDERS):
            order = random.Random(seed).sample(range(len(photos)), len(photos))
            began = time.process_time()
            gathered = gather([photos[place] for place in order])
            cpu = (time.process_time() - began) / len(photos)
            stream = [photos[place] for place in order]
            for dataset, title in SETS.items():
                own = [place for place, photo in enumerate(stream) if photo.dataset == dataset]
                truth = [stream[place].identity for place in own]
                for name, groups in gathered.items():
                    found = [groups[place] for place in own]
                    rows.setdefault(f"{title}, {name}", []).append(_agreement(truth, found, cpu))
    for name, runs in rows.items():
        report.add(name, {key: float(np.mean([run[key] for run in runs])) for key in runs[0]})
    for title, limit in MIN_F1.items():
        row = rows[f"{title}, {OURS}"]
        report.must_reach(f"{title} BCubed F1", _mean(row, "BCubed F1"), limit)
        report.must_reach(f"{title} BCubed precision", _mean(row, "BCubed P"), MIN_PRECISION)
        row = rows[f"{title}, {OURS_BY_NIGHT}"]
        night = MIN_F1_BY_NIGHT[title]
        report.must_reach(f"{title} BCubed F1 after the night", _mean(row, "BCubed F1"), night)
        report.must_reach(
            f"{title} BCubed precision after the night", _mean(row, "BCubed P"), MIN_PRECISION
        )
    report.notes.append("CPU of ours: this process's, by day and night together, without Postgres'")
    return [report]


def _mean(runs: list[dict[str, float]], name: str) -> float:
    return float(np.mean([run[name] for run in runs]))


def _agreement(truth: list[str], found: list[Hashable], cpu: float) -> dict[str, float]:
    items, pairs = bcubed(truth, found), pairwise(truth, found)
    return {
        "BCubed P": items.precision,
        "BCubed R": items.recall,
        "BCubed F1": items.f1,
        "pairs P": pairs.precision,
        "pairs R": pairs.recall,
        "pairs F1": pairs.f1,
        "people": len(set(truth)),
        "groups": len(set(found)),
        "CPU s a photo": cpu,
    }


def _gather_ours(photos: Sequence[FacePhoto]) -> dict[str, list[Hashable]]:
    """The person of each photo's largest face, by day and after the night.

    A face with no person is a group of its own.
    """
    owner = User.objects.create_user(f"accuracy-{uuid.uuid4().hex}", password=None)
    faces = []
    for photo in photos:
        row = Photo.objects.create(
            owner=owner,
            filename=photo.path.name,
            content_type="image/jpeg",
            size=1,
            sha256=hashlib.sha256(str(photo.path).encode()).hexdigest(),
            status=Photo.Status.READY,
        )
        findings = list(see(OURS, photo.path).findings)
        replace_faces(
            photo=row, analysis_id=uuid.uuid4(), model=MODEL, findings=findings, shown=True
        )
        assign_people(row, model=MODEL)
        own = Face.objects.filter(photo=row)
        faces.append(max(own, key=lambda face: face.width * face.height, default=None))
    by_day = _groups_of(faces)
    mend_people(model=MODEL, owner=owner)
    by_night = _groups_of(faces)
    Photo.objects.filter(owner=owner).delete()
    return {OURS: by_day, OURS_BY_NIGHT: by_night}


def _groups_of(faces: Sequence[Face | None]) -> list[Hashable]:
    ids = [face.id for face in faces if face is not None]
    people = dict(Face.objects.filter(id__in=ids).values_list("id", "person_id"))
    return [
        (people[face.id] if face is not None else None) or f"nobody {place}"
        for place, face in enumerate(faces)
    ]


def _gather_library(photos: Sequence[FacePhoto]) -> dict[str, list[Hashable]]:
    distances = distances_between(LIBRARY, photos)
    groups: list[Hashable] = []
    for place in range(len(photos)):
        # Where there is no face there is no distance.
        known = np.nan_to_num(distances[place, :place], nan=np.inf)
        nearest = int(known.argmin()) if place else -1
        is_known = place > 0 and known[nearest] <= LIBRARY_DISTANCE
        groups.append(groups[nearest] if is_known else place)
    return {LIBRARY: groups}
