"""Signing in by WeChat, and whom it belongs to."""

import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import Token, User
from backend.accounts.services import issue_token
from backend.core.errors import RefusedError
from backend.wechat.checks import welcome
from backend.wechat.client import Session, WechatError, exchange_code
from backend.wechat.models import Identity

BUSY_SECONDS = 30

# What a client is told of what WeChat said; see wechat.client.
_REFUSALS = {
    "code_invalid": ("wechat_code_invalid", 401),
    "user_blocked": ("wechat_user_blocked", 403),
    "busy": ("wechat_busy", 503),
    "unreachable": ("wechat_busy", 503),
}


def log_in_by_wechat(*, code: str, device: str, language: str) -> tuple[str, Token]:
    """Make a token for one device, and an account at first. Returns its secret and its row.

    language: of a new account. Raises RefusedError: wechat_not_configured, wechat_code_invalid,
    wechat_user_blocked, wechat_busy, wechat_misconfigured, wechat_not_linked, account_disabled.
    """
    session = _exchange(code)
    identity = _find(session) or _make_user(session, language=language)
    if not identity.user.is_active:
        raise RefusedError("account_disabled", status=403)
    _note_visit(identity, session)
    return issue_token(identity.user, device=device)


def link_wechat(user: User, *, code: str) -> Identity:
    """The user signs in by this WeChat account, too. Safe to run again, with a new code.

    Raises RefusedError: as log_in_by_wechat, wechat_linked_elsewhere, wechat_already_linked.
    """
    session = _exchange(code)
    found = _find(session)
    if found is None:
        try:
            with transaction.atomic():
                found = Identity.objects.create(
                    user=user, openid=session.openid, visited_at=timezone.now()
                )
        except IntegrityError:
            found = _find(session)  # unless it is the user who has another one
            if found is None:
                raise RefusedError("wechat_already_linked", status=409) from None
    if found.user_id != user.id:
        raise RefusedError("wechat_linked_elsewhere", status=409)
    _note_visit(found, session)
    return found


def unlink_wechat(user: User) -> None:
    """The user does not sign in by WeChat any more. Safe to run twice.

    Raises RefusedError wechat_only_way_in for an account without a password.
    """
    if not user.has_usable_password() and identity_of(user) is not None:
        raise RefusedError("wechat_only_way_in", status=409)
    Identity.objects.filter(user=user).delete()


def identity_of(user: User) -> Identity | None:
    return Identity.objects.filter(user=user).first()


def _exchange(code: str) -> Session:
    if not settings.WECHAT_APP_ID:
        raise RefusedError("wechat_not_configured", status=409)
    try:
        return exchange_code(code)
    except WechatError as error:
        refusal, status = _REFUSALS.get(error.code, ("wechat_misconfigured", 503))
        wait = {"wait": BUSY_SECONDS} if status == 503 else {}
        raise RefusedError(refusal, status=status, **wait) from error


def _find(session: Session) -> Identity | None:
    return Identity.objects.select_related("user").filter(openid=session.openid).first()


def _make_user(session: Session, *, language: str) -> Identity:
    """An account of whoever comes for the first time; who they are in WeChat is not in its name."""
    if not settings.WECHAT_SIGN_UP:
        raise RefusedError("wechat_not_linked", status=403)
    try:
        with transaction.atomic():
            user = User(username=f"wx-{secrets.token_hex(6)}", language=language)
            user.set_unusable_password()
            user.save()
            return Identity.objects.create(
                user=user, openid=session.openid, visited_at=timezone.now()
            )
    except IntegrityError:
        # The same person, twice at the same time.
        identity = _find(session)
        if identity is None:
            raise
        return identity


def _note_visit(identity: Identity, session: Session) -> None:
    identity.visited_at = timezone.now()
    identity.unionid = session.unionid or identity.unionid
    identity.save(update_fields=["visited_at", "unionid"])
    welcome(identity.user)
