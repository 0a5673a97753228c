"""How well text is read and at what cost, beside RapidOCR on the same pixels.

Receipts and scenes: each labelled line against what was read at its place; a line is found if
at most a tenth of it is wrong. Elsewhere the whole text in reading order; the file counts as a
line. CER: edits a character, spaces, case and look-alike signs folded.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy_tables import Errand, Figure, TaskReport
from benchmarks.baselines import BaselineError, ask_baseline
from benchmarks.evaluation_data import Pixels, at_preview_size, load_preview, text_photos
from benchmarks.measures import count_edits, fold_text
from functions.analyzers.text import text_analyzer

OURS, DEFAULT, IMMICH = "ours", "RapidOCR", "Immich"
_PHOTOS = ("classify/coco", "classify/album", "faces/group", "captions/flickr8k")
_PHOTOS_A_FOLDER = 20

MAX_CER = {"Easydict OCR tests, zh": 0.06, "Easydict OCR tests, en": 0.02}
MAX_CPU_RATIO = 1 / 3
MAX_SECONDS_WITHOUT_TEXT = 0.060


@dataclass(frozen=True, kw_only=True)
class ReadLine:
    """What was read at a place, in fractions of the picture."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(kw_only=True)
class Tally:
    files: int = 0
    edits: int = 0
    characters: int = 0
    wanted: int = 0  # lines, or files where a file is one text
    found: int = 0
    cpu: list[float] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.files += other.files
        self.edits += other.edits
        self.characters += other.characters
        self.wanted += other.wanted
        self.found += other.found
        self.cpu += other.cpu

    @property
    def error_rate(self) -> float:
        return self.edits / self.characters if self.characters else float("nan")

    @property
    def recall(self) -> float:
        return self.found / self.wanted if self.wanted else float("nan")


def measure_text(errand: Errand) -> list[TaskReport]:
    text_analyzer()
    with tempfile.TemporaryDirectory(prefix="shiguang-text-") as folder:
        return [
            _measure_labelled(errand, Path(folder)),
            _measure_without_text(errand, Path(folder)),
        ]


def _measure_labelled(errand: Errand, folder: Path) -> TaskReport:
    report = TaskReport("Text: what is written")
    entries = _few_of_each(errand, text_photos(errand.data))
    pictures = [load_preview(errand.data / entry["path"]) for entry in entries]
    tallies: dict[str, dict[str, Tally]] = {}
    for engine in (OURS, DEFAULT, IMMICH):
        errand.tell(f"Reading {len(entries)} labelled pictures: {engine} ...")
        try:
            for entry, (lines, cpu) in zip(
                entries, _read_all(engine, pictures, errand.cache, folder), strict=True
            ):
                tally = compare(entry, lines)
                tally.cpu.append(cpu)
                for row in (f"{entry['dataset']}, {entry['lang']}", *_totals(entry)):
                    tallies.setdefault(row, {}).setdefault(engine, Tally()).add(tally)
        except BaselineError as error:
            report.notes.append(f"{engine} is skipped: {error}")
    for row in sorted(tallies, key=lambda name: (name.startswith("all"), name)):
        report.add(row, _figures(tallies[row]))
    _judge(report, tallies)
    return report


