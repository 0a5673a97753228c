"""The months of a library, kept ready so that a timeline of any length is one short read."""

from uuid import UUID

from django.db import connection, transaction

from backend.accounts.models import User
from backend.core.locks import lock
from backend.photos.models import Month, StaleMonth

# A ratio is one byte on a scale of logarithms: 128 is a square, each step 2 ** (1 / 32), 2.2 %,
# which is less than a row of a grid can show. Photos whose shape is not known yet are squares.
_RENEW = """
with stale as (
    delete from photos_stalemonth where owner_id = %(owner)s returning month
)
insert into photos_month (owner_id, month, count, aspect_ratios)
select %(owner)s, stale.month, count(photo.id), coalesce(
    translate(
        encode(
            string_agg(
                set_byte('\\x00', 0, least(255, greatest(0, round(128 + coalesce(
                    32 / ln(2) * ln(nullif(photo.width, 0)::float / nullif(photo.height, 0)), 0
                ))))::int),
                '' order by photo.shown_at desc, photo.id desc
            ),
            'base64'
        ),
        E'\\n', ''
    ),
    ''
)
from (select distinct month from stale) as stale
left join photos_photo as photo
    on photo.owner_id = %(owner)s and photo.in_library
    and photo.shown_local >= stale.month::timestamp at time zone 'UTC'
    and photo.shown_local < (stale.month + interval '1 month') at time zone 'UTC'
group by stale.month
on conflict (owner_id, month) do update
    set count = excluded.count, aspect_ratios = excluded.aspect_ratios
"""


def months_of(user: User) -> list[dict[str, object]]:
    """How many photos each month of the library holds, newest first, with their shapes.

    month: "2023-05", by the clock of the place. aspect_ratios: a byte a photo in base64, in the
    order of the photos' list, newest first; width / height is 2 ** ((byte - 128) / 32).
    """
    renew_months(user.id)
    months = Month.objects.filter(owner=user).order_by("-month")
    return [
        {"month": f"{month:%Y-%m}", "count": count, "aspect_ratios": aspect_ratios}
        for month, count, aspect_ratios in months.values_list("month", "count", "aspect_ratios")
    ]


def renew_months(owner_id: UUID) -> None:
    """The owner's months say what the photos do. Safe to run again, and side by side."""
    if not StaleMonth.objects.filter(owner_id=owner_id).exists():
        return
    with transaction.atomic():
        lock("timeline", owner_id)
        if not User.objects.filter(id=owner_id).exists():
            StaleMonth.objects.filter(owner_id=owner_id).delete()
            return
        with connection.cursor() as cursor:
            cursor.execute(_RENEW, {"owner": owner_id})
        Month.objects.filter(owner_id=owner_id, count=0).delete()
