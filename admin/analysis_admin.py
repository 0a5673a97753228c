"""The state of the work, and what the networks found."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from admin.ownership import OwnedAdmin
from admin.photo_filters import WordsFilter
from admin.photo_page import signed_in
from admin.words import say, say_value
from backend.analysis.models import Analysis, Label, LabelVerdict
from backend.analysis.services import judge_label, retry
from backend.api.problems import problem
from backend.core.errors import RefusedError
from backend.photos.models import Photo


def photo_link(photo: Photo) -> SafeString:
    address = reverse("admin:photos_photo_change", args=[photo.id])
    return format_html('<a href="{}">{}</a>', address, photo)


@admin.register(Analysis)
class AnalysisAdmin(OwnedAdmin[Analysis]):
    """The failed inbox is this list, narrowed to what failed."""

    owner = "photo__owner"
    list_display = (
        *("kind_text", "of_photo", "state_text", "attempts", "duration", "model", "failure"),
        "finished_at",
    )
    list_display_links = ("kind_text",)
    list_filter = (
        ("state", WordsFilter),
        ("kind", WordsFilter),
        "model",
        ("code", admin.AllValuesFieldListFilter),
    )
    search_fields = ("code", "detail", "photo__filename")
    list_select_related = ("photo",)
    ordering = ("-queued_at", "-id")
    date_hierarchy = "queued_at"
    actions = ("retry",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Analysis]:
        return super().get_queryset(request).select_related("photo")

    @admin.display(description=say("Kind"), ordering="kind")
    def kind_text(self, analysis: Analysis) -> str:
        return say_value(analysis.kind)

    @admin.display(description=say("Photo"), ordering="photo__filename")
    def of_photo(self, analysis: Analysis) -> SafeString:
        return photo_link(analysis.photo)

    @admin.display(description=say("State"), ordering="state")
    def state_text(self, analysis: Analysis) -> SafeString:
        return format_html(
            '<span class="badge badge-{}">{}</span>', analysis.state, say_value(analysis.state)
        )

    @admin.display(description=say("Duration"), ordering="duration_ms")
    def duration(self, analysis: Analysis) -> str:
        return "–" if analysis.duration_ms is None else f"{analysis.duration_ms:,.0f} ms"

    @admin.display(description=say("Failure"), ordering="code")
    def failure(self, analysis: Analysis) -> SafeString | str:
        if not analysis.code:
            return "–"
        return format_html(
            '<span class="failure"><b>{}</b> {} {}</span>',
            analysis.stage,
            analysis.code,
            analysis.detail,
        )

    @admin.action(description=say("Try again"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Analysis]) -> None:
        count = 0
        for analysis in queryset:
            try:
                retry(analysis)
            except RefusedError as error:
                sentence = problem(error.code, error.status, values=dict(error.values))["detail"]
                self.message_user(request, f"{analysis.photo}: {sentence}", messages.ERROR)
            else:
                count += 1
        self.message_user(request, say("Analyses queued again: {count}.", count=count))


@admin.register(Label)
class LabelAdmin(OwnedAdmin[Label]):
    owner = "photo__owner"
    list_display = ("name", "name_zh", "score_text", "of_photo", "verdict", "by_model")
    search_fields = ("name", "name_zh")
    ordering = ("-id",)
    list_select_related = ("photo", "analysis")
    actions = ("mark_right", "mark_wrong")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        # What models find in the shadow is for comparisons, and nobody's to judge one by one.
        seen = super().get_queryset(request).filter(analysis__shadow=False)
        labels = seen.select_related("photo", "analysis")
        return labels.prefetch_related("photo__label_verdicts")

    @admin.display(description=say("Score"), ordering="score")
    def score_text(self, label: Label) -> str:
        return f"{label.score:.2f}"

    @admin.display(description=say("Photo"), ordering="photo__filename")
    def of_photo(self, label: Label) -> SafeString:
        return photo_link(label.photo)

    @admin.display(description=say("Model"), ordering="analysis__model")
    def by_model(self, label: Label) -> str:
        return label.analysis.model

    @admin.display(description=say("Verdict"), boolean=True)
    def verdict(self, label: Label) -> bool | None:
        verdicts = {each.name: each.correct for each in label.photo.label_verdicts.all()}
        return verdicts.get(label.name)

    @admin.action(description=say("Mark as right"))
    def mark_right(self, request: HttpRequest, queryset: QuerySet[Label]) -> None:
        self._judge(request, queryset, correct=True)

    @admin.action(description=say("Mark as wrong"))
    def mark_wrong(self, request: HttpRequest, queryset: QuerySet[Label]) -> None:
        self._judge(request, queryset, correct=False)

    def _judge(self, request: HttpRequest, labels: QuerySet[Label], *, correct: bool) -> None:
        count = 0
        for label in labels:
            try:
                judge_label(label.photo, label.name, correct=correct, user=signed_in(request))
            except RefusedError:
                continue  # another model's label: nobody is shown it
            count += 1
        self.message_user(request, say("Labels judged: {count}.", count=count))


@admin.register(LabelVerdict)
class LabelVerdictAdmin(OwnedAdmin[LabelVerdict]):
    """What people said of labels; taking a verdict back lets the network's word stand again."""

    owner = "photo__owner"
    can_delete = True
    list_display = ("name", "correct", "of_photo", "user", "model", "created_at")
    list_filter = ("correct", "model")
    search_fields = ("name",)
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LabelVerdict]:
        return super().get_queryset(request).select_related("photo", "user")

    @admin.display(description=say("Photo"), ordering="photo__filename")
    def of_photo(self, verdict: LabelVerdict) -> SafeString:
        return photo_link(verdict.photo)

    def delete_model(self, request: HttpRequest, obj: LabelVerdict) -> None:
        self.delete_queryset(request, LabelVerdict.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        photo_ids = list(queryset.values_list("photo_id", flat=True))
        queryset.delete()
        Photo.objects.filter(id__in=photo_ids).update(search_stale=True)
