"""Pictures that WeChat looks at before others see them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backend.core import storage
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.selectors import PASSED
from backend.wechat.checks import ANSWER_WAIT, NOT_LINKED, ask_in_turn, openid_of, postpone, settle
from backend.wechat.client import WechatError, ask_about_picture, read_opinion
from backend.wechat.models import Answer, PhotoCheck
from functions.contract import Rendition, rendition_key

EVENT = "wxa_media_check"
URL_SECONDS = int(ANSWER_WAIT.total_seconds())
ANSWERS_KEPT = timedelta(days=30)


def request_checks(photo_ids: Iterable[UUID]) -> None:
    """WeChat is asked about these photos, each once. Safe to run twice."""
    PhotoCheck.objects.bulk_create(
        (PhotoCheck(photo_id=photo_id, due_at=timezone.now()) for photo_id in photo_ids),
        ignore_conflicts=True,
    )


def ask_about_photos(*, limit: int) -> int:
    """What is due is asked, each photo once. Returns how many were.

    Photos that have been blocked or trashed meanwhile wait: WeChat is shown what others may see.
    Workers may run it side by side.
    """
    passed = Photo.objects.filter(PASSED, id=OuterRef("photo"))
    checks = PhotoCheck.objects.filter(Exists(passed)).select_related("photo").order_by("due_at")
    return ask_in_turn(checks, _ask, limit=limit)


def _ask(check: PhotoCheck) -> None:
    """The question is on its way. Raises WechatError."""
    openid = openid_of(check.photo.owner_id)
    if openid is None:
        raise WechatError(NOT_LINKED)
    key = rendition_key(str(check.photo_id), Rendition.PREVIEW)
    url = storage.sign_get(key=key, seconds=URL_SECONDS)
    trace_id = ask_about_picture(url, openid=openid)
    PhotoCheck.objects.filter(id=check.id, state=PhotoCheck.State.WAITING).update(
        state=PhotoCheck.State.ASKED,
        trace_id=trace_id,
        due_at=timezone.now() + ANSWER_WAIT,
        code="",
        detail="",
    )
    _match(trace_id)


def record_message(message: dict[str, Any]) -> None:
    """What WeChat tells of a picture is on record; other events are passed over.

    Safe to run twice: the first message of a trace counts. Raises RefusedError bad_message.
    """
    if message.get("Event") != EVENT:
        return
    if message.get("appid") != settings.WECHAT_APP_ID:
        raise RefusedError("bad_message", reason="it is for another app")
    trace_id, errcode = message.get("trace_id"), message.get("errcode")
    opinion = read_opinion(message.get("result")) if errcode == 0 else None
    if not (
        isinstance(trace_id, str)
        and 0 < len(trace_id) <= 128
        and trace_id.isprintable()
        and isinstance(errcode, int)
        and abs(errcode) < 2**31
        and (errcode != 0 or opinion is not None)
    ):
        raise RefusedError("bad_message", reason="expected trace_id, errcode and result")
    Answer.objects.get_or_create(
        trace_id=trace_id,
        defaults={
            "errcode": errcode,
            "suggest": opinion.suggest if opinion else "",
            "label": opinion.label if opinion else None,
        },
    )
    _match(trace_id)


def forget_answers() -> None:
    """What was told long ago is gone."""
    Answer.objects.filter(created_at__lt=timezone.now() - ANSWERS_KEPT).delete()


@transaction.atomic
def _match(trace_id: str) -> None:
    """A question and its answer have met, if both are here.

    Whoever is second, of the worker that asked and the message, sees what the first has stored.
    """
    asked = PhotoCheck.State.ASKED
    check = (
        PhotoCheck.objects.select_for_update(of=("self",))
        .select_related("photo")
        .filter(Q(state=asked) | Q(before=asked), trace_id=trace_id)
        .first()
    )
    answer = Answer.objects.filter(trace_id=trace_id).first()
    if check is None or answer is None:
        return
    opinion = read_opinion({"suggest": answer.suggest, "label": answer.label})
    if opinion is None:
        postpone(check, WechatError("not_looked_at", f"{answer.errcode}"))
    else:
        settle(check, opinion)
