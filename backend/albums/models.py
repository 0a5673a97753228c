"""Albums, what is in them, and who may see and change them."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import User
from backend.core.uuids import uuid7
from backend.photos.models import Photo


class Role(models.TextChoices):
    """What somebody may do with an album; each may do all that the ones before it may."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"  # puts in photos of their own
    MANAGER = "manager"  # changes the album, its members and links
    OWNER = "owner"  # deletes it

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        return self.rank >= other.rank


class Album(models.Model):
    """Photos under one title.

    rule: None for photos that people put in, else a filter as GET /photos takes it: then the
    album holds whatever of its owner's photos fits, at any time.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="albums")
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children"
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    place = models.CharField(max_length=200, blank=True)
    cover = models.ForeignKey(
        Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rule = models.JSONField(null=True, blank=True)
    # Among the albums beside it; equal ones stand as they were made.
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="album_not_in_itself", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
        ]
        indexes = [
            # Lists of albums.
            models.Index(fields=["owner", "position", "id"], name="album_order"),
        ]

    def __str__(self) -> str:
        return self.title


class AlbumPhoto(models.Model):
    """A photo's place in an album without a rule."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="entries")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="album_entries")
    position = models.IntegerField()
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="photo_once_an_album", fields=["album", "photo"]),
        ]
        indexes = [
            # Pages of an album in its order.
            models.Index(fields=["album", "position", "photo"], name="album_photo_order"),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id} in {self.album_id}"


class Member(models.Model):
    """Somebody besides its maker who has a role in an album."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="member_once_an_album", fields=["album", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.album}"


class Link(models.Model):
    """An address by which anybody who has it sees an album. Only the secret's digest is kept.

    What it allows does not change: whoever wants it otherwise deletes it and makes another.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="links")
    made_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of a 128-bit secret, hex
    password = models.CharField(max_length=128, blank=True)  # as Django's hasher wrote it
    expires_at = models.DateTimeField(null=True, blank=True)
    max_views = models.PositiveIntegerField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)  # each viewer once
    allow_download = models.BooleanField(default=False)
    show_location = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="link_views_within_limit",
                condition=Q(max_views__isnull=True)
                | Q(max_views__gte=1, views__lte=F("max_views")),
            ),
        ]

    def __str__(self) -> str:
        return f"link to {self.album}"
