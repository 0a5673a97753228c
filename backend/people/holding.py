"""One owner's people change one transaction at a time."""

from uuid import UUID

from django.db import connection


def hold_people(owner_id: UUID) -> None:
    """Nobody else changes the owner's people until this transaction ends.

    Two photos of somebody new that are analysed together would start that person twice, and a
    merge must not meet an assignment half done. Always taken before a photo's row lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"people:{owner_id}"]
        )
