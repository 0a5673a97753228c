"""Who is asking: a device's token or a program's key in the Authorization header."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from backend.accounts.api_keys import PREFIX, find_api_key
from backend.accounts.models import ApiKey, Token, User
from backend.accounts.services import find_token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer SECRET`. No header is anonymous; a wrong or expired one is 401."""

    def authenticate(self, request: Request) -> tuple[User, Token | ApiKey] | None:
        scheme, _, rest = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        return find_bearer(rest.decode("latin-1").strip())

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def find_bearer(secret: str) -> tuple[User, Token | ApiKey]:
    """Whose the secret is, and what it is. Raises AuthenticationFailed."""
    found = find_api_key(secret) if secret.startswith(PREFIX) else find_token(secret)
    if found is None:
        raise AuthenticationFailed
    return found.user, found
