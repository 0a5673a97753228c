"""How often something may be done: counted in the cache that all processes share."""

import time
from collections.abc import Mapping

from django.core.cache import cache

from backend.core.errors import RefusedError

WINDOW_SECONDS = 60


def count_attempt(limits: Mapping[str, int]) -> None:
    """One more attempt is counted under each name.

    limits: name -> attempts a minute. Raises RefusedError too_many_requests with how long to
    wait once one of them is passed, and RedisError if the cache is away.
    """
    now = int(time.time())
    window = now // WINDOW_SECONDS
    for name, limit in limits.items():
        key = f"rate:{window}:{name}"
        try:
            count = cache.incr(key)
        except ValueError:  # the first in this window
            cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
            count = cache.incr(key)
        if count > limit:
            wait = (window + 1) * WINDOW_SECONDS - now
            raise RefusedError("too_many_requests", status=429, wait=wait)
