"""What is worth asking somebody: are these two one, is this face theirs, is this one two?"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.people.assigning import refused_faces
from backend.people.distances import Distances, distances_among
from backend.people.groups import TwoGroups, find_two_groups
from backend.people.models import Distinction, Face, FaceRejection, Person, Proposal
from backend.people.naming import tell_apart
from backend.people.nearness import (
    Neighbour,
    crowd_of,
    kin_of,
    links_between,
    neighbourhood,
    people_among,
)

_KIN = 10
_FACES = 20


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One question about a person. settles: how many faces one answer puts in their place.

    kind: person (is this one also the person?), face (is this face theirs?), split (are these
    groups two people?).
    """

    kind: str
    settles: int
    distance: float
    person: Person | None = None
    face_id: UUID | None = None
    groups: TwoGroups | None = None


def may_be_one(person: Person, other: Person) -> bool:
    """False if somebody said that they are two, or a photo shows both."""
    return not surely_others(person, [other.id])


def surely_others(person: Person, others: Collection[UUID]) -> set[UUID]:
    """Of the others those who are not the person: somebody said so, or a photo shows both."""
    told = Distinction.objects.filter(
        Q(first=person, second__in=others) | Q(second=person, first__in=others)
    ).values_list("first_id", "second_id")
    beside = Face.objects.filter(person=person, photo=OuterRef("photo"), model=OuterRef("model"))
    seen = Face.objects.filter(Exists(beside), person__in=others).values_list("person_id")
    rejected = FaceRejection.objects.filter(
        Q(face__person=person, person__in=others) | Q(face__person__in=others, person=person)
    ).values_list("face__person_id", "person_id")
    found = {each for row in (*told, *seen.distinct(), *rejected) for each in row}
    return found & set(others)


@transaction.atomic
def suggest(person: Person, *, model: str) -> list[Suggestion]:
    """The questions about a person, those first whose answers settle most."""
    limits = distances_among(crowd_of(person.owner_id, model=model), model=model, night=True)
    near = neighbourhood(person.id, model=model)
    found = [
        *_people_to_ask(person, near, limits, model=model),
        *_faces_to_ask(person, near, limits),
    ]
    if not _split_declined(person) and (groups := find_two_groups(person, model=model)):
        found.append(
            Suggestion(
                kind="split",
                settles=len(groups.second),
                distance=groups.distance,
                groups=groups,
            )
        )
    return sorted(found, key=lambda one: (-one.settles, one.distance))


def propose(person: Person, limits: Distances, *, model: str) -> int:
    """What is worth asking about the person is on record, in place of what was. Returns how many.

    Single faces are asked about on the person's own page only.
    """
    Proposal.objects.filter(Q(person=person) | Q(other=person), kind=Proposal.Kind.MERGE).delete()
    near = neighbourhood(person.id, model=model)
    rows = []
    for one in _people_to_ask(person, near, limits, model=model):
        if one.person is not None:
            # The one with fewer faces would go.
            fewer, more = sorted((one.person, person), key=lambda each: each.face_count)
            rows.append(
                Proposal(
                    owner_id=person.owner_id,
                    kind=Proposal.Kind.MERGE,
                    person=fewer,
                    other=more,
                    distance=one.distance,
                    settles=fewer.face_count,
                )
            )
    if not _split_declined(person):
        Proposal.objects.filter(person=person, kind=Proposal.Kind.SPLIT).delete()
        if groups := find_two_groups(person, model=model):
            rows.append(
                Proposal(
                    owner_id=person.owner_id,
                    kind=Proposal.Kind.SPLIT,
                    person=person,
                    distance=groups.distance,
                    settles=len(groups.second),
                )
            )
    Proposal.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def decline(proposal: Proposal) -> None:
    """The answer is no: two people stay two, and one stays one until it has grown a good deal."""
    if proposal.kind == Proposal.Kind.MERGE and proposal.other is not None:
        tell_apart(proposal.person, proposal.other)
    else:
        decline_split(proposal.person)


@transaction.atomic
def decline_split(person: Person) -> None:
    """The person is one, however different the faces; asked again when there are twice as many."""
    Proposal.objects.update_or_create(
        owner_id=person.owner_id,
        person=person,
        other=None,
        kind=Proposal.Kind.SPLIT,
        defaults={"declined_at_count": _photo_count(person), "distance": 0, "settles": 0},
    )


def _photo_count(person: Person) -> int:
    """However many models have seen the person there."""
    return person.faces.values("photo").distinct().count()


def _split_declined(person: Person) -> bool:
    declined = Proposal.objects.filter(
        person=person, kind=Proposal.Kind.SPLIT, declined_at_count__gt=_photo_count(person) // 2
    )
    return declined.exists()


def _people_to_ask(
    person: Person, near: list[Neighbour], limits: Distances, *, model: str
) -> Iterable[Suggestion]:
    kin = kin_of(person.id, people_among(near, most=_KIN), model=model)
    known = Person.objects.in_bulk([one.person_id for one in kin])
    refused = surely_others(person, known)
    for one in kin:
        other = known.get(one.person_id)
        if one.distance > limits.ask or other is None or other.hidden:
            continue
        if other.id not in refused:
            yield Suggestion(
                kind="person", settles=other.face_count, distance=one.distance, person=other
            )


def _faces_to_ask(person: Person, near: list[Neighbour], limits: Distances) -> Iterable[Suggestion]:
    waiting = [one for one in near if one.person_id is None][:_FACES]
    kept_out = refused_faces(person.id, waiting)
    for link in links_between([one.id for one in waiting], [person.id]):
        if link.distance <= limits.ask and link.face_id not in kept_out:
            yield Suggestion(kind="face", settles=1, distance=link.distance, face_id=link.face_id)


def proposals_of(owner_id: UUID) -> QuerySet[Proposal]:
    """What the nightly pass would ask the owner, what settles most first."""
    open_ones = Proposal.objects.filter(
        owner_id=owner_id, declined_at_count__isnull=True, person__hidden=False
    )
    return (
        open_ones.filter(Q(other__isnull=True) | Q(other__hidden=False))
        .select_related("person", "other")
        .order_by("-settles", "id")
    )
