"""Archives have the size that was told, are read by others, and go on where they broke off."""

import io
import itertools
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest

from backend.core.archive import Entry, archive_size, stream_archive


def entry(name: str, data: bytes) -> Entry:
    def read() -> Iterator[bytes]:
        return (data[start : start + 5] for start in range(0, len(data), 5))

    return Entry(name=name, size=len(data), read=read)


ENTRIES = [entry("00001.jpg", b"a" * 23), entry("00002.png", b""), entry("00003.jpg", b"xyz")]


def whole(entries: list[Entry], start: int = 0) -> bytes:
    pieces = list(stream_archive(entries, start=start))
    assert all(pieces)
    return b"".join(pieces)


def test_an_archive_is_read_by_others() -> None:
    with zipfile.ZipFile(io.BytesIO(whole(ENTRIES))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["00001.jpg", "00002.png", "00003.jpg"]
        assert archive.read("00001.jpg") == b"a" * 23


@pytest.mark.parametrize("count", range(4))
def test_the_size_is_known_in_advance(count: int) -> None:
    assert archive_size(ENTRIES[:count]) == len(whole(ENTRIES[:count]))


def test_a_download_goes_on_at_any_byte() -> None:
    data = whole(ENTRIES)
    for start in range(len(data) + 1):
        assert whole(ENTRIES, start) == data[start:]


def test_an_archive_of_many_files_and_of_many_bytes_has_the_size_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [entry(f"{number:05}.jpg", b"x") for number in range(300)]
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 200)
    assert archive_size(many) == len(whole(many))
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2000)
    assert archive_size(many) == len(whole(many))
    with zipfile.ZipFile(io.BytesIO(whole(many))) as archive:
        assert len(archive.namelist()) == 300


def test_pieces_come_before_everything_is_read() -> None:
    read = []

    def endless() -> Iterator[bytes]:
        for number in itertools.count():
            read.append(number)
            yield bytes(1000)

    pieces = stream_archive([Entry(name="a", size=10**9, read=endless)])
    for _ in range(20):
        next(pieces)
    assert len(read) <= 21


def test_memory_does_not_grow_with_the_archive() -> None:
    piece = bytes(64 * 1024)
    many = [
        Entry(name=f"{number:05}.jpg", size=20 * len(piece), read=lambda: iter([piece] * 20))
        for number in range(100)
    ]
    tracemalloc.start()
    size = sum(len(part) for part in stream_archive(many))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 100 * 2**20
    assert peak < 2**20


@pytest.mark.parametrize("size", [22, 24])
def test_a_file_of_another_size_breaks_the_download_off(size: int) -> None:
    wrong = Entry(name="00001.jpg", size=size, read=ENTRIES[0].read)
    with pytest.raises(ValueError, match="23 bytes instead"):
        whole([wrong, *ENTRIES[1:]])
