"""The cache in Valkey or Redis."""

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class _Client(RedisCacheClient):
    """Django's makes a client for each command, which takes longer than the command."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: str | None = None, *, write: bool = False) -> Any:
        number = self._get_connection_pool_index(write)
        if number not in self._clients:
            self._clients[number] = super().get_client(key, write=write)
        return self._clients[number]


class ValkeyCache(RedisCache):
    """Django's cache, whose clients stay."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
