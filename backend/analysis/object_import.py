"""Objects that lie in the bucket already become photos, without being sent again."""

import hashlib
from pathlib import Path

from django.conf import settings

from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.analysis.photo_files import guess_content_type
from backend.analysis.starting import receive_upload
from backend.core import storage
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.services import issue_upload_ticket
from backend.registry.selectors import active_model
from functions.contract import Kind, original_key

_HEAD_BYTES = 64


def own_prefix(user: User) -> str:
    """The folder of the bucket whose objects are the user's to use."""
    return f"imports/{user.id}/"


def find_keys(prefix: str) -> list[str]:
    """Keys of the objects below the prefix. Raises RefusedError batch_too_large, StorageError."""
    most, keys = int(settings.MAX_BATCH_OBJECTS), list[str]()
    for key, _ in storage.list_objects(prefix):
        if key.endswith("/"):  # what some programs put for a folder
            continue
        keys.append(key)
        if len(keys) > most:
            raise RefusedError("batch_too_large", limit=most)
    return keys


def announce_object(owner: User, key: str) -> Photo:
    """The object has a photo, which waits for its bytes unless it has them already.

    Safe to run again. Raises RefusedError object_missing, and those of issue_upload_ticket;
    StorageError.
    """
    stored = storage.open_object(key)
    if stored is None:
        raise RefusedError("object_missing", status=404)
    if stored.size > settings.MAX_UPLOAD_BYTES:
        raise RefusedError("too_large", status=413, limit=settings.MAX_UPLOAD_BYTES)
    digest, head = hashlib.sha256(), b""
    for chunk in stored.chunks:
        digest.update(chunk)
        head = head or chunk[:_HEAD_BYTES]
    path = Path(key)
    ticket = issue_upload_ticket(
        owner=owner,
        filename=path.name,
        size=stored.size,
        content_type=guess_content_type(path, head) or "application/octet-stream",
        sha256=digest.hexdigest(),
        upload_method="PUT",
    )
    return ticket.photo


def queue_announced(photo: Photo, models: dict[Kind, str]) -> None:
    """What is to be found out about an announced photo is queued: these kinds, and inspection.

    Nothing else is: whoever wants more asks for it. Runs inside a transaction.
    """
    wanted = {Kind.INSPECTION: active_model(Kind.INSPECTION)} | models
    Analysis.objects.bulk_create(
        [Analysis(photo=photo, kind=kind, model=model) for kind, model in wanted.items()],
        ignore_conflicts=True,
    )


def bring_bytes(photo: Photo, key: str) -> None:
    """The photo has the object's bytes, and its analyses are under way. Safe to run again.

    If the object has changed since it was announced, the photo goes on waiting, and inspection
    tells. Raises StorageError, also if the object is gone.
    """
    storage.copy_object(key, original_key(str(photo.id)), content_type=photo.content_type)
    receive_upload(photo)
