"""Who sees and changes what here: superusers everything, other staff what is their own.

That is the whole rule, and the API's too (api.policy.visible_to). Django's permissions of single
models are not asked: what somebody may do with their own photos they may do here as well as there.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from backend.api.policy import visible_to

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
else:

    class ModelAdmin(admin.ModelAdmin):
        """Takes a type, as its stub does."""

        def __class_getitem__(cls, _row):
            return cls


class OwnedAdmin(ModelAdmin[Row]):
    """Pages of rows that belong to somebody.

    Every query of every page, bulk forms and actions included, starts from get_queryset: so
    somebody else's row is not found, rather than forbidden.
    """

    owner: str  # the lookup that leads from a row to its owner
    can_add = False
    can_change = False
    can_delete = False
    list_per_page = 50
    empty_value_display = "–"
    # Counting a whole library for "1 result (20,000 total)" costs more than it tells.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        # "Select photo to change" says less.
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        return visible_to(request.user, super().get_queryset(request), owner=self.owner)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.has_module_permission(request) and self._is_theirs(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.can_change and self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.can_delete and self.has_view_permission(request, obj)

    def _is_theirs(self, request: HttpRequest, row: Row | None) -> bool:
        if row is None or request.user.is_superuser:
            return True
        owner: Any = row
        for step in self.owner.split("__"):
            owner = getattr(owner, step)
        return bool(owner == request.user)
