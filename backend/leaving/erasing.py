"""The work of a deletion: in small steps, each whole or not at all, so that it can always go on."""

import hashlib
import logging
from collections import Counter
from collections.abc import Generator
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.archive.uploads import discard_uploads, upload_keys
from backend.core import storage
from backend.core.errors import StorageError
from backend.core.turns import LEASE, TURN_SECONDS, take_turn
from backend.leaving.models import Deletion, Trace
from backend.leaving.references import (
    count_rows,
    forget_log,
    logged_parts,
    remove_rows,
    remove_sessions,
)
from backend.people.holding import hold_people
from backend.photos.models import Photo
from backend.photos.services import photo_id_of_key
from functions.contract import ORIGINALS, RENDITIONS, original_key

logger = logging.getLogger(__name__)

_PHOTOS = 200  # a step
_TRACES = 1000
_GONE, _SURE, _CONFIRMED = 1, 2, 3  # looks of a trace


def delete_accounts() -> int:
    """Deletions that are due have gone on for a while. Returns how many. Safe to run again.

    What storage or database refuse is tried again in the next round.
    """
    count = 0
    for deletion in Deletion.objects.filter(due_at__lte=timezone.now()).order_by("id")[:10]:
        try:
            count += go_on(deletion.id)
        except (StorageError, DatabaseError) as error:
            logger.warning("%s goes on later: %s", deletion, error)
    return count


def go_on(deletion_id: UUID, *, seconds: float = TURN_SECONDS) -> bool:
    """The deletion has gone on, to its end or for a while. False if somebody else is at it.

    Raises StorageError or DatabaseError; then it goes on where it was a little later.
    """
    return take_turn(Deletion, deletion_id, _steps, task="leaving.delete_accounts", seconds=seconds)


def _steps(deletion_id: UUID) -> Generator[None, None, None]:
    deletion = Deletion.objects.get(id=deletion_id)
    if deletion.erased_at is None:
        yield from _remove_photos(deletion)
        yield from _look_through(deletion, looks=0)
        while not _remove_account(deletion):
            yield from _remove_photos(deletion)
        yield from _look_through(deletion, looks=_GONE)
        _record_proof(deletion)
    elif timezone.now() >= deletion.watched_until:
        yield from _look_through(deletion, looks=_SURE)
        _confirm(deletion)
    else:
        Deletion.objects.filter(id=deletion_id).update(due_at=deletion.watched_until)


def _remove_photos(deletion: Deletion) -> Generator[None, None, None]:
    """Rows first, with a trace of each: what storage holds is found again by the traces."""
    parts = logged_parts()
    photos = Photo.objects.filter(owner_id=deletion.account_id).order_by("id")
    while True:
        with transaction.atomic():
            hold_people(deletion.account_id)
            # Results for these photos wait, and then find them gone.
            batch = list(photos.select_for_update().only("id", "multipart_upload_id")[:_PHOTOS])
            if not batch:
                return
            for photo in batch:
                if photo.multipart_upload_id:
                    key = original_key(str(photo.id))
                    storage.abort_multipart(key=key, upload_id=photo.multipart_upload_id)
            ids = [photo.id for photo in batch]
            Trace.objects.bulk_create(
                [Trace(deletion=deletion, photo_id=each) for each in ids], ignore_conflicts=True
            )
            for part in parts:
                forget_log(part.model._base_manager.filter(**{f"{part.field.name}__in": ids}))
            chosen = Photo.objects.filter(id__in=ids)
            forget_log(chosen)
            _count(deletion, chosen.delete()[1])
        yield


def _look_through(deletion: Deletion, *, looks: int) -> Generator[None, None, None]:
    """Storage holds nothing of the photos that were looked for so often; they count one look more.

    What is found is removed, and looked for again after the first time.
    """
    waiting = deletion.traces.filter(looks=looks).order_by("photo_id")
    while ids := list(waiting.values_list("photo_id", flat=True)[:_TRACES]):
        found = _keys_of(ids)
        storage.delete_objects(found)
        with transaction.atomic():
            _count(deletion, {"objects": len(found)})
            again = {photo_id_of_key(key) for key in found} if looks else set()
            empty = [each for each in ids if each not in again]
            deletion.traces.filter(photo_id__in=empty).update(looks=looks + 1)
        yield


