"""Users with their quotas, and the tokens of their devices."""

import contextlib
import re
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from admin.deletion import DeletesPictures
from admin.ownership import ModelAdmin, OwnedAdmin
from admin.words import say
from backend.accounts.models import Token, User
from backend.accounts.services import log_out, quota_of
from backend.analysis.consent import allow_face_analysis
from backend.core.errors import StorageError
from backend.leaving.closing import close_account
from backend.leaving.erasing import go_on
from backend.leaving.models import Deletion

# Ownership is the whole rule here: groups of permissions would promise what nobody keeps.
admin.site.unregister(Group)

if TYPE_CHECKING:
    _DjangoUserAdmin = DjangoUserAdmin[User]
    _UserChangeForm = UserChangeForm[User]
else:
    _DjangoUserAdmin = DjangoUserAdmin
    _UserChangeForm = UserChangeForm

_UNITS = {"": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_BYTES = re.compile(r"\s*(\d{1,15}(?:[.,]\d{1,6})?)\s*([KMGT]?)(?:i?B)?\s*", re.IGNORECASE)
_MOST_BYTES = 2**62
# A small account is gone when the page comes back; the rest of a large one goes by itself.
_AT_ONCE_SECONDS = 5.0


class BytesField(forms.CharField):
    """A number of bytes, shown and typed as people do: 20 GB. Empty is None."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        for unit in ("TB", "GB", "MB", "KB"):
            if value and value % _UNITS[unit] == 0:
                return f"{value // _UNITS[unit]} {unit}"
        return str(value)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        match = _BYTES.fullmatch(text)
        if match is None:
            raise forms.ValidationError(say("Write a size such as 20 GB or 500 MB."))
        unit = f"{match[2]}B".upper() if match[2] else ""
        size = float(match[1].replace(",", ".")) * _UNITS[unit]
        if size > _MOST_BYTES:
            raise forms.ValidationError(say("Write a size such as 20 GB or 500 MB."))
        return round(size)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


class UserForm(_UserChangeForm):
    quota_bytes = BytesField(required=False, label=say("Quota"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "face_analysis" in self.fields:
            self.fields["face_analysis"].help_text = say(
                "Off: no face of theirs is looked for. What was found stays until it is erased."
            )
        if "quota_bytes" in self.fields:
            default = filesizeformat(settings.DEFAULT_QUOTA_BYTES)
            self.fields["quota_bytes"].help_text = say(
                "Such as 20 GB. Empty: the default, {default}.", default=default
            )


@admin.register(User)
class UserAdmin(DeletesPictures, _DjangoUserAdmin):
    """Accounts are for superusers; everybody changes their own password from the page's head."""

    form = UserForm
    list_display = (
        "username",
        "photo_count",
        "used",
        "quota",
        "is_staff",
        "is_active",
        "last_login",
    )
    list_filter = ("is_staff", "is_superuser", "is_active")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (say("About"), {"fields": ("first_name", "last_name", "email", "language")}),
        (say("Faces"), {"fields": ("face_analysis",)}),
        (say("Storage"), {"fields": ("quota_bytes", "used")}),
        (say("May do"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (say("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("used", "last_login", "date_joined")
    filter_horizontal = ()
    actions = ("delete_selected",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changelist_view(request, {"title": say("Users"), **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        users: QuerySet[Any] = super().get_queryset(request).annotate(photo_count=Count("photos"))
        return users

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Nobody locks themselves out.
        return self.has_module_permission(request) and obj != request.user

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "face_analysis" in form.changed_data:
            allow_face_analysis(obj, allowed=obj.face_analysis)

    @admin.display(description=say("Photos"), ordering="photo_count")
    def photo_count(self, user: Any) -> int:
        return int(user.photo_count)

    @admin.display(description=say("Used"), ordering="used_bytes")
    def used(self, user: User) -> SafeString:
        quota = quota_of(user)
        return format_html(
            '{} <progress class="quota" max="{}" value="{}"></progress>',
            filesizeformat(user.used_bytes),
            max(quota, 1),
            min(user.used_bytes, quota),
        )

    @admin.display(description=say("Quota"), ordering="quota_bytes")
    def quota(self, user: User) -> str:
        size = filesizeformat(quota_of(user))
        return str(say("{size} (default)", size=size)) if user.quota_bytes is None else size

    @admin.action(description=say("Delete with all photos"), permissions=["delete"])
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[User]
    ) -> HttpResponse | None:
        return self._delete_selected(request, queryset)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        users = list(objs)
        own = {str(say("your own account"))} if request.user in users else set()
        counts = {
            str(self.opts.verbose_name_plural): len(users),
            str(say("Photos")): sum(user.photos.count() for user in users),
        }
        return [str(user) for user in users], counts, own, []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """The account is closed, and everything in it erased: now if it is little, or soon."""
        deletion = Deletion.objects.filter(account_id=obj.id).first()
        if deletion is None:
            _, deletion = close_account(obj, by_staff=True)
        # The log names the record and not the user, who is to be forgotten.
        LogEntry.objects.log_actions(
            cast(User, request.user).pk, [deletion], DELETION, single_object=True
        )
        with contextlib.suppress(StorageError):
            go_on(deletion.id, seconds=_AT_ONCE_SECONDS)
        deletion.refresh_from_db()
        if deletion.erased_at is None:
            self.message_user(request, say("The account is closed; what it held is being deleted."))


@admin.register(Deletion)
class DeletionAdmin(ModelAdmin[Deletion]):
    """The records of accounts that were deleted: how many of what went, and what was left."""

    fields = (
        "account_id",
        "by_staff",
        "asked_at",
        "erased_at",
        "confirmed_at",
        "removed",
        "remaining",
        "photos_digest",
    )
    list_display = ("account_id", "by_staff", "asked_at", "erased_at", "confirmed_at")
    ordering = ("-id",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Deletion | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Deletion | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Deletion | None = None) -> bool:
        return False


@admin.register(Token)
class TokenAdmin(OwnedAdmin[Token]):
    """Devices that are signed in. The digest of a secret is nobody's business."""

    owner = "user"
    can_delete = True
    fields = ("user", "device", "created_at", "expires_at")
    list_display = ("device_name", "user", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("device", "user__username")
    ordering = ("-created_at",)

    @admin.display(description=say("Device"), ordering="device")
    def device_name(self, token: Token) -> str:
        return token.device or str(say("A device"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            act, name, _ = actions["delete_selected"]  # type: ignore[misc]
            actions["delete_selected"] = (act, name, str(say("Revoke")))
        return actions

    def delete_model(self, request: HttpRequest, obj: Token) -> None:
        log_out(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        for token in queryset:
            log_out(token)
