"""A library of made-up photos, as large as one likes, written with COPY.

Everything that search reads is there: photos over twenty years in real places, two faces a photo,
labels of the classifier's own names, text on one photo in seven, favourites, tags, meanings, and
the search documents as search.services writes them. Only what search does not read is left out:
renditions, features, most analyses, and embeddings of faces that differ.
"""

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import AutoField, Model
from numpy.typing import NDArray

from backend.accounts.models import User
from backend.analysis.models import Analysis, Label
from backend.core.gazetteer import PlaceName, describe_place
from backend.core.places import Place, find_place
from backend.people.models import Face, Person
from backend.photos.models import Photo, Tag
from backend.photos.timeline import renew_months
from backend.search.keys import date_keys, flag_keys, key_of
from backend.search.models import SearchDocument
from backend.search.services import date_words, index_photo, place_entry
from backend.search.terms import Named, label_entry, learn_terms, person_entry, tag_entry
from backend.search.words import han_tokens, split_han, split_words
from functions.analyzers.labels import read_label_names
from functions.analyzers.photo_meaning import CLASS_MEANINGS
from functions.contract import FACE_DIMENSIONS, MEANING_DIMENSIONS, MODELS, Kind

_POINTS = (
    (30.25, 120.16), (30.17, 120.26), (31.23, 121.47), (39.90, 116.40), (39.98, 116.30),
    (22.54, 114.06), (23.13, 113.26), (30.57, 104.07), (29.56, 106.55), (34.34, 108.94),
    (32.06, 118.79), (31.30, 120.60), (36.07, 120.38), (18.25, 109.50), (25.60, 100.26),
    (26.87, 100.23), (29.65, 91.14), (43.82, 87.62), (45.80, 126.53), (24.48, 118.09),
    (22.28, 114.17), (25.03, 121.56), (35.68, 139.69), (35.01, 135.77), (37.57, 126.98),
    (13.75, 100.50), (1.35, 103.82), (-33.87, 151.21), (48.85, 2.35), (51.51, -0.13),
    (41.90, 12.50), (43.77, 11.25), (43.47, 11.88), (52.52, 13.40), (40.42, -3.70),
    (40.71, -74.01), (37.77, -122.42), (34.05, -118.24), (41.88, -87.63), (-22.91, -43.17),
)  # fmt: skip
_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文博宇轩欣怡梓涵浩然子墨"
_WESTERN = ("Alice", "Bob", "Carol", "David", "Emma", "Frank", "Grace", "Henry")
_TAGS = ("wedding", "graduation", "毕业", "hiking", "年会", "garden", "renovation", "体检")
_DAY_ZERO = datetime(2006, 1, 1, tzinfo=UTC)
_DAYS = 365 * 20
_NAMED_PEOPLE = 300
_WORDS = 5000  # of which the texts on photos are made
_BATCH = 20_000


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the library's photos are found by."""

    people: list[tuple[uuid.UUID, str]]
    labels: list[list[tuple[str, str]]]  # of each class: its own name and the album's words
    places: list[tuple[Place, tuple[float, float], list[PlaceName]]]
    words: list[str]


def fill_library(owner: User, names: Names, numbers: range, *, with_meanings: bool = True) -> None:
    """The owner has a photo more for each number, and two faces for each; search knows them all.

    Indexes are dropped meanwhile and built anew. with_meanings: that of the meanings takes long.
    """
    rng = random.Random(numbers.start)
    indexes = _drop_indexes()
    with connection.cursor() as cursor:
        # The rows fit together: what the foreign keys would check row by row.
        cursor.execute("set session_replication_role = replica")
        for start in range(numbers.start, numbers.stop, _BATCH):
            batch = range(start, min(numbers.stop, start + _BATCH))
            made = _copy_photos(cursor, owner, names, rng, batch)
            if with_meanings:
                _copy_meanings(cursor, made)
        cursor.execute("set session_replication_role = default")
    _build_indexes(indexes)
    _count_months(owner)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _count_months(owner: User) -> None:
    """The timeline is ready, as it is once somebody has looked at it."""
    with connection.cursor() as cursor:
        # What the triggers, which did not run, leave for each photo.
        cursor.execute(
            "insert into photos_stalemonth (owner_id, month) select distinct owner_id,"
            " date_trunc('month', shown_local at time zone 'UTC')::date from photos_photo"
            " where owner_id = %s",
            [owner.id],
        )
    renew_months(owner.id)


