"""Originals lose what they say besides the picture, and keep the picture and their size."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from backend.photos.cleaning import CLEANABLE, clean

SECRET = b"Secret-Beach-43.468N"


def pieces(data: bytes, size: int = 7) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def cleaned(data: bytes, content_type: str, size: int = 7, *, keep_location: bool = False) -> bytes:
    parts = list(clean(pieces(data, size), content_type, keep_location=keep_location))
    # An empty piece would end a response.
    assert all(parts)
    out = b"".join(parts)
    assert len(out) == len(data)
    return out


def picture() -> Image.Image:
    image = Image.effect_noise((64, 48), 80).convert("RGB")
    image.paste((200, 10, 10), (0, 0, 30, 20))
    return image


def exif(orientation: int = 6) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = SECRET.decode()
    tags.get_ifd(0x8825).update({1: "N", 2: (43.0, 28.0, 5.0), 3: "E", 4: (11.0, 52.0, 0.0)})
    return tags


def saved(kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture().save(out, kind, **options)
    return out.getvalue()


def upright(data: bytes) -> bytes:
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).tobytes()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"icc_profile": b"icc" * 40_000}])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_jpeg_keeps_its_picture_and_which_way_up_it_is(
    options: dict[str, Any], size: int
) -> None:
    data = saved("JPEG", exif=exif(), comment=SECRET, xmp=SECRET, **options) + SECRET
    out = cleaned(data, "image/jpeg", size)
    assert data.count(SECRET) >= 4
    assert SECRET not in out
    after = Image.open(io.BytesIO(out))
    assert not after.getexif().get_ifd(0x8825)
    assert after.getexif()[0x0112] == 6
    assert after.info.get("icc_profile") == options.get("icc_profile")
    assert upright(out) == upright(data)


def test_a_jpeg_goes_on_saying_where_it_was_made_and_nothing_else() -> None:
    tags = exif()
    where = {0: b"\x02\x03\x00\x00", 5: b"\x01", 6: 12.5} | dict(tags.get_ifd(0x8825))
    # What has room for words, and words instead of a letter.
    tags.get_ifd(0x8825).update(where | {0x1B: SECRET, 0x1C: SECRET, 3: SECRET.decode()})
    out = cleaned(saved("JPEG", exif=tags, xmp=SECRET), "image/jpeg", keep_location=True)
    assert SECRET not in out
    after = Image.open(io.BytesIO(out)).getexif()
    assert dict(after) == {0x0112: 6, 0x8825: dict(after)[0x8825]}
    del where[3]
    assert after.get_ifd(0x8825) == where


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_location_is_kept_in_either_byte_order(order: str) -> None:
    degrees = struct.pack(f"{order}6I", 43, 1, 28, 1, 5, 1)
    gps = struct.pack(f"{order}HHHI4sHHIII", 2, 1, 2, 2, b"N", 2, 5, 3, 56, 0) + degrees
    tiff = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(
        f"{order}IHHHIII", 8, 1, 0x8825, 4, 1, 26, 0
    )
    data = saved("JPEG", exif=b"Exif\x00\x00" + tiff + gps + SECRET)
    for out in (data, cleaned(data, "image/jpeg", keep_location=True)):
        location = Image.open(io.BytesIO(out)).getexif().get_ifd(0x8825)
        assert location == {1: "N", 2: (43.0, 28.0, 5.0)}
    assert SECRET not in out


@given(tiff=st.binary(max_size=200))
def test_odd_exif_is_no_way_to_keep_more(tiff: bytes) -> None:
    for mark in (b"II*\x00", b"MM\x00*"):
        odd = saved("JPEG", exif=b"Exif\x00\x00" + mark + tiff)
        cleaned(odd, "image/jpeg", keep_location=True)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_read_in_either_byte_order(order: str, orientation: int) -> None:
    tiff = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(
        f"{order}IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0
    )
    out = cleaned(saved("JPEG", exif=b"Exif\x00\x00" + tiff), "image/jpeg")
    assert Image.open(io.BytesIO(out)).getexif()[0x0112] == orientation


def test_a_picture_behind_the_picture_is_gone() -> None:
    # As phones do it: the second picture has its own EXIF.
    data = saved("JPEG") + saved("JPEG", exif=exif())
    out = cleaned(data, "image/jpeg")
    assert out[: len(saved("JPEG"))] != bytes(len(saved("JPEG")))
    assert SECRET not in out
    assert not out[data.index(b"\xff\xd9") + 2 :].strip(b"\x00")


def test_a_png_keeps_its_picture() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Location", SECRET.decode())
    words.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    data = saved("PNG", exif=exif(1), pnginfo=words) + SECRET
    out = cleaned(data, "image/png")
    assert SECRET not in out
    after = Image.open(io.BytesIO(out))
    after.load()
    assert not after.getexif()
    assert after.tobytes() == upright(data)


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_keeps_its_picture(lossless: bool) -> None:
    data = saved("WEBP", exif=exif(1), xmp=SECRET, lossless=lossless) + SECRET
    out = cleaned(data, "image/webp")
    assert data.count(SECRET) == 3
    assert SECRET not in out
    after = Image.open(io.BytesIO(out))
    assert not after.getexif()
    assert after.convert("RGB").tobytes() == Image.open(io.BytesIO(data)).convert("RGB").tobytes()


@pytest.mark.parametrize("content_type", CLEANABLE)
@given(data=st.binary(max_size=400), cut=st.integers(0, 3000))
def test_what_cannot_be_followed_says_nothing_and_has_its_size(
    content_type: str, data: bytes, cut: int
) -> None:
    cleaned(data, content_type)
    kind = content_type.removeprefix("image/")
    broken = saved(kind, exif=exif(1))[:cut] + data
    cleaned(broken, content_type)
    # Another format under this name is not understood, so nothing of it is handed out.
    assert SECRET not in cleaned(b"GIF89a" + SECRET * 5, content_type)


def test_real_photos_stay_what_they_show() -> None:
    photos = Path(__file__).parents[3] / "functions" / "tests" / "photos"
    jpegs = [path for path in photos.iterdir() if path.suffix in (".jpg", ".jpeg")]
    assert jpegs
    for path in jpegs:
        data = path.read_bytes()
        out = cleaned(data, "image/jpeg", 65536)
        assert upright(out) == upright(data), path
        assert set(Image.open(io.BytesIO(out)).getexif()) <= {0x0112}
