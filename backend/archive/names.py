"""What files are called in an archive: readable, and fit for any system they are unpacked on."""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from backend.photos.models import Photo
from backend.photos.services import clean_filename

_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png", ".apng"),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/heic": (".heic", ".heif", ".hif"),
    "image/heif": (".heif", ".heic", ".hif"),
    "image/avif": (".avif",),
    "image/tiff": (".tif", ".tiff"),
}
# What Windows does not take in a name.
_ODD = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_MOST_BYTES = 180  # of 255 that file systems take; sidecars and what tells two apart come on top


def photo_path(photo: Photo) -> str:
    """Folder and name of a photo's original: year and month by the clock of the place."""
    name = _ODD.sub("_", unicodedata.normalize("NFC", clean_filename(photo.filename)))
    path = PurePosixPath(name.strip(" ."))
    ending = path.suffix
    endings = _ENDINGS.get(photo.content_type, (".bin",))
    stem = path.stem if ending.lower() in endings else path.name
    ending = ending if ending.lower() in endings else endings[0]
    stem = stem.encode()[:_MOST_BYTES].decode(errors="ignore").strip(" .") or "photo"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return f"photos/{photo.shown_local:%Y/%m}/{stem}{ending}"


def other_path(path: str, photo: Photo) -> str:
    """The name for a photo whose own is taken."""
    pure = PurePosixPath(path)
    return f"{pure.parent}/{pure.stem}~{photo.sha256[:12]}{pure.suffix}"


def name_key(name: str) -> str:
    """Equal for names that some system takes for one."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return hashlib.sha256(folded.encode()).hexdigest()
