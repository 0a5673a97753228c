"""The one authorisation policy: who may call which route.

What they then see there is a selector's to say. A route that is not named here is closed to
everybody; a test fails for it.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backend.accounts.models import User

if TYPE_CHECKING:  # rest_framework.views imports this module, by REST_FRAMEWORK's setting
    from rest_framework.views import APIView


class Who(StrEnum):
    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    # These two prove themselves by a signature or a token of their own, which their views check.
    FUNCTIONS = "functions"
    STORAGE = "storage"


RULES: dict[str, Who] = {
    "login": Who.ANYONE,
    "logout": Who.SIGNED_IN,
    "me": Who.SIGNED_IN,
    "users": Who.STAFF,
    "photos": Who.SIGNED_IN,
    "photo": Who.SIGNED_IN,
    "photo-complete": Who.SIGNED_IN,
    "photo-restore": Who.SIGNED_IN,
    "photo-rendition": Who.SIGNED_IN,
    "photo-tags": Who.SIGNED_IN,
    "photo-label-verdict": Who.SIGNED_IN,
    "photo-reanalyze": Who.SIGNED_IN,
    "timeline": Who.SIGNED_IN,
    "search": Who.SIGNED_IN,
    "claims": Who.FUNCTIONS,
    "results": Who.FUNCTIONS,
    "storage-events": Who.STORAGE,
}


class Policy(BasePermission):
    """Asked by every route (REST_FRAMEWORK's default permission)."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        match = request.resolver_match
        rule = RULES.get(match.url_name or "") if match else None
        user = request.user
        match rule:
            case Who.ANYONE | Who.FUNCTIONS | Who.STORAGE:
                return True
            case Who.SIGNED_IN:
                return isinstance(user, User) and user.is_active
            case Who.STAFF:
                return isinstance(user, User) and user.is_active and user.is_staff
        return False
