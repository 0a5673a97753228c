"""Imports that go by themselves: somebody sends an archive to storage, and a worker takes it in."""

import logging
from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.services import quota_of
from backend.analysis.importing import Outcome, Result
from backend.archive.models import UNDER_WAY, Import, State
from backend.archive.reading import Archive, ArchiveError, ZipFiles, open_stored
from backend.archive.restoring import Restorer
from backend.archive.uploads import discard_upload, upload_key
from backend.core import storage
from backend.core.errors import RefusedError, StorageError
from backend.core.jobs import enqueue
from backend.core.turns import TURN_SECONDS, take_turn

logger = logging.getLogger(__name__)

ARCHIVE_TYPE = "application/zip"
MAX_PARTS = 2_000  # S3 takes 10,000; each has an address of half a kilobyte in the ticket
MAX_KEPT = 100  # records of a user
_MOST_FAILURES = 100
# Whoever has not sent an archive for so long will not.
_ABANDONED = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class ImportTicket:
    """Leave to send an archive's bytes to object storage; no upload once they have all come."""

    run: Import
    upload: storage.SignedUpload | None


def imports_of(user: User) -> QuerySet[Import]:
    """The latest first."""
    return Import.objects.filter(owner=user)


def begin_import(user: User, *, size: int) -> ImportTicket:
    """An archive of so many bytes may come. Those of an import under way may go on coming.

    Raises RefusedError: empty_file, too_large, import_under_way.
    """
    if size <= 0:
        raise RefusedError("empty_file")
    # What does not fit into the account need not come at all; photos count one by one later.
    limit = min(quota_of(user), MAX_PARTS * 5 * 1024**3)
    if size > limit:
        raise RefusedError("too_large", status=413, limit=limit)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        run = imports_of(user).filter(state__in=UNDER_WAY).first()
        if run is not None and (run.state != State.AWAITING_UPLOAD or run.size != size):
            raise RefusedError("import_under_way", status=409)
        if run is None:
            old = imports_of(user).values("id")[MAX_KEPT - 1 :]
            Import.objects.filter(id__in=list(old.values_list("id", flat=True))).delete()
            run = Import(owner=user, size=size)
            run.multipart_upload_id = storage.begin_multipart(
                key=upload_key(run), content_type=ARCHIVE_TYPE
            )
            run.save(force_insert=True)
    run.refresh_from_db()
    return issue_ticket(run)


def issue_ticket(run: Import) -> ImportTicket:
    """How to send the parts that have not come yet. Raises StorageError."""
    if run.state != State.AWAITING_UPLOAD:
        return ImportTicket(run=run, upload=None)
    key, upload_id = upload_key(run), run.multipart_upload_id
    there = {part["PartNumber"] for part in storage.stored_parts(key=key, upload_id=upload_id)}
    part_bytes = max(settings.MULTIPART_BYTES, -(-run.size // MAX_PARTS))
    upload = storage.sign_parts(
        key=key, upload_id=upload_id, size=run.size, part_bytes=part_bytes, but=there
    )
    return ImportTicket(run=run, upload=upload)


def complete_import(run: Import) -> Import:
    """The archive has come, and is being taken in. Safe to run twice.

    Raises RefusedError archive_not_uploaded, or StorageError.
    """
    if run.state == State.AWAITING_UPLOAD:
        key = upload_key(run)
        storage.complete_multipart(key=key, upload_id=run.multipart_upload_id, size=run.size)
        stored = storage.head(key)
        if stored is None or stored.size != run.size:
            raise RefusedError("archive_not_uploaded", status=409)
        Import.objects.filter(id=run.id, state=State.AWAITING_UPLOAD).update(
            state=State.QUEUED, multipart_upload_id="", due_at=timezone.now()
        )
        enqueue("archive.run_imports")
    run.refresh_from_db()
    return run


def cancel_import(run: Import) -> None:
    """The import goes no further, and its archive is gone. What is in the library stays."""
    discard_upload(run)
    run.delete()


def run_imports() -> int:
    """Imports that are due have gone on for a while. Returns how many. Safe to run again."""
    count = 0
    for run in Import.objects.filter(due_at__lte=timezone.now()).order_by("due_at")[:10]:
        try:
            count += go_on(run.id)
        except (StorageError, DatabaseError) as error:
            logger.warning("%s goes on later: %s", run, error)
    return count


def go_on(run_id: UUID, *, seconds: float = TURN_SECONDS) -> bool:
    """The import has gone on, to its end or for a while. False if somebody else is at it.

    Raises StorageError or DatabaseError; then it goes on where it was a little later.
    """
    return take_turn(Import, run_id, _steps, task="archive.run_imports", seconds=seconds)


def forget_imports() -> int:
    """Archives that nobody went on sending are given up. Returns how many."""
    count = 0
    before = timezone.now() - _ABANDONED
    for run in Import.objects.filter(state=State.AWAITING_UPLOAD, created_at__lt=before):
        try:
            cancel_import(run)
            count += 1
        except StorageError as error:
            logger.warning("%s could not be given up: %s", run, error)
    return count


def _steps(run_id: UUID) -> Generator[None, None, None]:
    run = Import.objects.select_related("owner").get(id=run_id)
    Import.objects.filter(id=run_id, state=State.QUEUED).update(state=State.RUNNING)
    try:
        if storage.head(upload_key(run)) is None:
            raise ArchiveError("missing_file", "The archive is not in storage any more.")
        file = open_stored(upload_key(run), size=run.size)
        archive = Archive(ZipFiles(file, size=run.size))
        restorer = Restorer(run.owner, archive)
        photos, rest = archive.photos(), [*archive.albums(), *archive.reactions()]
        if run.done == 0:
            Import.objects.filter(id=run_id).update(total=len(photos) + len(rest))
            restorer.restore_people()
            yield
        for done, name in enumerate([*photos, *rest]):
            if done < run.done:
                continue
            is_photo = done < len(photos)
            outcome = restorer.restore_photo(name) if is_photo else restorer.restore(name)
            if not _count(run_id, outcome, done=done + 1):
                return  # cancelled
            yield
    except ArchiveError as error:
        _end(run, State.FAILED, code=error.code, detail=error.detail)
        return
    _end(run, State.READY)


def _count(run_id: UUID, outcome: Outcome, *, done: int) -> bool:
    """What became of a file is on record. False if the record is gone."""
    with transaction.atomic():
        run = Import.objects.select_for_update().filter(id=run_id).first()
        if run is None:
            return False
        run.done = done
        run.imported += outcome.result == Result.IMPORTED and outcome.photo_id is not None
        run.already_there += outcome.result == Result.ALREADY_THERE
        if outcome.result == Result.FAILED:
            run.failed += 1
            failure = {"name": str(outcome.path), "code": outcome.code, "detail": outcome.detail}
            run.failures = [*run.failures, failure][:_MOST_FAILURES]
        run.save(
            update_fields=["done", "imported", "already_there", "failed", "failures"],
        )
    return True


def _end(run: Import, state: State, *, code: str = "", detail: str = "") -> None:
    discard_upload(run)
    failures = [{"name": "", "code": code, "detail": detail}] if code else []
    current = Import.objects.filter(id=run.id)
    row = current.first()
    if row is not None:
        current.update(
            state=state,
            code=code,
            failures=row.failures + failures,
            failed=F("failed") + len(failures),
            due_at=None,
            finished_at=timezone.now(),
        )
