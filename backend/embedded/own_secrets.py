"""Passwords and keys of one album: made up on the first start, kept from then on."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from backend.embedded.env_file import read_env_file, write_env_file

# Bytes of randomness behind each. Written in hex, they pass unharmed through URLs, shells and
# configuration files.
_SECRETS = {
    "SECRET_KEY": 48,
    "DELIVERY_SECRET": 32,
    "WEBHOOK_TOKEN": 32,
    "POSTGRES_PASSWORD": 24,
    "BROKER_PASSWORD": 24,
    "S3_ACCESS_KEY_ID": 10,
    "S3_SECRET_ACCESS_KEY": 32,
    "FUNCTIONS_S3_ACCESS_KEY_ID": 10,
    "FUNCTIONS_S3_SECRET_ACCESS_KEY": 32,
    "STORAGE_SIGNING_KEY": 32,
    "ADMIN_PASSWORD": 8,  # typed by a person, behind a limit on attempts
}


def keep_secrets(path: Path, *, first: Mapping[str, str]) -> dict[str, str]:
    """All secrets of the album.

    What the file lacks is taken from `first`, else made up, and added; nothing in it changes.
    """
    known = read_env_file(path)
    missing = {
        name: first.get(name) or secrets.token_hex(size)
        for name, size in _SECRETS.items()
        if not known.get(name)
    }
    if missing:
        write_env_file(path, known | missing)
    return known | missing