def _few_of_each(errand: Errand, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(f"{entry['dataset']}, {entry['lang']}", []).append(entry)
    return [entry for group in groups.values() for entry in errand.few(group)]


def _totals(entry: dict[str, Any]) -> list[str]:
    return ["all", f"all {entry['lang']}"] if entry["lang"] in ("zh", "en") else ["all"]


def _figures(engines: dict[str, Tally]) -> dict[str, Figure]:
    figures: dict[str, Figure] = {"files": engines[OURS].files}
    for engine, tally in engines.items():
        figures[f"CER {engine}"] = tally.error_rate
    for engine, tally in engines.items():
        figures[f"found {engine}"] = f"{tally.found}/{tally.wanted}"
    for engine, tally in engines.items():
        figures[f"CPU s {engine}"] = statistics.mean(tally.cpu)
    return figures


def _judge(report: TaskReport, tallies: dict[str, dict[str, Tally]]) -> None:
    for row, limit in MAX_CER.items():
        if row in tallies:
            report.must_not_pass(f"CER, {row}", tallies[row][OURS].error_rate, limit)
    for row in ("all zh", "all en"):
        engines = tallies.get(row, {})
        if DEFAULT not in engines:
            continue
        ours, default = engines[OURS], engines[DEFAULT]
        report.must_not_pass(f"CER, {row}, against RapidOCR's", ours.error_rate, default.error_rate)
        report.must_reach(f"lines found, {row}, against RapidOCR's", ours.recall, default.recall)
        report.must_not_pass(
            f"CPU, {row}, in RapidOCR's", sum(ours.cpu) / sum(default.cpu), MAX_CPU_RATIO
        )


def _measure_without_text(errand: Errand, folder: Path) -> TaskReport:
    """Photos in which RapidOCR with its defaults reads nothing, brought to a preview's size."""
    report = TaskReport("Text: photos with none")
    paths = [
        path
        for name in _PHOTOS
        for path in errand.few(sorted((errand.data / name).glob("*.jpg"))[:_PHOTOS_A_FOLDER])
    ]
    pictures = [at_preview_size(load_preview(path)) for path in paths]
    errand.tell(f"Reading {len(paths)} photos with hardly any text ...")
    read: dict[str, list[tuple[list[ReadLine], float]]] = {}
    for engine in (OURS, DEFAULT, IMMICH):
        try:
            read[engine] = list(_read_all(engine, pictures, errand.cache, folder))
        except BaselineError as error:
            report.notes.append(f"{engine} is skipped: {error}")
    judge = read.get(DEFAULT, read[OURS])
    empty = [place for place, (lines, _) in enumerate(judge) if not lines]
    for engine, outcomes in read.items():
        seconds = [outcomes[place][1] for place in empty]
        report.add(
            engine,
            {
                "photos": len(empty),
                "read something": sum(bool(outcomes[place][0]) for place in empty),
                "CPU s mean": statistics.mean(seconds),
                "CPU s median": statistics.median(seconds),
                "CPU s 95 of 100": float(np.percentile(seconds, 95)),
            },
        )
    mean = report.rows[OURS]["CPU s mean"]
    report.must_not_pass(
        "CPU s on a photo with no text", float(mean or 0), MAX_SECONDS_WITHOUT_TEXT
    )
    return report


def _read_all(
    engine: str, pictures: list[Pixels], cache: Path, folder: Path
) -> Iterator[tuple[list[ReadLine], float]]:
    """What is read in each picture, and the CPU seconds it took. Raises BaselineError."""
    if engine == OURS:
        yield from map(read_ours, pictures)
        return
    requests = []
    for number, picture in enumerate(pictures):
        path = folder / f"{len(pictures)}-{number}.npy"
        if not path.exists():
            np.save(path, picture)
        geometry = "immich" if engine == IMMICH else "default"
        requests.append({"path": str(path), "geometry": geometry})
    for answer in ask_baseline(cache, "rapidocr_reader.py", requests):
        lines = [
            ReadLine(**{name: value for name, value in line.items() if name != "score"})
            for line in answer["lines"]
        ]
        yield lines, float(answer["cpu_s"])


def read_ours(picture: Pixels) -> tuple[list[ReadLine], float]:
    """What our analyzer reads in the picture, and the CPU seconds it takes."""
    began = time.process_time()
    found = text_analyzer().analyse(picture).lines
    cpu = time.process_time() - began
    lines = [
        ReadLine(
            text=line.text,
            left=line.box.left,
            top=line.box.top,
            right=line.box.left + line.box.width,
            bottom=line.box.top + line.box.height,
        )
        for line in found
    ]
    return lines, cpu


def compare(entry: dict[str, Any], lines: list[ReadLine]) -> Tally:
    tally = Tally(files=1)
    if entry.get("lines"):
        _compare_lines(entry, lines, tally)
    else:
        _compare_whole(entry, lines, tally)
    return tally


def _compare_whole(entry: dict[str, Any], lines: list[ReadLine], tally: Tally) -> None:
    wanted, got = fold_text(entry["text"]), fold_text("".join(line.text for line in lines))
    if "plate" in entry["kind"]:
        # The dot between the two parts of a plate is not in the labels.
        wanted, got = ("".join(filter(str.isalnum, text)) for text in (wanted, got))
    _count(tally, wanted, count_edits(wanted, got))


def _compare_lines(entry: dict[str, Any], lines: list[ReadLine], tally: Tally) -> None:
    width, height = entry["size"]
    for label in entry["lines"]:
        wanted = fold_text(label["text"])
        if not wanted or "*" in wanted or "###" in wanted:
            continue  # the labels' words for unreadable
        corners = np.array(label["poly"]).reshape(-1, 2) / (width, height)
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        slack = 0.3 * (bottom - top)
        near = [
            line.text
            for line in sorted(lines, key=lambda line: line.left)
            if top - slack < (line.top + line.bottom) / 2 < bottom + slack
            and line.left < right
            and line.right > left
        ]
        _count(tally, wanted, count_edits(wanted, fold_text("".join(near)), inside=True))


def _count(tally: Tally, wanted: str, edits: int) -> None:
    tally.edits += edits
    tally.characters += len(wanted)
    tally.wanted += 1
    tally.found += edits <= len(wanted) / 10
