"""The nightly pass: what waited is looked at again, and people who are one are put together."""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.people.assigning import let_follow, place_face, renew_exemplars
from backend.people.distances import Distances, distances_among
from backend.people.holding import hold_people
from backend.people.models import Face, Person, Regrouping
from backend.people.nearness import Kinship, crowd_of, kin_of, neighbourhood, people_among
from backend.people.proposing import may_be_one, propose
from backend.people.regrouping import merge_people

logger = logging.getLogger(__name__)

# What came in the last days is looked at again each night, the rest once a week: near whatever
# has changed it is looked at anyway.
_NEW_DAYS = 2
_WEEK = 7
# One person takes in so many others a night; the rest waits for the next one.
_MOST_MERGES = 50
# After so many failures it is the library that ails: the rest of it waits for the next night.
_MOST_FAILURES = 20
_KIN = 10
_ROUNDS = 5


def mend_people(*, model: str, owner: User | None = None) -> dict[str, int]:
    """What waited is with its person if there is one now; people who are surely one are merged.

    What is less sure, or concerns two names, is proposed. Every merge is on record and can be
    undone. Returns how many faces were placed, people merged and proposals made, and how much
    failed: each failure is told in the log, and stops no other face, person or library. Each step
    is a transaction of its own, so uploads go on meanwhile. Safe to run again, or twice at once.
    """
    owners = User.objects.filter(face_analysis=True)
    owners = owners.filter(id=owner.id) if owner else owners
    done = Counter(placed=0, merged=0, proposed=0, failed=0)
    for owner_id in list(owners.values_list("id", flat=True)):
        with _apart(done, f"the library of {owner_id}"):
            done.update(_mend_library(owner_id, model=model))
    return dict(done)


def _mend_library(owner_id: UUID, *, model: str) -> Counter[str]:
    done: Counter[str] = Counter()
    limits = distances_among(crowd_of(owner_id, model=model), model=model, night=True)
    for face_id in list(_waiting(owner_id, model=model)):
        with _apart(done, f"face {face_id}"):
            done["placed"] += _place_again(owner_id, face_id, limits)
        if done["failed"] == _MOST_FAILURES:
            return done
    changed = Person.objects.filter(owner=owner_id, changed=True).order_by("-face_count", "id")
    for person_id in list(changed.values_list("id", flat=True)):
        with _apart(done, f"person {person_id}"):
            _mend_person(owner_id, person_id, limits, model=model, done=done)
        if done["failed"] == _MOST_FAILURES:
            return done
    return done


@contextlib.contextmanager
def _apart(done: Counter[str], what: str) -> Iterator[None]:
    """What fails inside is told and counted, and goes no further, unless the database is away."""
    try:
        yield
    except Exception:
        if not connection.is_usable():
            raise
        logger.exception("%s cannot be mended", what)
        done["failed"] += 1


def _waiting(owner_id: UUID, *, model: str) -> Iterator[UUID]:
    faces = Face.objects.filter(
        owner_id=owner_id, model=model, person__isnull=True, confirmed=False
    ).order_by("id")
    now = timezone.now()
    # Ids begin with the time, in ms, at which the face was found.
    recent = int(now.timestamp() - _NEW_DAYS * 24 * 3600) * 1000 << 80
    turn = now.date().toordinal() % _WEEK
    for face_id in faces.values_list("id", flat=True).iterator():
        if face_id.int >= recent or face_id.int % _WEEK == turn:
            yield face_id


@transaction.atomic
def _place_again(owner_id: UUID, face_id: UUID, limits: Distances) -> bool:
    hold_people(owner_id)
    face = Face.objects.filter(id=face_id, person__isnull=True, confirmed=False).first()
    return face is not None and place_face(face, limits) is not None


def _mend_person(
    owner_id: UUID, person_id: UUID, limits: Distances, *, model: str, done: Counter[str]
) -> None:
    for _ in range(_MOST_MERGES):
        with transaction.atomic():
            hold_people(owner_id)
            person = Person.objects.filter(id=person_id).first()
            if person is None:
                return  # merged into one that was visited before
            made = _take_in(person, limits, model=model, done=done)
            if made is None:
                done["proposed"] += propose(person, limits, model=model)
                Person.objects.filter(id=person_id).update(changed=False)
                return
            person_id = made.target_id
            done["merged"] += 1


def _take_in(
    person: Person, limits: Distances, *, model: str, done: Counter[str]
) -> Regrouping | None:
    """What waits near the person has joined it, and the nearest that is surely the same is one
    with it: then the merge, else None."""
    renew_exemplars(person.id, model=model)
    near = neighbourhood(person.id, model=model)
    for _ in range(_ROUNDS):
        joined = let_follow(person.id, near, limits)
        done["placed"] += joined
        if not joined:
            break
        near = neighbourhood(person.id, model=model)
    for kin in kin_of(person.id, people_among(near, most=_KIN), model=model):
        if not _is_near_enough(kin, limits):
            continue
        other = Person.objects.get(id=kin.person_id)
        if (person.name and other.name) or not may_be_one(person, other):
            continue
        # A name is a person's word; else the larger one stays.
        kept = max(person, other, key=lambda one: (bool(one.name), one.hidden, one.face_count))
        gone = other if kept == person else person
        return merge_people(gone, kept, made_by=None)
    return None


def _is_near_enough(kin: Kinship, limits: Distances) -> bool:
    """One or two looks on either side say less than many."""
    return kin.distance <= (limits.merge if kin.pairs >= 6 else limits.few)
