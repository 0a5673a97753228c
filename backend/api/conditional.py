"""ETags, and `If-Match`: a change of what one has read, and of nothing newer.

An ETag has two parts, "said-sent". `sent` is of every byte, so that whoever is answered 304 has
addresses of pictures that are still good. `said` leaves those addresses out, which change every
half hour though nothing else has: that is what If-Match compares.
"""

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from backend.api.rendering import JsonRenderer
from backend.core.errors import RefusedError

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of what was read: nothing is changed if it says something else by now.",
)
# An address in `urls`. A quotation mark inside of a text is an escaped one, so no text looks so.
_ADDRESS = re.compile(rb'("(?:thumbnail|preview|original)":)"[^"]*"')


class ETags(ConditionalGetMiddleware):
    """Answers to GET have an ETag, those in JSON one that as_it_was_read knows again; and 304."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_json = request.method == "GET" and response.get("Content-Type") == "application/json"
        if is_json and isinstance(response, HttpResponse) and self.needs_etag(response):
            content = response.content
            response["ETag"] = f'"{_digest_said(content)}-{_digest(content)}"'
        return super().process_response(request, response)


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
        said = _digest_said(JsonRenderer().render(read()))
        if not {"*", said} & {etag.strip('"').partition("-")[0] for etag in parse_etags(wanted)}:
            raise RefusedError("changed_meanwhile", status=412)
        yield


def _digest_said(content: bytes) -> str:
    return _digest(_ADDRESS.sub(rb"\1", content))


def _digest(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
