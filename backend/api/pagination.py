"""Lists as cursor pages."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from backend.api.requests import read_number


class CursorPages(CursorPagination):
    """A page stays where it is while rows come and go."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500
    # However many rows share one place (a folder without any dates), all are reached.
    offset_cutoff = None  # type: ignore[assignment]

    def get_page_size(self, request: Request) -> int:
        """Raises ValidationError for what is no number."""
        size = read_number(request, "page_size", default=self.page_size, most=self.max_page_size)
        return max(1, size)

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        """Raises NotFound for a cursor that no page of ours has named."""
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except (ValidationError, ValueError, DataError) as error:
            raise NotFound from error


class PhotoPages(CursorPages):
    """Newest first."""

    ordering = ("-shown_at", "-id")


class PeoplePages(CursorPages):
    """Those with most faces first."""

    ordering = ("-face_count", "id")


class LatestPages(CursorPages):
    """The latest first: ids begin with the time."""

    ordering = ("-id",)


class EarliestPages(CursorPages):
    """In the order in which they came."""

    ordering = ("id",)


def answer_page(
    request: Request,
    rows: QuerySet[Any],
    serializer: type[BaseSerializer[Any]],
    *,
    pages: type[CursorPages] = LatestPages,
) -> Response:
    """The page that is asked for, as the serializer writes its rows."""
    asked = pages()
    page = asked.paginate_queryset(rows, request)
    return asked.get_paginated_response(
        serializer(page, many=True, context={"request": request}).data
    )
