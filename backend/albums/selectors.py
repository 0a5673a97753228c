"""Reading albums: who sees which, and which photos through them."""

import functools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce

from backend.accounts.models import User
from backend.albums.models import Album, AlbumPhoto, Member, Role
from backend.core.errors import bad_field
from backend.core.written import Given, Written
from backend.friends.selectors import not_apart
from backend.photos.filters import query_of, read_query
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter, find_own_photo, shareable
from backend.search.selectors import filter_visible, search_photos

# They are read for each letter that somebody types.
MAX_TITLES = 1000
# What a rule may ask for: a filter of photos, without the trash and without other albums.
RULE_NAMES = {
    *("q", "person", "label", "tag", "from", "to", "bbox", "place"),
    *("status", "favorite", "archived", "has_text"),
}


def albums_of(user: User | Given) -> QuerySet[Album]:
    """Every album in which the user has a role, each with it as `role`."""
    memberships = Member.objects.filter(user=user)
    role = Case(
        When(owner=user, then=Value(str(Role.OWNER))),
        default=Subquery(memberships.filter(album=OuterRef("pk")).values("role")[:1]),
        output_field=CharField(),
    )
    return (
        Album.objects.filter(Q(owner=user) | Q(id__in=memberships.values("album")))
        .annotate(role=role)
        .select_related("owner")
    )


def top_albums_of(user: User) -> QuerySet[Album]:
    """Those of them that stand in no other of them, whatever album their makers have them in."""
    albums = albums_of(user)
    return albums.exclude(parent__in=albums.order_by().values("id"))


def parents_seen(albums: Collection[Album], viewer: User) -> set[UUID]:
    """The albums above these that the viewer knows of: their own, and where they are a member."""
    above = [(album.owner_id, album.parent_id) for album in albums if album.parent_id is not None]
    own = {parent_id for owner_id, parent_id in above if owner_id == viewer.id}
    others = {parent_id for _, parent_id in above} - own
    seen = albums_of(viewer).filter(id__in=others).values_list("id", flat=True) if others else []
    return own | set(seen)


_album_of = Written(
    lambda: albums_of(Given("user", UUIDField())).filter(id=Given("id", UUIDField()))
)


def find_album(user: User, album_id: UUID) -> Any:
    """The album with the user's `role` in it; None for those who have none."""
    found = _album_of(user=user.id, id=album_id)
    return found[0] if found else None


def role_in(album: Album, user: User) -> Role | None:
    found = find_album(user, album.id)
    return Role(found.role) if found else None


def titles_of(user: User) -> list[tuple[UUID, str]]:
    """The ids and titles of the albums in which the user has a role, those changed last first."""
    latest = albums_of(user).order_by("-updated_at", "id")
    return list(latest.values_list("id", "title")[:MAX_TITLES])


def read_rule(rule: dict[str, Any]) -> tuple[str, PhotoFilter]:
    """The words and the filter that a rule means. Raises RefusedError invalid."""
    if odd := sorted(rule.keys() - RULE_NAMES):
        raise bad_field(f"rule.{odd[0]}", "No rule asks for this.", code="unknown")
    query = query_of(rule, field="rule")
    wanted = read_query(query)
    if wanted.trashed:
        raise bad_field("rule.status", "The trash is no album.")
    return query.get("q", "").replace("\x00", ""), wanted


def all_photos_in(album: Album) -> QuerySet[Photo]:
    """What the album holds, whoever may see it; each with its `position` unless it has a rule."""
    if album.rule is not None:
        words, wanted = read_rule(album.rule)
        if words:
            return search_photos(album.owner, words, wanted)
        return filter_visible(album.owner, wanted)
    return _entered_photos(album)


def _entered_photos(album: Album | Given) -> QuerySet[Any]:
    return (
        Photo.objects.filter(album_entries__album=album, trashed_at__isnull=True)
        .exclude(status=Photo.Status.AWAITING_UPLOAD)
        .annotate(position=F("album_entries__position"))
    )


def order_in(album: Album) -> tuple[str, str]:
    """How an album's photos stand: as its managers ordered them, or the newest first."""
    return ("position", "id") if album.rule is None else ("-shown_at", "-id")


