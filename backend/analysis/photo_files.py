"""Which files of a folder may be photos."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEAD_BYTES = 32  # enough for every signature below

_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".png": "image/png",
    ".apng": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".hif": "image/heif",
    ".avif": "image/avif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
# Pictures that the album does not take. Raw photos are TIFF files to their first bytes.
_RAW = {
    ".dng",
    ".nef",
    ".nrw",
    ".cr2",
    ".cr3",
    ".crw",
    ".arw",
    ".srw",
    ".orf",
    ".rw2",
    ".raf",
    ".pef",
}
_OTHER_PICTURES = {".bmp", ".ico", ".psd", ".jp2", ".j2k", ".jxl", ".svg", ".tga", ".eps"}

_SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A file or folder that was not looked at further, and why."""

    path: Path
    code: str
    detail: str
    failed: bool  # False: passing over it is as it should be


@dataclass(frozen=True, kw_only=True)
class Found:
    """The regular files below a folder, in order, and what was left out."""

    files: list[Path]
    skipped: list[Skipped]


def find_files(folder: Path) -> Found:
    """Every file below the folder by name, folder after folder; a file stands for itself.

    Hidden files and folders are left out silently, so are pipes, sockets and devices, which must
    never be opened. Links are left out with a word: inside the folder their file is met anyway,
    and what is outside was not asked for.
    """
    if not folder.is_dir():
        return Found(files=[folder], skipped=[])
    root = folder.resolve()
    found = Found(files=[], skipped=[])

    def note_unreadable(error: OSError) -> None:
        path = Path(error.filename or root)
        found.skipped.append(unreadable(path, error))

    for name, folders, files in os.walk(root, onerror=note_unreadable):
        here = Path(name)
        for entry in sorted([*folders, *files]):
            if not entry.startswith("."):
                _note(here / entry, root, found)
        folders[:] = sorted(
            entry
            for entry in folders
            if not entry.startswith(".") and not (here / entry).is_symlink()
        )
    return found


def _note(path: Path, root: Path, found: Found) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        found.skipped.append(unreadable(path, error))
        return
    if stat.S_ISLNK(mode):
        found.skipped.append(_link(path, root))
    elif stat.S_ISREG(mode):
        found.files.append(path)


def _link(path: Path, root: Path) -> Skipped:
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links
        inside = True
    return Skipped(
        path=path,
        code="link" if inside else "link_outside",
        detail="links are not followed" if inside else "it points out of the folder",
        failed=False,
    )


def unreadable(path: Path, error: OSError) -> Skipped:
    reason = error.strerror or str(error)
    return Skipped(
        path=path, code="unreadable", detail=f"It cannot be read: {reason}.", failed=True
    )


def open_file(path: Path) -> BinaryIO:
    """The regular file, open for reading. Raises OSError, also for anything else than a file.

    What was a file a moment ago may be a link or a pipe by now: neither is followed or waited for.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise OSError("it is no longer a regular file")
    return file


def guess_content_type(path: Path, head: bytes) -> str | None:
    """The type to declare for an upload, by first bytes, else by name; None: not a photo.

    Inspection finds out what the bytes really are. A picture of a type that is not taken gets
    its own name, such as image/x-dng, and is refused with it.
    """
    extension = path.suffix.lower()
    by_bytes = _type_of_bytes(head)
    if extension in _RAW and by_bytes in (None, "image/tiff"):
        return f"image/x-{extension[1:]}"
    if by_bytes:
        return by_bytes
    if extension in _OTHER_PICTURES:
        return f"image/x-{extension[1:]}"
    return _TYPES.get(extension)


def _type_of_bytes(head: bytes) -> str | None:
    for signature, content_type in _SIGNATURES.items():
        if head.startswith(signature):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return _BRANDS.get(head[8:12]) if head[4:8] == b"ftyp" else None
