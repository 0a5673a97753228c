"""Batches: how far they are, what they cost, and their end."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from admin.ownership import OwnedAdmin
from admin.photo_filters import WordsFilter
from admin.words import say, say_value
from backend.analysis.models import Batch
from backend.analysis.services import cancel_batch, progress_of


class BatchList(ChangeList):
    """Its rows know how far they are, by two queries however many they are."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        told = progress_of(list(self.result_list))
        for batch in self.result_list:
            batch.told = told[batch.id]


@admin.register(Batch)
class BatchAdmin(OwnedAdmin[Batch]):
    owner = "owner"
    list_display = ("created_at", "owner", "kinds_text", "state_text", "progress", "cost", "budget")
    list_filter = (("state", WordsFilter),)
    list_select_related = ("owner",)
    ordering = ("-id",)
    actions = ("cancel",)
    fields = ("owner", "kinds", "prefix", "budget", "total", "state", "created_at", "ended_at")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BatchList

    @admin.display(description=say("Kind"))
    def kinds_text(self, batch: Batch) -> str:
        return ", ".join(str(say_value(kind)) for kind in batch.kinds)

    @admin.display(description=say("State"), ordering="state")
    def state_text(self, batch: Any) -> SafeString:
        state = batch.told.state
        return format_html('<span class="badge badge-{}">{}</span>', state, say_value(state))

    @admin.display(description=say("Progress"))
    def progress(self, batch: Any) -> str:
        counts = batch.told.counts
        return say(
            "{ended} of {total}, {failed} failed",
            ended=counts["done"] + counts["failed"],
            total=batch.total,
            failed=counts["failed"],
        )

    @admin.display(description=say("Cost"))
    def cost(self, batch: Any) -> str:
        return f"${batch.told.cost:.6f}"

    @admin.action(description=say("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        batches = list(queryset)
        for batch in batches:
            cancel_batch(batch)
        self.message_user(request, say("Batches cancelled: {count}.", count=len(batches)))
