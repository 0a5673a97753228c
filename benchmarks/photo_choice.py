"""Which photos of the evaluation data a benchmark looks at: the same ones each time."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

# How many of a hundred photos come from each folder. Most are what albums hold; receipts and
# screenshots cost the most by far.
_SHARES = {"classify": 30, "captions": 18, "faces": 22, "ocr": 14, "formats": 11, "duplicates": 5}
_SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff"}
# Made to be refused, or to be odd: what they cost is not what a photo costs.
_LEFT_OUT = (
    *("formats/corrupt", "formats/bomb", "formats/polyglot", "formats/misnamed"),
    *("formats/pngsuite", "duplicates/md5coll"),
)
_SEED = "shiguang"


class NoDataError(Exception):
    """The evaluation data is not there, or too little of it; the text says where it should be."""


def choose_photos(data: Path, count: int) -> list[Path]:
    """A spread over all folders of the data that decode; no bytes twice.

    The first photos of a longer choice are those of a shorter one. Raises NoDataError.
    """
    if not (data / "formats" / "labels.csv").is_file():
        raise NoDataError(
            f"The photos to measure with are not in {data}. They are not part of this repository: "
            f"name their folder with --data."
        )
    by_folder = {
        folder: _interleave(_groups(data, folder, undecodable=_undecodable(data)).items())
        for folder in _SHARES
    }
    ordered = _by_share({folder: photos for folder, photos in by_folder.items() if photos})
    chosen: dict[str, Path] = {}
    for path in ordered:
        chosen.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), path)
        if len(chosen) == count:
            return list(chosen.values())
    raise NoDataError(f"{data} holds {len(chosen)} different photos, not {count}.")


def _undecodable(data: Path) -> set[str]:
    """The paths that the reference decoder could not open, as the data's authors noted."""
    with (data / "formats" / "labels.csv").open(newline="", encoding="utf-8") as file:
        return {row["path"] for row in csv.DictReader(file) if row["ref_decode"] != "ok"}


def _groups(data: Path, folder: str, *, undecodable: set[str]) -> dict[str, list[Path]]:
    """The photos of each subfolder, in an order that is arbitrary and always the same."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((data / folder).rglob("*")):
        name = path.relative_to(data).as_posix()
        group = "/".join(name.split("/")[:2])
        is_photo = path.suffix.lower() in _SUFFIXES and not group.startswith(_LEFT_OUT)
        if is_photo and name not in undecodable:
            groups[group].append(path)
    for group, paths in groups.items():
        names = {path: f"{_SEED} {path.relative_to(data).as_posix()}" for path in paths}
        groups[group] = sorted(
            paths, key=lambda path: hashlib.sha256(names[path].encode()).digest()
        )
    return groups


def _interleave(groups: Iterable[tuple[str, list[Path]]]) -> list[Path]:
    """The first of each group, then the second of each, and so on."""
    placed = [(place, name, path) for name, paths in groups for place, path in enumerate(paths)]
    return [path for _, _, path in sorted(placed)]


def _by_share(by_folder: dict[str, list[Path]]) -> list[Path]:
    """All photos, in an order of which any beginning has the folders' shares."""
    placed = [
        ((place + 0.5) / _SHARES[folder], path)
        for folder, paths in by_folder.items()
        for place, path in enumerate(paths)
    ]
    return [path for _, path in sorted(placed)]
