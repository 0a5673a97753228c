"""Files that nobody should upload, and what must become of each: made here, none is kept."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from PIL import Image

from tests.album import File
from tests.pictures import photo_file

READY = "ready"
# A picture of more pixels than anybody's memory should hold.
BOMB = "too_many_pixels"


@dataclass(frozen=True)
class Hostile:
    """A file and how it must end: READY, or the code of its failure."""

    file: File
    ends: str


def hostile_files() -> list[Hostile]:
    jpeg = photo_file("rocket.jpg").data
    html = b"<!DOCTYPE html><script>alert(document.cookie)</script>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><svg>&a;</svg>'
    return [
        Hostile(File("page.jpg", html), "not_an_image"),
        Hostile(File("drawing.jpg", svg), "unsupported_format"),
        Hostile(File("entities.png", entities, "image/png"), "unsupported_format"),
        Hostile(File("noise.heic", zlib.compress(jpeg), "image/heic"), "not_an_image"),
        Hostile(File("one-byte.jpg", b"\xff"), "not_an_image"),
        Hostile(File("cut.jpg", jpeg[: len(jpeg) // 2]), "truncated"),
        Hostile(File("only-a-header.png", _png(64, 64, b""), "image/png"), "truncated"),
        Hostile(File("bomb.png", _png(30_000, 30_000, _zeros(30_000)), "image/png"), BOMB),
        Hostile(File("wide-bomb.png", _png(2**31 - 1, 1, b""), "image/png"), BOMB),
        Hostile(File("large.png", _png(10_000, 10_000, _zeros(10_000)), "image/png"), READY),
        Hostile(File("frames.gif", _gif(5_000), "image/gif"), READY),
        Hostile(File("too-many-frames.gif", _gif(200_000), "image/gif"), READY),
        Hostile(File("photo-and-zip.jpg", jpeg + _zip(html)), READY),
        Hostile(File("photo-and-page.jpg", jpeg + html), READY),
        Hostile(File("paper.jpg", b"%PDF-1.4\n" + jpeg), "not_an_image"),
        Hostile(File("archive.jpg", _zip(jpeg)), "not_an_image"),
        Hostile(File("dot.png", _encode(1, 1), "image/png"), READY),
        Hostile(File("line.png", _encode(1, 4_000), "image/png"), READY),
        Hostile(File("lying-name.jpg", _encode(40, 30), "image/jpeg"), READY),
    ]


def _png(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG of one bit a pixel whose header says so, whatever the pixels are."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _zeros(side: int) -> bytes:
    """The compressed black pixels of a square: a thousandth of what they become."""
    squeeze, line = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    return b"".join(squeeze.compress(line) for _ in range(side)) + squeeze.flush()


def _gif(frames: int) -> bytes:
    """An animation of dots."""
    head = b"GIF89a" + struct.pack("<HHBBB", 16, 16, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    pause = b"\x21\xf9\x04\x04\x05\x00\x00\x00"
    dot = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + (pause + dot) * frames + b"\x3b"


def _zip(content: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("index.html", content)
    return data.getvalue()


def _encode(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 40)).save(data, "PNG")
    return data.getvalue()
