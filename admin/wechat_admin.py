"""What WeChat is asked about what people share: the queue of what a person has to look at."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from admin.analysis_admin import photo_link
from admin.ownership import OwnedAdmin
from admin.photo_filters import WordsFilter
from admin.photo_page import signed_in
from admin.pictures import thumbnail
from admin.words import say, say_value
from backend.wechat.checks import judge, try_again
from backend.wechat.models import PhotoCheck, TextCheck

Row = TypeVar("Row", PhotoCheck, TextCheck)


class CheckAdmin(OwnedAdmin[Row]):
    """Superusers decide; whoever shared it only sees how it stands."""

    list_filter = (("state", WordsFilter), ("code", admin.AllValuesFieldListFilter))
    ordering = ("-created_at", "-id")
    actions = ("let_pass", "block", "ask_again")

    @admin.display(description=say("State"), ordering="state")
    def state_text(self, check: Row) -> SafeString:
        return format_html(
            '<span class="badge badge-{}">{}</span>', check.state, say_value(check.state)
        )

    @admin.display(description=say("Reason"), ordering="code")
    def reason(self, check: Row) -> SafeString | str:
        if check.decided_by is not None:
            return str(check.decided_by)
        if not check.code:
            return "–" if check.label is None else str(check.label)
        return format_html('<span class="failure"><b>{}</b> {}</span>', check.code, check.detail)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("decided_by")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if request.user.is_superuser else {}

    @admin.action(description=say("Let pass"))
    def let_pass(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        self._judge(request, queryset, passes=True)

    @admin.action(description=say("Block"))
    def block(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        self._judge(request, queryset, passes=False)

    @admin.action(description=say("Ask again"))
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        checks = list(queryset)
        for check in checks:
            try_again(check)
        self.message_user(request, say("To be asked again: {count}.", count=len(checks)))

    def _judge(self, request: HttpRequest, queryset: QuerySet[Row], *, passes: bool) -> None:
        checks = list(queryset)
        for check in checks:
            judge(check, passes=passes, by=signed_in(request))
        self.message_user(request, say("Decided: {count}.", count=len(checks)))


if TYPE_CHECKING:
    _PhotoCheckAdmin = CheckAdmin[PhotoCheck]
    _TextCheckAdmin = CheckAdmin[TextCheck]
else:
    _PhotoCheckAdmin = _TextCheckAdmin = CheckAdmin


@admin.register(PhotoCheck)
class PhotoCheckAdmin(_PhotoCheckAdmin):
    owner = "photo__owner"
    list_display = ("picture", "of_photo", "state_text", "reason", "attempts", "created_at")
    list_display_links = ("state_text",)
    search_fields = ("photo__filename", "trace_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PhotoCheck]:
        return super().get_queryset(request).select_related("photo")

    @admin.display(description=say("Photo"))
    def picture(self, check: PhotoCheck) -> SafeString:
        return thumbnail(check.photo)

    @admin.display(description=say("File name"), ordering="photo__filename")
    def of_photo(self, check: PhotoCheck) -> SafeString:
        return photo_link(check.photo)


@admin.register(TextCheck)
class TextCheckAdmin(_TextCheckAdmin):
    owner = "author"
    list_display = ("text", "author", "state_text", "reason", "attempts", "created_at")
    list_display_links = ("state_text",)
    list_select_related = ("author",)
    search_fields = ("text",)
