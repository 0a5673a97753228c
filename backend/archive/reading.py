"""Reading an archive that anybody may have made: nothing in it is believed before it is checked.

Nothing is ever unpacked to a path: names only choose among what the archive holds.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from django.conf import settings

from backend.archive.documents import VERSION, Document
from backend.archive.validating import check_document
from backend.core import storage

MAX_DOCUMENT_BYTES = 8 * 1024**2
# A million entries, which cost some 600 bytes of memory each.
MAX_DIRECTORY_BYTES = 128 * 1024**2
# Text of ours shrinks to a tenth; what shrinks to less than this is there to fill a disk.
_MOST_INFLATION, _ALLOWED_ANYWAY = 200, 64 * 1024
_CHUNK_BYTES = 256 * 1024
_BLOCK_BYTES = 1024**2


class ArchiveError(Exception):
    """The archive, or one of its files, cannot be taken; the code says why, the text where."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Files(Protocol):
    """Named files, wherever they lie. Names have slashes."""

    def names(self) -> list[str]: ...

    def size(self, name: str) -> int: ...

    def open(self, name: str) -> IO[bytes]: ...


class ZipFiles:
    """The files of a ZIP archive.

    Raises ArchiveError not_an_archive or too_large.
    """

    def __init__(self, file: BinaryIO, *, size: int) -> None:
        try:
            self._zip = zipfile.ZipFile(_Bounded(file))
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
            raise ArchiveError("not_an_archive", f"It is no ZIP file: {error}") from error
        self._infos = {info.filename: info for info in self._zip.infolist() if not info.is_dir()}
        # Entries that lie on each other could hold any amount in a few bytes.
        if sum(info.compress_size for info in self._infos.values()) > size:
            raise ArchiveError("not_an_archive", "Its files overlap.")

    def names(self) -> list[str]:
        return list(self._infos)

    def size(self, name: str) -> int:
        return self._infos[name].file_size

    def open(self, name: str) -> IO[bytes]:
        info = self._infos[name]
        if info.file_size > _MOST_INFLATION * info.compress_size + _ALLOWED_ANYWAY:
            raise ArchiveError("bomb", f"{name} would grow beyond all measure.")
        if info.flag_bits & 1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise ArchiveError("unreadable", f"{name} is encrypted, or packed in an unusual way.")
        return self._zip.open(info)


class _Bounded(io.RawIOBase):
    """A file of which nobody reads more at once than a directory may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise ArchiveError("too_large", "It holds too many files.")
        return self._file.read(size if size >= 0 else MAX_DIRECTORY_BYTES)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


class FolderFiles:
    """The files of an archive that somebody has unpacked. Links are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        paths = self._folder.rglob("*")
        return [
            path.relative_to(self._folder).as_posix()
            for path in paths
            if path.is_file() and not path.is_symlink()
        ]

    def size(self, name: str) -> int:
        return (self._folder / name).stat().st_size

    def open(self, name: str) -> IO[bytes]:
        return (self._folder / name).open("rb")


class _StoredRaw(io.RawIOBase):
    """An object in storage as a file that can be read anywhere."""

    def __init__(self, key: str, size: int) -> None:
        self._key, self._size, self._place = key, size, 0

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._place)
        if wanted <= 0:
            return 0
        piece = storage.read_part(self._key, start=self._place, size=wanted)
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = max(0, (0, self._place, self._size)[whence] + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def open_stored(key: str, *, size: int) -> BinaryIO:
    return io.BufferedReader(_StoredRaw(key, size), _BLOCK_BYTES)


class Archive:
    """What an archive holds, by what its documents say.

    It may lie in a folder of the ZIP file, as it does after somebody has packed it anew.
    Raises ArchiveError not_an_archive, or unknown_version for one that a later album made.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._names = set(files.names())
        heads = [name for name in self._names if name.split("/")[-1] == "archive.json"]
        if not heads:
            raise ArchiveError("not_an_archive", "There is no archive.json in it.")
        head = min(heads, key=lambda name: (name.count("/"), name))
        self._root = head.removesuffix("archive.json")
        self.about = self.document(head, "archive")

    def photos(self) -> list[str]:
        """The names of the photos' documents, always in the same order."""
        return self._documents("photos/")

    def people(self) -> Iterator[Document]:
        """Pages of people."""
        return (self.document(name, "people") for name in self._documents("people/"))

    def albums(self) -> list[str]:
        return self._documents("albums/")

    def reactions(self) -> list[str]:
        """Pages of comments and likes."""
        return self._documents("reactions/")

    def _documents(self, folder: str) -> list[str]:
        start = self._root + folder
        return sorted(
            name for name in self._names if name.startswith(start) and name.endswith(".json")
        )

    def document(self, name: str, kind: str) -> Document:
        """The document, of the shape that its kind has. Raises ArchiveError."""
        try:
            with self._files.open(name) as file:
                data = file.read(MAX_DOCUMENT_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise ArchiveError("unreadable", f"{name}: {error}") from error
        if len(data) > MAX_DOCUMENT_BYTES:
            raise ArchiveError("too_large", f"{name} is larger than {MAX_DOCUMENT_BYTES} bytes.")
        try:
            document = json.loads(data, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ArchiveError("bad_document", f"{name}: {error}") from error
        if problem := check_document(document, kind):
            raise ArchiveError("bad_document", f"{name}: {problem}")
        if document["version"] > VERSION:
            raise ArchiveError("unknown_version", f"{name} is of version {document['version']}.")
        cleaned: Document = _storable(document)
        return cleaned

    def copy_original(self, document: Document, *, beside: str, to: BinaryIO) -> None:
        """The photo's bytes are in `to`, and are those that its document tells of.

        beside: the document's name. Raises ArchiveError missing_file, too_large, damaged or bomb.
        """
        name = f"{beside.rpartition('/')[0]}/{document['file']}"
        if name not in self._names:
            raise ArchiveError("missing_file", f"{name} is not in the archive.")
        if document["size"] > settings.MAX_UPLOAD_BYTES:
            raise ArchiveError("too_large", f"{name} is larger than {settings.MAX_UPLOAD_BYTES}.")
        if self._files.size(name) != document["size"]:
            raise ArchiveError("damaged", f"{name} has another size than its document tells.")
        digest, left = hashlib.sha256(), document["size"]
        try:
            with self._files.open(name) as file:
                while left > 0 and (chunk := file.read(min(_CHUNK_BYTES, left))):
                    left -= len(chunk)
                    digest.update(chunk)
                    to.write(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise ArchiveError("damaged", f"{name}: {error}") from error
        if left or digest.hexdigest() != document["sha256"]:
            raise ArchiveError("damaged", f"{name} is not what its document tells.")


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _storable(value: Any) -> Any:
    """The same without NUL and halves of surrogate pairs, which cannot be stored as text."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return value
