"""Preparing an archive of all that somebody has.

What the archive says is written down once, and every original's checksum is taken, so that from
then on any part of it can be sent at any time, always with the same bytes.
"""

import hashlib
import itertools
import json
import logging
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.archive.documents import (
    FORMAT,
    VERSION,
    Document,
    account_document,
    album_documents,
    people_documents,
    photo_document,
    photos_to_export,
)
from backend.archive.models import Export, ExportEntry, State
from backend.archive.names import name_key, other_path, photo_path
from backend.archive.reactions import reaction_documents
from backend.archive.sending import sealed_files
from backend.archive.sidecar import sidecar
from backend.core import storage
from backend.core.errors import RefusedError, StorageError
from backend.core.jobs import enqueue
from backend.core.sealed_zip import zip_size
from backend.core.turns import TURN_SECONDS, take_turn
from backend.core.uuids import uuid7
from backend.photos.cleaning import jpeg_orientation
from backend.photos.models import Photo
from functions.contract import original_key

logger = logging.getLogger(__name__)

_PHOTOS = 10  # a step
_HEAD_BYTES = 256 * 1024
_MOST_TOLD = 1000  # photos that were left out, by name
MAX_KEPT = 3  # exports of a user


def exports_of(user: User) -> QuerySet[Export]:
    """Those that have not expired, the latest first."""
    return Export.objects.filter(owner=user).exclude(expires_at__lte=timezone.now())


def ask_export(user: User) -> Export:
    """An archive of all that the user has is under way. One that was under way goes on.

    Raises RefusedError too_many_exports.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        export = exports_of(user).filter(state__in=[State.QUEUED, State.RUNNING]).first()
        if export is None:
            if exports_of(user).count() >= MAX_KEPT:
                raise RefusedError("too_many_exports", status=409, limit=MAX_KEPT)
            export = Export.objects.create(
                owner=user, total=photos_to_export(user).prefetch_related(None).count()
            )
            # If the message is lost, the timer finds the row.
            transaction.on_commit(lambda: enqueue("archive.prepare_exports"))
    export.refresh_from_db()
    return export


def prepare_exports() -> int:
    """Exports that are due have gone on for a while. Returns how many. Safe to run again."""
    count = 0
    for export in Export.objects.filter(due_at__lte=timezone.now()).order_by("due_at")[:10]:
        try:
            count += prepare(export.id)
        except (StorageError, DatabaseError) as error:
            logger.warning("%s goes on later: %s", export, error)
    return count


def prepare(export_id: UUID, *, seconds: float = TURN_SECONDS) -> bool:
    """The export has gone on, to its end or for a while. False if somebody else is at it.

    Raises StorageError or DatabaseError; then it goes on where it was a little later.
    """
    task = "archive.prepare_exports"
    return take_turn(Export, export_id, _steps, task=task, seconds=seconds)


def forget_exports() -> int:
    """Exports whose time is over are gone. Returns how many."""
    rows = Export.objects.filter(expires_at__lte=timezone.now())
    return rows.delete()[1].get("archive.Export", 0)


def _steps(export_id: UUID) -> Generator[None, None, None]:
    export = Export.objects.select_related("owner").get(id=export_id)
    Export.objects.filter(id=export_id, state=State.QUEUED).update(state=State.RUNNING)
    while _add_photos(export):
        yield
    _finish(export)


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What an original's bytes are like."""

    size: int
    crc: int
    sha256: str
    orientation: int


def _add_photos(export: Export) -> bool:
    """The next few photos are in the archive. False if there are none.

    The step is whole or not at all. Raises StorageError.
    """
    photos = photos_to_export(export.owner).order_by("id")
    if export.last_photo:
        photos = photos.filter(id__gt=export.last_photo)
    batch = list(photos[:_PHOTOS])
    if not batch:
        return False
    entries: list[ExportEntry] = []
    left_out = []
    # 0 is for what the archive says of itself, which is known last.
    position = 1 + 3 * export.done
    for photo in batch:
        read = _read_original(photo)
        if read is None or not _is_whole(photo, read):
            code = "missing" if read is None else "checksum_mismatch"
            left_out.append({"filename": photo.filename, "sha256": photo.sha256, "code": code})
        else:
            entries += _entries_of(export, photo, read, position=position, beside=entries)
        position += 3
    with transaction.atomic():
        held = Export.objects.select_for_update().filter(id=export.id).first()
        if held is None or held.done != export.done:
            return False  # somebody else went on, because this took too long
        ExportEntry.objects.bulk_create(entries)
        export.done += len(batch)
        export.last_photo = batch[-1].id
        export.left_out = (export.left_out + left_out)[:_MOST_TOLD]
        export.total = max(export.total, export.done)
        export.save(update_fields=["done", "last_photo", "left_out", "total"])
    return True