def _keys_of(ids: list[UUID]) -> list[str]:
    """Every key of these photos, in order of their ids, that storage lists."""
    wanted, last = set(ids), str(ids[-1])
    found = []
    for folder in (ORIGINALS, RENDITIONS):
        # "/" sorts before every other sign of a key, "0" behind it.
        for key, _ in storage.list_objects(f"{folder}/", after=f"{folder}/{_before(ids[0])}"):
            photo_id = photo_id_of_key(key)
            if photo_id in wanted:
                found.append(key)
            elif key > f"{folder}/{last}0":
                break
    return found


def _before(photo_id: UUID) -> str:
    """What sorts before all keys of the photo, and behind those of every earlier one."""
    return str(UUID(int=photo_id.int - 1)) + "0"


def _remove_account(deletion: Deletion) -> bool:
    """The user is gone, with every row that names them. False if a photo came meanwhile.

    Raises IntegrityError if somebody's row that names them was committed at the same moment.
    """
    discard_uploads(deletion.account_id)
    with transaction.atomic():
        hold_people(deletion.account_id)
        # Whoever would name the user waits for the lock, and then fails.
        user = User.objects.select_for_update().filter(id=deletion.account_id).first()
        if Photo.objects.filter(owner_id=deletion.account_id).exists():
            return False
        removed = remove_rows(deletion.account_id)
        removed["sessions.Session"] += remove_sessions(deletion.account_id)
        if user is not None:
            forget_log(User.objects.filter(id=user.id))
            removed.update(user.delete()[1])
        _count(deletion, removed)
    return True


def _record_proof(deletion: Deletion) -> None:
    """What is left of the account is on record: nothing, or the deletion is not done yet."""
    digest = hashlib.sha256()
    traces = deletion.traces.order_by("photo_id").values_list("photo_id", flat=True)
    for photo_id in traces.iterator():
        digest.update(f"{photo_id}\n".encode())
    left = _look_for_rest(deletion)
    done = not any(left.values())
    if not done:
        logger.error("%s is not done: %s", deletion, left)
    Deletion.objects.filter(id=deletion.id).update(
        remaining=left,
        photos_digest=digest.hexdigest(),
        erased_at=timezone.now() if done else None,
        due_at=deletion.watched_until if done else timezone.now() + LEASE,
    )


def _look_for_rest(deletion: Deletion) -> dict[str, int]:
    """How much each table and storage have of the account."""
    missed = deletion.traces.filter(looks__lt=_SURE).count()
    uploads = len(upload_keys(deletion.account_id))
    return count_rows(deletion.account_id) | {"objects": missed + uploads}


def _confirm(deletion: Deletion) -> None:
    """Uploads that were under way have left nothing either; the photos' ids are forgotten."""
    discard_uploads(deletion.account_id)
    left = count_rows(deletion.account_id) | {
        "objects": deletion.traces.filter(looks__lt=_CONFIRMED).count()
        + len(upload_keys(deletion.account_id))
    }
    done = not any(left.values())
    with transaction.atomic():
        if done:
            deletion.traces.all().delete()
        Deletion.objects.filter(id=deletion.id).update(
            remaining=left,
            confirmed_at=timezone.now() if done else None,
            due_at=None if done else timezone.now() + LEASE,
        )


def _count(deletion: Deletion, removed: "Counter[str] | dict[str, int]") -> None:
    """So much more was removed; on record together with the removal."""
    with transaction.atomic():
        row = Deletion.objects.select_for_update().get(id=deletion.id)
        total = Counter(row.removed)
        total.update({label: count for label, count in removed.items() if count})
        row.removed = dict(total)
        row.save(update_fields=["removed"])
