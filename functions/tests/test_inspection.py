"""Real photos, inspected: what is told about them and what is made from them."""

import base64
import io
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageEnhance

from functions.contract import (
    RENDITION_SIDES,
    Kind,
    Rendition,
    Result,
    Run,
    result_from_json,
    result_to_json,
)
from functions.errors import AnalysisError
from functions.inspection import Inspection, inspect
from functions.perception import average_color, perceptual_hash, thumbhash

PHOTOS = Path(__file__).parent / "photos"
NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "china.jpg", "flower.jpg")

RUN = Run(
    request_id="1",
    started_at="2026-01-02T03:04:05+00:00",
    duration_ms=1,
    cpu_ms=1,
    memory_mb=1,
    cold_start=False,
    runtime="test",
    weights_sha256="",
    input_sha256="",
)


def open_photo(name: str) -> Image.Image:
    with Image.open(PHOTOS / name) as image:
        return image.convert("RGB")


def encode(image: Image.Image, file_format: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def inspect_photo(name: str) -> Inspection:
    return inspect((PHOTOS / name).read_bytes())


def bits_between(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("name", NAMES)
def test_a_photo_is_described_and_rendered(name: str) -> None:
    inspection = inspect_photo(name)
    findings = inspection.findings
    image = open_photo(name)
    assert (findings.width, findings.height) == image.size
    assert findings.content_type == ("image/png" if name.endswith("png") else "image/jpeg")
    assert {info.name for info in findings.renditions} == set(Rendition)
    for info in findings.renditions:
        file = inspection.renditions[Rendition(info.name)]
        with Image.open(io.BytesIO(file)) as rendition:
            assert rendition.format == "JPEG"
            assert (info.width, info.height, info.size) == (*rendition.size, len(file))
            assert not rendition.getexif()
            assert not rendition.info.keys() & {"exif", "xmp", "icc_profile", "comment"}
            same = Image.fromarray(inspection.pixels).resize(rendition.size)
            assert np.abs(np.asarray(rendition, int) - np.asarray(same, int)).mean() < 6


def test_the_pixels_are_those_of_the_preview() -> None:
    inspection = inspect_photo("rocket.jpg")
    with Image.open(io.BytesIO(inspection.renditions[Rendition.PREVIEW])) as preview:
        assert inspection.pixels.dtype == np.uint8
        assert inspection.pixels.shape == (preview.height, preview.width, 3)
        assert np.abs(np.asarray(preview, int) - inspection.pixels).mean() < 4


def test_renditions_keep_to_their_sides_and_are_never_enlarged() -> None:
    image = open_photo("china.jpg")
    for size in ((3000, 2000), (2000, 3000), (600, 400), (60, 40)):
        inspection = inspect(encode(image.resize(size)))
        for info in inspection.findings.renditions:
            side = min(RENDITION_SIDES[Rendition(info.name)], max(size))
            assert 0.95 * side <= max(info.width, info.height) <= side


def test_metadata_does_not_leak_into_renditions() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 3
    data = encode(open_photo("chelsea.png"), exif=exif, comment=b"SecretCamera")
    inspection = inspect(data)
    assert inspection.findings.camera.make == "SecretCamera"
    for file in inspection.renditions.values():
        assert b"SecretCamera" not in file
        assert b"Exif" not in file


def test_the_same_bytes_give_the_same_inspection() -> None:
    one, other = inspect_photo("coffee.png"), inspect_photo("coffee.png")
    assert one.findings == other.findings
    assert one.renditions == other.renditions
    assert (one.pixels == other.pixels).all()


@pytest.mark.parametrize("name", NAMES)
def test_findings_survive_the_wire(name: str) -> None:
    result = Result(
        photo_id="1",
        kind=Kind.INSPECTION,
        model="pillow-1",
        run=RUN,
        findings=inspect_photo(name).findings,
    )
    assert result_from_json(result_to_json(result)) == result


def test_what_is_no_photo_fails() -> None:
    with pytest.raises(AnalysisError, match="not_an_image"):
        inspect(b"<html></html>")


@pytest.mark.parametrize("name", NAMES)
def test_the_placeholder_is_the_thumbhash_of_the_reference_package(name: str) -> None:
    reference = pytest.importorskip("thumbhash")
    small = open_photo(name)
    small.thumbnail((32, 32), Image.Resampling.BOX)
    rgba = np.asarray(small.convert("RGBA")).flatten().tolist()
    expected = bytes(reference.rgba_to_thumb_hash(small.width, small.height, rgba))
    found = thumbhash(small)
    assert len(found) == len(expected)
    # Sums in another order may round one nibble the other way.
    assert sum(a != b for a, b in zip(found, expected, strict=True)) <= 1
    assert len(base64.b64encode(found)) < 40


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (2, 3), (32, 32)])
def test_every_shape_has_a_placeholder_a_color_and_a_hash(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (10, 200, 30))
    assert 15 <= len(thumbhash(image)) <= 30
    assert average_color(image) == "#0ac81e"
    assert len(perceptual_hash(image)) == 16


def test_the_average_color_is_the_mean() -> None:
    image = Image.new("RGB", (100, 100), (255, 0, 0))
    image.paste((0, 0, 255), (0, 0, 50, 100))
    assert average_color(image) == "#800080"


@pytest.mark.parametrize("name", NAMES)
def test_the_hash_hardly_changes_when_a_photo_is_saved_again(name: str) -> None:
    image = open_photo(name)
    original = inspect(encode(image, "PNG")).findings.perceptual_hash
    width, height = image.size
    for copy in (
        encode(image, quality=40),
        encode(image.resize((width // 3, height // 3))),
        encode(image.resize((width * 2, height * 2), Image.Resampling.BICUBIC)),
        encode(image, "WEBP", quality=60),
        encode(ImageEnhance.Brightness(image).enhance(1.15)),
    ):
        assert bits_between(inspect(copy).findings.perceptual_hash, original) <= 6


def test_the_hash_of_other_photos_is_far_away() -> None:
    hashes = [inspect_photo(name).findings.perceptual_hash for name in NAMES]
    distances = [
        bits_between(one, other)
        for index, one in enumerate(hashes)
        for other in hashes[index + 1 :]
    ]
    assert min(distances) > 16


def test_a_flat_picture_hashes_without_noise() -> None:
    plain = Image.new("RGB", (640, 480), (90, 90, 90))
    grainy = ImageChops.offset(plain, 1)
    assert perceptual_hash(plain) == perceptual_hash(grainy)
    assert math.isfinite(int(perceptual_hash(plain), 16))
