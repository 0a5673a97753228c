"""What WeChat's server sends to ours: proved by a signature, and encrypted if a key is set.

With WECHAT_AES_KEY only encrypted messages count ("secure mode"): the signature of a plain one
does not cover its body.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from backend.core.errors import RefusedError

MAX_AGE_SECONDS = 300
_PADDING_BITS = 256  # WeChat pads to 32 bytes, not to AES's 16


def check_echo(query: Mapping[str, str], *, now: float) -> str:
    """What to answer when WeChat asks whether this address is ours. Raises bad_signature."""
    _check_signature(query, query.get("signature", ""), now=now)
    return query.get("echostr", "")


def read_message(query: Mapping[str, str], body: bytes, *, now: float) -> dict[str, Any]:
    """The message, which WeChat has sent for our app. Raises bad_signature and bad_message."""
    if not settings.WECHAT_AES_KEY:
        _check_signature(query, query.get("signature", ""), now=now)
        return _read_json(body)
    envelope = _read_json(body)
    secret = envelope.get("Encrypt")
    if query.get("encrypt_type") != "aes" or not isinstance(secret, str):
        raise RefusedError("bad_signature", status=401)
    _check_signature(query, query.get("msg_signature", ""), secret, now=now)
    return _read_json(_decrypt(secret))


def sign(*parts: str) -> str:
    """Over the token and the parts, in WeChat's way."""
    words = "".join(sorted([settings.WECHAT_MESSAGE_TOKEN, *parts]))
    return hashlib.sha1(words.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _check_signature(query: Mapping[str, str], given: str, *parts: str, now: float) -> None:
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    is_fresh = (
        len(timestamp) <= 12
        and timestamp.isascii()
        and timestamp.isdigit()
        and abs(now - int(timestamp)) <= MAX_AGE_SECONDS
    )
    # Without a token anybody could sign.
    if not (
        settings.WECHAT_MESSAGE_TOKEN
        and is_fresh
        and constant_time_compare(sign(timestamp, nonce, *parts), given)
    ):
        raise RefusedError("bad_signature", status=401)


def _decrypt(secret: str) -> bytes:
    """16 random bytes, the message's length in 4, the message, the app's id; AES-256-CBC, Base64.

    Raises bad_message, also for a message to another app.
    """
    # Not in the zip for Lambda, whose limit it would pass, and where there is no WeChat.
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import CBC
    from cryptography.hazmat.primitives.padding import PKCS7

    key = base64.b64decode(settings.WECHAT_AES_KEY + "=")
    decryptor = Cipher(AES256(key), CBC(key[:16])).decryptor()
    unpadder = PKCS7(_PADDING_BITS).unpadder()
    try:
        padded = decryptor.update(base64.b64decode(secret, validate=True)) + decryptor.finalize()
        plain = unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise RefusedError("bad_message", reason="it cannot be decrypted") from error
    end = 20 + int.from_bytes(plain[16:20], "big")
    if plain[end:] != settings.WECHAT_APP_ID.encode():
        raise RefusedError("bad_message", reason="it is for another app")
    return plain[20:end]


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        reason = "expected a JSON object; choose JSON as the data format of pushed messages"
        raise RefusedError("bad_message", reason=reason)
    return message
