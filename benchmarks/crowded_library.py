"""Libraries of any size full of faces that nobody has: rows by COPY, alike as real faces are."""

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from backend.accounts.models import User
from backend.people.nearness import MOST_EXEMPLARS
from backend.photos.models import Photo
from functions.contract import FACE_DIMENSIONS, MODELS, Kind

MODEL = MODELS[Kind.FACES][0]
FACES_A_PHOTO = 2
PHOTOS_A_PERSON = 100
STRANGERS = 0.3  # of all faces: alone, they wait
# Two faces of one person are then .4 apart, as the median of LFW and East Asian pairs is.
SPREAD = 0.82
BATCH = 100_000
_FIRST_MS = 1_700_000_000_000

_SIDES = ("left", "top", "width", "height")

Vectors = NDArray[np.float32]
Counts = Counter[int]
Field = tuple[str, str, NDArray[Any]]  # column, type of numpy's, values


@dataclass(frozen=True, kw_only=True)
class CrowdedLibrary:
    """An owner, and what the owner's people look like: float32[n, d], unit length."""

    owner: User
    looks: Vectors


@dataclass(frozen=True, kw_only=True)
class _Ids:
    people: NDArray[np.void]
    photos: NDArray[np.void]


def add_crowded_library(*, photos: int) -> CrowdedLibrary:
    """An owner with so many photos and twice as many faces, gathered as the product leaves them.

    For a database of a benchmark's own: constraints are not checked, and the index of exemplars
    is built anew at the end.
    """
    owner = User.objects.create_user(f"crowded-{photos}-{uuid.uuid4().hex[:6]}", password=None)
    chance = np.random.default_rng(photos)
    people = photos // PHOTOS_A_PERSON
    looks = _unit(chance.standard_normal((people, FACE_DIMENSIONS), dtype=np.float32))
    library = CrowdedLibrary(owner=owner, looks=looks)
    ids = _Ids(people=_new_ids(people, chance), photos=_new_ids(photos, chance))
    seen: Counts = Counter()
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = 'face_exemplar_hnsw'")
        (definition,) = cursor.fetchone()
        cursor.execute("drop index face_exemplar_hnsw")
        cursor.execute("set session_replication_role = replica")
        _add_photos(cursor, owner, ids.photos)
        cursor.execute("create temporary table new_ids (id uuid)")
        _copy(cursor, "new_ids", [("id", "V16", ids.people)])
        cursor.execute(
            "insert into people_person (id, owner_id, name, hidden, created_at, changed)"
            " select id, %s, '', false, now(), false from new_ids",
            [owner.id],
        )
        cursor.execute("drop table new_ids")
        for first in range(0, photos * FACES_A_PHOTO, BATCH):
            count = min(BATCH, photos * FACES_A_PHOTO - first)
            _add_faces(cursor, library, ids, first=first, count=count, seen=seen)
        cursor.execute(
            "update people_person person set face_count = counted.n from (select person_id,"
            " count(*) n from people_face where owner_id = %s group by 1) counted"
            " where counted.person_id = person.id",
            [owner.id],
        )
        cursor.execute("set session_replication_role = origin")
        # What the index needs at once; a smaller limit builds it several times slower.
        cursor.execute("set maintenance_work_mem = '2GB'")
        cursor.execute(definition)
        for table in ("photos_photo", "people_person", "people_face"):
            cursor.execute(f"vacuum analyze {table}")
    return library


