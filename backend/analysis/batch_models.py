"""Many analyses asked for at once, and what analyses have taken."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from backend.accounts.models import User
from backend.core.uuids import uuid7
from backend.photos.models import Photo
from functions.contract import Kind


class Batch(models.Model):
    """Analyses of many photos, set going little by little; how far it is, its items say.

    It is over once no item is left to be done, whatever the state still says; see
    analysis.batches.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        STOPPED_BY_BUDGET = "stopped_by_budget"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="batches")
    kinds = ArrayField(models.CharField(max_length=20))
    prefix = models.CharField(max_length=500, blank=True)  # "" for photos of the album
    budget = models.FloatField(null=True, blank=True)  # dollars
    state = models.CharField(max_length=20, choices=State, default=State.RUNNING)
    total = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What its items came to, once none of them is open any more: {"counts", "cpu_ms"}
    summary = models.JSONField(null=True, blank=True)
    # Until when one worker sets its items going; another may after that.
    feeding_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(
                name="batch_budget_positive", condition=Q(budget__isnull=True) | Q(budget__gt=0)
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="batch_of_owner"),
            # The sweeper looks at these.
            models.Index(fields=["id"], condition=Q(summary__isnull=True), name="batch_open"),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.kinds)} of {self.total}"


class BatchItem(models.Model):
    """One kind by one model on one photo, as part of a batch.

    photo: None if it is no more, or while an object is no photo yet. key: that object's.
    analysis: what it was when the item was started; None before, and if it was given up since.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        STARTED = "started"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.CharField(max_length=1024, blank=True)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in Kind])
    model = models.CharField(max_length=50)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    analysis = models.ForeignKey(
        "analysis.Analysis", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    code = models.CharField(max_length=50, blank=True)  # why it failed
    cpu_ms = models.FloatField(default=0)  # of all its attempts

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="batch_item_failed_says_why", condition=~Q(state="failed") | ~Q(code="")
            )
        ]
        # Progress counts by these; what waits is started in the order of ids.
        indexes = [models.Index(fields=["batch", "state", "id"], name="batch_item_state")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.model}: {self.state}"


class Use(models.Model):
    """What one owner's analyses by one model have taken in one month (UTC).

    A ledger: analyses are overwritten by the next and go with their photos, and this stays.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uses")
    month = models.DateField()  # its first day
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in Kind])
    model = models.CharField(max_length=50)
    analyses = models.PositiveIntegerField(default=0)  # every attempt
    predictions = models.PositiveIntegerField(default=0)
    cpu_ms = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="use_once_a_model", fields=["owner", "month", "kind", "model"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.model} in {self.month:%Y-%m}"
