"""Making albums, changing them, and what is in them."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from backend.accounts.models import User
from backend.albums.activity import note_photos
from backend.albums.face_consent import renew_face_consent, switch_face_analysis
from backend.albums.models import Album, AlbumPhoto, Comment, Like, Role
from backend.albums.selectors import all_photos_in, photos_in, read_rule, role_in
from backend.core.errors import RefusedError, bad_field
from backend.core.text import clean_words
from backend.events.models import Event
from backend.events.services import tell_all
from backend.friends.selectors import not_apart
from backend.photos.selectors import photos_of

MAX_ALBUMS = 5_000  # a user; their tree is read as a whole when an album moves
MAX_DEPTH = 10
MAX_PHOTOS = 20_000  # an album; its order is written as a whole


def create_album(owner: User, values: dict[str, Any]) -> Album:
    """The album is there, behind the ones beside it. values: as update_album.

    Raises RefusedError: invalid, unknown_album (parent), too_deep, too_many_albums.
    """
    with transaction.atomic():
        # The lock keeps two calls of one owner from making a loop or passing the limit together.
        User.objects.select_for_update(no_key=True).get(id=owner.id)
        if Album.objects.filter(owner=owner).count() >= MAX_ALBUMS:
            raise RefusedError("too_many_albums", status=409, limit=MAX_ALBUMS)
        album = Album(owner=owner)
        _set_values(album, values)
        if "position" not in values:
            beside = Album.objects.filter(owner=owner, parent=album.parent)
            last = beside.aggregate(last=Max("position"))["last"]
            album.position = 0 if last is None else last + 1
        album.save(force_insert=True)
        if not values.get("face_analysis", True):
            switch_face_analysis(album, allowed=False)
    return album


def update_album(album: Album, values: dict[str, Any]) -> Album:
    """Store title, description, place, position, parent, cover, rule or face_analysis, as given.

    parent: the id of an album of the same owner, or None. cover: the id of a photo that the album
    holds, or None. A rule can be changed, but an album does not become one with a rule, nor cease
    to be one. Raises RefusedError: invalid, unknown_album, album_in_itself, too_deep, not_in_album.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=album.owner_id)
        album = Album.objects.select_for_update(of=("self",)).get(id=album.id)
        if "rule" in values and (values["rule"] is None) != (album.rule is None):
            raise bad_field("rule", "An album has a rule from the start, or never.")
        _set_values(album, values)
        album.save()
        if "face_analysis" in values:
            switch_face_analysis(album, allowed=values["face_analysis"])
    return album


def _set_values(album: Album, values: dict[str, Any]) -> None:
    if "title" in values:
        album.title = clean_words(values["title"])
        if not album.title:
            raise bad_field("title", "This title cannot be seen.")
    for name in ("description", "place"):
        if name in values:
            setattr(album, name, values[name].replace("\x00", ""))
    if "position" in values:
        album.position = values["position"]
    if values.get("rule") is not None:
        read_rule(values["rule"])
        album.rule = values["rule"]
    if "parent" in values:
        album.parent_id = _check_parent(album, values["parent"])
    if "cover" in values:
        album.cover_id = _check_cover(album, values["cover"])


def _check_parent(album: Album, parent_id: UUID | None) -> UUID | None:
    """The parent's id, if the album can stand under it."""
    if parent_id is None:
        return None
    above: dict[UUID, UUID | None] = {}
    above.update(Album.objects.filter(owner=album.owner).values_list("id", "parent_id"))
    if parent_id not in above:
        raise RefusedError("unknown_album", status=404)
    path = _path(parent_id, above)
    if album.id in path:
        raise RefusedError("album_in_itself", status=409)
    paths = (_path(each, above) for each in above)
    height = max((each.index(album.id) + 1 for each in paths if album.id in each), default=1)
    if len(path) + height > MAX_DEPTH:
        raise RefusedError("too_deep", status=409, limit=MAX_DEPTH)
    return parent_id


def _path(album_id: UUID | None, above: dict[UUID, UUID | None]) -> list[UUID]:
    """The album and those above it."""
    path: list[UUID] = []
    while album_id is not None:
        path.append(album_id)
        album_id = above.get(album_id)
    return path


def _check_cover(album: Album, photo_id: UUID | None) -> UUID | None:
    if photo_id is None:
        return None
    if not all_photos_in(album).filter(id=photo_id).exists():
        raise RefusedError("not_in_album", status=409)
    return photo_id


