"""Everything that somebody has, on its way out of the album and back in."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.albums.models import Album
from backend.core.uuids import uuid7
from backend.people.models import Person
from backend.photos.models import Photo


class State(models.TextChoices):
    """How far an export or an import is."""

    AWAITING_UPLOAD = "awaiting_upload"  # imports only
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


UNDER_WAY = (State.AWAITING_UPLOAD, State.QUEUED, State.RUNNING)


class Export(models.Model):
    """An archive of all that its owner had while it was prepared. Its bytes never change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(db_default=Now())
    # When to go on; while somebody works on it, when they count as lost. None: it is done.
    due_at = models.DateTimeField(db_default=Now(), null=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)  # photos
    done = models.PositiveIntegerField(default=0)
    # The last photo that is in; the next step goes on behind it.
    last_photo = models.UUIDField(null=True)
    # Photos that could not be put in: [{"filename", "sha256", "code"}]
    left_out = models.JSONField(default=list)
    size = models.BigIntegerField(default=0)  # bytes of the archive
    code = models.CharField(max_length=50, blank=True)  # why it failed

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="export_one_under_way",
                fields=["owner"],
                condition=Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"export {str(self.id)[-6:]}: {self.state}"


class ExportEntry(models.Model):
    """A file of an export's archive: a photo's original, or a document that is kept here.

    body: the document as it lies in the archive, deflated.
    """

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=400)
    # By which no two names are one anywhere: some systems do not tell cases apart.
    name_key = models.CharField(max_length=64)
    modified = models.DateTimeField()  # by its own clock, as UTC
    size = models.BigIntegerField()  # bytes of the file
    stored_size = models.BigIntegerField()  # bytes in the archive
    crc = models.BigIntegerField()
    # No foreign key: a photo that is deleted breaks downloads off, and changes no bytes.
    photo_id = models.UUIDField(null=True)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="entry_one_a_position", fields=["export", "position"]),
            models.UniqueConstraint(name="entry_name_once", fields=["export", "name_key"]),
            models.CheckConstraint(
                name="entry_of_photo_or_document",
                condition=Q(photo_id__isnull=True) ^ Q(body__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """An archive that was uploaded, and how much of it is in its owner's library."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="imports")
    state = models.CharField(max_length=20, choices=State, default=State.AWAITING_UPLOAD)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)  # see Export
    size = models.BigIntegerField()  # bytes of the archive
    multipart_upload_id = models.CharField(max_length=200, blank=True)
    total = models.PositiveIntegerField(default=0)  # photos, albums and pages of reactions
    done = models.PositiveIntegerField(default=0)
    imported = models.PositiveIntegerField(default=0)  # photos
    already_there = models.PositiveIntegerField(default=0)
    # What could not be taken: [{"name", "code", "detail"}], the first hundred
    failures = models.JSONField(default=list)
    failed = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=50, blank=True)  # why all of it failed
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="import_one_under_way",
                fields=["owner"],
                condition=Q(state__in=["awaiting_upload", "queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"import {str(self.id)[-6:]}: {self.state}"


class RestoredPerson(models.Model):
    """Who somebody of an archive is in this library; the archive may come again."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()  # in the archive
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="restored_person_once", fields=["owner", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.key} is {self.person}"


class RestoredAlbum(models.Model):
    """Which album of an archive is which in this library; the archive may come again."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()  # in the archive
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="restored_album_once", fields=["owner", "key"])]

    def __str__(self) -> str:
        return f"{self.key} is {self.album}"


class WaitingFaces(models.Model):
    """What an archive says of a photo's faces, until the photo has been looked at here.

    faces: as in the archive's document of the photo; see docs/archive.md.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="waiting_faces"
    )
    faces = models.JSONField()
    since = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "waiting faces"

    def __str__(self) -> str:
        return f"faces of {self.photo_id}"
