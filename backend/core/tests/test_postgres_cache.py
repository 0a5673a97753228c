"""The cache for where there is no Redis."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import BaseCache, caches
from django.core.management import call_command
from django.db import connection


@pytest.fixture
def cache(transactional_db: None, settings: Any) -> Iterator[BaseCache]:
    backend = "backend.core.postgres_cache.PostgresCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "test_cache"}}
    call_command("createcachetable", verbosity=0)
    yield caches["default"]
    with connection.cursor() as cursor:
        cursor.execute("drop table test_cache")


def test_of_many_counts_at_once_none_is_forgotten(cache: BaseCache) -> None:
    cache.add("calls", 0, timeout=60)

    def count(_: int) -> None:
        cache.incr("calls")
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    assert cache.get("calls") == 40


def test_what_was_added_is_not_added_again(cache: BaseCache) -> None:
    assert cache.add("key", "first", timeout=60)
    assert not cache.add("key", "second", timeout=60)
    assert cache.get("key") == "first"


def test_what_is_not_there_is_not_counted(cache: BaseCache) -> None:
    with pytest.raises(ValueError, match="calls"):
        cache.incr("calls")
