"""The tags of an EXIF block (or of a TIFF file), read so that no input can break it.

Pillow's own reader raises a dozen kinds of exceptions on damaged blocks; this one leaves out
what it cannot read. Layout: TIFF 6.0 section 2 and Exif 2.32 section 4.6 (CIPA DC-008).
"""

import struct
from dataclasses import dataclass, field

# One tag: the bytes of a text or blob, or numbers; None stands for a fraction over zero.
Value = bytes | tuple[int | float | None, ...]
Tags = dict[int, Value]

EXIF_POINTER = 0x8769
GPS_POINTER = 0x8825

# No tag that is read here is longer; thumbnails and maker notes are skipped by this.
_MAX_VALUE_BYTES = 4096
_MAX_DIRECTORIES = 10_000

_PREFIX = b"Exif\x00\x00"

# TIFF type -> (struct letter, bytes). Fractions are two numbers.
_NUMBERS = {
    1: ("B", 1),
    3: ("H", 2),
    4: ("I", 4),
    6: ("b", 1),
    8: ("h", 2),
    9: ("i", 4),
    11: ("f", 4),
    12: ("d", 8),
    13: ("I", 4),
}
_FRACTIONS = {5: "I", 10: "i"}
_BLOBS = (2, 7, 129)  # ASCII, undefined, UTF-8


@dataclass(frozen=True, kw_only=True)
class Exif:
    """The three directories that say something about a photo; empty where there is none."""

    image: Tags = field(default_factory=dict)
    photo: Tags = field(default_factory=dict)
    gps: Tags = field(default_factory=dict)


def read_exif(block: bytes) -> Exif:
    """Everything readable of an EXIF block, with or without its "Exif" prefix. Never raises."""
    block = block.removeprefix(_PREFIX).removeprefix(_PREFIX)
    order = _byte_order(block)
    if order is None:
        return Exif()
    image, _ = _read_directory(block, order=order, offset=_number_at(block, order + "I", 4))
    return Exif(
        image=image,
        photo=_read_pointed(block, order=order, pointer=image.get(EXIF_POINTER)),
        gps=_read_pointed(block, order=order, pointer=image.get(GPS_POINTER)),
    )


def count_directories(block: bytes) -> int:
    """How many images a TIFF file chains together, at least 1. Never raises, always ends."""
    order = _byte_order(block)
    if order is None:
        return 1
    seen: set[int] = set()
    offset = _number_at(block, order + "I", 4)
    while offset and offset not in seen and len(seen) < _MAX_DIRECTORIES:
        count = _number_at(block, order + "H", offset)
        if not count:
            break
        seen.add(offset)
        offset = _number_at(block, order + "I", offset + 2 + 12 * count)
    return max(1, len(seen))


def numbers(value: Value | None) -> tuple[int | float | None, ...]:
    """The numbers of a tag; none if it is missing or a text."""
    return value if isinstance(value, tuple) else ()


def _byte_order(block: bytes) -> str | None:
    return {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])


def _number_at(block: bytes, layout: str, offset: int) -> int:
    """The number at an offset; 0, which no offset or count may be, if it lies outside."""
    try:
        (number,) = struct.unpack_from(layout, block, offset)
    except struct.error:
        return 0
    return int(number)


def _read_pointed(block: bytes, *, order: str, pointer: Value | None) -> Tags:
    offsets = numbers(pointer)
    if not offsets or not isinstance(offsets[0], int):
        return {}
    tags, _ = _read_directory(block, order=order, offset=offsets[0])
    return tags


def _read_directory(block: bytes, *, order: str, offset: int) -> tuple[Tags, int]:
    """One directory's tags, the first of each number, and the offset of the next directory."""
    tags: Tags = {}
    if offset < 8:  # an offset inside the header points nowhere
        return tags, 0
    count = _number_at(block, order + "H", offset)
    for entry in range(offset + 2, min(offset + 2 + 12 * count, len(block) - 11), 12):
        tag, kind, length = struct.unpack_from(order + "HHI", block, entry)
        value = _read_value(block, order=order, entry=entry, kind=kind, length=length)
        if value is not None:
            tags.setdefault(tag, value)
    return tags, _number_at(block, order + "I", offset + 2 + 12 * count)


def _read_value(block: bytes, *, order: str, entry: int, kind: int, length: int) -> Value | None:
    if kind in _BLOBS:
        width = 1
    elif kind in _NUMBERS:
        width = _NUMBERS[kind][1]
    elif kind in _FRACTIONS:
        width = 8
    else:
        return None
    size = width * length
    if not 0 < size <= _MAX_VALUE_BYTES:
        return None
    # Values of four bytes or fewer stand in the entry itself.
    start = entry + 8 if size <= 4 else _number_at(block, order + "I", entry + 8)
    raw = block[start : start + size]
    if kind in _BLOBS:
        return raw or None
    if len(raw) < size:
        return None
    if kind in _FRACTIONS:
        parts = struct.unpack(f"{order}{2 * length}{_FRACTIONS[kind]}", raw)
        return tuple(
            top / bottom if bottom else None
            for top, bottom in zip(parts[::2], parts[1::2], strict=True)
        )
    return struct.unpack(f"{order}{length}{_NUMBERS[kind][0]}", raw)
