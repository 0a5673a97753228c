"""Originals without what they say besides their picture: where, with what, by whom, previews.

Everything that is not known to be needed for the picture becomes zeros, and what cannot be
followed does so too. Nothing is decoded, and nothing moves: the size stays what it was, so that
archives can tell theirs in advance.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

_ZEROS = bytes(64 * 1024)


def clean(
    chunks: Iterator[bytes], content_type: str, *, keep_location: bool = False
) -> Iterator[bytes]:
    """The bytes of a picture of a type in CLEANABLE, as many as they were; no piece is empty.

    keep_location: a JPEG goes on saying where it was made, and still nothing else.
    """
    return filter(None, CLEANABLE[content_type](_Source(chunks, keep_location=keep_location)))


class _Source:
    """Bytes in the pieces that a format asks for."""

    def __init__(self, chunks: Iterator[bytes], *, keep_location: bool) -> None:
        self.keep_location = keep_location
        self._chunks = chunks
        self._ahead = b""

    def more(self) -> bool:
        """True after the next chunk has joined what lies ahead."""
        chunk = next(self._chunks, b"")
        self._ahead += chunk
        return bool(chunk)

    def take(self, size: int) -> bytes:
        """So many bytes, fewer at the end."""
        while len(self._ahead) < size and self.more():
            pass
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        return taken

    def stream(self, size: int) -> Iterator[bytes]:
        """The same, in pieces that do not grow with the size."""
        while size and (piece := self.take(min(size, len(_ZEROS)))):
            size -= len(piece)
            yield piece

    def take_until(self, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
        """What lies before the first match of a pattern two bytes long, or all."""
        while True:
            if match := pattern.search(self._ahead):
                yield self.take(match.start())
                return
            if len(self._ahead) > 1:
                yield self.take(len(self._ahead) - 1)  # the last may begin a match
            if not self.more():
                yield self.take(1)
                return

    def blank(self, size: int = 2**63) -> Iterator[bytes]:
        """Zeros instead of so many bytes, or of all that is left."""
        for piece in self.stream(size):
            yield _ZEROS[: len(piece)]


_END, _SCAN = 0xD9, 0xDA
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a segment
_APPLICATION, _COMMENT = range(0xE0, 0xF0), 0xFE
# Of what applications add, these belong to the picture: its density, its colours.
_KEPT_SEGMENTS = {0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
# A marker within a scan that is neither a stuffed byte nor a restart.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
# Of EXIF.
_ORDERS = {b"II": "<", b"MM": ">"}
_ORIENTATION, _GPS = 0x0112, 0x8825
_WHERE = range(7)  # version; latitude, longitude and altitude, each with its direction


def _clean_jpeg(source: _Source) -> Iterator[bytes]:
    yield from _same_or_zeros(source.take(2), b"\xff\xd8")
    while True:
        marker = source.take(2)
        if marker == b"\xff\xff":  # a fill byte before the marker
            yield marker[:1]
            marker = marker[1:] + source.take(1)
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] == 0:
            yield bytes(len(marker))
            break
        code = marker[1]
        yield marker
        if code == _END:
            break
        if code in _ALONE:
            continue
        size = source.take(2)
        yield size
        payload = source.take(max(0, int.from_bytes(size) - 2))
        yield _clean_segment(code, payload, keep_location=source.keep_location)
        if code == _SCAN:
            yield from source.take_until(_MARKER)
    # Behind the end some cameras put further pictures and films.
    yield from source.blank()


def _clean_segment(code: int, payload: bytes, *, keep_location: bool) -> bytes:
    if code not in _APPLICATION and code != _COMMENT:
        return payload
    kept = _KEPT_SEGMENTS.get(code)
    if kept is not None and payload.startswith(kept):
        return payload
    blank = bytes(len(payload))
    if code == 0xE1 and payload.startswith(b"Exif\x00\x00"):
        exif = b"Exif\x00\x00" + _bare_exif(payload[6:], keep_location=keep_location)
        return exif + blank[len(exif) :] if len(blank) >= len(exif) else blank
    return blank


def _bare_exif(tiff: bytes, *, keep_location: bool) -> bytes:
    """Which way up the picture is, which belongs to it; and where it was made, if that is kept."""
    order = _ORDERS.get(tiff[:2], ">")
    where = _location(tiff, order) if keep_location else []
    start = 8 + 2 + 2 * 12 + 4  # of the second directory
    entries = [struct.pack(f"{order}HHIHH", _ORIENTATION, 3, 1, _orientation(tiff), 0)]
    if where:
        entries.append(struct.pack(f"{order}HHII", _GPS, 4, 1, start))
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    directory = struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4)
    if not where:
        return head + directory
    fields, values = struct.pack(f"{order}H", len(where)), b""
    for tag, kind, count, data in where:
        field = data
        if len(data) > 4:
            field = struct.pack(f"{order}I", start + 2 + 12 * len(where) + 4 + len(values))
            values += data
        fields += struct.pack(f"{order}HHI4s", tag, kind, count, field)
    return head + directory + fields + bytes(4) + values


def _location(tiff: bytes, order: str) -> list[tuple[int, int, int, bytes]]:
    """Latitude, longitude and altitude, as they are written: tag, type, count, value."""
    found = []
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        _, _, place = _read_directory(tiff, order, first)[_GPS]
        (start,) = struct.unpack(f"{order}I", place)
        for tag, (kind, count, field) in sorted(_read_directory(tiff, order, start).items()):
            if tag not in _WHERE:
                continue
            # Three fractions, or a letter; nothing that a sentence fits into.
            size = {1: 1, 2: 1, 5: 8}.get(kind, 0) * count
            data = field[:size]
            if kind == 5 and count <= 3:
                (behind,) = struct.unpack(f"{order}I", field)
                data = tiff[behind : behind + size]
            if 0 < size == len(data):
                found.append((tag, kind, count, data))
    except (KeyError, struct.error):
        pass
    return found


def _read_directory(tiff: bytes, order: str, start: int) -> dict[int, tuple[int, int, bytes]]:
    """tag -> type, count, and four bytes that hold the value or say where it lies.

    Raises struct.error if there is none.
    """
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    entries: dict[int, tuple[int, int, bytes]] = {}
    for number in range(min(count, (len(tiff) - start - 2) // 12)):
        tag, *entry = struct.unpack_from(f"{order}HHI4s", tiff, start + 2 + 12 * number)
        entries.setdefault(tag, (entry[0], entry[1], entry[2]))
    return entries


def jpeg_orientation(head: bytes) -> int:
    """How a JPEG's stored pixels are turned: 1 to 8, as EXIF counts; 1 if its head tells nothing.

    head: the first 64 kB or more; EXIF comes first in a JPEG.
    """
    place = 2 if head.startswith(b"\xff\xd8") else len(head)
    while place + 4 <= len(head) and head[place] == 0xFF:
        code = head[place + 1]
        payload = head[place + 4 : place + 2 + int.from_bytes(head[place + 2 : place + 4])]
        if code == 0xE1 and payload.startswith(b"Exif\x00\x00"):
            return _orientation(payload[6:])
        if code == _SCAN:
            break
        place += 4 + len(payload)
    return 1


def _orientation(tiff: bytes) -> int:
    """1 to 8, as EXIF counts them; 1 if it cannot be found."""
    order = _ORDERS.get(tiff[:2])
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        kind, _, field = _read_directory(tiff, str(order), start)[_ORIENTATION]
    except (KeyError, struct.error):
        return 1
    value = struct.unpack(f"{order}HH", field)[0] if kind == 3 else 1
    return value if 1 <= value <= 8 else 1


_PNG = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB"),
    *(b"bKGD", b"hIST", b"pHYs", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT"),
}


def _clean_png(source: _Source) -> Iterator[bytes]:
    yield from _same_or_zeros(source.take(8), _PNG)
    while len(head := source.take(8)) == 8:
        size, name = int.from_bytes(head[:4]), head[4:]
        if name in _KEPT_CHUNKS:
            yield head
            yield from source.stream(size + 4)
        else:
            name = b"blAn"  # ancillary, private: decoders pass it over
            yield head[:4] + name
            checksum = zlib.crc32(name)
            for piece in source.blank(size):
                checksum = zlib.crc32(piece, checksum)
                yield piece
            yield struct.pack(">I", checksum)[: len(source.take(4))]
        if name == b"IEND":
            break
    else:
        yield bytes(len(head))
    yield from source.blank()


_KEPT_PARTS = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_SAYS_METADATA = 0x0C  # EXIF and XMP, among the flags of VP8X


def _clean_webp(source: _Source) -> Iterator[bytes]:
    head = source.take(12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        yield bytes(len(head))
        yield from source.blank()
        return
    yield head
    left = int.from_bytes(head[4:8], "little") - 4
    while left >= 8:
        head = source.take(8)
        if len(head) < 8:
            yield bytes(len(head))
            break
        size = int.from_bytes(head[4:], "little")
        size += size % 2
        left -= 8 + size
        if head[:4] in _KEPT_PARTS:
            yield head
            yield from source.stream(size)
        elif head[:4] == b"VP8X":
            flags = source.take(1)
            yield head + bytes(flag & ~_SAYS_METADATA for flag in flags)
            yield from source.stream(size - len(flags))
        else:
            yield b"JUNK" + head[4:]
            yield from source.blank(size)
    yield from source.blank()


def _same_or_zeros(found: bytes, expected: bytes) -> Iterator[bytes]:
    yield found if found == expected else bytes(len(found))


CLEANABLE: dict[str, Callable[[_Source], Iterator[bytes]]] = {
    "image/jpeg": _clean_jpeg,
    "image/png": _clean_png,
    "image/webp": _clean_webp,
}
