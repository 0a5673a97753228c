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
    # False: nobody looks for faces in the owner's photos that are in it; see face_consent.
    face_analysis = models.BooleanField(default=True, db_default=True)
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
    # With which others it was put in.
    activity = models.ForeignKey(
        "albums.Activity",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="entries",
    )

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


class Invitation(models.Model):
    """What makes whoever has its token a member. Only the secret's digest is kept.

    It is worth no more than its maker may give: see invitations.find_invitation.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="invitations")
    made_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of a 128-bit secret, hex
    role = models.CharField(max_length=20, choices=Role)
    expires_at = models.DateTimeField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)  # each user once
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="invitation_uses_within_limit",
                condition=Q(max_uses__isnull=True) | Q(max_uses__gte=1, uses__lte=F("max_uses")),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation to {self.album}"


class Acceptance(models.Model):
    """Somebody has used an invitation, and cannot again: who was removed does not come back."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="acceptances")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="acceptances")
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="invitation_once_a_user", fields=["invitation", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.invitation}"


class Comment(models.Model):
    """What a member says of a photo in an album; another album does not show it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="comments")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="album_comments")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # A photo's comments, the latest first.
            models.Index(fields=["album", "photo", "-id"], name="comment_order"),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"


class Like(models.Model):
    """A member likes a photo in an album."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="likes")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="album_likes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="like_once", fields=["album", "photo", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} likes {self.photo_id} in {self.album_id}"


class Activity(models.Model):
    """Something that a member did in an album. It goes with what it tells of."""

    class Kind(models.TextChoices):
        PHOTOS_ADDED = "photos_added"  # which: AlbumPhoto.activity
        JOINED = "joined"
        LEFT = "left"
        COMMENTED = "commented"
        LIKED = "liked"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="activities")
    actor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=20, choices=Kind)
    photo = models.ForeignKey(
        Photo, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, null=True, blank=True)
    like = models.OneToOneField(Like, on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                name="activity_tells_of_what_is_there",
                condition=Q(kind="commented", photo__isnull=False, comment__isnull=False)
                | Q(kind="liked", photo__isnull=False, like__isnull=False)
                | Q(
                    kind__in=["photos_added", "joined", "left"],
                    photo__isnull=True,
                    comment__isnull=True,
                    like__isnull=True,
                ),
            ),
        ]
        indexes = [
            # What happened in an album, the latest first.
            models.Index(fields=["album", "-id"], name="activity_order"),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.kind}"
