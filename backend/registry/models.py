"""The registry of models: what each version is for."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import User
from functions.contract import Kind


class ModelVersion(models.Model):
    """What somebody has decided about one model; of others functions.contract.MODELS says all.

    What a model looks at, and what becomes of its findings:

    candidate   `share` of the photos that come from now on; nobody is shown what it finds
    shadow      `share` of all photos, as time allows; nobody is shown what it finds
    active      every photo, when it comes; what it finds is shown, or soon will be
    retired     none, and nobody can ask for it; what it found stays, unseen
    """

    class State(models.TextChoices):
        CANDIDATE = "candidate"
        SHADOW = "shadow"
        ACTIVE = "active"
        RETIRED = "retired"

    name = models.CharField(max_length=50, primary_key=True)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in Kind])
    state = models.CharField(max_length=10, choices=State)
    # Of the photos, chosen by a hash of their ids (registry.shares).
    share = models.FloatField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The model that is still shown in place of this one, until the people whom it found have been
    # carried over; "" if this one is shown.
    replaces = models.CharField(max_length=50, blank=True)
    # Photos after this id have still to be brought over; None if all have been.
    renews_from = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_active_model_a_kind", fields=["kind"], condition=Q(state="active")
            ),
            models.CheckConstraint(name="share_is_fraction", condition=Q(share__range=(0, 1))),
            models.CheckConstraint(
                name="active_looks_at_all", condition=~Q(state="active") | Q(share=1)
            ),
            models.CheckConstraint(
                name="retired_looks_at_none", condition=~Q(state="retired") | Q(share=0)
            ),
            models.CheckConstraint(
                name="only_active_renews",
                condition=Q(renews_from__isnull=True, replaces="") | Q(state="active"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
