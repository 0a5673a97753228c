"""From a file's bytes, which may be hostile, to upright sRGB pixels.

Decoders are C code and hostile bytes have crashed them before: whole uploads go through
functions.sandbox. Renditions, which we wrote, may be decoded here directly.
"""

import functools
import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Importing a plugin registers it. Pillow would otherwise import every format it knows.
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,  # noqa: F401
    Image,
    ImageChops,
    ImageCms,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)
from pillow_heif import register_heif_opener

from functions.contract import MAX_UPLOAD_BYTES
from functions.errors import AnalysisError
from functions.exif import count_directories, numbers, read_exif
from functions.geometry import fitting_side
from functions.metadata import Metadata, read_metadata

# Four bytes a pixel in memory, twice while converting: about 0.9 GB, which the sandbox allows.
MAX_PIXELS = 100_000_000
# A baseline JPEG is shrunk while it is decoded, a strip at a time, so only time bounds it:
# phones take 200 MP, panoramas reach 300 MP.
MAX_JPEG_PIXELS = 400_000_000
# Google's decoder holds three copies of the canvas before Pillow makes its own.
MAX_WEBP_PIXELS = 60_000_000
# What the formats themselves end at, JPEG first.
MAX_SIDE = 65_535
# No profile in the wild is larger; the largest are of printing presses.
_MAX_PROFILE_BYTES = 4_000_000
_MAX_GIF_FRAMES = 10_000

# A size is near enough at 95 % of what was asked: the 4,032 px of most phones halved by the
# JPEG decoder are 2,016 px in a third of the time that 2,048 px take.
_NEAR_ENOUGH = 0.95

