"""Time, place and orientation as inspection reads them, against what is known to be right.

Time and place: the tag dumps of the metadata-extractor project where there is one, else the
reference reading in labels.csv. Orientation: eight files of one picture must look alike.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.evaluation_data import Pixels, read_rows
from functions.contract import InspectionFindings
from functions.errors import AnalysisError
from functions.inspection import inspect

# About ten metres.
MAX_DEGREES = 1e-4
# Of 255, the mean difference of two small copies; wrong turns of these pictures differ by 40.
MAX_DIFFERENCE = 12.0
_TAG = re.compile(r"^\[(?P<place>[^]]*)\] (?P<name>.*?) = (?P<value>.*)$", re.MULTILINE)
# Where a file says when it was taken, the camera's own word first.
_TIME_TAGS = (
    ("Exif SubIFD", "Date/Time Original"),
    ("XMPMeta", "photoshop:DateCreated"),
    ("Exif IFD0", "Date/Time"),
)
_DEGREES = re.compile(r"(-?)(\d+)° (\d+)' ([\d.]+)\"")


@dataclass
class _Count:
    files: int = 0
    right: int = 0
    missed: int = 0
    beyond: int = 0

    def add(self, wanted: object, got: object, *, agree: bool) -> None:
        if wanted is None and got is None:
            return
        self.files += 1
        self.right += agree
        self.missed += wanted is not None and got is None
        self.beyond += wanted is None and got is not None


def measure_metadata(errand: Errand) -> list[TaskReport]:
    report = TaskReport("Metadata: time, place and which way up")
    rows = errand.few(
        [
            row
            for row in read_rows(errand.data / "formats" / "labels.csv")
            if row["ref_decode"] == "ok" and row["category"] not in ("corrupt", "bomb", "polyglot")
        ]
    )
    errand.tell(f"Inspecting {len(rows)} files ...")
    counts = {name: _Count() for name in ("time, truth files", "time, reference")}
    counts |= {name: _Count() for name in ("place, truth files", "place, reference")}
    seconds, refused, wrong = [], [], []
    pictures: dict[str, Pixels] = {}
    for row in rows:
        data = (errand.data / row["path"]).read_bytes()
        began = time.process_time()
        try:
            inspection = inspect(data)
        except AnalysisError as error:
            refused.append(f"{row['path']} ({error.code})")
            continue
        finally:
            seconds.append(time.process_time() - began)
        source, truth = _truth(errand.data, row)
        found = _found(inspection.findings)
        for name in ("time", "place"):
            agree = _agree(truth[name], found[name])
            counts[f"{name}, {source}"].add(truth[name], found[name], agree=agree)
            if not agree:
                wrong.append(f"{row['path']}: {name} {found[name]}, not {truth[name]}")
        if row["category"] == "orientation":
            pictures[row["path"]] = inspection.pixels
    for name, count in counts.items():
        figures = {"files": count.files, "right": count.right, "missed": count.missed}
        report.add(name, {**figures, "beyond": count.beyond})
    upright, sideways = _count_upright(pictures)
    report.add("which way up", {"files": upright + len(sideways), "right": upright})
    report.add("all files", {"files": len(rows), "CPU s a file": float(np.mean(seconds))})
    report.notes.append("beyond: found where the truth says nothing; the reference reads EXIF only")
    report.notes += [f"refused: {name}" for name in refused]
    report.notes += wrong + [f"not upright: {path}" for path in sideways]
    return [report]


def _found(findings: InspectionFindings) -> dict[str, object]:
    place = findings.location
    return {
        # Which zone is not in these truths.
        "time": findings.taken_at[:19] if findings.taken_at else None,
        "place": (place.latitude, place.longitude) if place else None,
    }


def _agree(wanted: object, got: object) -> bool:
    if isinstance(wanted, tuple) and isinstance(got, tuple):
        return all(abs(a - b) <= MAX_DEGREES for a, b in zip(wanted, got, strict=True))
    return wanted == got


def _truth(data: Path, row: dict[str, str]) -> tuple[str, dict[str, object]]:
    if not row["truth_file"]:
        known = row["gps_lat"] and row["gps_lon"]
        place = (float(row["gps_lat"]), float(row["gps_lon"])) if known else None
        return "reference", {"time": _iso(row["datetime"]), "place": place}
    text = (data / row["truth_file"]).read_text(encoding="utf-8", errors="replace")
    tags = {
        (match["place"].partition(" - ")[0], match["name"]): match["value"].strip()
        for match in _TAG.finditer(text)
    }
    taken = next(filter(None, (_iso(tags.get(tag, "")) for tag in _TIME_TAGS)), None)
    latitude = _degrees(tags.get(("GPS", "GPS Latitude")))
    longitude = _degrees(tags.get(("GPS", "GPS Longitude")))
    place = None if latitude is None or longitude is None else (latitude, longitude)
    return "truth files", {"time": taken, "place": place}


def _iso(text: str) -> str | None:
    """2002:04:25 01:36:52 as 2002-04-25T01:36:52; None for a clock that was never set."""
    match = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d:\d\d:\d\d)", text)
    if match is None or match[1] == "0000":
        return None
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}"


def _degrees(text: str | None) -> float | None:
    match = _DEGREES.search(text or "")
    if match is None:
        return None
    value = int(match[2]) + int(match[3]) / 60 + float(match[4]) / 3600
    return -value if match[1] else value


def _count_upright(pictures: dict[str, Pixels]) -> tuple[int, list[str]]:
    """Files that look like their siblings' median, and the paths of the others."""
    groups: dict[str, list[str]] = {}
    for path in pictures:
        name = re.sub(r"\d.*$", "", Path(path).stem)
        groups.setdefault(name, []).append(path)
    upright, sideways = 0, []
    for paths in groups.values():
        if len(paths) < 3:
            continue  # nothing to compare with
        small = [
            np.asarray(Image.fromarray(pictures[path]).resize((32, 32)), np.float32)
            for path in paths
        ]
        usual = np.median(small, axis=0)
        for path, picture in zip(paths, small, strict=True):
            if float(np.abs(picture - usual).mean()) <= MAX_DIFFERENCE:
                upright += 1
            else:
                sideways.append(path)
    return upright, sideways
