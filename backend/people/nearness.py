"""Reading who is near whom, through the index of exemplars."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from backend.people.models import Face

# So many faces at most stand for a person, however many there are: enough for every look, few
# enough that meeting a person costs the same in the first year and in the twentieth.
MOST_EXEMPLARS = 16
# So many exemplars are looked at, so that one person's do not hide the next.
NEIGHBOURS = 40
# The people of so many are compared closely.
CANDIDATES = 5
# A person's neighbourhood is seen from so many of its exemplars.
_VIEWPOINTS = 8
# Beyond this a neighbour's person is not worth comparing, whatever the model.
FAR = 0.8
# Counting a crowd costs more than meeting it, and it grows slowly.
_CROWD_SECONDS = 600


@dataclass(frozen=True)
class Neighbour:
    """An exemplar near a face."""

    id: UUID
    photo_id: UUID
    model: str
    person_id: UUID | None
    quality: float
    distance: float


_NEAREST = """
select exemplar.id, exemplar.photo_id, exemplar.model, exemplar.person_id, exemplar.quality,
    exemplar.embedding <=> (select embedding from people_face where id = %(face)s) as distance
from people_face exemplar
where exemplar.exemplar and exemplar.owner_id = %(owner)s and exemplar.model = %(model)s
    and exemplar.photo_id <> %(photo)s
    and (exemplar.person_id is null or exemplar.person_id <> all(array(
        select person_id from people_facerejection where face_id = %(face)s
        union select person_id from people_face
            where photo_id = %(photo)s and model = %(model)s and person_id is not null
        union select %(without)s::uuid where %(without)s is not null
    )))
order by distance limit %(limit)s
"""


def nearest_exemplars(face: Face, *, without: UUID | None = None) -> list[Neighbour]:
    """The nearest of the same owner in other photos, nearest first.

    Without those of people whom the face cannot be: those it was rejected for, those beside it,
    and the one named. Runs inside a transaction.
    """
    with connection.cursor() as cursor:
        # Other owners' faces are in the same index: keep looking until enough are this owner's.
        cursor.execute(
            f"set local hnsw.ef_search = {NEIGHBOURS}; set local hnsw.iterative_scan = strict_order"
        )
        cursor.execute(
            _NEAREST,
            {
                "face": face.id,
                "owner": face.owner_id,
                "model": face.model,
                "photo": face.photo_id,
                "without": without,
                "limit": NEIGHBOURS,
            },
        )
        near = [Neighbour(*row) for row in cursor.fetchall()]
    # A bound in the query would not be used by the index.
    return [one for one in near if one.distance <= FAR]


def neighbourhood(person_id: UUID, *, model: str) -> list[Neighbour]:
    """The nearest exemplars around a person, each once, nearest first. Runs in a transaction."""
    exemplars = Face.objects.filter(person_id=person_id, model=model, exemplar=True)
    viewpoints = list(exemplars.order_by("id"))
    step = max(1, len(viewpoints) // _VIEWPOINTS)
    near: dict[UUID, Neighbour] = {}
    for viewpoint in viewpoints[::step][:_VIEWPOINTS]:
        for one in nearest_exemplars(viewpoint, without=person_id):
            if one.id not in near or one.distance < near[one.id].distance:
                near[one.id] = one
    return sorted(near.values(), key=lambda one: one.distance)


def people_among(neighbours: Iterable[Neighbour], *, most: int = CANDIDATES) -> list[UUID]:
    """The people that the nearest neighbours belong to, nearest first."""
    people = dict.fromkeys(one.person_id for one in neighbours if one.person_id is not None)
    return list(people)[:most]


@dataclass(frozen=True, kw_only=True)
class Link:
    """How far a face is from a person, and how many faces stood for the person."""

    face_id: UUID
    person_id: UUID
    distance: float
    exemplars: int


def links_between(faces: Collection[UUID], people: Collection[UUID]) -> list[Link]:
    """Every face's distance to every person, nearest first.

    It is the mean over the nearer half of the person's exemplars: more than one look must agree,
    and a person may look different in another year.
    """
    if not faces or not people:
        return []
    distances: dict[tuple[UUID, UUID], list[float]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select face.id, exemplar.person_id, face.embedding <=> exemplar.embedding
            from people_face face
            join people_face exemplar on exemplar.model = face.model
                and exemplar.person_id = any(%s) and exemplar.exemplar
            where face.id = any(%s) and exemplar.id <> face.id
            """,
            [list(people), list(faces)],
        )
        for face_id, person_id, distance in cursor.fetchall():
            distances[face_id, person_id].append(distance)
    links = [
        Link(face_id=face_id, person_id=person_id, distance=_nearer_half(far), exemplars=len(far))
        for (face_id, person_id), far in distances.items()
    ]
    return sorted(links, key=lambda link: link.distance)


def _nearer_half(distances: list[float]) -> float:
    nearer = sorted(distances)[: max(3, (len(distances) + 1) // 2)]
    return sum(nearer) / len(nearer)


@dataclass(frozen=True, kw_only=True)
class Kinship:
    """How far one person is from another: the mean over all that stands for both."""

    person_id: UUID
    distance: float
    pairs: int


def kin_of(person_id: UUID, others: Collection[UUID], *, model: str) -> list[Kinship]:
    """The others, nearest first."""
    if not others:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select theirs.person_id, avg(ours.embedding <=> theirs.embedding), count(*)
            from people_face ours
            join people_face theirs on theirs.model = ours.model
                and theirs.person_id = any(%s) and theirs.exemplar
            where ours.person_id = %s and ours.model = %s and ours.exemplar
            group by theirs.person_id order by 2
            """,
            [list(others), person_id, model],
        )
        return [
            Kinship(person_id=other, distance=distance, pairs=pairs)
            for other, distance, pairs in cursor.fetchall()
        ]


def crowd_of(owner_id: UUID, *, model: str) -> int:
    """How many exemplars a new face of the owner's meets, as of some minutes ago."""

    def count() -> int:
        return Face.objects.filter(owner_id=owner_id, model=model, exemplar=True).count()

    return int(cache.get_or_set(f"people:crowd:{owner_id}:{model}", count, _CROWD_SECONDS) or 0)
