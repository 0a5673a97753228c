"""Photos, albums and reactions of an archive, taken into a library."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.albums.models import Album
from backend.albums.services import add_photos, create_album, update_album
from backend.analysis.importing import Outcome, Result, explain_refusal, failed
from backend.analysis.models import LabelVerdict
from backend.analysis.services import receive_upload
from backend.archive.documents import Document
from backend.archive.models import RestoredAlbum, RestoredPerson
from backend.archive.people import keep_faces, restore_people
from backend.archive.reactions import restore_reactions
from backend.archive.reading import Archive, ArchiveError
from backend.core import storage
from backend.core.errors import RefusedError, StorageError
from backend.core.text import clean_words
from backend.people.models import ErasedFace
from backend.photos.models import Photo, Tag
from backend.photos.services import (
    PHOTO_YEARS,
    issue_upload_ticket,
    renew_search,
    restore_photo,
    set_location,
    set_taken_at,
)
from functions.contract import UPLOAD_CONTENT_TYPES, original_key

# Larger originals wait on the disk while they are checked.
_IN_MEMORY = 8 * 1024**2
_AT_ONCE = 500


class Restorer:
    """Takes what an archive holds into its owner's library. Safe to run again from the start.

    Bytes that the library has already are not saved twice: such a photo keeps what is said of it
    here, and what the archive says besides is added.
    """

    def __init__(self, owner: User, archive: Archive) -> None:
        self._owner = owner
        self._archive = archive
        self._pages_of_reactions = frozenset(archive.reactions())

    def restore_people(self) -> None:
        """Named people, and those told apart, are in the library. Raises ArchiveError."""
        for page in self._archive.people():
            restore_people(self._owner, page)

    def restore_photo(self, name: str) -> Outcome:
        """The photo of the document is in the library, or the outcome says why not.

        Raises StorageError, and then it can be done again.
        """
        path = Path(name.removesuffix(".json"))
        try:
            document = self._archive.document(name, "photo")
            return self._restore(document, name, path)
        except ArchiveError as error:
            return failed(path, "read", error.code, error.detail)
        except RefusedError as error:
            return failed(path, "ticket", error.code, explain_refusal(error))

    def _restore(self, document: Document, name: str, path: Path) -> Outcome:
        known = Photo.objects.filter(owner=self._owner, sha256=document["sha256"])
        photo = known.exclude(status=Photo.Status.AWAITING_UPLOAD).first()
        if photo is not None:
            if photo.trashed_at is not None and not document.get("trashed", False):
                restore_photo(photo)
            add_words(photo, document)
            return Outcome(path=path, result=Result.ALREADY_THERE, photo_id=photo.id)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            self._archive.copy_original(document, beside=name, to=file)  # type: ignore[arg-type]
            file.seek(0)
            photo = self._take_in(document, file)  # type: ignore[arg-type]
        return Outcome(path=path, result=Result.IMPORTED, photo_id=photo.id)

    def _take_in(self, document: Document, file: BinaryIO) -> Photo:
        kind = document["content_type"]
        photo = issue_upload_ticket(
            owner=self._owner,
            filename=document["filename"],
            size=document["size"],
            # Inspection finds out what it is.
            content_type=kind if kind in UPLOAD_CONTENT_TYPES else "image/jpeg",
            sha256=document["sha256"],
        ).photo
        # Said before the bytes come: a photo that has come is one of which all has been said.
        say_words(photo, document)
        storage.put(
            original_key(str(photo.id)),
            file,
            size=photo.size,
            content_type=photo.content_type,
            sha256=photo.sha256,
        )
        if not receive_upload(photo):
            raise StorageError("It took the bytes, and knows nothing of them.")
        return photo

    def restore(self, name: str) -> Outcome:
        """The album is in the library with those of its photos that are, or why not.

        Albums that hold others come before these; and after them, likewise, pages of reactions.
        """
        path = Path(name)
        try:
            if name in self._pages_of_reactions:
                self._restore_reactions(self._archive.document(name, "reactions"))
            else:
                self._restore_album(self._archive.document(name, "album"))
        except ArchiveError as error:
            return failed(path, "read", error.code, error.detail)
        except RefusedError as error:
            return failed(path, "album", error.code, explain_refusal(error))
        return Outcome(path=path, result=Result.IMPORTED)

    def _restore_album(self, document: Document) -> None:
        album = self._album_here(document["key"]) or self._make_album(document)
        if album.rule is None:
            add_photos(album, self._owner, self._photo_ids(document.get("photos", [])))
        cover = self._photo_ids([document["cover"]] if document.get("cover") else [])
        if cover and album.cover_id is None:
            update_album(album, {"cover": cover[0]})

    def _restore_reactions(self, page: Document) -> None:
        restore_reactions(self._owner, page, album_of=self._own_album, moment_of=_past_moment)

    def _own_album(self, key: str) -> Album | None:
        album = self._album_here(key)
        return album if album is not None and album.owner_id == self._owner.id else None

    @transaction.atomic
    def _make_album(self, document: Document) -> Album:
        album = create_album(self._owner, self._album_values(document))
        RestoredAlbum.objects.create(owner=self._owner, key=document["key"], album=album)
        if created_at := _past_moment(document.get("created_at")):
            Album.objects.filter(id=album.id).update(created_at=created_at)
        return album

    def _album_here(self, key: str) -> Album | None:
        """The same album, from an earlier import or because it never went."""
        restored = RestoredAlbum.objects.select_related("album")
        found = restored.filter(owner=self._owner, key=key).first()
        return found.album if found else Album.objects.filter(owner=self._owner, id=key).first()

    def _album_values(self, document: Document) -> dict[str, Any]:
        values: dict[str, Any] = {
            name: document.get(name, "") for name in ("title", "description", "place")
        }
        parent = self._album_here(document["parent"]) if document.get("parent") else None
        values["parent"] = parent.id if parent else None
        if document.get("rule") is not None:
            values["rule"] = self._rule_here(document["rule"])
        return values

    def _rule_here(self, rule: dict[str, Any]) -> dict[str, Any]:
        """The rule with the people of this library for those of the archive."""
        if "person" not in rule:
            return rule
        given = rule["person"]
        is_list = isinstance(given, list)
        here = [self._person_here(key) for key in given] if is_list else self._person_here(given)
        return rule | {"person": here}

    def _person_here(self, key: Any) -> Any:
        try:
            restored = RestoredPerson.objects.filter(owner=self._owner, key=UUID(str(key))).first()
        except ValueError:
            return key
        return str(restored.person_id) if restored else key

    def _photo_ids(self, digests: list[str]) -> list[UUID]:
        """The owner's photos with these bytes, in this order, as far as there are any."""
        found: dict[str, UUID] = {}
        for start in range(0, len(digests), _AT_ONCE):
            own = Photo.objects.filter(
                owner=self._owner, sha256__in=digests[start : start + _AT_ONCE]
            )
            found.update(own.values_list("sha256", "id"))
        return [found[digest] for digest in digests if digest in found]


