"""What members do in albums: written down, told to the others, read."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.accounts.models import User
from backend.albums.models import Activity, Album, AlbumPhoto, Member
from backend.albums.selectors import albums_of, photos_in, visible_photos
from backend.events.models import Event
from backend.events.services import tell, tell_all
from backend.friends.selectors import not_apart

# Photos that one after the other come from a phone are one thing that somebody does.
TOGETHER = timedelta(hours=1)
# How far back the activity of all albums together goes.
RECENT = timedelta(days=30)

Kind = Activity.Kind


def note(album: Album, actor: User, kind: Activity.Kind, **what: object) -> Activity:
    """It is written down, and the album's other members are told.

    what: photo and comment, or photo and like. Of a like only the photo's owner is told.
    """
    activity = Activity.objects.create(album=album, actor=actor, kind=kind, **what)
    others = _others(album, actor)
    if activity.like is not None and activity.photo is not None:
        others = others.filter(id=activity.photo.owner_id)
    told = {"album": str(album.id), "activity": str(kind), "id": str(activity.id)}
    if activity.photo_id is not None:
        told["photo"] = str(activity.photo_id)
    tell_all(list(others.values_list("id", flat=True)), Event.Kind.ALBUM_ACTIVITY, **told)
    return activity


def note_photos(album: Album, actor: User) -> Activity:
    """What photos that somebody puts in now belong to. The caller holds the album's lock."""
    latest = Activity.objects.filter(album=album).order_by("-id").first()
    if (
        latest is not None
        and (latest.kind, latest.actor_id) == (Kind.PHOTOS_ADDED, actor.id)
        and latest.created_at > timezone.now() - TOGETHER
    ):
        return latest
    return note(album, actor, Kind.PHOTOS_ADDED)


def tell_shared(album: Album, user: User, *, role: str) -> None:
    """Somebody is told that they have this role in the album by now; "" for none any more."""
    if role:
        tell(user.id, Event.Kind.ALBUM_SHARED, album=str(album.id), role=role)
    else:
        tell(user.id, Event.Kind.ALBUM_UNSHARED, album=str(album.id))


def _others(album: Album, actor: User) -> QuerySet[User]:
    """Whoever else sees what the actor does in the album."""
    members = Member.objects.filter(album=album).values("user")
    others = User.objects.filter(Q(id=album.owner_id) | Q(id__in=members), is_active=True)
    return others.filter(not_apart(actor, "pk")).exclude(id=actor.id)


def activity_in(album: Album, viewer: User) -> QuerySet[Activity]:
    """What the viewer, who has a role in the album, may know of what happened there."""
    seen = photos_in(album, viewer).order_by()
    about = Q(photo__isnull=True) | Exists(seen.filter(id=OuterRef("photo")))
    return _with_photos(_shown(viewer).filter(about, album=album), viewer)


def activity_for(viewer: User) -> QuerySet[Activity]:
    """What others did lately in all the viewer's albums.

    Whether a smart album still holds a photo is too much to ask of all of them at once: of its
    photos one is told there alone (see names_photo).
    """
    here = _entries_seen(viewer).filter(album=OuterRef("album"), photo=OuterRef("photo"))
    about = Q(photo__isnull=True) | Q(album__rule__isnull=False) | Exists(here)
    recent = _shown(viewer).filter(
        about,
        album__in=albums_of(viewer).order_by().values("id"),
        created_at__gt=timezone.now() - RECENT,
    )
    return _with_photos(recent.exclude(actor=viewer), viewer)


def names_photo(activity: Activity, *, within: UUID | None) -> bool:
    """Whether a list, of one album or of all, may say which photo it is about."""
    return activity.album.rule is None or within == activity.album_id


def _entries_seen(viewer: User) -> QuerySet[AlbumPhoto]:
    return AlbumPhoto.objects.filter(photo__in=visible_photos(viewer))


def _shown(viewer: User) -> QuerySet[Activity]:
    """Of people who are there for the viewer; of photos put in, if there is one to be seen."""
    some = Exists(_entries_seen(viewer).filter(activity=OuterRef("pk")))
    return Activity.objects.filter(
        not_apart(viewer, "actor"), ~Q(kind=Kind.PHOTOS_ADDED) | some
    ).select_related("album", "actor", "comment", "photo")


def _with_photos(activities: QuerySet[Activity], viewer: User) -> QuerySet[Activity]:
    """With `photo_count` and the first of them as `first_photo`, of photos that were put in."""
    entries = _entries_seen(viewer).filter(activity=OuterRef("pk"))
    count = entries.order_by().values("activity").annotate(count=Count("*")).values("count")
    first = entries.order_by("position", "photo").values("photo")[:1]
    return activities.annotate(
        photo_count=Coalesce(Subquery(count), 0), first_photo=Subquery(first)
    )
