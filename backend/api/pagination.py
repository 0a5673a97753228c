"""Lists as cursor pages."""

from rest_framework.pagination import CursorPagination


class PhotoPages(CursorPagination):
    """Newest first; a page stays where it is while photos come and go."""

    ordering = ("-shown_at", "-id")
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500
