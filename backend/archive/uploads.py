"""Where archives lie that somebody sends to be imported."""

from uuid import UUID

from backend.archive.models import Import
from backend.core import storage


def upload_key(run: Import) -> str:
    return f"{_folder(run.owner_id)}{run.id}"


def upload_keys(owner_id: UUID) -> list[str]:
    """Every object that the owner's imports have in storage."""
    return [key for key, _ in storage.list_objects(_folder(owner_id))]


def discard_uploads(owner_id: UUID) -> None:
    """No archive of the owner's is in storage, nor parts of one. Safe to run twice."""
    for run in Import.objects.filter(owner_id=owner_id).exclude(multipart_upload_id=""):
        storage.abort_multipart(key=upload_key(run), upload_id=run.multipart_upload_id)
    storage.delete_objects(upload_keys(owner_id))


def discard_upload(run: Import) -> None:
    """The archive is not in storage, nor parts of it. Safe to run twice."""
    if run.multipart_upload_id:
        storage.abort_multipart(key=upload_key(run), upload_id=run.multipart_upload_id)
    storage.delete_objects([upload_key(run)])


def _folder(owner_id: UUID) -> str:
    return f"imports/{owner_id}/"
