"""The cache in Postgres, for where there is no Redis or Valkey: on AWS Lambda."""

from django.core.cache.backends.db import DatabaseCache
from django.db import connection, transaction


class PostgresCache(DatabaseCache):
    """Django's cache in a table, whose counters count every one of many at once.

    Its table is made by `createcachetable`, see the command `prepare`.
    """

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError for a key that is not there."""
        # Reading and writing are two statements there: of two processes one would be forgotten.
        with transaction.atomic():
            with connection.cursor() as cursor:
                name = self.make_key(key, version)
                cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
            return super().incr(key, delta, version)
