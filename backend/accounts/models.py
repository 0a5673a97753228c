"""People with an account, and the tokens their devices hold."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from backend.core.uuids import uuid7


class User(AbstractUser):
    """Somebody who signs in.

    used_bytes counts the originals they hold, trash included; it is changed only together
    with the photos, under the row's lock (see photos.services).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    language = models.CharField(
        max_length=10, default="en", choices=[("en", "English"), ("zh", "中文")]
    )
    quota_bytes = models.BigIntegerField(
        null=True, blank=True, help_text="Empty: the default quota."
    )
    used_bytes = models.BigIntegerField(default=0, editable=False)
    # Consent: without it no face of theirs is looked for, stored or compared.
    face_analysis = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            # Admin beside admin would be somebody's trap.
            models.UniqueConstraint(Lower("username"), name="username_once_in_any_case"),
            models.CheckConstraint(
                name="user_used_bytes_not_negative", condition=models.Q(used_bytes__gte=0)
            ),
            models.CheckConstraint(
                name="user_quota_bytes_not_negative",
                condition=models.Q(quota_bytes__isnull=True) | models.Q(quota_bytes__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.username


class Token(models.Model):
    """One device's right to act for its user. Only the digest of the secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of a 256-bit secret, hex
    # Of the password it was given for: a new password ends it.
    password_digest = models.CharField(max_length=64, default="")
    device = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user} on {self.device or 'a device'}"


class ApiKey(models.Model):
    """A program's right to do some of what its user may do. Only the digest is kept."""

    class Scope(models.TextChoices):
        PHOTOS_READ = "photos:read"
        PHOTOS_WRITE = "photos:write"
        ALBUMS_READ = "albums:read"
        ALBUMS_WRITE = "albums:write"
        PEOPLE_READ = "people:read"
        PEOPLE_WRITE = "people:write"
        PREDICT = "predict"
        ADMIN = "admin"  # what staff may do; worth nothing to others

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of a 256-bit secret, hex
    hint = models.CharField(max_length=12)  # the secret's first characters, to tell keys apart
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)  # to the minute

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
