"""Locks on what is no row."""

from uuid import UUID

from django.db import connection


def lock(what: str, whose: UUID | str) -> None:
    """Until the transaction ends, whoever else asks for the same lock waits."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{what}:{whose}"])
