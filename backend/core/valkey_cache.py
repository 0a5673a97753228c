"""The cache in Valkey or Redis."""

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class _Client(RedisCacheClient):
    """For one server. Django's makes a client for each command, which takes longer than it."""

    _kept: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if self._kept is None:
            self._kept = super().get_client(key, write=True)
        return self._kept


class ValkeyCache(RedisCache):
    """Django's cache, whose client stays."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
