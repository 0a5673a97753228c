"""Checks on their way: due, asked, tried again, decided."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.photos.models import Photo
from backend.wechat.client import Opinion, WechatError
from backend.wechat.models import Check, Identity, PhotoCheck, TextCheck

logger = logging.getLogger(__name__)
AnyCheck = TypeVar("AnyCheck", PhotoCheck, TextCheck)
State = Check.State

# Half a minute, then four times as long each time, six hours at most: the best part of a day.
FIRST_WAIT = timedelta(seconds=30)
MAX_WAIT = timedelta(hours=6)
MAX_ATTEMPTS = 8
# How long one question may take, before another worker asks it.
ASKING = timedelta(seconds=60)
# Whoever uses the mini-program without signing in anew is not seen; so it is tried.
VISIT_WAIT = timedelta(hours=1)
# What is wrong with one question is wrong with all; a round must not wait for each.
FOR_ALL = ("unreachable", "busy", "refused", "token_invalid")
NOT_LINKED, VISIT_NEEDED = "not_linked", "visit_needed"

# WeChat promises its message within half an hour.
ANSWER_WAIT = timedelta(minutes=35)

# A person has to look: WeChat wants one to, or has not answered and will not be asked again.
TO_JUDGE = Q(state__in=[State.REVIEW, State.FAILED])

_STATES = {"pass": State.PASSED, "review": State.REVIEW, "risky": State.REFUSED}
_VERDICTS = {
    State.PASSED: Photo.Moderation.OK,
    State.REVIEW: Photo.Moderation.REVIEW,
    State.REFUSED: Photo.Moderation.BLOCKED,
}


def ask_in_turn(checks: QuerySet[AnyCheck], ask: Callable[[AnyCheck], None], *, limit: int) -> int:
    """What is due is asked, one after the other. Returns how many were.

    ask: raises WechatError. If WeChat answers nobody now, the others wait for the next round.
    """
    for count in range(limit):
        check = _claim_due(checks)
        if check is None:
            return count
        try:
            ask(check)
        except WechatError as error:
            postpone(check, error)
            if error.code in FOR_ALL:
                return count + 1
    return limit


def _claim_due(checks: QuerySet[AnyCheck]) -> AnyCheck | None:
    """One of the checks whose time has come, for this worker alone. None if there is none.

    One that has been tried often enough has failed instead.
    """
    while True:
        with transaction.atomic():
            due = checks.select_for_update(skip_locked=True, of=("self",))
            check = due.filter(state__in=Check.OPEN, due_at__lte=timezone.now()).first()
            if check is None:
                return None
            if check.state == State.ASKED:
                check.code, check.detail = "not_answered", "No message came within the time."
            if check.attempts >= MAX_ATTEMPTS:
                check.state, check.due_at = State.FAILED, None
                logger.warning(
                    "WeChat: %s %s failed: %s", check._meta.model_name, check.id, check.code
                )
                check.save()
                continue
            check.state = State.WAITING
            check.attempts += 1
            # If this process dies meanwhile, that attempt has failed.
            check.due_at = timezone.now() + ASKING
            check.save()
            return check


def openid_of(user_id: UUID) -> str | None:
    return Identity.objects.filter(user_id=user_id).values_list("openid", flat=True).first()


def postpone(check: PhotoCheck | TextCheck, error: WechatError) -> None:
    """It is asked again when it makes sense, or has failed; why is on record."""
    again = _open(check)
    if error.code in (VISIT_NEEDED, NOT_LINKED):
        # All that is theirs waits for the same, and waiting counts for nothing.
        theirs = _waiting_for(type(check), _author_id(check))
        due_at = timezone.now() + VISIT_WAIT if error.code == VISIT_NEEDED else None
        theirs.update(due_at=due_at, code=error.code, detail=error.detail, attempts=0)
    elif error.code == "openid_invalid":
        again.update(state=State.FAILED, due_at=None, code=error.code, detail=error.detail)
    else:
        wait = min(FIRST_WAIT * 4 ** (check.attempts - 1), MAX_WAIT)
        again.update(
            state=State.WAITING,
            due_at=timezone.now() + wait,
            code=error.code,
            detail=error.detail,
        )


def settle(check: PhotoCheck | TextCheck, opinion: Opinion) -> None:
    """WeChat's word is on record; where a person's stands already, for when that is taken back."""
    state = _STATES[opinion.suggest]
    decided = _open(check).update(
        state=state,
        label=opinion.label,
        due_at=None,
        code="",
        detail="",
        decided_at=timezone.now(),
        decided_by=None,
    )
    if decided:
        _show_verdict(check, _VERDICTS[state])
    judged = type(check).objects.filter(id=check.id, before=State.ASKED)
    judged.update(before=state, label=opinion.label)


@transaction.atomic
def judge(check: PhotoCheck | TextCheck, *, passes: bool, by: User, note: str = "") -> None:
    """A person's word, whatever WeChat says; it replaces an earlier one. Safe to run twice."""
    checks = _hold(check)
    checks.filter(before="").update(before=F("state"))
    state = State.PASSED if passes else State.REFUSED
    # What WeChat has said stays on record.
    decided = checks.update(
        state=state, due_at=None, decided_at=timezone.now(), decided_by=by, note=note
    )
    if decided:
        _show_verdict(check, _VERDICTS[state])
        logger.info("%s (%s) has decided: %s %s %s", by, by.id, state, check._meta.label, check.id)


