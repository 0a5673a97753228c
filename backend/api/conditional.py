"""`If-Match`: a change of what one has read, and of nothing newer."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from backend.api.rendering import JsonRenderer
from backend.core.errors import RefusedError

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of what was read: nothing is changed if it is another one by now.",
)


@contextlib.contextmanager
def as_it_was_read(
    request: Request, *held: QuerySet[Any], read: Callable[[], dict[str, Any]]
) -> Iterator[None]:
    """What is done within is done to what the caller has read, if they say what that was.

    held: rows that others wait for who change the same, in the order in which they hold them.
    read: what a GET answers.
    Raises RefusedError changed_meanwhile.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None:
        yield
        return
    with transaction.atomic():
        for rows in held:
            list(rows.select_for_update(no_key=True).values_list("pk"))
        if not {"*", _etag_of(read())} & set(parse_etags(wanted)):
            raise RefusedError("changed_meanwhile", status=412)
        yield


def _etag_of(document: dict[str, Any]) -> str:
    """As ConditionalGetMiddleware makes it of the answer."""
    content = JsonRenderer().render(document)
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
