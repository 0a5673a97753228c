"""Short messages in addresses, signed: whoever has one may do what it says."""

import functools
import hashlib
import hmac
from typing import Any

import orjson
from django.core import signing


class Grants(signing.Signer):
    """Django's signatures, without deriving the key for each: a list of photos has hundreds."""

    def sign_object(self, obj: Any) -> str:  # type: ignore[override]
        return super().sign_object(obj, serializer=_Json)

    def unsign_object(self, signed_obj: str) -> Any:  # type: ignore[override]
        """Raises BadSignature for what we have not signed."""
        return super().unsign_object(signed_obj, serializer=_Json)

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        message = value.encode() if isinstance(value, str) else value
        derived = _derive(self.salt, key or self.key)
        return signing.b64_encode(hmac.digest(derived, message, "sha256")).decode()


@functools.cache
def _derive(salt: str, key: str | bytes) -> bytes:
    """As django.utils.crypto.salted_hmac does."""
    secret = key.encode() if isinstance(key, str) else key
    return hashlib.sha256(f"{salt}signer".encode() + secret).digest()


class _Json:
    def dumps(self, obj: Any) -> bytes:
        return orjson.dumps(obj)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)
