"""How well text is read, and at what cost.

    python -m benchmarks.text_accuracy --data /work/shared/data

Prints one table over the labelled pictures of DATA/ocr (labels.jsonl) and, as the last row,
the photos of DATA that hold little or no text. CER: edits per character, spaces, case and
look-alike punctuation folded. Receipts and scenes: each labelled line against what was read
at its place; a line is found if at most a tenth of it is wrong. CPU: one thread, median.
"""

import argparse
import json
import resource
import statistics
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from functions import contract
from functions.analyzers.text import text_analyzer

LONGEST_SIDE = contract.RENDITION_SIDES[contract.Rendition.PREVIEW]
ALIKE = str.maketrans(
    {
        **dict.fromkeys("·・‧•．。", "."),
        **dict.fromkeys("—–－―─", "-"),
        **dict.fromkeys("“”„＂「」『』", '"'),
        **dict.fromkeys("‘’＇`", "'"),
        **dict.fromkeys("、，", ","),
        **dict.fromkeys("《〈", "<"),
        **dict.fromkeys("》〉", ">"),
        "【": "[",
        "】": "]",
    }
)
PHOTOS = ("classify/coco", "classify/album", "faces/group", "captions/flickr8k")
PHOTOS_A_FOLDER = 40


@dataclass(kw_only=True)
class Row:
    files: int = 0
    edits: int = 0
    characters: int = 0
    wanted: int = 0  # lines, or files where a file is one text
    found: int = 0
    with_text: int = 0  # files in which anything was read
    cpu_ms: list[float] = field(default_factory=list)


def fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(ALIKE)).translate(ALIKE)
    return "".join(folded.split()).upper()


def count_edits(wanted: str, read: str, *, inside: bool = False) -> int:
    """Levenshtein's distance; with `inside`, to the part of `read` that fits best."""
    letters = np.array([ord(letter) for letter in read], dtype=np.int64)
    steps = np.arange(len(letters) + 1)
    edits = np.zeros_like(steps) if inside else steps.copy()
    for number, letter in enumerate(wanted, 1):
        changed = np.minimum(edits[1:] + 1, edits[:-1] + (letters != ord(letter)))
        # What an insertion to the left would cost, for all columns at once.
        edits = np.minimum.accumulate(np.concatenate([[number], changed]) - steps) + steps
    return int(edits.min() if inside else edits[-1])


def load(path: Path) -> NDArray[np.uint8]:
    """The picture as the text analyzer gets it: upright, on white, at most a preview's size."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    page = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    page.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(page)


def read(image: NDArray[np.uint8], row: Row) -> list[contract.TextLine]:
    start = time.thread_time()
    lines = text_analyzer().analyse(image).lines
    row.cpu_ms.append((time.thread_time() - start) * 1000)
    row.files += 1
    row.with_text += bool(lines)
    return lines


def compare_text(entry: dict[str, Any], lines: list[contract.TextLine], row: Row) -> None:
    wanted, got = fold(entry["text"]), fold("".join(line.text for line in lines))
    if "plate" in entry["kind"]:
        # The dot between the two parts of a plate is not in the labels.
        wanted, got = ("".join(filter(str.isalnum, text)) for text in (wanted, got))
    edits = count_edits(wanted, got)
    row.edits += edits
    row.characters += len(wanted)
    row.wanted += 1
    row.found += edits <= len(wanted) / 10


def compare_lines(
    entry: dict[str, Any], lines: list[contract.TextLine], row: Row, size: tuple[int, int]
) -> None:
    for label in entry["lines"]:
        wanted = fold(label["text"])
        if not wanted or "*" in wanted or "###" in wanted:
            continue  # the labels' words for unreadable
        corners = np.array(label["poly"]).reshape(-1, 2) / size
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        slack = 0.3 * (bottom - top)
        near = [
            line
            for line in sorted(lines, key=lambda line: line.box.left)
            if top - slack < line.box.top + line.box.height / 2 < bottom + slack
            and line.box.left < right
            and line.box.left + line.box.width > left
        ]
        edits = count_edits(wanted, fold("".join(line.text for line in near)), inside=True)
        row.edits += edits
        row.characters += len(wanted)
        row.wanted += 1
        row.found += edits <= len(wanted) / 10


def measure(data: Path) -> dict[str, Row]:
    rows: dict[str, Row] = defaultdict(Row)
    text_analyzer()
    for record in (data / "ocr/labels.jsonl").read_text().splitlines():
        entry = json.loads(record)
        row = rows[f"{entry['dataset']}, {entry['lang']}"]
        with Image.open(data / entry["path"]) as picture:
            size = picture.size
        lines = read(load(data / entry["path"]), row)
        if entry.get("lines"):
            compare_lines(entry, lines, row, size)
        else:
            compare_text(entry, lines, row)
    for path in _photos(data):
        read(load(path), rows["photos, hardly any text"])
    return rows


def _photos(data: Path) -> Iterable[Path]:
    for folder in PHOTOS:
        yield from sorted((data / folder).glob("*.jpg"))[:PHOTOS_A_FOLDER]


def print_table(rows: dict[str, Row]) -> None:
    print(f"{'':36}{'files':>6}{'CER':>8}{'found':>12}{'with text':>11}{'CPU ms':>8}")
    for name, row in rows.items():
        rate = f"{row.edits / row.characters:.4f}" if row.characters else ""
        found = f"{row.found}/{row.wanted}" if row.wanted else ""
        cpu = statistics.median(row.cpu_ms)
        print(f"{name:36}{row.files:6}{rate:>8}{found:>12}{row.with_text:11}{cpu:8.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of the process: {peak} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    print_table(measure(parser.parse_args().data))


if __name__ == "__main__":
    main()