def delete_album(album: Album) -> None:
    """The album is gone; its photos stay, and albums in it move up. Safe to run twice."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=album.owner_id)
        Album.objects.filter(parent=album.id).update(parent=album.parent_id)
        members = list(album.members.values_list("user", flat=True))
        tell_all(members, Event.Kind.ALBUM_UNSHARED, album=str(album.id))
        held = set(AlbumPhoto.objects.filter(album=album).values_list("photo_id", flat=True))
        Album.objects.filter(id=album.id).delete()
        renew_face_consent(album.owner, held)


def add_photos(album: Album, user: User, ids: list[UUID]) -> list[UUID]:
    """The user's own photos among these are at the album's end, in this order.

    Returns the ids that are none of theirs to use. Safe to run twice.
    Raises RefusedError: not_found, forbidden, album_has_rule, too_many_photos.
    """
    _refuse_rule(album)
    own = photos_of(user).filter(trashed_at__isnull=True, id__in=ids)
    usable = set(own.values_list("id", flat=True))
    with transaction.atomic():
        hold_album(album, user, Role.CONTRIBUTOR)
        entries = AlbumPhoto.objects.filter(album=album)
        here = set(entries.filter(photo__in=usable).values_list("photo_id", flat=True))
        new = [photo_id for photo_id in dict.fromkeys(ids) if photo_id in usable - here]
        if entries.count() + len(new) > MAX_PHOTOS:
            raise RefusedError("too_many_photos", status=409, limit=MAX_PHOTOS)
        last = entries.aggregate(last=Max("position"))["last"] or 0
        activity = note_photos(album, user) if new else None
        AlbumPhoto.objects.bulk_create(
            AlbumPhoto(album=album, photo_id=photo_id, position=last + place, activity=activity)
            for place, photo_id in enumerate(new, start=1)
        )
        renew_face_consent(album.owner, new)
    return [photo_id for photo_id in ids if photo_id not in usable]


def remove_photos(album: Album, user: User, ids: list[UUID]) -> list[UUID]:
    """Those of the photos that the user may take out of the album are not in it any more.

    A manager takes out any, a contributor their own. Returns the ids that were not taken out.
    Raises RefusedError: not_found, album_has_rule.
    """
    _refuse_rule(album)
    with transaction.atomic():
        role = hold_album(album, user, Role.VIEWER)
        entries = AlbumPhoto.objects.filter(album=album, photo__in=ids)
        if role.includes(Role.MANAGER):
            entries = entries.filter(not_apart(user, "photo__owner"))
        else:
            entries = entries.filter(photo__owner=user)
        gone = set(entries.values_list("photo_id", flat=True))
        take_out(album, entries)
    return [photo_id for photo_id in ids if photo_id not in gone]


def take_out(album: Album, entries: QuerySet[AlbumPhoto]) -> None:
    """These entries of the album are gone, with what was said of them, and none is its cover."""
    for said in (Comment, Like):
        said.objects.filter(album=album, photo__in=entries.values("photo")).delete()
    Album.objects.filter(id=album.id, cover__in=entries.values("photo")).update(cover=None)
    gone = set(entries.values_list("photo_id", flat=True))
    entries.delete()
    renew_face_consent(album.owner, gone)


def order_photos(album: Album, user: User, ids: list[UUID], *, before: UUID | None) -> list[UUID]:
    """The photos stand in this order before the given one, or at the end; the others as before.

    Returns the ids that the user does not see in the album.
    Raises RefusedError: not_found, forbidden, album_has_rule, not_in_album (before).
    """
    _refuse_rule(album)
    with transaction.atomic():
        hold_album(album, user, Role.MANAGER)
        seen = set(photos_in(album, user).filter(id__in=ids).values_list("id", flat=True))
        moved = [photo_id for photo_id in dict.fromkeys(ids) if photo_id in seen]
        entries = AlbumPhoto.objects.filter(album=album).order_by("position", "photo")
        order = [each for each in entries.values_list("photo_id", flat=True) if each not in seen]
        place = len(order)
        if before is not None:
            if before not in order:
                raise RefusedError("not_in_album", status=409)
            place = order.index(before)
        order[place:place] = moved
        with connection.cursor() as cursor:
            cursor.execute(
                "update albums_albumphoto entry set position = wanted.position "
                "from unnest(%s::uuid[]) with ordinality as wanted (photo_id, position) "
                "where entry.album_id = %s and entry.photo_id = wanted.photo_id "
                "and entry.position <> wanted.position",
                [order, album.id],
            )
    return [photo_id for photo_id in ids if photo_id not in seen]


def lock_album(album: Album) -> None:
    """Changes of what is in an album wait for each other. Raises RefusedError not_found."""
    if not Album.objects.select_for_update(of=("self",)).filter(id=album.id):
        raise RefusedError("not_found", status=404)


def hold_album(album: Album, user: User, role: Role) -> Role:
    """The same, and the user has this role in the album, or one above it, which is returned.

    It is asked under the lock, because what one waits for may be one's removal.
    Raises RefusedError: not_found, forbidden.
    """
    lock_album(album)
    own = role_in(album, user)
    if own is None:
        raise RefusedError("not_found", status=404)
    if not own.includes(role):
        raise RefusedError("forbidden", status=403)
    return own


def _refuse_rule(album: Album) -> None:
    if album.rule is not None:
        raise RefusedError("album_has_rule", status=409)
