"""Keys by which programs act for a user, within scopes."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, DateTimeField, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import ApiKey, User
from backend.accounts.services import digest_secret
from backend.core.errors import RefusedError
from backend.core.written import Given, Written

# Told by it from a device's token, and found by it in what should not have been published.
PREFIX = "sgk_"
MAX_KEYS = 100  # a user
_USED_EVERY = timedelta(minutes=1)
_living_keys = Written(
    lambda: (
        ApiKey.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=Given("now", DateTimeField())))
        .filter(digest=Given("digest", CharField()), user__is_active=True)
    )
)


def make_api_key(
    *, user: User, name: str, scopes: list[str], expires_at: datetime | None = None
) -> tuple[str, ApiKey]:
    """Make a key. Returns the secret, which is kept nowhere, and its row.

    Raises RefusedError: `forbidden` for a scope that the user does not have, `too_many_keys`,
    `already_over` for an end in the past.
    """
    if ApiKey.Scope.ADMIN in scopes and not user.is_staff:
        raise RefusedError("forbidden", status=403)
    if expires_at is not None and expires_at <= timezone.now():
        raise RefusedError("already_over")
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        if user.api_keys.count() >= MAX_KEYS:
            raise RefusedError("too_many_keys", status=409, limit=MAX_KEYS)
        key = ApiKey.objects.create(
            user=user,
            name=name,
            digest=digest_secret(secret),
            hint=secret[: len(PREFIX) + 4],
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
        )
    return secret, key


def find_api_key(secret: str) -> ApiKey | None:
    """The living key that the secret belongs to, with its user; its use is noted."""
    now = timezone.now()
    found = _living_keys(digest=digest_secret(secret), now=now)
    key = found[0] if found else None
    if key is not None and (key.used_at is None or key.used_at < now - _USED_EVERY):
        ApiKey.objects.filter(id=key.id).update(used_at=now)
    return key


def api_keys_of(user: User) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(user=user)
