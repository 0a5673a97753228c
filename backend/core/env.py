"""Settings from the environment: read once, loudly."""

import os
import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def required(name: str) -> str:
    """Raises ImproperlyConfigured with the name and a hint if it is not set."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. `make up` starts everything with its settings; to use your own "
            f"servers set it in the environment or in .env (see .env.example)."
        )
    return value


def optional(name: str, default: str = "") -> str:
    return os.environ.get(name) or default


def integer(name: str, default: int) -> int:
    text = os.environ.get(name)
    if not text:
        return default
    try:
        return int(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}") from error


def number(name: str, default: float) -> float:
    """Zero or more."""
    text = os.environ.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ImproperlyConfigured(f"{name} must be a number from 0 on, not {text!r}")
    return value


def choice(name: str, choices: tuple[str, ...]) -> str:
    """One of the choices, the first if it is not set."""
    value = os.environ.get(name) or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def aes_key(name: str) -> str:
    """43 characters, which with a "=" are Base64 for 32 bytes; empty if it is not set."""
    text = os.environ.get(name, "")
    if text and not re.fullmatch(r"[A-Za-z0-9+/]{43}", text):
        raise ImproperlyConfigured(f"{name} must be 43 letters, digits, + and /")
    return text


def database(name: str) -> dict[str, Any]:
    """Django's settings for a postgresql:// URL; its query becomes libpq options."""
    parts = urlsplit(required(name))
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} must look like postgresql://user:password@host:port/database"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
