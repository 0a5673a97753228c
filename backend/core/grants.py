"""Short messages in addresses, signed: whoever has one may do what it says."""

import functools
import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Any

import orjson
from django.core import signing


class Grants(signing.Signer):
    """Django's signatures, without deriving the key for each: a list of photos has hundreds."""

    def sign_object(self, obj: Any) -> str:  # type: ignore[override]
        return self.sign(_encode(orjson.dumps(obj)))

    def unsign_object(self, signed_obj: str) -> Any:  # type: ignore[override]
        """Raises BadSignature for what we have not signed."""
        return orjson.loads(signing.b64_decode(self.unsign(signed_obj).encode()))

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        message = value.encode() if isinstance(value, str) else value
        return _encode(hmac.digest(_derive(self.salt, key or self.key), message, "sha256"))


@functools.cache
def _derive(salt: str, key: str | bytes) -> bytes:
    """As django.utils.crypto.salted_hmac does."""
    secret = key.encode() if isinstance(key, str) else key
    return hashlib.sha256(f"{salt}signer".encode() + secret).digest()


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
