"""Pictures of every allowed kind, made here, and everything else that may be uploaded."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from functions import images
from functions.errors import AnalysisError
from functions.images import decode_photo, decode_upright, identify, shrink

PHOTOS = Path(__file__).parent / "photos"

# Decoders warn about damaged files, which these are meant to be.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION = 0x0112

# How a picture has to be stored so that its EXIF orientation turns it upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}


def encode(image: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def corners(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Red, green, blue and white quarters, clockwise from the top left."""
    width, height = size
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (width // 2, height // 2, width, height))
    image.paste(WHITE, (0, height // 2, width // 2, height))
    return image


def assert_corners(pixels: NDArray[np.uint8], *, tolerance: int = 40) -> None:
    height, width, _ = pixels.shape
    found = [
        pixels[y, x].astype(int)
        for y, x in (
            (height // 4, width // 4),
            (height // 4, width * 3 // 4),
            (height * 3 // 4, width * 3 // 4),
            (height * 3 // 4, width // 4),
        )
    ]
    for color, expected in zip(found, (RED, GREEN, BLUE, WHITE), strict=True):
        assert np.abs(color - expected).max() <= tolerance, found


def failure_of(data: bytes) -> AnalysisError:
    with pytest.raises(AnalysisError) as caught:
        decode_upright(data, longest_side=2048)
    assert caught.value.permanent
    assert caught.value.stage == "decode"
    return caught.value


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_allowed_format_opens(file_format: str) -> None:
    data = encode(corners(), file_format)
    assert identify(data) == FORMATS[file_format]
    photo = decode_photo(data, longest_side=2048)
    assert (photo.width, photo.height, photo.frames) == (96, 64, 1)
    assert_corners(np.asarray(photo.image))


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_every_orientation_is_turned_upright_once(file_format: str, orientation: int) -> None:
    turn = STORED[orientation]
    stored = corners() if turn is None else corners().transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    photo = decode_photo(encode(stored, file_format, exif=exif.tobytes()), longest_side=2048)
    assert (photo.width, photo.height) == (96, 64)
    assert_corners(np.asarray(photo.image))


def test_the_size_told_is_that_of_the_whole_upright_photo() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = decode_photo(encode(corners((400, 300)), "JPEG", exif=exif), longest_side=100)
    assert (photo.width, photo.height) == (300, 400)
    assert photo.image.size == (75, 100)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("size", [(1000, 700), (700, 1000), (404, 303), (400, 160), (200, 150)])
def test_a_photo_is_shrunk_to_nearly_the_side_asked_for(
    file_format: str, size: tuple[int, int]
) -> None:
    pixels = decode_upright(encode(corners(size), file_format), longest_side=200)
    height, width, _ = pixels.shape
    assert 190 <= max(width, height) <= 200
    assert abs(width / height - size[0] / size[1]) <= 0.02 * size[0] / size[1]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1600, 600), 200),  # as wide screens are
        ((500, 2000), 300),
        ((3000, 100), 1095),  # as many pixels as a square of 200
        ((20, 9000), 4242),
        ((20_000, 1), 16_384),  # what every JPEG reader takes
    ],
)
def test_a_long_picture_keeps_its_shorter_side_readable(
    file_format: str, size: tuple[int, int], expected: int
) -> None:
    pixels = decode_upright(encode(Image.new("RGB", size), file_format), longest_side=200)
    height, width, _ = pixels.shape
    assert 0.95 * expected <= max(width, height) <= expected
    assert width * height <= max(200 * 200, 16_384)


def test_a_small_photo_is_not_enlarged() -> None:
    assert decode_upright(encode(corners((40, 30)), "PNG"), longest_side=200).shape == (30, 40, 3)


def test_a_single_pixel_is_a_photo() -> None:
    assert decode_upright(encode(Image.new("L", (1, 1), 200), "PNG"), longest_side=64).tolist() == [
        [[200, 200, 200]]
    ]


def test_shrinking_keeps_the_average() -> None:
    rng = np.random.default_rng(7)
    image = Image.fromarray(rng.integers(0, 256, (601, 803, 3), np.uint8))
    small = np.asarray(shrink(image, 100))
    assert max(small.shape) <= 100
    assert np.abs(small.mean(axis=(0, 1)) - np.asarray(image).mean(axis=(0, 1))).max() < 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGBA"])
def test_every_way_to_store_a_color_in_png_reads_alike(mode: str) -> None:
    if mode in ("1", "L", "LA"):
        image = Image.new("L", (20, 20), 255).convert(mode)
        expected = WHITE
    else:
        image = Image.new("RGB", (20, 20), RED).convert("RGBA" if mode != "P" else "P")
        image = image if mode != "PA" else image.quantize(4)
        expected = RED
    pixels = decode_upright(encode(image, "PNG"), longest_side=64)
    assert (pixels == expected).all()


def test_transparency_shows_white_paper() -> None:
    image = Image.new("RGBA", (60, 20), (0, 0, 255, 0))
    image.paste((255, 0, 0, 255), (0, 0, 20, 20))
    image.paste((0, 0, 0, 128), (20, 0, 40, 20))
    for file_format in ("PNG", "WEBP", "TIFF", "AVIF", "HEIF"):
        pixels = decode_upright(encode(image, file_format, quality=100), longest_side=64)
        for x, expected in ((10, RED), (30, (127, 127, 127)), (50, WHITE)):
            assert np.abs(pixels[10, x].astype(int) - expected).max() < 12, file_format


def test_a_transparent_color_of_a_palette_shows_white_paper() -> None:
    image = Image.new("P", (10, 10), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    for file_format in ("PNG", "GIF"):
        data = encode(image, file_format, transparency=1)
        assert (decode_upright(data, longest_side=64) == WHITE).all()


def test_the_hidden_color_of_transparent_pixels_does_not_bleed_when_shrunk() -> None:
    image = Image.new("RGBA", (400, 400), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 200, 400))
    pixels = decode_upright(encode(image, "PNG"), longest_side=90)
    red, green, blue = np.moveaxis(pixels.astype(int), 2, 0)
    assert np.abs(green - blue).max() <= 2
    assert red.min() >= 250


def test_sixteen_bits_are_scaled_rather_than_clipped() -> None:
    ramp = np.tile(np.linspace(0, 65_535, 256).astype(np.uint16), (8, 1))
    for file_format in ("PNG", "TIFF"):
        pixels = decode_upright(encode(Image.fromarray(ramp), file_format), longest_side=256)
        assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 255), (0, 65_535), (-5, 5), (0, 3e9)])
