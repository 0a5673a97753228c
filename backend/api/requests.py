"""What the views read out of a request."""

from rest_framework.request import Request

from backend.accounts.models import User


def signed_in(request: Request) -> User:
    """The user of a route that the policy opens to signed-in people only."""
    assert isinstance(request.user, User)
    return request.user