def make_names(owner: User, *, photos: int) -> Names:
    """The people, labels and places of a library of so many photos; the owner has them by name."""
    rng = random.Random(1)
    given = [a + b for a in _GIVEN for b in ("", *_GIVEN)]
    people = [rng.choice(_FAMILY) + rng.choice(given) for _ in range(_NAMED_PEOPLE - len(_WESTERN))]
    unnamed = max(100, photos // 20)
    labels = [
        # A class may have the name of one of its album words.
        [(name, zh) for name, zh in {**dict(row.albums), row.name: row.name_zh}.items()][::-1]
        for row in read_label_names()
    ]
    places = []
    for point in _POINTS:
        place = find_place(*point)
        places.append((place, point, describe_place(place)))
    letters = "bcdfghjklmnprstvwz"
    words = [
        "".join(rng.choice(letters) + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))
        for _ in range(_WORDS)
    ]
    names = Names(
        people=[(uuid.uuid4(), name) for name in (*_WESTERN, *people, *[""] * unnamed)],
        labels=labels,
        places=places,
        words=words,
    )
    with connection.cursor() as cursor:
        rows = (f"{person_id}\t{owner.id}\t{name}\n" for person_id, name in names.people)
        _copy(cursor, Person, ["id", "owner_id", "name"], rows)
    learn_terms(owner.id, _terms(names))
    return names


def _terms(names: Names) -> Iterator[Named]:
    for written in names.labels:
        for label in written:
            yield label_entry(*label), ()
    for _, _, described in names.places:
        for place in described:
            yield place_entry(place), place.spellings
    for tag in _TAGS:
        yield tag_entry(tag), ()


# --- COPY


def _copy_photos(
    cursor: Any, owner: User, names: Names, rng: random.Random, numbers: range
) -> "list[_Made]":
    """One batch of photos, and everything that hangs on them but their meanings."""
    made = [_make_photo(names, rng, number) for number in numbers]
    _copy(
        cursor,
        Photo,
        [
            *("id", "owner_id", "filename", "content_type", "size", "sha256", "status"),
            *("taken_at", "taken_at_offset", "latitude", "longitude", "country", "region"),
            *("city", "has_text", "favorite", "width", "height", "created_at", "ticket_at"),
            *("has_renditions", "moderation_verdict", "placeholder"),
        ],
        (
            f"{each.id}\t{owner.id}\t{each.filename}\timage/jpeg\t3000000\t{each.id.hex * 2}"
            f"\tready\t{each.taken_at}\t480\t{each.point[0]}\t{each.point[1]}"
            f"\t{each.place.country}\t{each.place.region}\t{each.place.city}"
            f"\t{bool(each.text)}\t{each.favorite}\t4000\t3000\t{each.taken_at}\t{each.taken_at}"
            f"\tt\tok\t1QcSHQRnh493V4dIh4eXh1h4kJUI\n"
            for each in made
        ),
    )
    model = MODELS[Kind.LABELS][0]
    _copy(
        cursor,
        Analysis,
        ["id", "photo_id", "kind", "model", "state", "queued_at", "due_at"],
        (f"{e.id}\t{e.id}\tlabels\t{model}\tdone\t{e.taken_at}\t{e.taken_at}\n" for e in made),
    )
    _copy(
        cursor,
        Label,
        ["photo_id", "analysis_id", "name", "name_zh", "score"],
        (f"{e.id}\t{e.id}\t{en}\t{zh}\t0.8\n" for e in made for en, zh in e.labels),
    )
    _copy(
        cursor,
        Tag,
        ["photo_id", "name", "created_at"],
        (f"{e.id}\t{e.tag}\t{e.taken_at}\n" for e in made if e.tag),
    )
    faces_model = MODELS[Kind.FACES][0]
    vector = "[" + ",".join(["1"] + ["0"] * (FACE_DIMENSIONS - 1)) + "]"
    _copy(
        cursor,
        Face,
        [
            *("id", "photo_id", "analysis_id", "model", "left", "top", "width", "height"),
            *("score", "quality", "embedding", "person_id", "owner_id"),
        ],
        (
            f"{uuid.uuid4()}\t{e.id}\t{e.id}\t{faces_model}\t{0.1 + 0.4 * place}\t0.1\t0.2\t0.2"
            f"\t0.9\t0.9\t{vector}\t{person_id}\t{owner.id}\n"
            for e in made
            for place, (person_id, _) in enumerate(e.people)
        ),
    )
    documents = (_document(each, owner) for each in made)
    columns = ["photo_id", "owner_id", "shown_local", "words", "indexed_at"]
    _copy(cursor, SearchDocument, columns, documents)
    return made


