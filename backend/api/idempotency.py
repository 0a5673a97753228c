"""`Idempotency-Key`: a creating call that is sent again answers as it did, and creates nothing.

After the IETF draft "The Idempotency-Key HTTP Header Field". What was answered is kept for a
day, in the cache that all processes share; answers that hold a secret (Cache-Control: no-store)
are not, and a repeat of those is told so.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from backend.api.problems import plain_problem

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT_SECONDS = 24 * 3600
# While the first call is being worked on; after that whoever worked on it has died.
WORKING_SECONDS = 120
MAX_BODY_BYTES = 64 * 1024


class IdempotencyMiddleware:
    """Looks at POSTs that say who sends them; others pass.

    A view whose calls may be repeated anyway (`repeats_safely`) is simply called again: an
    upload's ticket from an hour ago would be of no use. One that creates nothing (`keeps_nothing`)
    is not looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        entry = getattr(request, "_idempotency_entry", None)
        if entry is not None:
            _keep(entry, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, values: Any
    ) -> HttpResponse | None:
        key, who = request.headers.get(HEADER), request.headers.get("Authorization")
        if request.method != "POST" or key is None or not who:
            return None
        if getattr(getattr(view, "cls", None), "keeps_nothing", False):
            return None
        if not 0 < len(key) <= MAX_KEY:
            return plain_problem("bad_idempotency_key", 400)
        call = _digest(request.path, request.META.get("QUERY_STRING", ""), request.body)
        name = f"idempotency:{_digest(who, key)}"
        if cache.add(name, {"call": call}, timeout=WORKING_SECONDS):
            request._idempotency_entry = (name, call)  # type: ignore[attr-defined]
            return None
        return _answer_again(cache.get(name), call=call, view=view)


def _answer_again(earlier: Any, *, call: str, view: Any) -> HttpResponse | None:
    if earlier is None:  # it ended this very moment
        return plain_problem("in_progress", 409, headers={"Retry-After": "1"})
    if earlier["call"] != call:
        return plain_problem("idempotency_key_reused", 422)
    if "status" not in earlier:
        return plain_problem("in_progress", 409, headers={"Retry-After": "1"})
    if getattr(getattr(view, "cls", None), "repeats_safely", False):
        return None
    if earlier["body"] is None:
        return plain_problem("done_before", 409)
    return HttpResponse(
        earlier["body"],
        status=earlier["status"],
        content_type=earlier["type"],
        headers={"Idempotency-Replayed": "true"},
    )


def _keep(entry: tuple[str, str], response: HttpResponseBase) -> None:
    """What was done is remembered; what was not (an error) may be tried again."""
    name, call = entry
    if response.status_code >= 400:
        cache.delete(name)
        return
    is_secret = "no-store" in response.get("Cache-Control", "")
    body = None
    if isinstance(response, HttpResponse) and not is_secret:
        body = response.content if len(response.content) <= MAX_BODY_BYTES else None
    kept = {
        "call": call,
        "status": response.status_code,
        "type": response.get("Content-Type", ""),
        "body": body,
    }
    cache.set(name, kept, timeout=KEPT_SECONDS)


def _digest(*parts: str | bytes) -> str:
    """Lengths are part of it, so that no two lists of parts are one."""
    exact = [part if isinstance(part, bytes) else part.encode("utf-8", "replace") for part in parts]
    lengths = json.dumps([len(part) for part in exact]).encode()
    return hashlib.sha256(b"".join([lengths, *exact])).hexdigest()
