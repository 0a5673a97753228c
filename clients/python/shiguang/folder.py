"""The photos in a folder."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What the album takes, by the endings of file names.
TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".avif": "image/avif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


@dataclass(frozen=True)
class Found:
    """A photo's file, as it was when it was found."""

    path: Path
    size: int  # bytes
    changed: int  # nanoseconds since 1970

    @property
    def content_type(self) -> str:
        return TYPES[self.path.suffix.lower()]


@dataclass(frozen=True)
class Folder:
    photos: list[Found]
    others: list[Path]  # of no type that the album takes
    unreadable: list[tuple[Path, str]]


def look_into(root: Path, *, hidden: bool = False, follow: bool = False) -> Folder:
    """Every photo below a folder, or the one that a file is, in the order of their names.

    What begins with a dot is passed over unless `hidden`; links are unless `follow`, and then no
    folder is entered twice. The root itself may be either.
    """
    folder = Folder(photos=[], others=[], unreadable=[])
    paths = [root] if not root.is_dir() else _walk(root, hidden=hidden, follow=follow, into=folder)
    for path in paths:
        if path.suffix.lower() not in TYPES:
            folder.others.append(path)
            continue
        try:
            stat = path.stat()
        except OSError as error:
            folder.unreadable.append((path, error.strerror or str(error)))
        else:
            folder.photos.append(Found(path, stat.st_size, stat.st_mtime_ns))
    return folder


def _walk(root: Path, *, hidden: bool, follow: bool, into: Folder) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()

    def note(error: OSError) -> None:
        into.unreadable.append((Path(error.filename), error.strerror or str(error)))

    for place, folders, files in os.walk(root, followlinks=follow, onerror=note):
        stat = os.stat(place)  # noqa: PTH116 - os.walk speaks of names
        if (stat.st_dev, stat.st_ino) in seen:
            folders.clear()
            continue
        seen.add((stat.st_dev, stat.st_ino))
        folders[:] = sorted(name for name in folders if hidden or not name.startswith("."))
        for name in sorted(files):
            path = Path(place) / name
            is_wanted = hidden or not name.startswith(".")
            if is_wanted and (path.is_file() if follow else _is_plain(path)):
                yield path


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def sha256_of(path: Path) -> str:
    """Hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
