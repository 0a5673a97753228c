"""Who signs in by WeChat, and what WeChat says of what people share."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from backend.accounts.models import User
from backend.core.uuids import uuid7
from backend.photos.models import Photo


class Identity(models.Model):
    """Whom WeChat knows a user as. The session key that comes with it is not kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="wechat")
    openid = models.CharField(max_length=128, unique=True)  # in this mini-program
    unionid = models.CharField(max_length=128, blank=True)  # in all of the same company
    linked_at = models.DateTimeField(auto_now_add=True)
    # WeChat checks only what people share who were in the mini-program in the last two hours.
    visited_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return f"{self.user} in WeChat"


class Check(models.Model):
    """What is asked of WeChat about one thing, and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting"  # to be asked when due; without a due time, once the owner comes back
        ASKED = "asked"  # the answer comes as a message; when due, it has not come
        PASSED = "passed"
        REVIEW = "review"  # a person has to look
        REFUSED = "refused"  # by WeChat or a person
        FAILED = "failed"  # given up

    OPEN: ClassVar = (State.WAITING, State.ASKED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    # Why it waits or has failed: see wechat.client.
    code = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    label = models.PositiveIntegerField(null=True, blank=True)  # WeChat's: 100 is nothing
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Whoever looked; nobody if it was WeChat's word.
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # How it stood when a person first decided; empty while nobody has.
    before = models.CharField(max_length=10, choices=State, blank=True)
    note = models.CharField(max_length=500, blank=True)  # theirs

    class Meta:
        abstract = True


class PhotoCheck(Check):
    """Of the picture of one photo; its verdict stands in the photo's own row, too."""

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="wechat_check")
    trace_id = models.CharField(max_length=128, blank=True)  # of the latest question

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="trace_once", fields=["trace_id"], condition=~Q(trace_id="")
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="photo_check_due"
            ),
            # What waits for a person.
            models.Index(
                fields=["id"],
                condition=Q(state__in=["review", "failed"]),
                name="photo_check_to_judge",
            ),
        ]

    def __str__(self) -> str:
        return f"check of {self.photo_id}"


class TextCheck(Check):
    """Of words that somebody wrote for others. The same words need asking once an author."""

    class Scene(models.IntegerChoices):
        """As WeChat counts them."""

        COMMENT = 2
        ALBUM = 4

    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="text_checks")
    digest = models.CharField(max_length=64, db_index=True)  # SHA-256, hex
    text = models.TextField()
    scene = models.PositiveSmallIntegerField(choices=Scene)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="text_once_an_author", fields=["author", "digest"])
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="text_check_due"
            ),
            # What waits for a person.
            models.Index(
                fields=["id"],
                condition=Q(state__in=["review", "failed"]),
                name="text_check_to_judge",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:50]


class Answer(models.Model):
    """What WeChat has told about a picture: the first message of each trace counts.

    It may be here before whoever asked has noted the trace.
    """

    trace_id = models.CharField(max_length=128, unique=True)
    errcode = models.IntegerField()
    suggest = models.CharField(max_length=10, blank=True)
    label = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.suggest or self.errcode} of {self.trace_id}"
