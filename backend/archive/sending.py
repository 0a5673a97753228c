"""An export's archive, from any byte on."""

import functools
from collections.abc import Iterator
from uuid import UUID

from backend.archive.models import Export, ExportEntry
from backend.core import storage
from backend.core.errors import StorageError
from backend.core.sealed_zip import SealedFile, stream_zip
from functions.contract import original_key

_ENTRIES = 500  # read at once


def sealed_files(export: Export) -> Iterator[SealedFile]:
    """What is in the archive, in its order; few at a time are in memory, and none is read."""
    rows = ExportEntry.objects.filter(export=export).defer("body").order_by("position")
    last = -1
    while batch := list(rows.filter(position__gt=last)[:_ENTRIES]):
        last = batch[-1].position
        for entry in batch:
            yield SealedFile(
                name=entry.name,
                modified=entry.modified,
                size=entry.size,
                stored_size=entry.stored_size,
                crc=entry.crc,
                deflated=entry.photo_id is None,
                read=functools.partial(_read, entry.pk, entry.photo_id),
            )


def stream_export(export: Export, *, start: int = 0) -> Iterator[bytes]:
    """The archive from the byte `start` on.

    Raises StorageError for a photo that has been deleted meanwhile: the download breaks off.
    """
    return stream_zip(functools.partial(sealed_files, export), start=start)


def _read(entry_id: int, photo_id: UUID | None, start: int) -> Iterator[bytes]:
    if photo_id is None:
        entry = ExportEntry.objects.filter(pk=entry_id).only("body").first()
        if entry is None or entry.body is None:
            raise StorageError("the export is not there any more")
        yield bytes(entry.body)[start:]
        return
    opened = storage.open_object(original_key(str(photo_id)), start=start)
    if opened is None:
        raise StorageError(f"photo {photo_id} is not there any more")
    yield from opened.chunks
