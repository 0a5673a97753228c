"""So many calls a minute for each user, key and address."""

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from backend.accounts.models import ApiKey, User
from backend.accounts.throttle import client_address
from backend.api.policy import PROVE_THEMSELVES, rule_of
from backend.core.rate_limit import count_attempt

if TYPE_CHECKING:
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class RateLimit(BaseThrottle):
    """Asked by every route, after the policy (REST_FRAMEWORK's default throttle).

    Our own functions and storage, and WeChat, which prove who they are, are not counted.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Raises RefusedError too_many_requests, which says how long to wait."""
        rule = rule_of(request)
        if rule is not None and rule.who not in PROVE_THEMSELVES:
            _count(_limits(request))
        return True


def count_refused(request: Request, *, is_known: bool) -> None:
    """A call that came no further than the policy is counted too: of its caller if that is known,
    else of those that nobody knows from this address, whose sign-ins are counted elsewhere.

    Raises RefusedError too_many_requests.
    """
    if is_known:
        _count(_limits(request))
    else:
        _count({f"refused:{client_address(request)}": settings.RATE_LIMIT_ADDRESS})


def _count(limits: dict[str, int]) -> None:
    try:
        count_attempt(limits)
    except RedisError as error:
        # Better an album without a limit for a moment than none at all.
        logger.warning("calls are not counted: %s", error)


def _limits(request: Request) -> dict[str, int]:
    if isinstance(request.auth, ApiKey):
        own = {f"key:{request.auth.id}": settings.RATE_LIMIT_KEY}
    else:
        own = {}
    if isinstance(request.user, User):
        return own | {f"user:{request.user.id}": settings.RATE_LIMIT_USER}
    return {f"address:{client_address(request)}": settings.RATE_LIMIT_ADDRESS}