@dataclass(frozen=True, kw_only=True)
class _Made:
    id: uuid.UUID
    filename: str
    taken_at: datetime
    place: Place
    point: tuple[float, float]
    described: list[PlaceName]
    number: int  # of its class
    labels: list[tuple[str, str]]
    people: list[tuple[uuid.UUID, str]]
    text: list[str]
    tag: str
    favorite: bool


def _make_photo(names: Names, rng: random.Random, number: int) -> _Made:
    place, point, described = names.places[_often_first(rng, len(names.places))]
    kind = _often_first(rng, len(names.labels))
    people = {_often_first(rng, len(names.people)) for _ in range(2)}
    text = rng.choices(names.words, k=rng.randint(2, 12)) if rng.random() < 0.15 else []
    return _Made(
        id=uuid.UUID(int=rng.getrandbits(128)),
        filename=f"IMG_{number:07}.JPG",
        taken_at=_DAY_ZERO + timedelta(seconds=rng.randrange(_DAYS * 86_400)),
        place=place,
        point=point,
        described=described,
        number=kind,
        labels=names.labels[kind],
        people=[names.people[index] for index in sorted(people)],
        text=text,
        tag=rng.choice(_TAGS) if rng.random() < 0.02 else "",
        favorite=rng.random() < 0.02,
    )


def _often_first(rng: random.Random, count: int) -> int:
    """As things are in life: the first of a thousand ten times as often as the tenth."""
    return int(count ** rng.random()) - 1


def _document(made: _Made, owner: User) -> str:
    """The line of COPY of the photo's search document; see search.services.index_photo."""
    photo = Photo(taken_at=made.taken_at, taken_at_offset=480)
    weights = {
        "A": [*(name for _, name in made.people), made.tag],
        "B": [
            made.filename,
            *(name for place in made.described for name in (place.name, place.name_zh)),
            *date_words(photo),
        ],
        "C": made.text,
    }
    places: dict[str, list[str]] = {}
    position = 0
    for weight, parts in weights.items():
        words = split_words("\n".join(parts))
        for token in [*words.latin, *han_tokens(words.han)]:
            position += 1
            places.setdefault(token, []).append(f"{position}{weight}")
    named = split_words("\n".join(name for label in made.labels for name in label))
    for token in [*named.latin, *(pair for run in named.han for pair in split_han(run))]:
        position += 1
        places.setdefault(token, []).append(f"{position}A")
    lexemes = [f"'{token}':{','.join(where)}" for token, where in places.items()]
    entries = [*map(place_entry, made.described), *(label_entry(*name) for name in made.labels)]
    entries += [person_entry(*person) for person in made.people]
    entries += [tag_entry(made.tag)] if made.tag else []
    local = made.taken_at + timedelta(hours=8)
    keys = {key_of(entry) for entry in entries} | set(date_keys(local))
    keys |= set(
        flag_keys(favorite=made.favorite, has_text=bool(made.text), trashed=False, has_people=True)
    )
    lexemes += [f"'{key}'" for key in keys]
    return f"{made.id}\t{owner.id}\t{local}\t{' '.join(lexemes)}\t{made.taken_at}\n"


