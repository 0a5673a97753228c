"""Keeping what search knows in step with the photos."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.timezone import now

from backend.analysis.models import Analysis
from backend.core.gazetteer import PlaceName, describe_place
from backend.core.places import Place, find_place
from backend.people.consent import may_look_for_faces
from backend.people.models import Erasure
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from backend.search.keys import date_keys, flag_keys, key_of
from backend.search.terms import Named, label_entry, learn_terms, person_entry, tag_entry
from backend.search.vocabulary import Entry, Sort
from backend.search.words import han_tokens, split_han, split_words
from functions.contract import Kind

logger = logging.getLogger(__name__)

# Weights order what matters: A what people and networks name,
# B place, camera and file, C what is written on the photo. Keys have no place and no weight.
_UPSERT = """
insert into search_searchdocument (photo_id, owner_id, shown_local, words, indexed_at)
values (
    %(photo)s,
    %(owner)s,
    %(shown_local)s,
    setweight(to_tsvector('simple', %(A)s), 'A')
    || setweight(to_tsvector('simple', %(B)s), 'B')
    || setweight(to_tsvector('simple', %(C)s), 'C')
    || array_to_tsvector(%(keys)s::text[]),
    %(now)s
)
on conflict (photo_id) do update set shown_local = excluded.shown_local, words = excluded.words,
    indexed_at = excluded.indexed_at
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
            terms: dict[UUID, list[Named]] = defaultdict(list)
            done = []
            for photo in photos:
                if (named := _try_to_index(photo)) is not None:
                    terms[photo.owner_id] += named
                    done.append(photo.id)
            for owner_id, named in sorted(terms.items()):
                learn_terms(owner_id, named)
            Photo.objects.filter(id__in=done).update(search_stale=False)
        failed.update(photo.id for photo in photos if photo.id not in done)
        count += len(done)
    return count


def _try_to_index(photo: Photo) -> list[Named] | None:
    """The names of index_photo; None if it cannot be indexed."""
    try:
        with transaction.atomic():
            return index_photo(photo)
    except (OperationalError, InterfaceError):
        raise  # the database is away, for all of them
    except Exception:
        logger.exception("photo %s cannot be indexed", photo.id)
        return None


def index_photo(photo: Photo) -> list[Named]:
    """The photo's search document says what its rows say. Safe to run again.

    Returns the names that queries must know to find it.
    """
    people = list(
        photo.faces.filter(person__hidden=False, model=active_model(Kind.FACES))
        .values_list("person_id", "person__name")
        .distinct()
    )
    tags = [tag_entry(name) for name in photo.tags.values_list("name", flat=True)]
    labels = [label_entry(*names) for names in _labels(photo)]
    places = places_of(photo)
    texts = {
        "A": [photo.description, *(name for _, name in people), *(tag.name for tag in tags)],
        "B": [
            photo.filename,
            *(name for place in places for name in (place.name, place.name_zh)),
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
    named = split_words(_join(name for entry in labels for name in (entry.name, entry.name_zh)))
    tokens["A"] += [*named.latin, *(pair for run in named.han for pair in split_han(run))]
    terms: list[Named] = [(entry, ()) for entry in (*tags, *labels)]
    terms += [(place_entry(place), place.spellings) for place in places]
    keys = {key_of(entry) for entry, _ in terms}
    keys |= {key_of(person_entry(*person)) for person in people}
    if local := local_time(photo):
        keys |= set(date_keys(local))
    keys |= set(
        flag_keys(
            favorite=photo.favorite,
            has_text=photo.has_text,
            trashed=photo.trashed_at is not None,
            has_people=_has_people(photo),
        )
    )
    values: dict[str, Any] = {weight: " ".join(words) for weight, words in tokens.items()}
    values |= {"photo": photo.id, "owner": photo.owner_id, "shown_local": photo.shown_local}
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values | {"keys": sorted(keys), "now": now()})
    return terms


def _has_people(photo: Photo) -> bool | None:
    """Whether a face was seen; None while nobody has looked, or all that was seen was erased."""
    model = active_model(Kind.FACES)
    if photo.faces.filter(model=model).exists() or photo.erased_faces.exists():
        return True
    looked = photo.analyses.filter(kind=Kind.FACES, model=model, state=Analysis.State.DONE)
    erased = Erasure.objects.filter(owner=photo.owner_id).exclude(scope=Erasure.Scope.PERSON)
    if last := erased.order_by("-id").first():
        looked = looked.filter(finished_at__gt=last.erased_at)
    return False if looked.exists() and may_look_for_faces(photo) else None


def _join(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)[:MAX_CHARACTERS]


def _labels(photo: Photo) -> Iterable[tuple[str, str]]:
    refused = photo.label_verdicts.filter(correct=False).values_list("name", flat=True)
    labels = photo.labels.filter(analysis__model=active_model(Kind.LABELS)).exclude(
        name__in=refused
    )
    return labels.values_list("name", "name_zh")


def _camera(photo: Photo) -> list[str]:
    return [photo.camera_make, photo.camera_model, photo.lens]


def places_of(photo: Photo) -> list[PlaceName]:
    """Where the photo was taken, in both languages, widest first."""
    county = ""
    if photo.latitude is not None and photo.longitude is not None:
        county = find_place(photo.latitude, photo.longitude).county
    return describe_place(
        Place(country=photo.country, region=photo.region, city=photo.city, county=county)
    )


def place_entry(place: PlaceName) -> Entry:
    return Entry(sort=Sort.PLACE, key=place.key, name=place.name, name_zh=place.name_zh)


def local_time(photo: Photo) -> datetime | None:
    """When it was taken, by the clock of the place."""
    if photo.taken_at is None:
        return None
    return photo.taken_at.astimezone(timezone(timedelta(minutes=photo.taken_at_offset)))


def date_words(photo: Photo) -> list[str]:
    """The day in the forms in which people type it, by the clock of the place."""
    day = local_time(photo)
    if day is None:
        return []
    return [
        day.strftime("%Y-%m-%d"),
        day.strftime("%B %b"),
        f"{day.year}年{day.month}月{day.day}日",
    ]