@transaction.atomic
def say_words(photo: Photo, document: Document) -> None:
    """All that the archive says of the photo is said of it. Raises RefusedError invalid."""
    photo = Photo.objects.select_for_update().get(id=photo.id)
    photo.description = document.get("description", "")
    photo.favorite = document.get("favorite", False)
    photo.archived = document.get("archived", False)
    photo.trashed_at = timezone.now() if document.get("trashed", False) else None
    _say_when_and_where(photo, document)
    photo.save()
    if added_at := _past_moment(document.get("added_at")):
        Photo.objects.filter(id=photo.id).update(created_at=added_at)
    ErasedFace.objects.filter(photo=photo).delete()
    ErasedFace.objects.bulk_create(
        ErasedFace(photo=photo, **{side: box[side] for side in ("left", "top", "width", "height")})
        for box in document.get("erased_faces", [])
    )
    _say_the_rest(photo, document)


@transaction.atomic
def add_words(photo: Photo, document: Document) -> None:
    """What nobody has said of the photo here is said as in the archive; nothing is taken back."""
    photo = Photo.objects.select_for_update().get(id=photo.id)
    photo.description = photo.description or document.get("description", "")
    photo.favorite = photo.favorite or document.get("favorite", False)
    _say_when_and_where(photo, document)
    photo.save()
    _say_the_rest(photo, document)


def _say_when_and_where(photo: Photo, document: Document) -> None:
    """A person's word of it, that is: what the file says is read from the file."""
    if document.get("taken_at_source") == "person" and photo.taken_at_source != "person":
        taken_at = document.get("taken_at")
        set_taken_at(photo, datetime.fromisoformat(taken_at) if taken_at else None)
    if document.get("location_source") == "person" and photo.location_source != "person":
        place = document.get("location") or {}
        latitude, longitude = place.get("latitude"), place.get("longitude")
        set_location(photo, latitude=latitude, longitude=longitude, source="person")
        photo.altitude = place.get("altitude")


def _say_the_rest(photo: Photo, document: Document) -> None:
    words = dict.fromkeys(clean_words(tag) for tag in document.get("tags", []))
    tags = [Tag(photo=photo, name=word) for word in words if word]
    Tag.objects.bulk_create(tags, ignore_conflicts=True)
    verdicts = [
        LabelVerdict(
            photo=photo,
            name=verdict["label"],
            correct=verdict["correct"],
            model=verdict.get("model", ""),
            user=photo.owner,
        )
        for verdict in document.get("verdicts", [])
    ]
    LabelVerdict.objects.bulk_create(verdicts, ignore_conflicts=True)
    keep_faces(photo, document)
    renew_search(Photo.objects.filter(id=photo.id))


def _past_moment(text: str | None) -> datetime | None:
    """None for a moment that nobody has lived through yet, or that no album remembers."""
    moment = datetime.fromisoformat(text) if text else None
    if moment is None or moment.year not in PHOTO_YEARS or moment > timezone.now():
        return None
    return moment