# First bytes, where they stand, and what they say.
_SIGNATURES = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"II*\x00", 0, "image/tiff"),
    (b"MM\x00*", 0, "image/tiff"),
    (b"II+\x00", 0, "image/tiff"),
    (b"MM\x00+", 0, "image/tiff"),
)
_UNSUPPORTED = (
    (b"BM", 0, "BMP"),
    (b"\x00\x00\x01\x00", 0, "Icon"),
    (b"8BPS", 0, "Photoshop"),
    (b"\x00\x00\x00\x0cjP  ", 0, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", 0, "JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL ", 0, "JPEG XL"),
    (b"\xff\x0a", 0, "JPEG XL"),
    (b"\x11\xaf", 4, "FLI"),
    (b"\x12\xaf", 4, "FLI"),
    (b"FUJIFILMCCD-RAW", 0, "Camera raw"),
    (b"IIU\x00", 0, "Camera raw"),
    (b"IIRO", 0, "Camera raw"),
)
_PILLOW_FORMATS = {
    "image/jpeg": ("JPEG",),  # MPO is found out by it
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/tiff": ("TIFF",),
    "image/heic": ("HEIF",),
    "image/heif": ("HEIF",),
    "image/avif": ("AVIF",),
}
_PNG_PICTURE_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_JPEG_END = b"\xff\xd9"
# libheif turns a picture as its container says, Pillow a TIFF as its tags say.
_TURNED_BY_DECODER = ("image/heic", "image/heif", "image/tiff")

# What Pillow's and libheif's readers raise on damaged files, seen by fuzzing.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)

_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# The format is told from the bytes by _identify; Pillow's own bomb guard knows one number for
# all formats, which is too low for a JPEG shrunk while decoding and too high for the others.
Image.MAX_IMAGE_PIXELS = None
# One thread: photos, not parts of them, are what runs side by side.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A decoded photo: upright and sRGB, as a Pillow image of mode RGB."""

    image: Image.Image
    content_type: str
    width: int  # of the whole photo, upright, whatever size was asked for
    height: int
    frames: int
    metadata: Metadata


def decode_upright(data: bytes, *, longest_side: int) -> NDArray[np.uint8]:
    """The picture in a file as uint8[height, width, 3], RGB in sRGB, upright.

    Its longest side is at most `longest_side` (in a long picture geometry.fitting_side) and, if
    the photo has as many pixels, at least 95 % of it; it is never enlarged. Raises AnalysisError,
    see decode_photo.
    """
    return np.array(decode_photo(data, longest_side=longest_side).image)


def decode_photo(data: bytes, *, longest_side: int) -> Photo:
    """A photo decoded to the size that decode_upright describes, and what its file says.

    Raises AnalysisError, always permanent: file_empty, file_too_large, not_an_image,
    unsupported_format, too_many_pixels, truncated, corrupt, out_of_memory.
    """
    content_type = identify(data)
    try:
        return _decode(data, content_type, longest_side)
    except MemoryError as error:
        raise _failure("out_of_memory", "The picture needs more memory than it may use.") from error
    except _DECODER_ERRORS as error:
        photo = _mend(data, content_type, longest_side)
        if photo is None:
            raise _explain(error) from error
        return photo


def _explain(error: Exception) -> AnalysisError:
    if isinstance(error, UnidentifiedImageError):
        return _failure("corrupt", "The file is damaged: its header makes no sense.")
    reason = f"{type(error).__name__}: {error}"[:200]
    if "trunc" in reason.lower() or isinstance(error, EOFError):
        return _failure("truncated", f"The end of the file is missing ({reason}).")
    return _failure("corrupt", f"The file is damaged ({reason}).")


def _mend(data: bytes, content_type: str, longest_side: int) -> Photo | None:
    """The photo of a file that is damaged only where it does not touch the picture; else None."""
    try:
        if content_type == "image/jpeg" and not data.endswith(_JPEG_END):
            return _close_jpeg(data, longest_side)
        if content_type == "image/png":
            return _decode(_strip_png(data), content_type, longest_side)
    except (MemoryError, *_DECODER_ERRORS):
        pass
    return None


def _close_jpeg(data: bytes, longest_side: int) -> Photo | None:
    """A JPEG that lacks nothing but its end marker, which some cameras forget; else None.

    With the marker in place libjpeg paints whatever is missing gray and says nothing. So the
    file is also closed with junk in between: only if nothing is missing is the junk of no
    consequence. One kind of junk may happen to mean what is there already.
    """
    data = data.rstrip(b"\xff")  # half a marker would swallow the first byte of what follows
    closed = _decode(data + _JPEG_END, "image/jpeg", longest_side)
    for junk in (b"\x55", b"\xaa", b"\x93"):
        other = _decode(data + junk * 64 + _JPEG_END, "image/jpeg", longest_side)
        if ImageChops.difference(closed.image, other.image).getbbox():
            return None
    return closed


def _strip_png(data: bytes) -> bytes:
    """Only the chunks that make the picture: Pillow gives up over a bad text or time chunk."""
    kept, at = [data[:8]], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] in _PNG_PICTURE_CHUNKS:
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


def identify(data: bytes) -> str:
    """The content type that the first bytes tell, whatever the file is called.

    Raises AnalysisError: file_empty, file_too_large, not_an_image, unsupported_format.
    """
    if not data:
        raise _failure("file_empty", "The file holds no bytes.")
    if len(data) > MAX_UPLOAD_BYTES:
        raise _failure(
            "file_too_large", f"The file has more than {MAX_UPLOAD_BYTES // 1_000_000} MB."
        )
    for start, offset, content_type in _SIGNATURES:
        if data.startswith(start, offset):
            return content_type
    if data[4:8] == b"ftyp":
        return _identify_container(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for start, offset, name in _UNSUPPORTED:
        if data.startswith(start, offset):
            raise _failure("unsupported_format", f"{name} files are not supported.")
    if b"<svg" in data[:1024].lower():
        raise _failure("unsupported_format", "SVG files are not supported.")
    raise _failure("not_an_image", "The file is not a picture.")


def _identify_container(data: bytes) -> str:
    """Tell HEIC, AVIF and video apart, which share a container (ISO/IEC 14496-12)."""
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]
    for brand in brands:
        if brand in (b"avif", b"avis"):
            return "image/avif"
        if brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"):
            return "image/heic"
    if brands[0] in (b"mif1", b"msf1"):
        return "image/heif"
    if brands[0] == b"crx ":
        raise _failure("unsupported_format", "Camera raw files are not supported.")
    raise _failure("not_an_image", "The file is a video or something else, not a picture.")