def _copy_meanings(cursor: Any, made: list[_Made]) -> None:
    """In Postgres's binary form: half a thousand numbers a photo take too long as text."""
    rng = np.random.default_rng(made[0].number)
    classes: NDArray[np.float32] = np.load(CLASS_MEANINGS).astype(np.float32)
    vectors = classes[[each.number for each in made]]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors += rng.normal(scale=0.03, size=vectors.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = np.zeros(
        len(made),
        dtype=[
            *(("fields", ">i2"), ("photo_size", ">i4"), ("photo", "V16")),
            *(("analysis_size", ">i4"), ("analysis", "V16"), ("size", ">i4")),
            *(("dimensions", ">i2"), ("unused", ">i2"), ("meaning", ">f2", MEANING_DIMENSIONS)),
        ],
    )
    rows["fields"], rows["photo_size"], rows["analysis_size"] = 3, 16, 16
    rows["photo"] = rows["analysis"] = np.array([each.id.bytes for each in made], dtype="V16")
    rows["size"], rows["dimensions"] = 4 + 2 * MEANING_DIMENSIONS, MEANING_DIMENSIONS
    rows["meaning"] = vectors
    with cursor.copy(
        "copy analysis_imagefeatures (photo_id, analysis_id, meaning) from stdin (format binary)"
    ) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")


def _copy(cursor: Any, model: type[Model], columns: list[str], lines: Iterable[str]) -> None:
    """The lines are rows; columns that they leave out have what Django would give them."""
    defaults = {}
    for field in model._meta.concrete_fields:
        if field.column in columns or field.generated or isinstance(field, AutoField):
            continue
        value = field.get_default()
        if value is None and not field.null:
            value = _DAY_ZERO  # the moment of writing, which Django itself would fill in
        defaults[field.column] = "\\N" if value is None else str(value)
    quoted = ", ".join(f'"{column}"' for column in [*columns, *defaults])
    tail = "".join(f"\t{value}" for value in defaults.values()) + "\n"
    with cursor.copy(f"copy {model._meta.db_table} ({quoted}) from stdin") as copy:
        for batch in _joined(line[:-1] + tail for line in lines):
            copy.write(batch)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """psycopg sends each piece for itself: few large ones are faster."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == 1000:
            yield "".join(held)
            held.clear()
    yield "".join(held)


_TABLES = (
    *("photos_photo", "photos_tag", "people_person", "people_face", "analysis_analysis"),
    *("analysis_label", "analysis_imagefeatures", "search_searchdocument"),
)
# What search does not ask: other benchmarks build and measure them.
_NOT_ASKED = ("face_exemplar_hnsw", "image_features_hnsw")


def _drop_indexes() -> list[str]:
    """Plain indexes are gone. Returns how to make them."""
    with connection.cursor() as cursor:
        cursor.execute("alter table analysis_imagefeatures alter embedding drop not null")
        cursor.execute(
            "select indexname, indexdef from pg_indexes where tablename = any(%s) and not exists"
            " (select 1 from pg_constraint where conname = indexname)",
            [list(_TABLES)],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'drop index "{name}"')
    return [how for name, how in indexes if name not in _NOT_ASKED]


def _build_indexes(indexes: list[str]) -> None:
    with connection.cursor() as cursor:
        # A graph that does not fit into this is built many times slower.
        cursor.execute("set maintenance_work_mem = '4GB'")
        cursor.execute("set max_parallel_maintenance_workers = 2")
        for how in indexes:
            cursor.execute(how)


def check_documents(owner: User, *, count: int) -> None:
    """The product itself writes the same documents. Raises AssertionError for one that differs."""
    photos = list(Photo.objects.filter(owner=owner)[:count])
    before = _lexemes(photos)
    for photo in photos:
        index_photo(photo)
    after = _lexemes(photos)
    # Text is in no table here, so that the product cannot read it again.
    for photo in photos:
        assert after[photo.id] <= before[photo.id], (before[photo.id], after[photo.id])
        if not photo.has_text:
            assert after[photo.id] == before[photo.id], (before[photo.id], after[photo.id])


def _lexemes(photos: list[Photo]) -> dict[uuid.UUID, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select photo_id, tsvector_to_array(words) from search_searchdocument"
            " where photo_id = any(%s)",
            [[photo.id for photo in photos]],
        )
        return {photo_id: set(words) for photo_id, words in cursor.fetchall()}