def faces_like(looks: Vectors, chance: np.random.Generator) -> Vectors:
    """A face of each."""
    noise = _unit(chance.standard_normal(looks.shape, dtype=np.float32))
    return _unit(looks + SPREAD * noise)


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _new_ids(count: int, chance: np.random.Generator) -> NDArray[np.void]:
    """UUIDv7s in order of time."""
    ids = np.frombuffer(chance.bytes(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    moments = (_FIRST_MS + np.arange(count, dtype=">u8")).astype(">u8")
    ids[:, :6] = moments.view(np.uint8).reshape(count, 8)[:, 2:]
    ids[:, 6] = 0x70 | (ids[:, 6] & 0x0F)
    ids[:, 8] = 0x80 | (ids[:, 8] & 0x3F)
    return ids.view("V16")[:, 0]


def _add_photos(cursor: Any, owner: User, ids: NDArray[np.void]) -> None:
    """Copies of one photo, each with an id and bytes of its own."""
    template = Photo.objects.create(
        owner=owner, filename="IMG_0001.jpg", content_type="image/jpeg", size=3_000_000,
        sha256="0" * 64, status=Photo.Status.READY, has_renditions=True,
    )  # fmt: skip
    columns = [str(each.column) for each in Photo._meta.concrete_fields if not each.generated]
    values = {"id": "new_ids.id", "sha256": "encode(sha256(new_ids.id::text::bytea), 'hex')"}
    chosen = ", ".join(values.get(column, f"photos_photo.{column}") for column in columns)
    cursor.execute("create temporary table new_ids (id uuid)")
    _copy(cursor, "new_ids", [("id", "V16", ids)])
    cursor.execute(
        f"insert into photos_photo ({', '.join(columns)}) select {chosen}"
        f" from new_ids, photos_photo where photos_photo.id = '{template.id}'"
    )
    cursor.execute("drop table new_ids")
    template.delete()


def _add_faces(
    cursor: Any, library: CrowdedLibrary, ids: "_Ids", *, first: int, count: int, seen: Counts
) -> None:
    """The next faces in order. seen: how many faces each person has; of each the first stand for
    the person, as many as may."""
    people = len(library.looks)
    chance = np.random.default_rng([people, first])
    numbers = np.arange(first, first + count)
    # Some people are in many photos, most in few; and nobody is twice in one photo.
    turn = (people // 2 * chance.random(count) ** 2).astype(int)
    person = turn + people // 2 * (numbers % FACES_A_PHOTO)
    strange = chance.random(count) < STRANGERS
    vectors = faces_like(library.looks[person], chance)
    vectors[strange] = _unit(chance.standard_normal((strange.sum(), FACE_DIMENSIONS), np.float32))
    known = np.flatnonzero(~strange)
    exemplar = np.ones(count, dtype=bool)
    for place in known.tolist():
        seen[person[place]] += 1
        exemplar[place] = seen[person[place]] <= MOST_EXEMPLARS
    face_ids = _new_ids(count, chance)
    embeddings = np.zeros(count, dtype=[("head", ">i2", 2), ("numbers", ">f2", FACE_DIMENSIONS)])
    embeddings["head"] = [FACE_DIMENSIONS, 0]
    embeddings["numbers"] = vectors
    halfvec = f"V{embeddings.itemsize}"
    owner = np.full(count, np.void(library.owner.id.bytes))
    for chosen, belongs in ((known, True), (np.flatnonzero(strange), False)):
        fields: list[Field] = [
            ("id", "V16", face_ids[chosen]),
            ("photo_id", "V16", ids.photos[numbers[chosen] // FACES_A_PHOTO]),
            ("analysis_id", "V16", face_ids[chosen]),
            ("owner_id", "V16", owner[chosen]),
            ("model", f"S{len(MODEL)}", np.full(len(chosen), MODEL.encode())),
            *((name, ">f8", np.full(len(chosen), 0.25)) for name in _SIDES),
            *((name, ">f8", np.full(len(chosen), 0.9)) for name in ("score", "quality")),
            ("embedding", halfvec, embeddings[chosen].view(halfvec)),
            ("confirmed", "?", np.zeros(len(chosen), dtype=bool)),
            ("exemplar", "?", exemplar[chosen]),
        ]
        if belongs:
            fields.append(("person_id", "V16", ids.people[person[chosen]]))
        _copy(cursor, "people_face", fields)


def _copy(cursor: Any, table: str, fields: list[Field]) -> None:
    """By Postgres's binary format, in which every field here has a fixed length."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind, _ in fields:
        layout += [(f"{name} length", ">i4"), (name, kind)]
    rows = np.zeros(len(fields[0][2]), dtype=layout)
    rows["fields"] = len(fields)
    for name, kind, values in fields:
        rows[f"{name} length"] = np.dtype(kind).itemsize
        rows[name] = values
    columns = ", ".join(f'"{name}"' for name, _, _ in fields)
    with cursor.copy(f"copy {table} ({columns}) from stdin (format binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
        copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