def _decode(data: bytes, content_type: str, longest_side: int) -> Photo:
    if content_type == "image/tiff":
        _refuse_camera_raw(data)
    if content_type == "image/webp":
        # Its decoder takes memory for the whole canvas as soon as it is opened.
        _check_size(_webp_size(data), MAX_WEBP_PIXELS)
    with Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS[content_type]) as image:
        size = image.size
        # A progressive JPEG is kept in memory whole before it can be shrunk.
        is_strips = content_type == "image/jpeg" and not image.info.get("progressive")
        _check_size(size, MAX_JPEG_PIXELS if is_strips else MAX_PIXELS)
        frames = _count_frames(image, data, content_type)
        metadata = read_metadata(image, data)
        if content_type == "image/jpeg":
            image.draft(None, least_size(size, fitting_side(size, longest_side)))
        image.load()
        if content_type != "image/jpeg":
            size = image.size  # HEIF tells the true one only now
        picture = _to_srgb(image, fitting_side(size, longest_side))
        upright = _turn_upright(picture, metadata.orientation, content_type)
    is_sideways = metadata.orientation >= 5 and content_type not in _TURNED_BY_DECODER
    width, height = size[::-1] if is_sideways else size
    return Photo(
        image=upright,
        content_type=content_type,
        width=width,
        height=height,
        frames=frames,
        metadata=metadata,
    )


