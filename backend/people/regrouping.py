"""Merging two people and splitting one: a call each, on record, and undone exactly."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.people.holding import hold_people
from backend.people.models import (
    Distinction,
    Face,
    FaceRejection,
    MovedFace,
    Person,
    Proposal,
    Regrouping,
)
from backend.people.naming import clean_name
from backend.photos.models import Photo
from backend.photos.services import renew_search

_BATCH = 2000


@transaction.atomic
def merge_people(source: Person, target: Person, *, made_by: User | None) -> Regrouping:
    """Every face of the source is the target's; who was rejected for one is rejected for both.

    A face that was rejected for the other one waits. An unnamed target takes over the name.
    made_by: None for the nightly pass. Raises RefusedError: not_found, merge_with_self,
    people_share_photos (in one photo they are two), contradiction (a face is one of them and is
    not the other, by somebody's word).
    """
    if source.id == target.id:
        raise RefusedError("merge_with_self", status=400)
    hold_people(target.owner_id)
    source, target = _living(source), _living(target)
    faces = _hold_faces([source.id, target.id])
    if shared := _count_shared_photos(source, target):
        raise RefusedError("people_share_photos", status=409, count=shared)
    kept_out = faces.filter(
        Q(person=source, rejections__person=target) | Q(person=target, rejections__person=source)
    )
    if kept_out.filter(confirmed=True).exists():
        raise RefusedError("contradiction", status=409)
    made = Regrouping.objects.create(
        owner_id=target.owner_id,
        kind=Regrouping.Kind.MERGE,
        made_by=made_by,
        source=source,
        target=target,
        name_taken="" if target.name else source.name,
    )
    kept_out_ids = list(kept_out.values_list("id", flat=True))
    _log(made, faces.filter(Q(person=source) | Q(id__in=kept_out_ids)))
    _copy_words(source, target, made)
    Face.objects.filter(id__in=kept_out_ids).update(person=None, confirmed=False)
    Face.objects.filter(person=source).update(person=target)
    Proposal.objects.filter(Q(person=source) | Q(other=source)).delete()
    source.merged_into = target
    source.save(update_fields=["merged_into"])
    if made.name_taken:
        target.name = made.name_taken
        target.save(update_fields=["name"])
    _renew(made, also=target if made.name_taken else None)
    return made


@transaction.atomic
def split_person(
    person: Person, face_ids: Collection[UUID], *, made_by: User | None, name: str = ""
) -> Regrouping:
    """The faces are somebody else's, a new person with the name; the two are told apart.

    Raises RefusedError: not_found, not_their_face, nothing_to_split (none of the faces, or all).
    """
    hold_people(person.owner_id)
    person = _living(person)
    faces = _hold_faces([person.id]).filter(id__in=face_ids)
    count = faces.count()
    if count < len(set(face_ids)):
        raise RefusedError("not_their_face", status=409)
    if count in (0, Face.objects.filter(person=person).count()):
        raise RefusedError("nothing_to_split", status=409)
    target = Person.objects.create(
        owner_id=person.owner_id, name=clean_name(name), hidden=person.hidden
    )
    made = Regrouping.objects.create(
        owner_id=person.owner_id,
        kind=Regrouping.Kind.SPLIT,
        made_by=made_by,
        source=person,
        target=target,
        name_taken=target.name,
    )
    _log(made, faces)
    ids = list(faces.values_list("id", flat=True))
    Person.objects.filter(id=person.id, cover_id__in=ids).update(cover=None)
    Face.objects.filter(id__in=ids).update(person=target)
    FaceRejection.objects.bulk_create(
        [FaceRejection(face_id=face_id, person=person, regrouping=made) for face_id in ids],
        ignore_conflicts=True,
        batch_size=_BATCH,
    )
    first, second = sorted((person.id, target.id))
    Distinction.objects.create(first_id=first, second_id=second, regrouping=made)
    Proposal.objects.filter(person=person).delete()
    _renew(made)
    return made


@transaction.atomic
def undo_regrouping(made: Regrouping, *, undone_by: User) -> Regrouping:
    """Faces, people, names and words are as they were before, but for what was said since.

    A face that somebody has confirmed or rejected since stays where they put it; one that came
    by itself since waits, and finds its person anew. Raises RefusedError: already_undone,
    undo_newest_first.
    """
    hold_people(made.owner_id)
    made = Regrouping.objects.select_for_update().get(id=made.id)
    if made.undone_at is not None:
        raise RefusedError("already_undone", status=409)
    both = [made.source_id, made.target_id]
    later = Regrouping.objects.filter(id__gt=made.id, undone_at__isnull=True)
    if later.filter(Q(source_id__in=both) | Q(target_id__in=both)).exists():
        raise RefusedError("undo_newest_first", status=409)
    _hold_faces(both)
    _take_words_back(made)
    _free_what_came_since(made)
    _return_faces(made)
    if made.kind == Regrouping.Kind.MERGE:
        Person.with_merged.filter(id=made.source_id).update(merged_into=None, changed=True)
        if made.name_taken:
            Person.objects.filter(id=made.target_id, name=made.name_taken).update(name="")
    elif not made.target.faces.exists():
        # Nobody is left of whom the split made; the record still names them.
        Person.objects.filter(id=made.target_id, name=made.name_taken).update(
            merged_into=made.source
        )
    made.undone_by, made.undone_at = undone_by, timezone.now()
    made.save(update_fields=["undone_by", "undone_at"])
    _renew(made, also=made.target)
    return made


def _living(person: Person) -> Person:
    found = Person.objects.select_for_update().filter(id=person.id).first()
    if found is None:
        raise RefusedError("not_found", status=404)
    return found


def _hold_faces(people: list[UUID]) -> QuerySet[Face]:
    """The people's faces; no result for their photos comes until this transaction ends."""
    faces = Face.objects.filter(person_id__in=people)
    photos = Photo.objects.filter(id__in=faces.values("photo_id")).order_by("id")
    list(photos.select_for_update().values_list("id", flat=True))
    return faces


def _count_shared_photos(first: Person, second: Person) -> int:
    beside = Face.objects.filter(person=second, photo=OuterRef("photo"), model=OuterRef("model"))
    return Face.objects.filter(Exists(beside), person=first).count()


def _log(made: Regrouping, faces: QuerySet[Face]) -> None:
    rows = faces.distinct().values_list("id", "person_id", "confirmed")
    MovedFace.objects.bulk_create(
        [
            MovedFace(regrouping=made, face_id=face_id, origin_id=origin_id, confirmed=confirmed)
            for face_id, origin_id, confirmed in rows
            if origin_id is not None
        ],
        batch_size=_BATCH,
    )


def _copy_words(source: Person, target: Person, made: Regrouping) -> None:
    """What was said not to be the source is not the target either."""
    FaceRejection.objects.bulk_create(
        [
            FaceRejection(face_id=face_id, person=target, regrouping=made)
            for face_id in source.rejections.values_list("face_id", flat=True)
        ],
        ignore_conflicts=True,
        batch_size=_BATCH,
    )
    pairs = []
    for distinction in Distinction.objects.filter(Q(first=source) | Q(second=source)):
        other = {distinction.first_id, distinction.second_id} - {source.id}
        first, second = sorted((target.id, *other))
        if first != second:
            pairs.append(Distinction(first_id=first, second_id=second, regrouping=made))
    Distinction.objects.bulk_create(pairs, ignore_conflicts=True)


def _take_words_back(made: Regrouping) -> None:
    """The regrouping's own words go; what was said of the target since holds for both."""
    FaceRejection.objects.filter(regrouping=made).delete()
    Distinction.objects.filter(regrouping=made).delete()
    since = FaceRejection.objects.filter(
        person_id=made.target_id, regrouping__isnull=True, created_at__gt=made.made_at
    )
    FaceRejection.objects.bulk_create(
        [
            FaceRejection(face_id=face_id, person_id=made.source_id)
            for face_id in since.values_list("face_id", flat=True)
        ],
        ignore_conflicts=True,
        batch_size=_BATCH,
    )


def _free_what_came_since(made: Regrouping) -> None:
    came = Face.objects.filter(
        person_id=made.target_id, confirmed=False, assigned_at__gt=made.made_at
    ).exclude(moves__regrouping=made)
    photos = list(came.values_list("photo_id", flat=True))
    came.update(person=None)
    Photo.objects.filter(id__in=photos).update(people_stale=True)


def _return_faces(made: Regrouping) -> None:
    """Each moved face is back with whom it was, unless somebody has spoken since."""
    rejected = FaceRejection.objects.filter(face=OuterRef("face"), person=OuterRef("origin"))
    returning = made.moved.filter(~Exists(rejected)).exclude(face__confirmed=True, confirmed=False)
    # Who came to a seat meanwhile makes room, unless somebody has put them there.
    for in_seat in Face.objects.filter(
        Exists(
            returning.filter(
                face__photo=OuterRef("photo"),
                face__model=OuterRef("model"),
                origin=OuterRef("person"),
            ).exclude(face=OuterRef("pk"))
        )
    ):
        if in_seat.confirmed:
            returning = returning.exclude(
                face__photo=in_seat.photo_id, face__model=in_seat.model, origin=in_seat.person_id
            )
        else:
            Face.objects.filter(id=in_seat.id).update(person=None)
    moves = list(returning.values_list("face_id", "origin_id", "confirmed"))
    for origin_id, confirmed in {move[1:] for move in moves}:
        ids = [move[0] for move in moves if move[1:] == (origin_id, confirmed)]
        Face.objects.filter(id__in=ids).update(person_id=origin_id, confirmed=confirmed)


def _renew(made: Regrouping, *, also: Person | None = None) -> None:
    """Search learns of every photo that is concerned."""
    concerned = Q(faces__moves__regrouping=made)
    if also is not None:
        concerned |= Q(faces__person=also)
    photos = Photo.objects.filter(concerned).values("id")
    renew_search(Photo.objects.filter(id__in=photos))
