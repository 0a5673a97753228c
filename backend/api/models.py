"""What the API keeps for itself."""

from django.db import models
from django.utils import timezone

from backend.accounts.models import User


class KeptAnswer(models.Model):
    """What a call with an Idempotency-Key was answered, for whoever made it.

    status is None while it is being worked on; body, if it cannot be told again.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    caller = models.UUIDField()  # their token, or API key
    key = models.CharField(max_length=64)  # SHA-256 of the Idempotency-Key, hex
    call = models.CharField(max_length=64)  # SHA-256 of what was asked, hex
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="idempotency_key_once")
        ]
        indexes = [
            models.Index(fields=["user", "made_at"], name="kept_answer_latest"),
            models.Index(fields=["ends_at"], name="kept_answer_end"),
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]} of {self.user}"