def _check_size(size: tuple[int, int], most: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise _failure("corrupt", "The picture has no pixels.")
    if width * height > most or max(width, height) > MAX_SIDE:
        raise _failure(
            "too_many_pixels",
            f"The picture has {width} x {height} pixels; at most {most // 1_000_000} million"
            f" and {MAX_SIDE} a side can be opened.",
        )


def _webp_size(data: bytes) -> tuple[int, int]:
    """From the first chunk's header (RFC 9649); (1, 1) leaves what is odd to the decoder."""
    chunk = data[12:30].ljust(18, b"\x00")
    if chunk.startswith(b"VP8X"):
        return 1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(
            chunk[15:18], "little"
        )
    if chunk.startswith(b"VP8L"):
        bits = int.from_bytes(chunk[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return 1, 1  # VP8 itself: at most 16,383 a side, and told by the decoder before it allocates


def _refuse_camera_raw(data: bytes) -> None:
    """Camera raw files are TIFFs whose first picture is a small preview, not the photo."""
    tags = read_exif(data).image
    is_reduced = numbers(tags.get(0x00FE))[:1] == (1,) and 0x014A in tags
    if 0xC612 in tags or data[8:10] == b"CR" or is_reduced:
        raise _failure("unsupported_format", "Camera raw files are not supported.")


def _count_frames(image: Image.Image, data: bytes, content_type: str) -> int:
    """Frames of an animation, pages of a TIFF; Pillow would decode what it counts."""
    if content_type == "image/jpeg":
        return 1  # an MPO's other pictures are depth maps and previews
    if content_type == "image/tiff":
        return count_directories(data)
    if content_type == "image/gif":
        return _count_gif_frames(data)
    return int(getattr(image, "n_frames", 1))


def _count_gif_frames(data: bytes) -> int:
    """Walk the blocks of a GIF (GIF89a, section 12) without decoding; at least 1."""
    frames, at = 0, 13 + _color_table_size(data[10:11])
    while at < len(data) and frames < _MAX_GIF_FRAMES:
        if data[at] == 0x2C:
            frames += 1
            at += 11 + _color_table_size(data[at + 9 : at + 10])
        elif data[at] == 0x21:
            at += 2
        elif data[at] == 0x3B:
            break
        else:
            at += 1  # junk between blocks; every decoder looks past it
            continue
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return max(1, frames)


def _color_table_size(packed: bytes) -> int:
    return 3 * 2 ** ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0


def least_size(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    """What a decoder may shrink a picture to: see _NEAR_ENOUGH."""
    scale = min(1.0, _NEAR_ENOUGH * longest_side / max(size))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def shrink(image: Image.Image, longest_side: int) -> Image.Image:
    """A picture not larger than asked, in the cheapest way that still looks smooth.

    Whole pixels are averaged first (a box is exact there and ten times faster), the rest by a
    Hamming filter, which in a reduction cannot be told from a bicubic one at half its cost.
    """
    factor = int(max(image.size) / (_NEAR_ENOUGH * longest_side))
    if factor >= 2:
        image = image.reduce((min(factor, image.width), min(factor, image.height)))
    if max(image.size) <= longest_side:
        return image
    scale = longest_side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.HAMMING)


def _to_srgb(image: Image.Image, longest_side: int) -> Image.Image:
    """Shrink first, so that colours are converted for the pixels that are kept."""
    profile = image.info.get("icc_profile")
    image = shrink(_to_plain_mode(image), longest_side)
    alpha = None
    if image.mode in ("LA", "RGBA"):
        alpha = image.getchannel("A")
        image = image.convert(image.mode[:-1])
    image = _apply_profile(image, profile)
    if alpha is not None:
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=alpha)
        image = paper
    return image


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """The same picture in L, LA, RGB, RGBA, CMYK, YCbCr or LAB, which can be shrunk."""
    if image.mode.startswith(("I", "F")):
        return _to_eight_bits(image)
    if image.mode in ("P", "PA") or "transparency" in image.info:
        is_opaque = image.mode == "P" and "transparency" not in image.info
        return image.convert("RGB" if is_opaque else "RGBA")
    plain = {"1": "L", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB", "HSV": "RGB"}
    return image.convert(plain[image.mode]) if image.mode in plain else image


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Scale numbers wider than a byte to 0-255, where Pillow would clip them to white."""
    tags: Any = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0]
        levels = (values >> max(0, min(bits, 16) - 8)).astype(np.uint8)
    else:
        levels = _stretch(values)
    if tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0:
        levels = 255 - levels  # white is zero, which Pillow minds for bytes only
    return Image.fromarray(levels)


def _stretch(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Floats and 32-bit numbers have no agreed white: take the next above what is there."""
    floats = values.astype(np.float32)
    np.nan_to_num(floats, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(floats.min())), float(floats.max())
    is_float = values.dtype.kind == "f"
    whites = (1.0, 255.0, 65_535.0) if is_float else (255.0, 65_535.0)
    white = next((white for white in whites if low == 0 and high <= white), high)
    floats -= low
    floats *= 255 / max(white - low, 1e-30)
    np.clip(floats, 0, 255, out=floats)
    return floats.astype(np.uint8)


def _apply_profile(image: Image.Image, profile: object) -> Image.Image:
    """Colours as the embedded profile means them, in sRGB; a bad profile is ignored."""
    if isinstance(profile, bytes) and 0 < len(profile) <= _MAX_PROFILE_BYTES:
        transform = _profile_transform(profile, image.mode)
        if transform is not None:
            return transform.apply(image)
    if image.mode == "LAB":
        return _lab_transform().apply(image)
    return image.convert("RGB")


@functools.lru_cache(maxsize=16)
def _profile_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """None if the profile means sRGB, cannot be read or is for another kind of picture."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = (source.profile.profile_description or "").strip()
        if mode == "RGB" and name in ("sRGB", "sRGB built-in", "sRGB IEC61966-2.1"):
            return None
        return ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


@functools.cache
def _lab_transform() -> ImageCms.ImageCmsTransform:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB")


def _turn_upright(image: Image.Image, orientation: int, content_type: str) -> Image.Image:
    if orientation == 1 or content_type in _TURNED_BY_DECODER:
        return image
    return image.transpose(_TRANSPOSES[orientation])


def _failure(code: str, detail: str) -> AnalysisError:
    return AnalysisError(stage="decode", code=code, detail=detail, permanent=True)