def photos_in(album: Album, viewer: User) -> QuerySet[Photo]:
    """What the viewer, who has a role in the album, sees there: their own, and what is shared."""
    return all_photos_in(album).filter(_seen_by(viewer))


def _seen_by(viewer: User | Given) -> Q:
    return (Q(owner=viewer) | shareable()) & not_apart(viewer, "owner")


def visible_photos(viewer: User) -> QuerySet[Photo]:
    """What the viewer may see of photos in albums without a rule in which they have a role."""
    return Photo.objects.filter(_seen_by(viewer), trashed_at__isnull=True).exclude(
        status=Photo.Status.AWAITING_UPLOAD
    )


def find_shared_photo(user: User, photo_id: UUID) -> Photo | None:
    """Somebody else's photo that an album shows to the user; None if none does."""
    shared = Photo.objects.filter(shareable(), not_apart(user, "owner"), id=photo_id)
    photo = shared.exclude(owner=user).first()
    if photo is None:
        return None
    seen = albums_of(user)
    if AlbumPhoto.objects.filter(photo=photo, album__in=seen.values("id")).exists():
        return photo
    ruled = seen.filter(rule__isnull=False, owner=photo.owner_id)
    holds = (all_photos_in(album).filter(id=photo.id).exists() for album in ruled)
    return photo if any(holds) else None


def find_photo(user: User, photo_id: UUID) -> Photo | None:
    """A photo that the user sees: their own, or one that an album shows to them."""
    return find_own_photo(user, photo_id) or find_shared_photo(user, photo_id)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the viewer sees of an album's photos; None for what a list of albums leaves out."""

    photo_count: int | None = None
    cover: Photo | None = None


def summarise(albums: list[Album], viewer: User) -> dict[UUID, Summary]:
    """How many photos each album shows to the viewer, and one of them for its cover.

    The number of queries does not grow with the albums; what fits rules is left out.
    """
    entries = AlbumPhoto.objects.filter(album=OuterRef("pk"), photo__in=visible_photos(viewer))
    count = entries.order_by().values("album").annotate(count=Count("*")).values("count")
    ids = entries.order_by("position", "photo").values("photo")
    rows = (
        Album.objects.filter(id__in=[album.id for album in albums], rule__isnull=True)
        .annotate(
            count=Coalesce(Subquery(count), 0),
            shown=Coalesce(Subquery(ids.filter(photo=OuterRef("cover"))[:1]), Subquery(ids[:1])),
        )
        .values_list("id", "count", "shown")
    )
    found = {album_id: (count, shown) for album_id, count, shown in rows}
    covers = Photo.objects.in_bulk({shown for _, shown in found.values() if shown})
    return {
        album_id: Summary(photo_count=count, cover=covers.get(shown) if shown else None)
        for album_id, (count, shown) in found.items()
    }


def summarise_album(album: Album, viewer: User) -> Summary:
    """The same for one album, with or without a rule."""
    if album.rule is not None:
        return _summarise_rule(album, viewer)
    values = {"album": album.id, "viewer": viewer.id, "cover": album.cover_id or UUID(int=0)}
    for cover in _front_of_album(settings.WECHAT_CHECKS)(**values):
        return Summary(photo_count=cover.photo_count, cover=cover)
    return Summary(photo_count=0)


# What is told of a cover, and what its addresses are made of.
_COVER = ("owner", "filename", "content_type", "status", "has_renditions", "placeholder", "color")


@functools.cache
def _front_of_album(asks_wechat: bool) -> Written[Any]:
    """The cover, with how many photos there are: see shareable."""
    is_cover = Case(When(id=Given("cover", UUIDField()), then=0), default=1)
    return Written(
        lambda: (
            _entered_photos(Given("album", UUIDField()))
            .filter(_seen_by(Given("viewer", UUIDField())))
            .annotate(photo_count=Window(Count("*")))
            .order_by(is_cover, "position", "id")
            .only(*_COVER)[:1]
        )
    )


def _summarise_rule(album: Album, viewer: User) -> Summary:
    photos = photos_in(album, viewer)
    cover = photos.filter(id=album.cover_id).first() if album.cover_id else None
    return Summary(
        photo_count=photos.count(), cover=cover or photos.order_by(*order_in(album)).first()
    )
