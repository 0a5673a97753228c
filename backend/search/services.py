"""Keeping what search knows in step with the photos."""

import logging
from collections.abc import Iterable
from datetime import timedelta, timezone
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.timezone import now

from backend.analysis.services import active_model
from backend.photos.models import Photo
from backend.search.words import han_tokens, split_han, split_words
from functions.contract import Kind

logger = logging.getLogger(__name__)

# Weights order what matters: A what people and networks name,
# B place, camera and file, C what is written on the photo.
_UPSERT = """
insert into search_searchdocument (photo_id, words, indexed_at)
values (
    %(photo)s,
    setweight(to_tsvector('simple', %(A)s), 'A')
    || setweight(to_tsvector('simple', %(B)s), 'B')
    || setweight(to_tsvector('simple', %(C)s), 'C'),
    %(now)s
)
on conflict (photo_id) do update set words = excluded.words, indexed_at = excluded.indexed_at
"""
# Rows are locked while they are indexed: results for them wait.
BATCH = 50
# A tsvector may hold 1 MB; 20,000 characters are more than any photo's legible text.
MAX_CHARACTERS = 20_000


def index_stale_photos(*, limit: int) -> int:
    """Up to `limit` photos that search knew too little of are found by all their words.

    Returns how many. Workers may run it side by side: each takes rows no other holds. A photo
    that cannot be indexed is told in the log, stays stale, and stops no other.
    """
    count, failed = 0, set[UUID]()
    while count < limit:
        with transaction.atomic():
            photos = list(
                Photo.objects.select_for_update(skip_locked=True)
                .filter(search_stale=True)
                .exclude(id__in=failed)
                .order_by("id")[: min(BATCH, limit - count)]
            )
            if not photos:
                break
            done = [photo.id for photo in photos if _try_to_index(photo)]
            Photo.objects.filter(id__in=done).update(search_stale=False)
        failed.update(photo.id for photo in photos if photo.id not in done)
        count += len(done)
    return count


def _try_to_index(photo: Photo) -> bool:
    try:
        with transaction.atomic():
            index_photo(photo)
    except (OperationalError, InterfaceError):
        raise  # the database is away, for all of them
    except Exception:
        logger.exception("photo %s cannot be indexed", photo.id)
        return False
    return True


def index_photo(photo: Photo) -> None:
    """The photo's search document says what its rows say. Safe to run again."""
    texts = {
        "A": _named_by_people(photo),
        "B": [
            photo.filename,
            photo.country,
            photo.region,
            photo.city,
            *_camera(photo),
            *date_words(photo),
        ],
        "C": photo.text_lines.filter(analysis__model=active_model(Kind.TEXT)).values_list(
            "text", flat=True
        ),
    }
    tokens: dict[str, list[str]] = {}
    for weight, parts in texts.items():
        words = split_words(_join(parts))
        tokens[weight] = [*words.latin, *han_tokens(words.han)]
    # 马 (horse) must not find 河马 (hippopotamus): of labels only whole names and pairs count.
    named = split_words(_join(_labels(photo)))
    tokens["A"] += [*named.latin, *(pair for run in named.han for pair in split_han(run))]
    values = {weight: " ".join(words) for weight, words in tokens.items()}
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values | {"photo": photo.id, "now": now()})


def _join(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)[:MAX_CHARACTERS]


def _named_by_people(photo: Photo) -> list[str]:
    names = photo.faces.filter(person__hidden=False).values_list("person__name", flat=True)
    return [photo.description, *names, *photo.tags.values_list("name", flat=True)]


def _labels(photo: Photo) -> list[str]:
    refused = photo.label_verdicts.filter(correct=False).values_list("name", flat=True)
    labels = photo.labels.filter(analysis__model=active_model(Kind.LABELS)).exclude(
        name__in=refused
    )
    return [name for pair in labels.values_list("name", "name_zh") for name in pair]


def _camera(photo: Photo) -> list[str]:
    return [photo.camera_make, photo.camera_model, photo.lens]


def date_words(photo: Photo) -> list[str]:
    """The day in the forms in which people type it, by the clock of the place."""
    if photo.taken_at is None:
        return []
    day = photo.taken_at.astimezone(timezone(timedelta(minutes=photo.taken_at_offset)))
    return [
        day.strftime("%Y-%m-%d"),
        day.strftime("%B %b"),
        f"{day.year}年{day.month}月{day.day}日",
    ]
