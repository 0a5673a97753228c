"""`Idempotency-Key`: a creating call that is sent again answers as it did, and creates nothing.

After the IETF draft "The Idempotency-Key HTTP Header Field". What was answered is kept for a day,
beside the user whom it belongs to; answers that hold a secret (Cache-Control: no-store) are not,
and a repeat of those is told so. A repeat goes through the same view as the first call, whose work
alone is left out: who is signed out, or may not do it any more, is refused as with any other call.

Signed addresses in an answer are kept as they were, and end as they would have: one that anybody's
words could contain must not become good again by being repeated. A client reads the object anew.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.api.albums import asked_album
from backend.api.models import KeptAnswer
from backend.api.policy import rule_of
from backend.api.requests import MAX_JSON_BYTES
from backend.core.errors import RefusedError

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT = timedelta(days=1)
# While the first call is being worked on; after that whoever worked on it has died.
WORKING = timedelta(minutes=2)
MAX_BODY_BYTES = 64 * 1024
MOST_KEPT = 5000  # a user; of more, the latest

View = Callable[..., HttpResponseBase]


class IdempotencyMiddleware:
    """POSTs with an Idempotency-Key go to a view that does once what the asked one does.

    A view whose calls may be repeated anyway (`repeats_safely`) works each time: an upload's ticket
    from an hour ago would be of no use. One that creates nothing (`keeps_nothing`) is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, values: Any
    ) -> HttpResponseBase | None:
        asked = getattr(view, "cls", None)
        if request.method != "POST" or HEADER not in request.headers or not hasattr(asked, "post"):
            return None
        if getattr(asked, "keeps_nothing", False):
            return None
        return _once(asked)(request, *args, **values)


@functools.cache
def _once(asked: Any) -> View:
    """The same view, which does once what it is asked for with one key."""

    class Once(asked):  # type: ignore[misc]
        _begun: KeptAnswer | None = None

        def post(self, request: Request, *args: Any, **values: Any) -> HttpResponseBase:
            # By now the caller has been let in. A call by nobody in particular has no repeats.
            if isinstance(request.user, User):
                answer, is_new = _find_or_begin(request)
                if not is_new:
                    _enter_album(request, values)
                    if not _repeats_safely(self):
                        return _again(answer)
                self._begun = answer if is_new else None
            return cast(HttpResponseBase, super().post(request, *args, **values))

        def dispatch(self, request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
            try:
                response = super().dispatch(request, *args, **values)
                if hasattr(response, "render"):
                    response.render()
            except BaseException:
                if self._begun is not None:
                    self._begun.delete()
                raise
            if self._begun is not None:
                _keep(self._begun, response, tells_again=not _repeats_safely(self))
            return cast(HttpResponseBase, response)

    return cast(View, Once.as_view())


def _repeats_safely(view: APIView) -> bool:
    return getattr(view, "repeats_safely", False)


def _find_or_begin(request: Request) -> tuple[KeptAnswer, bool]:
    """The caller's earlier call with this key, or a new one, and whether it is new.

    Raises RefusedError: bad_idempotency_key, too_large, idempotency_key_reused, in_progress.
    """
    key = request.headers[HEADER]
    if not 0 < len(key) <= MAX_KEY:
        raise RefusedError("bad_idempotency_key")
    call, now = _digest_call(request), timezone.now()
    name = {"caller": request.auth.pk, "key": _digest(key)}
    KeptAnswer.objects.filter(**name, ends_at__lte=now).delete()
    first = {"user": request.user, "call": call, "ends_at": now + WORKING}
    try:
        answer, is_new = KeptAnswer.objects.get_or_create(**name, defaults=first)
    except IntegrityError as error:  # it ended this very moment
        raise RefusedError("in_progress", status=409, wait=1) from error
    if is_new:
        _forget_oldest(cast(User, request.user))
    elif answer.call != call:
        raise RefusedError("idempotency_key_reused", status=422)
    elif answer.status is None:
        raise RefusedError("in_progress", status=409, wait=1)
    return answer, is_new


def _enter_album(request: Request, values: dict[str, Any]) -> None:
    """Views ask for the caller's role themselves, in the work that a repeat leaves out."""
    rule = rule_of(request)
    if rule is not None and rule.role is not None:
        asked_album(request, values["album_id"])


def _again(answer: KeptAnswer) -> HttpResponse:
    if answer.body is None:
        raise RefusedError("done_before", status=409)
    return HttpResponse(
        bytes(answer.body),
        status=answer.status,
        content_type=answer.content_type,
        headers={"Idempotency-Replayed": "true"},
    )


def _keep(begun: KeptAnswer, response: HttpResponseBase, *, tells_again: bool) -> None:
    """What was done is remembered; what was not (an error) may be tried again."""
    if response.status_code >= 400:
        begun.delete()
        return
    is_secret = "no-store" in response.get("Cache-Control", "")
    body = None
    if tells_again and isinstance(response, HttpResponse) and not is_secret:
        body = response.content if len(response.content) <= MAX_BODY_BYTES else None
    KeptAnswer.objects.filter(pk=begun.pk).update(
        status=response.status_code,
        content_type=response.get("Content-Type", ""),
        body=body,
        ends_at=timezone.now() + KEPT,
    )


def _forget_oldest(user: User) -> None:
    own = KeptAnswer.objects.filter(user=user)
    too_many = own.order_by("-made_at").values("made_at")[MOST_KEPT : MOST_KEPT + 1]
    own.filter(made_at__lte=too_many).delete()


def forget_answers() -> int:
    """What has been kept for a day is gone. Returns how many answers. Safe to run again."""
    return KeptAnswer.objects.filter(ends_at__lte=timezone.now()).delete()[0]


def _digest_call(request: Request) -> str:
    try:
        body = request._request.body
    except RequestDataTooBig as error:
        raise RefusedError("too_large", status=413, limit=MAX_JSON_BYTES) from error
    return _digest(request.path, request.META.get("QUERY_STRING", ""), body)


def _digest(*parts: str | bytes) -> str:
    """Lengths are part of it, so that no two lists of parts are one."""
    exact = [part if isinstance(part, bytes) else part.encode("utf-8", "replace") for part in parts]
    lengths = json.dumps([len(part) for part in exact]).encode()
    return hashlib.sha256(b"".join([lengths, *exact])).hexdigest()