@transaction.atomic
def take_back(check: PhotoCheck | TextCheck) -> None:
    """No person's word counts: WeChat's stands, or is waited for; else it is asked anew.

    Safe to run twice.
    """
    checks = _hold(check)
    now = checks.select_for_update().exclude(before="").first()
    if now is None:
        return
    logger.info("a decision is taken back: %s %s", check._meta.label, check.id)
    if now.before not in (*_VERDICTS, State.ASKED):
        try_again(now)
        return
    is_asked = now.before == State.ASKED
    checks.update(
        state=now.before,
        due_at=timezone.now() + ANSWER_WAIT if is_asked else None,
        decided_at=None if is_asked else timezone.now(),
        decided_by=None,
        before="",
        note="",
    )
    _show_verdict(check, _VERDICTS.get(State(now.before), Photo.Moderation.PENDING))


def own_word(check: PhotoCheck | TextCheck) -> Photo.Moderation:
    """What WeChat itself has said so far, whatever a person has."""
    return _VERDICTS.get(State(check.before or check.state), Photo.Moderation.PENDING)


def try_again(check: PhotoCheck | TextCheck) -> None:
    """It is asked anew, whatever came of it. Until then it holds back. Safe to run twice.

    A text that passed so long ago that it is forgotten stays as it is.
    """
    if isinstance(check, TextCheck) and not check.text:
        return
    with transaction.atomic():
        type(check).objects.filter(id=check.id).update(
            state=State.WAITING,
            due_at=timezone.now(),
            attempts=0,
            code="",
            detail="",
            label=None,
            decided_at=None,
            decided_by=None,
            before="",
            note="",
        )
        _show_verdict(check, Photo.Moderation.PENDING)


def welcome(user: User) -> None:
    """What waits for the user to come back to the mini-program is due."""
    for model in (PhotoCheck, TextCheck):
        waiting = _waiting_for(model, user.id).filter(code__in=[VISIT_NEEDED, NOT_LINKED])
        waiting.update(due_at=timezone.now())


def _hold(check: PhotoCheck | TextCheck) -> QuerySet[Any]:
    """The check, whose photo nobody deletes or changes until the transaction ends."""
    if isinstance(check, PhotoCheck):
        # In the order in which a deletion takes them.
        Photo.objects.select_for_update().filter(id=check.photo_id).first()
    return type(check).objects.filter(id=check.id)


def _show_verdict(check: PhotoCheck | TextCheck, verdict: Photo.Moderation) -> None:
    if isinstance(check, PhotoCheck):
        Photo.objects.filter(id=check.photo_id).update(wechat_verdict=verdict)


def _open(check: PhotoCheck | TextCheck) -> QuerySet[Any]:
    return type(check).objects.filter(id=check.id, state__in=Check.OPEN)


def _author_id(check: PhotoCheck | TextCheck) -> UUID:
    return check.photo.owner_id if isinstance(check, PhotoCheck) else check.author_id


def _waiting_for(model: type[PhotoCheck] | type[TextCheck], user_id: UUID) -> QuerySet[Any]:
    theirs = Q(photo__owner=user_id) if model is PhotoCheck else Q(author=user_id)
    return model.objects.filter(theirs, state=State.WAITING)
