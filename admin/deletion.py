"""Deleting rows whose pictures lie in object storage, which may be away."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from admin.words import say
from backend.core.errors import StorageError

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class DeletesPictures(_ModelAdmin):
    """Rows go one after the other, each with its pictures, and are logged once they are gone.

    If storage does not answer, that is said, and what is left can be deleted later. Stands
    before Django's class among the bases.
    """

    def erase(self, row: Any) -> None:
        """The row is gone, and before it what it has in storage. Raises StorageError."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.erase(obj)
        super().log_deletions(request, cast(QuerySet[Any], [obj]))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Nothing yet: storage may refuse."""
        return []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except StorageError:
            self._tell_storage_is_away(request)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def _delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """Django's page that asks first, and then the deletion: what an action does."""
        try:
            return delete_selected(self, request, queryset)
        except StorageError:
            self._tell_storage_is_away(request)
            return None

    def _tell_storage_is_away(self, request: HttpRequest) -> None:
        sentence = say(
            "Object storage does not answer. What is left was not deleted; try again later."
        )
        self.message_user(request, sentence, messages.ERROR)
