"""Signing in and out, and making accounts."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import CharField, DateTimeField, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from backend.accounts.models import Token, User
from backend.core.errors import RefusedError
from backend.core.written import Given, Written

_living_tokens = Written(
    lambda: Token.objects.select_related("user").filter(
        digest=Given("digest", CharField()),
        expires_at__gt=Given("now", DateTimeField()),
        user__is_active=True,
    )
)

# A user: programs that sign in each time they run would fill the table.
MAX_DEVICES = 1000


def log_in(*, username: str, password: str, device: str) -> tuple[str, Token]:
    """Make a token for one device. Returns the secret, which is kept nowhere, and its row.

    Raises RefusedError `bad_credentials`, whichever of the two was wrong.
    """
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        raise RefusedError("bad_credentials", status=401)
    return issue_token(user, device=device)


def issue_token(user: User, *, device: str) -> tuple[str, Token]:
    """Make a token for one device of a user who has proved to be that user.

    Returns the secret, which is kept nowhere, and its row. Tokens that have ended are gone, and
    the oldest of too many.
    """
    own = Token.objects.filter(user=user)
    own.filter(expires_at__lte=timezone.now()).delete()
    own.exclude(id__in=own.order_by("-id").values("id")[: MAX_DEVICES - 1]).delete()
    secret = "sgt_" + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        digest=digest_secret(secret),
        password_digest=user.get_session_auth_hash(),
        device=device[:200],
        expires_at=timezone.now() + timedelta(days=settings.TOKEN_DAYS),
    )
    return secret, token


def log_out(token: Token) -> None:
    """The token is of no use any more. Safe to run twice."""
    token.delete()


def devices_of(user: User) -> QuerySet[Token]:
    """Where the user is signed in, the latest first."""
    return Token.objects.filter(user=user, expires_at__gt=timezone.now())


def find_token(secret: str) -> Token | None:
    """The living token that the secret belongs to, with its user.

    It lives until it expires, its user is shut out or the password is changed.
    """
    found = _living_tokens(digest=digest_secret(secret), now=timezone.now())
    if not found:
        return None
    (token,) = found
    same = constant_time_compare(token.password_digest, token.user.get_session_auth_hash())
    return token if same else None


def digest_secret(secret: str) -> str:
    """SHA-256, hex. The secret is random and long, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def create_user(*, username: str, password: str, language: str = "en") -> User:
    """Raises RefusedError `username_taken`, or `invalid` with the fields that are wrong."""
    user = User(username=username, language=language)
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise RefusedError("invalid", errors=_field_errors(error)) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise RefusedError("username_taken", status=409) from error
    return user


def quota_of(user: User) -> int:
    """How many bytes of originals the user may hold."""
    return settings.DEFAULT_QUOTA_BYTES if user.quota_bytes is None else user.quota_bytes


def ensure_admin(*, username: str, password: str) -> None:
    """The superuser exists. An account that is there keeps its password. Safe to run again."""
    if not User.objects.filter(username__iexact=username).exists():
        User.objects.create_superuser(username=username, password=password)


def _field_errors(error: ValidationError) -> list[dict[str, str]]:
    fields = error.error_dict if hasattr(error, "error_dict") else {"password": error.error_list}
    return [
        {"field": name, "code": entry.code or "invalid", "detail": " ".join(entry.messages)}
        for name, entries in fields.items()
        for entry in entries
    ]
