"""Reading people: whose they are, what they look like, how many photos show them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from backend.accounts.models import User
from backend.people.assigning import STARTING_QUALITY
from backend.people.models import Face, Person, Proposal, Regrouping
from backend.photos.models import Photo

# What stands for somebody in a list is not in the trash, and nothing to blur.
_PRESENTABLE = Q(photo__trashed_at__isnull=True) & ~Q(
    photo__moderation_verdict__in=[Photo.Moderation.REVIEW, Photo.Moderation.BLOCKED]
)


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """What a list shows of a person. two_people: the faces fall into two groups."""

    cover: Face | None
    photo_count: int
    two_people: bool


def people_of(user: User) -> QuerySet[Person]:
    """Everybody who appears in the user's photos, those with most faces first."""
    return Person.objects.filter(owner=user).order_by("-face_count", "id")


def people_seen(user: User, *, model: str) -> QuerySet[Person]:
    """Those of them whom the model has seen; somebody stands for each person."""
    seen = Face.objects.filter(person=OuterRef("pk"), model=model, exemplar=True)
    return people_of(user).filter(Exists(seen))


def find_person(user: User, person_id: UUID) -> Person | None:
    """The user's person by an id that they have, or had before they were merged into another."""
    living = people_of(user)
    if person := living.filter(id=person_id).first():
        return person
    (now,) = follow_merges(user, [person_id])
    return living.filter(id=now).first()


def follow_merges(user: User, people: list[UUID]) -> list[UUID]:
    """The same people by the ids that they have now, if they were merged into others."""
    merged = Person.with_merged.filter(owner=user, merged_into__isnull=False)
    while people and (
        into := dict(merged.filter(id__in=people).values_list("id", "merged_into_id"))
    ):
        people = [into.get(each) or each for each in people]
    return people


def faces_of(user: User) -> QuerySet[Face]:
    """Every face in the user's photos, without its vector."""
    return Face.objects.filter(owner=user).select_related("person", "photo").defer("embedding")


def waiting_faces(*, model: str) -> QuerySet[Face]:
    """Everybody's faces that are nobody's yet and good enough to tell whose, without vectors."""
    faces = Face.objects.filter(
        person__isnull=True,
        confirmed=False,
        model=model,
        quality__gte=STARTING_QUALITY,
        photo__trashed_at__isnull=True,
    )
    return faces.select_related("person", "photo").defer("embedding")


def regroupings_of(user: User) -> QuerySet[Regrouping]:
    """The user's merges and splits, the latest first."""
    return Regrouping.objects.filter(owner=user).annotate(moved_count=Count("moved"))


def portraits_of(people: Collection[Person], *, model: str) -> dict[UUID, Portrait]:
    """A portrait of each, in a number of queries that does not grow with the people."""
    ids = [person.id for person in people]
    shown = Face.objects.filter(person__in=ids, model=model, photo__trashed_at__isnull=True)
    counts = dict(shown.values_list("person").annotate(Count("photo", distinct=True)))
    faces = Face.objects.filter(_PRESENTABLE, model=model).select_related("photo", "person")
    faces = faces.defer("embedding")
    chosen = {
        face.person_id: face
        for face in faces.filter(id__in=[person.cover_id for person in people if person.cover_id])
    }
    # Those who stand for a person are few, so the best of them is found quickly.
    best = faces.filter(person__in=ids, exemplar=True).order_by("person", "-quality", "id")
    covers = {face.person_id: face for face in best.distinct("person")} | chosen
    split = set(
        Proposal.objects.filter(
            person__in=ids, kind=Proposal.Kind.SPLIT, declined_at_count__isnull=True
        ).values_list("person_id", flat=True)
    )
    return {
        id_: Portrait(
            cover=covers.get(id_), photo_count=counts.get(id_, 0), two_people=id_ in split
        )
        for id_ in ids
    }
