"""What the views read out of a request."""

import json
from typing import Any, cast

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from backend.accounts.models import User
from backend.core.errors import RefusedError

# The longest thing a person writes here is a description.
MAX_JSON_BYTES = 1024**2


class JsonParser(BaseParser):
    """A JSON object of bounded size. Raises ParseError for anything else, however odd."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_JSON_BYTES + 1)
        if len(body) > MAX_JSON_BYTES:
            raise RefusedError("too_large", status=413, limit=MAX_JSON_BYTES)
        try:
            return json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(str(error)) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def signed_in(request: Request) -> User:
    """The user of a route that the policy opens to signed-in people only."""
    return cast(User, request.user)


def origin_of(request: Request) -> str:
    """Scheme and host by which the request came, to stand before a path; found once a request."""
    found: str | None = getattr(request, "_origin", None)
    if found is None:
        found = request.build_absolute_uri("/")[:-1]
        request._origin = found  # type: ignore[attr-defined]
    return found


def read_number(request: Request, name: str, *, default: int, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise ValidationError({name: "Write a whole number."})
    return min(int(text[:9]), most)
