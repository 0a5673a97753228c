"""The records of accounts that were deleted."""

from django.db import models
from django.db.models.functions import Now

from backend.core.uuids import uuid7


class Deletion(models.Model):
    """The deletion of an account: how far it is, what it removed, and nothing of what that was.

    There is no foreign key to the account, because the record outlives it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = models.UUIDField(unique=True)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the receipt, hex
    by_staff = models.BooleanField()
    asked_at = models.DateTimeField(db_default=Now())
    # When to go on; while somebody works on it, when they count as lost. None: it is done.
    due_at = models.DateTimeField(db_default=Now(), null=True)
    # Until then an upload may arrive that was under way: storage is looked through again.
    watched_until = models.DateTimeField()
    # How much was removed of what, and how much was left when everything was looked through.
    removed = models.JSONField(default=dict)
    remaining = models.JSONField(default=dict)
    # SHA-256 over the removed photos' ids, sorted, a line each: whoever knew one can check it.
    photos_digest = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"deletion of {self.account_id}"


class Trace(models.Model):
    """That a photo was removed whose objects may still be, or still come to be, in storage.

    looks: how often storage was looked through for it since, and had nothing the last time.
    """

    deletion = models.ForeignKey(Deletion, on_delete=models.CASCADE, related_name="traces")
    photo_id = models.UUIDField()
    looks = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="trace_once_a_photo", fields=["deletion", "photo_id"])
        ]
        indexes = [
            # Storage is looked through in the order of its keys.
            models.Index(fields=["deletion", "looks", "photo_id"], name="trace_order")
        ]

    def __str__(self) -> str:
        return f"trace of {self.photo_id}"
