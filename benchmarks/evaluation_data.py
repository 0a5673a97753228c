"""The labelled photos that accuracy is measured on, as their label files describe them."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from functions.contract import RENDITION_SIDES, Rendition

Pixels = NDArray[np.uint8]  # [h, w, 3], RGB

PREVIEW_SIDE = RENDITION_SIDES[Rendition.PREVIEW]


def load_preview(path: Path, *, side: int = PREVIEW_SIDE) -> Pixels:
    """The picture as analyzers get it: upright, on white, no side longer than `side`."""
    with Image.open(path) as file:
        # Without alpha nothing has to be laid on white.
        picture = ImageOps.exif_transpose(file)
        if picture.mode != "RGB":
            picture = picture.convert("RGBA")
            page = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(page, picture).convert("RGB")
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def at_preview_size(pixels: Pixels) -> Pixels:
    """The picture as large as a phone's photo is looked at, whatever size it came in."""
    picture = Image.fromarray(pixels)
    scale = PREVIEW_SIDE / max(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, kw_only=True)
class FacePhoto:
    path: Path
    identity: str
    dataset: str


def face_photos(data: Path, *, dataset: str) -> list[FacePhoto]:
    """Photos of one person each; dataset: LFW, Asian_faces, ..."""
    return [
        FacePhoto(path=data / row["path"], identity=row["identity"], dataset=dataset)
        for row in read_rows(data / "faces" / "labels.csv")
        if row["dataset"] == dataset
    ]


@dataclass(frozen=True, kw_only=True)
class GroupPhoto:
    """people: how many are in it, faces: how many of their faces can be seen at least."""

    path: Path
    people: int | None
    faces: int | None
    is_crowd: bool


def group_photos(data: Path) -> list[GroupPhoto]:
    return [
        GroupPhoto(
            path=data / row["path"],
            people=int(row["n_people"]) if row["n_people"] else None,
            faces=int(row["n_faces_min"]) if row["n_faces_min"] else None,
            is_crowd=row["crowd"] == "1",
        )
        for row in read_rows(data / "faces" / "groups.csv")
    ]


@dataclass(frozen=True, kw_only=True)
class LabelledPhoto:
    path: Path
    labels: frozenset[str]
    wnid: str  # ImageNet's class; "" elsewhere


def labelled_photos(data: Path, *, dataset: str) -> list[LabelledPhoto]:
    """dataset: imagenet, coco, clothing, photoprism."""
    return [
        LabelledPhoto(
            path=data / row["path"],
            labels=frozenset(row["label"].split(";")),
            wnid=row["extra"] if dataset == "imagenet" else "",
        )
        for row in read_rows(data / "classify" / "labels.csv")
        if row["dataset"] == dataset
    ]


def text_photos(data: Path) -> list[dict[str, Any]]:
    """path, size, dataset, lang, kind, text and perhaps lines, each with poly and text.

    size: the file's width and height, which the polygons are in pixels of.
    """
    records = (data / "ocr" / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    entries: list[dict[str, Any]] = [json.loads(record) for record in records]
    for entry in entries:
        with Image.open(data / entry["path"]) as picture:
            entry["size"] = picture.size
    return entries


@dataclass(frozen=True, kw_only=True)
class Caption:
    path: Path
    language: str
    text: str


def captions(data: Path) -> list[Caption]:
    """What people wrote about photos, without what was translated from another's words."""
    return [
        Caption(path=data / row["path"], language=row["lang"], text=row["caption"])
        for row in read_rows(data / "captions" / "labels.csv")
        if "translation" not in row["origin"]
    ]
