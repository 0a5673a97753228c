"""Taking photos in, changing what their owner says of them, and letting them go."""

import itertools
import logging
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, F, Q, QuerySet, UUIDField
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.services import quota_of
from backend.core import storage
from backend.core.errors import RefusedError, StorageError, bad_field
from backend.core.jobs import enqueue
from backend.core.places import find_place
from backend.core.text import clean_words
from backend.core.written import Given, Written
from backend.events.models import Event
from backend.events.services import tell
from backend.photos.models import Photo, Tag
from functions.contract import (
    ORIGINALS,
    RENDITIONS,
    UPLOAD_CONTENT_TYPES,
    Rendition,
    original_key,
    rendition_key,
)

logger = logging.getLogger(__name__)

UPLOAD_METHODS = ("POST", "PUT", "multipart")
# From Niépce's first one on. What is far outside cannot be told in every time zone.
PHOTO_YEARS = range(1826, 2201)


@dataclass(frozen=True, kw_only=True)
class UploadTicket:
    """Leave to send one photo's bytes to object storage; no upload if they are there already."""

    photo: Photo
    upload: storage.SignedUpload | None
    expires_at: datetime | None
    is_new: bool  # False for a photo that was there before


_locked_account = Written(
    lambda: User.objects.select_for_update(no_key=True).filter(
        id=Given("id", UUIDField()), is_active=True
    )
)
_photos_of_bytes = Written(
    lambda: Photo.objects.filter(
        owner=Given("owner", UUIDField()), sha256=Given("sha256", CharField())
    )
)


def issue_upload_ticket(
    *,
    owner: User,
    filename: str,
    size: int,
    content_type: str,
    sha256: str,
    taken_at: datetime | None = None,
    upload_method: str = "POST",
) -> UploadTicket:
    """The photo has a row, its size is counted, and its bytes may come.

    The same bytes again give the same photo: without an upload once they have arrived, out of
    the trash if they were in it. Raises RefusedError: unsupported_type, too_large, empty_file,
    quota_exceeded, too_many_tickets, invalid (taken_at), bad_token for a closed account.
    """
    _check_upload(size=size, content_type=content_type)
    with transaction.atomic():
        # The lock makes two tickets of one owner wait for each other: one row, one quota.
        accounts = _locked_account(id=owner.id)
        if not accounts:
            # It was closed a moment ago: what comes now would be forgotten by its deletion.
            raise RefusedError("bad_token", status=401)
        (account,) = accounts
        known = _photos_of_bytes(owner=owner.id, sha256=sha256)
        if known:
            photo = known[0]
        else:
            photo = _add_photo(
                account,
                Photo(
                    owner=account,
                    filename=clean_filename(filename),
                    content_type=content_type,
                    size=size,
                    sha256=sha256,
                ),
                taken_at=taken_at,
            )
        if photo.trashed_at is not None:
            restore_photo(photo)
            photo.trashed_at = None
    if photo.size != size:
        # Equal digests with unequal sizes: the client is mistaken about one of them.
        raise RefusedError("size_mismatch", size=photo.size)
    if photo.status != Photo.Status.AWAITING_UPLOAD and not _needs_new_bytes(photo):
        return UploadTicket(photo=photo, upload=None, expires_at=None, is_new=False)
    return _sign_upload(photo, upload_method, is_new=not known)


def _needs_new_bytes(photo: Photo) -> bool:
    """True if other bytes came than were announced; they were removed when that was found out."""
    return photo.status == Photo.Status.FAILED and storage.head(original_key(str(photo.id))) is None


def _check_upload(*, size: int, content_type: str) -> None:
    if content_type not in UPLOAD_CONTENT_TYPES:
        raise RefusedError("unsupported_type", status=415, content_type=content_type)
    if size <= 0:
        raise RefusedError("empty_file")
    if size > settings.MAX_UPLOAD_BYTES:
        raise RefusedError("too_large", status=413, limit=settings.MAX_UPLOAD_BYTES)


def _add_photo(account: User, photo: Photo, *, taken_at: datetime | None) -> Photo:
    if taken_at is not None:
        set_taken_at(photo, taken_at)
    quota = quota_of(account)
    if account.used_bytes + photo.size > quota:
        raise RefusedError(
            "quota_exceeded", status=409, used=account.used_bytes, quota=quota, size=photo.size
        )
    waiting = Photo.objects.filter(owner=account, status=Photo.Status.AWAITING_UPLOAD)
    if waiting.count() >= settings.MAX_OPEN_TICKETS:
        raise RefusedError("too_many_tickets", status=409, limit=settings.MAX_OPEN_TICKETS)
    photo.upload_check_at = _first_check(photo.ticket_at)
    photo.save()
    User.objects.filter(id=account.id).update(used_bytes=F("used_bytes") + photo.size)
    return photo


