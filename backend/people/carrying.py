"""Another model looks for faces from now on: who people are does not begin anew."""

from uuid import UUID

from django.db import connection, transaction

from backend.people.holding import hold_people
from backend.people.models import Face, FaceRejection, MovedFace, Person
from backend.people.recording import SAME_FACE_OVERLAP, overlapping
from backend.people.restoring import restore_face
from backend.photos.models import Photo


@transaction.atomic
def carry_people(photo_id: UUID, *, former: str, model: str) -> None:
    """The model's faces are with the people with whom the former model's in their place are.

    All that was said of those is said of these, and can be undone as there: people judge what they
    are shown, which is what the former model found. Faces that it did not find keep what was said
    of them, or wait and are assigned like new ones. Nothing is looked for or compared, so that no
    consent is asked for. Safe to run again.
    """
    photos = Photo.objects.filter(id=photo_id).select_related("owner")
    for owner_id in photos.values_list("owner_id", flat=True):
        hold_people(owner_id)
    photo = photos.select_for_update(of=("self",)).first()
    if photo is None:
        return
    faces = list(Face.objects.filter(photo=photo).select_related("person").order_by("id"))
    told = [face for face in faces if face.model == former]
    mine = [face for face in faces if face.model == model]
    # The nearest of both: two never follow one.
    pairs = [
        (face, one)
        for face in mine
        if (one := overlapping(told, face)) is not None and overlapping(mine, one) is face
    ]
    moving = [(face, one) for face, one in pairs if _differs(face, one)]
    # First all make room: two may have changed places.
    Face.objects.filter(id__in=[face.id for face, _ in moving]).update(
        person=None, confirmed=False, exemplar=True
    )
    for face, one in moving:
        face.person, face.confirmed = None, False
        if one.person is not None:
            if one.confirmed:
                face.rejections.filter(person=one.person).delete()
            restore_face(face, one.person, confirmed=one.confirmed)
        # Undoing a merge asks who came since, and a fair sample stands for each person.
        Face.objects.filter(id=face.id, person=one.person_id).update(
            assigned_at=one.assigned_at, exemplar=one.exemplar
        )
    for face, one in pairs:
        _copy_words(face, one)
        Person.objects.filter(cover=one, faces=face).update(cover=face)


def _differs(face: Face, told: Face) -> bool:
    if told.person_id is not None:
        return (face.person_id, face.confirmed) != (told.person_id, told.confirmed)
    # It waits: a guess gives way, and a word only to a later one.
    is_rejected = told.rejections.filter(person=face.person_id).exists()
    return face.person_id is not None and (is_rejected or not face.confirmed)


def _copy_words(face: Face, told: Face) -> None:
    """With the regroupings that they belong to, so that undoing one undoes it here as well."""
    FaceRejection.objects.bulk_create(
        [
            FaceRejection(
                face=face,
                person_id=each.person_id,
                regrouping_id=each.regrouping_id,
                created_at=each.created_at,
            )
            for each in told.rejections.all()
        ],
        ignore_conflicts=True,
    )
    MovedFace.objects.bulk_create(
        [
            MovedFace(
                regrouping_id=each.regrouping_id,
                face=face,
                origin_id=each.origin_id,
                confirmed=each.confirmed,
            )
            for each in told.moves.all()
        ],
        ignore_conflicts=True,
    )


def photos_that_differ(*, former: str, model: str, limit: int) -> list[UUID]:
    """Photos in which the model's faces are not with whom the former model's in their place are."""
    values: dict[str, str | float] = {
        "former": former,
        "model": model,
        "overlap": SAME_FACE_OVERLAP,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, values)
        return [photo_id for (photo_id,) in cursor.fetchall()]


_BOTH = """(
    greatest(0, least(told."left" + told.width, face."left" + face.width)
        - greatest(told."left", face."left"))
    * greatest(0, least(told.top + told.height, face.top + face.height)
        - greatest(told.top, face.top))
)"""
_DIFFERENT = f"""
    select distinct told.photo_id
    from people_face told
    join people_face face on face.photo_id = told.photo_id and face.model = %(model)s
    where told.model = %(former)s
        and (exists (
            select from people_facerejection no where no.face_id = told.id and not exists (
                select from people_facerejection said
                where said.face_id = face.id and said.person_id = no.person_id)
        ) or case when told.person_id is null then exists (
            select from people_facerejection no
            where no.face_id = told.id and no.person_id = face.person_id
        ) else (face.person_id, face.confirmed) is distinct from (told.person_id, told.confirmed)
        end)
        and {_BOTH} >= %(overlap)s
            * (told.width * told.height + face.width * face.height - {_BOTH})
    limit %(limit)s
"""  # noqa: S608 - no value is part of it