def test_floats_and_wide_numbers_fill_the_range(low: float, high: float) -> None:
    ramp = np.tile(np.linspace(low, high, 256), (8, 1))
    kinds = (np.float32,) if high < 255 or high > 2e9 else (np.float32, np.int32)
    for kind in kinds:
        data = encode(Image.fromarray(ramp.astype(kind)), "TIFF")
        pixels = decode_upright(data, longest_side=256)
        assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_floats_that_are_no_numbers_are_black() -> None:
    values = np.full((8, 8), np.nan, np.float32)
    values[:, 4:] = 1
    values[0, 0] = np.inf
    pixels = decode_upright(encode(Image.fromarray(values), "TIFF"), longest_side=64)
    assert pixels[:, :4].max() == 0
    assert pixels[:, 4:].min() == 255


def test_cmyk_is_converted_in_jpeg_and_tiff() -> None:
    image = corners().convert("CMYK")
    for file_format, options in (("JPEG", {"quality": 95}), ("TIFF", {})):
        data = encode(image, file_format, **options)
        assert_corners(decode_upright(data, longest_side=2048))


def test_lab_is_converted() -> None:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    image = ImageCms.buildTransform(srgb, lab, "RGB", "LAB").apply(corners())
    assert_corners(decode_upright(encode(image, "TIFF"), longest_side=2048))


def swapped_profile() -> bytes:
    """A valid profile that calls red what is green, and green what is red."""
    profile: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"-XYZ"), (b"gXYZ", b"rXYZ"), (b"-XYZ", b"gXYZ")):
        profile = profile.replace(old, new)
    return profile.replace("sRGB built-in".encode("utf-16-be"), "red and green".encode("utf-16-be"))


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_an_embedded_profile_is_converted_to_srgb(file_format: str) -> None:
    image = Image.new("RGB", (32, 32), (200, 30, 30))
    data = encode(image, file_format, icc_profile=swapped_profile(), quality=95)
    red, green, _ = decode_upright(data, longest_side=64)[16, 16]
    assert green > 150 > red


def test_a_profile_that_cannot_be_read_is_ignored() -> None:
    cmyk_like = b"\x00" * 12 + b"prtrCMYKLab " + b"\xff" * 200
    for profile in (b"nonsense", cmyk_like, b"x" * 100_000):
        data = encode(corners(), "JPEG", icc_profile=profile)
        assert_corners(decode_upright(data, longest_side=2048))


def test_the_first_frame_of_an_animation_is_shown() -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in (RED, GREEN, BLUE)]
    for file_format in ("GIF", "PNG", "WEBP", "AVIF"):
        data = encode(frames[0], file_format, save_all=True, append_images=frames[1:])
        photo = decode_photo(data, longest_side=64)
        assert photo.frames == 3
        assert np.abs(np.asarray(photo.image)[5, 10].astype(int) - RED).max() < 30