def _sign_upload(photo: Photo, method: str, *, is_new: bool) -> UploadTicket:
    key = original_key(str(photo.id))
    if photo.multipart_upload_id:
        # Its parts must neither stay for ever nor replace what the new ticket brings.
        storage.abort_multipart(key=key, upload_id=photo.multipart_upload_id)
    upload_id = ""
    if method == "multipart":
        upload_id, upload = storage.sign_multipart(
            key=key, content_type=photo.content_type, size=photo.size
        )
    else:
        sign = storage.sign_put if method == "PUT" else storage.sign_post
        upload = sign(
            key=key, content_type=photo.content_type, size=photo.size, sha256=photo.sha256
        )
    if upload_id or not is_new:
        _wait_for_upload(photo, upload_id)
    expires_at = photo.ticket_at + timedelta(seconds=settings.UPLOAD_TICKET_SECONDS)
    return UploadTicket(photo=photo, upload=upload, expires_at=expires_at, is_new=is_new)


def _wait_for_upload(photo: Photo, upload_id: str) -> None:
    """The photo waits for what the new ticket brings."""
    now = timezone.now()
    waits = {
        "status": Photo.Status.AWAITING_UPLOAD,
        "ticket_at": now,
        "upload_check_at": _first_check(now),
        "multipart_upload_id": upload_id,
    }
    # Unless the bytes of an earlier ticket have come in the meantime: the same come again then.
    if Photo.objects.filter(id=photo.id, status=photo.status).update(**waits):
        for name, value in waits.items():
            setattr(photo, name, value)
    else:
        photo.refresh_from_db()


def _first_check(now: datetime) -> datetime:
    """When the sweeper asks storage whether the bytes have come."""
    return now + timedelta(seconds=settings.UPLOAD_CHECK_SECONDS)


def confirm_upload(photo: Photo) -> bool:
    """Look whether the bytes have arrived; if so the photo is in processing afterwards.

    Other bytes than were announced are removed, and the photo goes on waiting. Safe to run
    again, and from several places at once. Raises StorageError.
    """
    if photo.status != Photo.Status.AWAITING_UPLOAD:
        return True
    key = original_key(str(photo.id))
    stored = storage.head(key)
    if stored is None and photo.multipart_upload_id:
        storage.complete_multipart(key=key, upload_id=photo.multipart_upload_id, size=photo.size)
        stored = storage.head(key)
    if stored is None:
        return False
    if stored.size != photo.size or stored.sha256 not in (None, photo.sha256):
        storage.delete_objects([key])
        return False
    arrived = Photo.objects.filter(id=photo.id, status=Photo.Status.AWAITING_UPLOAD).update(
        status=Photo.Status.PROCESSING,
        uploaded_at=timezone.now(),
        multipart_upload_id="",
        upload_check_at=None,
    )
    if arrived:
        tell(photo.owner_id, Event.Kind.PHOTO_PROCESSING, photo=str(photo.id))
    photo.refresh_from_db()
    return True


def clean_filename(filename: str) -> str:
    """The last part of a path, without control characters, at most 255 characters."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    name = name.strip()
    return name[-255:] or "photo"


def discard_bytes(photo: Photo) -> None:
    """The stored original is gone, because it is not what was announced; it may be sent anew."""
    try:
        storage.delete_objects([original_key(str(photo.id))])
    except StorageError as error:
        # The photo says why it failed; only sending it again has to wait for a deletion.
        logger.warning("photo %s keeps bytes that are not its own: %s", photo.id, error)


def set_location(
    photo: Photo, *, latitude: float | None, longitude: float | None, source: str
) -> None:
    """Fill in coordinates and the place they are in; None clears both. Does not save."""
    photo.latitude, photo.longitude = latitude, longitude
    if latitude is None or longitude is None:
        photo.altitude = None
        photo.country = photo.region = photo.city = ""
        photo.location_source = source
        return
    place = find_place(latitude, longitude)
    photo.country, photo.region, photo.city = place.country, place.region, place.city
    photo.location_source = source


def renew_search(photos: QuerySet[Photo]) -> None:
    """Search learns anew what is known of the photos: at once if a worker is free."""
    photos.update(search_stale=True)
    transaction.on_commit(lambda: enqueue("search.index"))


def set_taken_at(photo: Photo, moment: datetime | None) -> None:
    """The photo is of this moment, by a person's word. Does not save.

    An offset tells by which clock; UTC tells nothing of the place, and leaves what is known.
    Raises RefusedError invalid for a year in which nobody took or will take photos.
    """
    if moment is not None and moment.year not in PHOTO_YEARS:
        first, last = PHOTO_YEARS.start, PHOTO_YEARS.stop - 1
        raise bad_field(
            "taken_at",
            "Write a year from {first} to {last}.",
            code="out_of_range",
            first=first,
            last=last,
        )
    photo.taken_at, photo.taken_at_source = moment, "person"
    offset = moment.utcoffset() if moment is not None else None
    if offset:
        photo.taken_at_offset = int(offset.total_seconds() // 60)


@transaction.atomic
def update_photo(photo: Photo, changes: dict[str, Any]) -> Photo:
    """Store what the owner says: description, taken_at, location, favorite, archived.

    What a person set is not overwritten by a later inspection. Raises RefusedError invalid.
    """
    photo = Photo.objects.select_for_update().get(id=photo.id)
    for name in ("description", "favorite", "archived"):
        if name in changes:
            setattr(photo, name, changes[name])
    if "taken_at" in changes:
        set_taken_at(photo, changes["taken_at"])
    if "location" in changes:
        location = changes["location"] or {}
        set_location(
            photo,
            latitude=location.get("latitude"),
            longitude=location.get("longitude"),
            source="person",
        )
    photo.save()
    renew_search(Photo.objects.filter(id=photo.id))
    return photo


def trash_photo(photo: Photo) -> None:
    """The photo is in the trash, for TRASH_DAYS. Safe to run twice."""
    changed = Photo.objects.filter(id=photo.id, trashed_at__isnull=True)
    changed.update(trashed_at=timezone.now(), search_stale=True)
    transaction.on_commit(lambda: enqueue("search.index"))


def restore_photo(photo: Photo) -> None:
    """The photo is out of the trash. Safe to run twice."""
    Photo.objects.filter(id=photo.id).update(trashed_at=None, duplicates_stale=True)
    renew_search(Photo.objects.filter(id=photo.id))


def delete_photo(photo: Photo, *, only_if: Q | None = None) -> bool:
    """The photo is gone, with every object, vector and row. Safe to run twice.

    only_if: looked at under the row's lock; if it does not hold any more nothing is deleted.
    Returns whether it was deleted. Raises StorageError, and then the photo is still there.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=photo.owner_id)
        # The lock makes results for the photo wait, and then find it gone.
        held = Photo.objects.select_for_update().filter(only_if or Q(), id=photo.id).first()
        if held is None:
            return False
        if held.multipart_upload_id:
            key = original_key(str(held.id))
            storage.abort_multipart(key=key, upload_id=held.multipart_upload_id)
        held.delete()
        tell(photo.owner_id, Event.Kind.PHOTO_DELETED, photo=str(photo.id))
        User.objects.filter(id=photo.owner_id).update(used_bytes=F("used_bytes") - held.size)
        # Last, so that a row is never without its objects unless the commit itself fails.
        storage.delete_objects(object_keys(photo.id))
    return True


