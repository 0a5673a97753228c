"""Lists as cursor pages."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination


class PhotoPages(CursorPagination):
    """Newest first; a page stays where it is while photos come and go."""

    ordering = ("-shown_at", "-id")
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500
    # However many photos share one moment (a folder without any dates), all are reached.
    offset_cutoff = None  # type: ignore[assignment]

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        """Raises NotFound for a cursor that no page of ours has named."""
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except (ValidationError, ValueError, DataError) as error:
            raise NotFound from error
