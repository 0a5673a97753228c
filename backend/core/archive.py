"""ZIP archives that are made while they are sent.

Files are stored as they are, under names in ASCII and without a date, so that the same entries are
the same bytes: the size is known in advance, and a download that broke off goes on where it ended.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_LOCAL_HEADER, _DATA_DESCRIPTOR, _DIRECTORY_ENTRY, _END = 30, 16, 46, 22
# What the format adds behind 2 GiB and beyond 65,535 files.
_FAR_ENTRY, _FAR_END = 12, 56 + 20


@dataclass(frozen=True, kw_only=True)
class Entry:
    """size: bytes, below 2 GiB. read: the bytes anew, as many as the size."""

    name: str
    size: int
    read: Callable[[], Iterator[bytes]]


def archive_size(entries: Sequence[Entry]) -> int:
    """How many bytes the archive has."""
    offset = directory = 0
    for entry in entries:
        directory += _DIRECTORY_ENTRY + len(entry.name)
        directory += _FAR_ENTRY if offset > zipfile.ZIP64_LIMIT else 0
        offset += _LOCAL_HEADER + len(entry.name) + entry.size + _DATA_DESCRIPTOR
    is_far = (
        len(entries) > zipfile.ZIP_FILECOUNT_LIMIT
        or offset > zipfile.ZIP64_LIMIT
        or directory > zipfile.ZIP64_LIMIT
    )
    return offset + directory + _END + (_FAR_END if is_far else 0)


def stream_archive(entries: Sequence[Entry], *, start: int = 0) -> Iterator[bytes]:
    """The archive from the byte `start` on, in pieces that are not empty.

    What lies before `start` is read again, because the end holds checksums of everything.
    Raises ValueError if an entry has another size than it said.
    """
    sink = _Sink(start)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            written = 0
            with archive.open(zipfile.ZipInfo(entry.name), "w") as part:
                for chunk in entry.read():
                    written += part.write(chunk)
                    yield from sink.drain()
            if written != entry.size:
                raise ValueError(f"{entry.name} has {written} bytes instead of {entry.size}")
    yield from sink.drain()


class _Sink:
    """Takes what the archive writes until it is drained; forgets the first bytes."""

    def __init__(self, forget: int) -> None:
        self._forget = forget
        self._pieces: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        forgotten = min(self._forget, len(data))
        self._forget -= forgotten
        if forgotten < len(data):
            self._pieces.append(bytes(data[forgotten:]))
        return len(data)

    def flush(self) -> None:
        """What is written waits to be drained."""

    def close(self) -> None:
        """There is nothing to close."""

    def drain(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)