def test_pages_of_a_tiff_are_counted() -> None:
    pages = [corners(), corners(), corners()]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert decode_photo(data, longest_side=64).frames == 3


def test_a_tiff_whose_pages_run_in_a_circle_is_counted() -> None:
    data = bytearray(encode(corners(), "TIFF"))
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    assert decode_photo(bytes(data), longest_side=64).frames == 1


def test_a_stereo_photo_is_one_photo() -> None:
    data = encode(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64))])
    photo = decode_photo(data, longest_side=2048)
    assert (photo.content_type, photo.frames) == ("image/jpeg", 1)
    assert_corners(np.asarray(photo.image))


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("file_empty", b""),
        ("not_an_image", b"<!doctype html><script>alert(1)</script>"),
        ("not_an_image", b"%PDF-1.7\n"),
        ("not_an_image", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"),
        ("not_an_image", b"PK\x03\x04"),
        ("not_an_image", b"\x00"),
        ("unsupported_format", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("unsupported_format", b"8BPS\x00\x01"),
        ("unsupported_format", b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom"),
        ("unsupported_format", b"\x00\x00\x00\x0cjP  \r\n\x87\n"),
        ("corrupt", b"\xff\xd8\xff"),
        ("truncated", b"\xff\xd8\xff\xe0<html>"),
        ("corrupt", b"\x89PNG\r\n\x1a\n"),
        ("corrupt", b"GIF89a"),
        ("corrupt", b"II*\x00\x08\x00\x00\x00"),
        ("corrupt", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
        ("corrupt", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"),
        ("corrupt", b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_telling_code(code: str, data: bytes) -> None:
    assert failure_of(data).code == code


@pytest.mark.parametrize("file_format", ["BMP", "ICO", "JPEG2000"])
def test_pictures_of_other_formats_are_refused(file_format: str) -> None:
    assert failure_of(encode(corners(), file_format)).code == "unsupported_format"


def test_a_camera_raw_file_is_not_taken_for_its_tiny_preview() -> None:
    ifd = Image.Exif()
    ifd[0xC612] = b"\x01\x04\x00\x00"  # DNGVersion
    data = encode(corners(), "TIFF", exif=ifd)
    assert failure_of(data).code == "unsupported_format"


def test_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_UPLOAD_BYTES", 1000)
    data = encode(corners(), "BMP")
    assert len(data) > 1000
    assert failure_of(data).code == "file_too_large"


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(name + body)
        return len(body).to_bytes(4, "big") + name + body + crc.to_bytes(4, "big")

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\x00" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (20_000, 10_000), (70_000, 1), (1, 70_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert failure_of(png_header(*size)).code == "too_many_pixels"


def test_a_webp_bomb_is_refused_before_its_canvas_is_allocated() -> None:
    chunk = b"VP8X" + (10).to_bytes(4, "little") + bytes(4)
    chunk += (16_000).to_bytes(3, "little") * 2
    data = b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk
    assert failure_of(data).code == "too_many_pixels"


def test_a_jpeg_may_have_more_pixels_than_the_others() -> None:
    data = encode(Image.new("L", (16_000, 8_000), 99), "JPEG")
    assert decode_upright(data, longest_side=200).shape == (100, 200, 3)
    progressive = encode(Image.new("L", (16_000, 8_000), 99), "JPEG", progressive=True)
    assert failure_of(progressive).code == "too_many_pixels"


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
def test_half_a_file_is_never_shown_as_a_whole(file_format: str) -> None:
    with Image.open(PHOTOS / "rocket.jpg") as photo:
        data = encode(photo.convert("RGB"), file_format)
    assert failure_of(data[: len(data) // 2]).code in ("truncated", "corrupt")


def test_a_jpeg_that_lacks_only_its_end_marker_opens() -> None:
    for progressive in (False, True):
        with Image.open(PHOTOS / "rocket.jpg") as photo:
            data = encode(photo, "JPEG", progressive=progressive)
        whole = decode_upright(data, longest_side=2048)
        assert (decode_upright(data[:-2], longest_side=2048) == whole).all()
        assert failure_of(data[:-40]).code == "truncated"


def test_a_png_with_a_broken_text_opens() -> None:
    data = encode(corners(), "PNG")
    broken = data[:33] + b"\x00\x00\x00\x04tEXtno\x00t\xde\xad\xbe\xef" + data[33:]
    assert_corners(decode_upright(broken, longest_side=2048))


def test_a_picture_that_is_also_something_else_is_read_as_the_picture() -> None:
    data = encode(corners(), "JPEG") + b"<script>alert(1)</script>PK\x03\x04"
    assert_corners(decode_upright(data, longest_side=2048))
