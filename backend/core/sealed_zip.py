"""ZIP archives of files whose sizes and checksums are known: any part of them is made at once.

core.archive makes an archive of what it has not seen yet, and so has to read everything again to
go on. Here whatever lies before the first byte asked for is passed over unread.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

_HEADER = struct.Struct("<4s5H3I2H")
_DIRECTORY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_FAR_END = struct.Struct("<4sQ2H2I4Q")
_FAR_LOCATOR = struct.Struct("<4sIQI")
_FAR_OFFSET = struct.Struct("<2HQ")
_MOST, _MOST_FILES = 0xFFFFFFFF, 0xFFFF
_UTF_8 = 0x0800
_VERSION, _FAR_VERSION, _UNIX = 20, 45, 3 << 8
_MODE = 0o100644 << 16  # a file that its owner may change


@dataclass(frozen=True, kw_only=True)
class SealedFile:
    """A file as it lies in the archive.

    size, stored_size: bytes, below 2 GiB; they are equal unless it is deflated.
    read: the stored bytes from an offset on.
    """

    name: str
    modified: datetime
    size: int
    stored_size: int
    crc: int
    deflated: bool
    read: Callable[[int], Iterator[bytes]]

    @property
    def encoded_name(self) -> bytes:
        return self.name.encode()

    @property
    def length(self) -> int:
        """Bytes in the archive, header included, directory not."""
        return _HEADER.size + len(self.encoded_name) + self.stored_size


def zip_size(files: Iterable[SealedFile]) -> int:
    """How many bytes the archive has."""
    size, count, directory = 0, 0, 0
    for file in files:
        directory += len(_directory_entry(file, size))
        size += file.length
        count += 1
    return size + directory + len(_ending(count=count, start=size, size=directory))


def stream_zip(files: Callable[[], Iterable[SealedFile]], *, start: int = 0) -> Iterator[bytes]:
    """The archive from the byte `start` on, in pieces that are not empty.

    files: all of them, in the same order each time; they are gone through twice.
    Raises ValueError if a file has another size than it said.
    """
    yield from filter(None, _stream(files, start))


def _stream(files: Callable[[], Iterable[SealedFile]], start: int) -> Iterator[bytes]:
    offset = 0
    for file in files():
        if offset + file.length > start:
            header = _header(file)
            yield header[max(0, start - offset) :]
            yield from _content(file, max(0, start - offset - len(header)))
        offset += file.length
    data_end, count = offset, 0
    position = 0
    for file in files():
        entry = _directory_entry(file, position)
        position += file.length
        yield entry[max(0, start - offset) :]
        offset += len(entry)
        count += 1
    ending = _ending(count=count, start=data_end, size=offset - data_end)
    yield ending[max(0, start - offset) :]


def _content(file: SealedFile, start: int) -> Iterator[bytes]:
    left = file.stored_size - start
    if left > 0:
        for piece in file.read(start):
            left -= len(piece)
            if left < 0:
                break
            yield piece
    if left:
        raise ValueError(f"{file.name} has another size than was announced")


def _moment(file: SealedFile) -> tuple[int, int]:
    """Time and date as DOS wrote them: from 1980 to 2107, in steps of two seconds."""
    at = file.modified
    if at.year < 1980:
        return 0, 1 << 5 | 1
    year = min(at.year, 2107)
    time = at.hour << 11 | at.minute << 5 | at.second // 2
    return time, (year - 1980) << 9 | at.month << 5 | at.day


def _method(file: SealedFile) -> int:
    return 8 if file.deflated else 0


def _header(file: SealedFile) -> bytes:
    name = file.encoded_name
    time, date = _moment(file)
    fixed = (_VERSION, _UTF_8, _method(file), time, date)
    sizes = (file.crc, file.stored_size, file.size)
    return _HEADER.pack(b"PK\x03\x04", *fixed, *sizes, len(name), 0) + name


def _directory_entry(file: SealedFile, offset: int) -> bytes:
    name = file.encoded_name
    is_far = offset >= _MOST
    extra = _FAR_OFFSET.pack(1, 8, offset) if is_far else b""
    version = _FAR_VERSION if is_far else _VERSION
    time, date = _moment(file)
    fixed = (_UNIX | version, version, _UTF_8, _method(file), time, date)
    sizes = (file.crc, file.stored_size, file.size)
    lengths = (len(name), len(extra), 0, 0, 0)
    where = (_MODE, _MOST if is_far else offset)
    return _DIRECTORY.pack(b"PK\x01\x02", *fixed, *sizes, *lengths, *where) + name + extra


def _ending(*, count: int, start: int, size: int) -> bytes:
    is_far = count >= _MOST_FILES or start >= _MOST or size >= _MOST
    ending = b""
    if is_far:
        versions = (_UNIX | _FAR_VERSION, _FAR_VERSION)
        ending += _FAR_END.pack(b"PK\x06\x06", 44, *versions, 0, 0, count, count, size, start)
        ending += _FAR_LOCATOR.pack(b"PK\x06\x07", 0, start + size, 1)
    few = min(count, _MOST_FILES)
    places = (min(size, _MOST), min(start, _MOST))
    return ending + _END.pack(b"PK\x05\x06", 0, 0, few, few, *places, 0)
