"""A share of the photos: the same for every model, and part of every larger share."""

from django.db.models import FloatField, Func


class HashFraction(Func):
    """A UUID's place among all, evenly spread: the first 32 bits of its SHA-256 as 0 <= n < 1.

    Photos below .1 are a tenth of all, chosen by nothing that has to do with them.
    """

    template = (
        "(('x' || left(encode(sha256(uuid_send(%(expressions)s)), 'hex'), 8))"
        "::bit(32)::bigint / 4294967296.0)"
    )
    output_field = FloatField()