def object_keys(photo_id: UUID) -> list[str]:
    """Every object that belongs to a photo, whether it was made yet or not."""
    return [original_key(str(photo_id))] + [
        rendition_key(str(photo_id), rendition) for rendition in Rendition
    ]


def purge_photos() -> int:
    """Photos whose time in the trash is over, and uploads that never came, are gone.

    Returns how many. Safe to run again; what storage refuses now is tried again then.
    """
    now = timezone.now()
    trashed = Q(trashed_at__lt=now - timedelta(days=settings.TRASH_DAYS))
    abandoned = Q(
        status=Photo.Status.AWAITING_UPLOAD,
        ticket_at__lt=now - timedelta(seconds=settings.UPLOAD_ABANDONED_SECONDS),
    )
    count = 0
    for photo in Photo.objects.filter(trashed | abandoned).iterator():
        try:
            # If it came after all the sweeper starts its analysis.
            confirm_upload(photo)
            count += delete_photo(photo, only_if=trashed | abandoned)
        except StorageError as error:
            logger.warning("photo %s could not be purged: %s", photo.id, error)
    return count


def purge_orphans() -> int:
    """Objects of photos that are no more are gone. Returns how many. Safe to run again.

    They come from uploads after a photo's deletion, and from workers that it interrupted. The
    bucket belongs to one album: what has a key like ours and no row is nobody's.
    """
    count = 0
    for prefix in (f"{ORIGINALS}/", f"{RENDITIONS}/"):
        keys = _settled_keys(prefix)
        while batch := list(itertools.islice(keys, 500)):
            ids = {photo_id for _, photo_id in batch}
            known = set(Photo.objects.filter(id__in=ids).values_list("id", flat=True))
            orphans = [key for key, photo_id in batch if photo_id not in known]
            storage.delete_objects(orphans)
            count += len(orphans)
    return count


def _settled_keys(prefix: str) -> Iterator[tuple[str, UUID]]:
    """Keys of photos, a day old at least, so that nothing under way is touched."""
    before = timezone.now() - timedelta(seconds=settings.UPLOAD_ABANDONED_SECONDS)
    for key, written_at in storage.list_objects(prefix):
        photo_id = photo_id_of_key(key)
        if photo_id is not None and written_at < before:
            yield key, photo_id


def photo_id_of_key(key: str) -> UUID | None:
    """The photo whose original or rendition has the key; None for any other object."""
    try:
        return UUID(key.split("/")[1])
    except (IndexError, ValueError):
        return None


def add_tag(photo: Photo, name: str) -> Tag:
    """The word is on the photo. Safe to run twice. Raises RefusedError invalid for no word."""
    word = clean_words(name)
    if not word:
        raise bad_field("name", "This word cannot be seen.", code="blank")
    tag, _ = Tag.objects.get_or_create(photo=photo, name=word)
    renew_search(Photo.objects.filter(id=photo.id))
    return tag


def remove_tag(photo: Photo, name: str) -> None:
    """The word is not on the photo. Safe to run twice."""
    Tag.objects.filter(photo=photo, name=clean_words(name)).delete()
    renew_search(Photo.objects.filter(id=photo.id))
