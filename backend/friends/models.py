"""What users are to each other."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from backend.accounts.models import User
from backend.core.uuids import uuid7


class Friendship(models.Model):
    """Two who are friends; or one who has asked the other, until accepted_at says since when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="asked_friendships")
    asked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="friendships_asked_for")
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="friend_of_another", condition=~Q(asker=F("asked"))),
            # Whoever of the two asked.
            models.UniqueConstraint(
                Least("asker", "asked"), Greatest("asker", "asked"), name="friends_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asker} and {self.asked}"


class Block(models.Model):
    """Somebody who wants nothing to do with somebody else: for each, the other is not there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="block_another", condition=~Q(blocker=F("blocked"))),
            models.UniqueConstraint(name="block_once", fields=["blocker", "blocked"]),
        ]

    def __str__(self) -> str:
        return f"{self.blocked} by {self.blocker}"
