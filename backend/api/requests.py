"""What the views read out of a request."""

from typing import cast

from rest_framework.request import Request

from backend.accounts.models import User


def signed_in(request: Request) -> User:
    """The user of a route that the policy opens to signed-in people only."""
    return cast(User, request.user)
