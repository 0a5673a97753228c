"""What somebody said of photos in albums, and which they liked: in an archive, and back."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.albums.comments import MAX_COMMENTS, clean_comment
from backend.albums.models import Album, AlbumPhoto, Comment, Like
from backend.archive.documents import FORMAT, VERSION, Document, write_moment
from backend.photos.models import Photo

A_PAGE = 1000


def reaction_documents(owner: User) -> Iterator[Document]:
    """The owner's own comments and likes, page by page, comments first.

    Somebody else's album and somebody else's photo are not named: they are theirs.
    """
    for page in _pages(Comment.objects.filter(author=owner)):
        yield _page(comments=[_reaction(row, "written_at") | {"text": row.text} for row in page])
    for page in _pages(Like.objects.filter(user=owner)):
        yield _page(likes=[_reaction(row, "liked_at") for row in page])


def _pages(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    rows, last = rows.select_related("album", "photo").order_by("id"), None
    while page := list((rows.filter(id__gt=last) if last else rows)[:A_PAGE]):
        last = page[-1].id
        yield page


def _page(**lists: list[Document]) -> Document:
    return {"format": f"{FORMAT}/reactions", "version": VERSION, **lists}


def _reaction(row: "Comment | Like", moment: str) -> Document:
    owner_id = row.author_id if isinstance(row, Comment) else row.user_id
    return {
        "album": str(row.album_id) if row.album.owner_id == owner_id else None,
        "photo": row.photo.sha256 if row.photo.owner_id == owner_id else None,
        moment: write_moment(row.created_at),
    }


@transaction.atomic
def restore_reactions(
    owner: User,
    page: Document,
    *,
    album_of: Callable[[str], Album | None],
    moment_of: Callable[[str | None], datetime | None],
) -> None:
    """What the page says of the owner's photos in the owner's albums is said. Safe to run again.

    album_of: the album here that the archive calls so. Nobody is told: it is no news.
    """
    comments, likes = page.get("comments", []), page.get("likes", [])
    keys = {entry["album"] for entry in [*comments, *likes] if entry.get("album")}
    albums = {key: album_of(key) for key in keys}
    digests = {entry["photo"] for entry in [*comments, *likes] if entry.get("photo")}
    own = Photo.objects.filter(owner=owner, sha256__in=digests)
    photos = dict(own.values_list("sha256", "id"))
    shown = _shown([album for album in albums.values() if album], set(photos.values()))
    for entry in comments:
        album, photo_id = albums.get(entry.get("album")), photos.get(entry.get("photo"))
        if album and photo_id and _is_in(album, photo_id, shown):
            written_at = moment_of(entry.get("written_at"))
            _say(album, photo_id, owner, entry["text"], written_at=written_at)
    for entry in likes:
        album, photo_id = albums.get(entry.get("album")), photos.get(entry.get("photo"))
        if album and photo_id and _is_in(album, photo_id, shown):
            like, is_new = Like.objects.get_or_create(album=album, photo_id=photo_id, user=owner)
            liked_at = moment_of(entry.get("liked_at"))
            if is_new and liked_at:
                Like.objects.filter(id=like.id).update(created_at=liked_at)


def _shown(albums: list[Album], photo_ids: set[UUID]) -> set[tuple[UUID, UUID]]:
    entries = AlbumPhoto.objects.filter(album__in=albums, photo__in=photo_ids)
    return set(entries.values_list("album", "photo"))


def _is_in(album: Album, photo_id: UUID, shown: set[tuple[UUID, UUID]]) -> bool:
    """What a rule chooses is not known before the photo has been looked at."""
    return album.rule is not None or (album.id, photo_id) in shown


def _say(
    album: Album, photo_id: UUID, owner: User, text: str, *, written_at: datetime | None
) -> None:
    words = clean_comment(text)
    there = Comment.objects.filter(album=album, photo=photo_id)
    same = there.filter(author=owner, text=words)
    if not words or (same.filter(created_at=written_at) if written_at else same).exists():
        return
    if there.count() < MAX_COMMENTS:
        comment = Comment.objects.create(album=album, photo_id=photo_id, author=owner, text=words)
        if written_at:
            Comment.objects.filter(id=comment.id).update(created_at=written_at)
