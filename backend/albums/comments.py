"""What members say of an album's photos, and which they like."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.albums.activity import Kind, note
from backend.albums.models import Album, Comment, Like, Role
from backend.albums.services import hold_album
from backend.core.errors import RefusedError, bad_field
from backend.core.rate_limit import count_attempt
from backend.core.text import clean_words
from backend.friends.selectors import not_apart
from backend.photos.models import Photo
from backend.wechat.models import TextCheck
from backend.wechat.text_checks import check_text, hidden_texts

MAX_LETTERS = 1_000  # a comment
MAX_COMMENTS = 2_000  # a photo in an album


def write_comment(album: Album, photo: Photo, author: User, text: str) -> Comment:
    """The comment stands below the photo, which the author sees in the album.

    WeChat is asked about it before, where it is configured: see hidden_comments.
    Raises RefusedError: invalid, too_many_requests, text_refused, not_found, too_many_comments.
    """
    words = clean_comment(text)
    if not words:
        raise bad_field("text", "This text cannot be seen.", code="blank")
    count_attempt({f"comments:{author.id}": settings.COMMENT_ATTEMPTS})
    check_text(author, words, scene=TextCheck.Scene.COMMENT)
    with transaction.atomic():
        hold_album(album, author, Role.VIEWER)
        if Comment.objects.filter(album=album, photo=photo).count() >= MAX_COMMENTS:
            raise RefusedError("too_many_comments", status=409, limit=MAX_COMMENTS)
        comment = Comment.objects.create(album=album, photo=photo, author=author, text=words)
        note(album, author, Kind.COMMENTED, photo=photo, comment=comment)
    return comment


def clean_comment(text: str) -> str:
    """Its lines in which something can be seen."""
    lines = (clean_words(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def comments_on(album: Album, photo: Photo, viewer: User) -> QuerySet[Comment]:
    """What is said of a photo that the viewer sees in the album, by people who are there."""
    return _comments_in(album, viewer).filter(photo=photo)


def hidden_comments(comments: Iterable[Comment], viewer: User) -> set[str]:
    """Of what others say here, the texts that the viewer may not read, or not yet."""
    return hidden_texts(each.text for each in comments if each.author_id != viewer.id)


def _comments_in(album: Album, viewer: User) -> QuerySet[Comment]:
    return Comment.objects.filter(not_apart(viewer, "author"), album=album).select_related("author")


def delete_comment(album: Album, comment_id: UUID, user: User, *, role: Role) -> None:
    """The comment is gone: its author may say so, and the album's managers.

    Raises RefusedError: not_found, forbidden.
    """
    comment = _comments_in(album, user).filter(id=comment_id).first()
    if comment is None:
        raise RefusedError("not_found", status=404)
    if not (comment.author_id == user.id or role.includes(Role.MANAGER)):
        raise RefusedError("forbidden", status=403)
    comment.delete()


def like_photo(album: Album, photo: Photo, user: User) -> None:
    """The user likes the photo, which they see in the album. Safe to run twice.

    Raises RefusedError: too_many_requests, not_found.
    """
    count_attempt({f"likes:{user.id}": settings.LIKE_ATTEMPTS})
    with transaction.atomic():
        hold_album(album, user, Role.VIEWER)
        like, is_new = Like.objects.get_or_create(album=album, photo=photo, user=user)
        if is_new:
            note(album, user, Kind.LIKED, photo=photo, like=like)


def unlike_photo(album: Album, photo: Photo, user: User) -> None:
    """The user does not like the photo any more. Safe to run twice."""
    Like.objects.filter(album=album, photo=photo, user=user).delete()


def likes_of(album: Album, photo: Photo, viewer: User) -> QuerySet[Like]:
    """Who likes the photo, of people who are there."""
    likes = Like.objects.filter(not_apart(viewer, "user"), album=album, photo=photo)
    return likes.select_related("user")


# What likes_of and comments_on would find, of all photos of a page at once.
_COUNT = """
select photo_id, count(liker), count(author), coalesce(bool_or(liker = %(viewer)s), false)
from (
    select photo_id, user_id liker, null::uuid author from albums_like
    where album_id = %(album)s and photo_id = any(%(photos)s)
    union all
    select photo_id, null, author_id from albums_comment
    where album_id = %(album)s and photo_id = any(%(photos)s)
) reaction
where not exists (
    select from friends_block
    where (blocker_id, blocked_id) in (
        (%(viewer)s, coalesce(liker, author)), (coalesce(liker, author), %(viewer)s)
    )
)
group by photo_id
"""


def count_reactions(album: Album, photos: list[UUID], viewer: User) -> dict[UUID, dict[str, Any]]:
    """For each of the photos: likes, comments, and whether the viewer likes it."""
    found: dict[UUID, dict[str, Any]] = {
        photo_id: {"likes": 0, "comments": 0, "liked": False} for photo_id in photos
    }
    values: dict[str, Any] = {"album": album.id, "photos": photos, "viewer": viewer.id}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        for photo_id, likes, comments, liked in cursor:
            found[photo_id] = {"likes": likes, "comments": comments, "liked": liked}
    return found
