"""What has happened in somebody's album, and whom it is told to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.core.uuids import uuid7


class CurrentTransaction(Func):
    """The number of the transaction that writes the row."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """Something that happened to one of an owner's objects. Never changed; gone after a week.

    Transactions end in another order than they begin, so ids alone are no order in which to
    read: see selectors.events_after.
    """

    class Kind(models.TextChoices):
        PHOTO_PROCESSING = "photo.processing"
        PHOTO_READY = "photo.ready"
        PHOTO_FAILED = "photo.failed"
        PHOTO_DELETED = "photo.deleted"
        ANALYSIS_DONE = "analysis.done"
        ANALYSIS_FAILED = "analysis.failed"
        ALBUM_SHARED = "album.shared"
        ALBUM_UNSHARED = "album.unshared"
        ALBUM_ACTIVITY = "album.activity"
        FRIEND_ASKED = "friend.asked"
        FRIEND_ACCEPTED = "friend.accepted"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=30, choices=Kind)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "transaction", "id"], name="event_order"),
            models.Index(fields=["created_at"], name="event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.created_at:%Y-%m-%d %H:%M:%S}"


class Webhook(models.Model):
    """An address that an owner wants to be told at.

    The secret is kept as it is, because each message is signed with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=30, choices=Event.Kind))
    secret = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    # While somebody tells it something, and after it did not answer.
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event for one webhook: waiting, delivered or given up."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # What is sent, as it is sent each time; events go sooner than the log of their delivery.
    event_id = models.UUIDField()
    kind = models.CharField(max_length=30, choices=Event.Kind)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # of the latest answer
    error = models.CharField(max_length=300, blank=True)  # of the latest attempt

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["webhook", "due_at"],
                condition=Q(due_at__isnull=False),
                name="delivery_due_of_webhook",
            ),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook}"
