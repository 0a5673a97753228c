"""Sealed archives are read by others, and any part of them is the same at any time."""

import io
import random
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.core import sealed_zip
from backend.core.sealed_zip import SealedFile, stream_zip, zip_size


def sealed(name: str, data: bytes, *, deflated: bool = False) -> SealedFile:
    squeezer = zlib.compressobj(wbits=-15)
    stored = squeezer.compress(data) + squeezer.flush() if deflated else data

    def read(start: int) -> Iterator[bytes]:
        return (stored[place : place + 7] for place in range(start, len(stored), 7))

    return SealedFile(
        name=name,
        modified=datetime(2023, 5, 1, 18, 30, 12, tzinfo=UTC),
        size=len(data),
        stored_size=len(stored),
        crc=zlib.crc32(data),
        deflated=deflated,
        read=read,
    )


FILES = [
    sealed("照片/2023/IMG 1.jpg", b"a" * 23),
    sealed("empty", b""),
    sealed("IMG 1.jpg.json", b'{"a": 1}' * 9, deflated=True),
]


def whole(files: list[SealedFile], start: int = 0) -> bytes:
    pieces = list(stream_zip(lambda: files, start=start))
    assert all(pieces)
    return b"".join(pieces)


def test_an_archive_is_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(whole(FILES))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [file.name for file in FILES]
        assert archive.read("照片/2023/IMG 1.jpg") == b"a" * 23
        assert archive.read("IMG 1.jpg.json") == b'{"a": 1}' * 9
        assert archive.infolist()[0].date_time == (2023, 5, 1, 18, 30, 12)
    done = subprocess.run(["unzip", "-tq", path], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("count", range(4))
def test_the_size_is_known_in_advance(count: int) -> None:
    assert zip_size(FILES[:count]) == len(whole(FILES[:count]))


def test_a_download_goes_on_at_any_byte() -> None:
    data = whole(FILES)
    for start in range(len(data) + 1):
        assert whole(FILES, start) == data[start:]


def test_what_lies_before_is_not_read_again() -> None:
    def unreadable(start: int) -> Iterator[bytes]:
        raise AssertionError("it was read")

    first = SealedFile(**(vars(FILES[0]) | {"read": unreadable}))
    data = whole(FILES)
    assert whole([first, *FILES[1:]], first.length) == data[first.length :]


def test_many_files_and_far_ones_are_read_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    many = [sealed(f"{number:05}", chance.randbytes(20)) for number in range(70_000)]
    data = whole(many)
    assert len(data) == zip_size(many)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == 70_000
        assert archive.read("69999") == b"".join(many[-1].read(0))
    # As if 4 GiB were 10 kB: every file behind them is far.
    monkeypatch.setattr(sealed_zip, "_MOST", 10_000)
    few = many[:400]
    data = whole(few)
    assert len(data) == zip_size(few)
    for start in (0, 9_990, len(data) - 30):
        assert whole(few, start) == data[start:]
    assert data.count(b"PK\x06\x06") == 1


def test_a_far_file_is_found_by_others() -> None:
    """4 GiB of zeros that are never made: only the ending is, and read through a hole."""
    hole = [
        SealedFile(
            name=f"hole {number}",
            modified=datetime(2000, 1, 1, tzinfo=UTC),
            size=2**31 - 1,
            stored_size=2**31 - 1,
            crc=0,
            deflated=False,
            read=lambda start: iter(()),
        )
        for number in range(3)
    ]
    last = sealed("last", b"seen")
    files = [*hole, last]
    start = sum(file.length for file in hole)
    tail = whole(files, start)

    class Sparse(io.RawIOBase):
        place = 0

        def seekable(self) -> bool:
            return True

        def tell(self) -> int:
            return self.place

        def seek(self, offset: int, whence: int = 0) -> int:
            self.place = (0, self.place, start + len(tail))[whence] + offset
            return self.place

        def read(self, size: int = -1) -> bytes:
            assert self.place >= start
            rest = tail[self.place - start :]
            piece = rest if size < 0 else rest[:size]
            self.place += len(piece)
            return piece

    assert zip_size(files) == start + len(tail)
    with zipfile.ZipFile(Sparse()) as archive:
        assert archive.read("last") == b"seen"


@pytest.mark.parametrize("more", [-1, 1])
def test_a_file_of_another_size_breaks_the_download_off(more: int) -> None:
    size = FILES[0].size + more
    wrong = SealedFile(**(vars(FILES[0]) | {"size": size, "stored_size": size}))
    with pytest.raises(ValueError, match="another size"):
        whole([wrong])