def _read_original(photo: Photo) -> _Read | None:
    opened = storage.open_object(original_key(str(photo.id)))
    if opened is None:
        return None
    size, crc, digest, head = 0, 0, hashlib.sha256(), b""
    for chunk in opened.chunks:
        size += len(chunk)
        crc = zlib.crc32(chunk, crc)
        digest.update(chunk)
        if len(head) < _HEAD_BYTES:
            head += chunk
    orientation = jpeg_orientation(head) if photo.content_type == "image/jpeg" else 1
    return _Read(size=size, crc=crc, sha256=digest.hexdigest(), orientation=orientation)


def _is_whole(photo: Photo, read: _Read) -> bool:
    return read.sha256 == photo.sha256


def _entries_of(
    export: Export, photo: Photo, read: _Read, *, position: int, beside: list[ExportEntry]
) -> list[ExportEntry]:
    """The photo's document, its sidecar and itself."""
    path = photo_path(photo)
    key = name_key(path)
    if (
        any(entry.name_key == key for entry in beside)
        or export.entries.filter(name_key=key).exists()
    ):
        path = other_path(path, photo)
    document = photo_document(photo, file=path.rpartition("/")[2])
    modified = photo.shown_local
    xmp = sidecar(document, orientation=read.orientation)
    original = ExportEntry(
        export=export,
        position=position + 2,
        name=path,
        name_key=name_key(path),
        modified=modified,
        size=read.size,
        stored_size=read.size,
        crc=read.crc,
        photo_id=photo.id,
    )
    return [
        _document_entry(export, f"{path}.json", document, position=position, modified=modified),
        _entry(export, f"{path}.xmp", xmp, position=position + 1, modified=modified),
        original,
    ]


def _document_entry(
    export: Export, name: str, document: Document, *, position: int, modified: datetime
) -> ExportEntry:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    return _entry(export, name, text.encode(), position=position, modified=modified)


def _entry(
    export: Export, name: str, data: bytes, *, position: int, modified: datetime
) -> ExportEntry:
    squeezer = zlib.compressobj(wbits=-15)  # without zlib's own frame: as ZIP has it
    body = squeezer.compress(data) + squeezer.flush()
    return ExportEntry(
        export=export,
        position=position,
        name=name,
        name_key=name_key(name),
        modified=modified,
        size=len(data),
        stored_size=len(body),
        crc=zlib.crc32(data),
        body=body,
    )


def _finish(export: Export) -> None:
    """Everything but photos, and what the archive says of itself, is in; its size is known."""
    now = timezone.now()
    with transaction.atomic():
        held = Export.objects.select_for_update().filter(id=export.id).first()
        if held is None or held.state == State.READY or held.done != export.done:
            return
        position = 1 + 3 * export.done
        albums = album_documents(export.owner, until=export.last_photo or uuid7())
        pages = itertools.chain(
            _numbered("people", people_documents(export.owner)),
            _numbered("albums", albums),
            _numbered("reactions", reaction_documents(export.owner)),
            [("account.json", account_document(export.owner))],
        )
        head = (0, ("archive.json", _about(export, now)))
        for place, (name, document) in itertools.chain([head], enumerate(pages, start=position)):
            entry = _document_entry(export, name, document, position=place, modified=now)
            entry.save(force_insert=True)
        export.size = zip_size(sealed_files(export))
        Export.objects.filter(id=export.id).update(
            state=State.READY,
            ready_at=now,
            expires_at=now + timedelta(days=settings.EXPORT_DAYS),
            due_at=None,
            size=export.size,
            total=F("done"),
        )


def _numbered(folder: str, pages: Iterator[Document]) -> Iterator[tuple[str, Document]]:
    return ((f"{folder}/{number:05}.json", page) for number, page in enumerate(pages, start=1))


def _about(export: Export, now: datetime) -> Document:
    owner = export.owner
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.astimezone(UTC).isoformat(),
        "account": {
            "username": owner.username,
            "language": owner.language,
            "face_analysis": owner.face_analysis,
        },
        "photos": export.done - len(export.left_out),
        "left_out": export.left_out,
    }
