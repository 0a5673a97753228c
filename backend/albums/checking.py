"""What shared albums show is checked by WeChat first, where it is configured.

Nobody has to think of it when they share: a round every few seconds finds what has not been asked
about yet, however it came to be shared.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, Func, OuterRef, QuerySet

from backend.accounts.models import User
from backend.albums.links import living_links
from backend.albums.models import Album, AlbumPhoto, Comment, Invitation, Member, Role
from backend.albums.selectors import all_photos_in
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.selectors import PASSED
from backend.wechat.models import PhotoCheck, TextCheck
from backend.wechat.photo_checks import request_checks
from backend.wechat.text_checks import hidden_texts, request_text_checks

logger = logging.getLogger(__name__)
WORDS = ("title", "description", "place")


class TextDigest(Func):
    """As wechat.text_checks.digest_text."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = CharField()


def shared_albums() -> QuerySet[Album]:
    """Albums that somebody besides their owner sees, or whose title an invitation tells."""
    members = Member.objects.filter(album=OuterRef("pk"))
    invitations = Invitation.objects.filter(album=OuterRef("pk"))
    links = living_links().filter(album=OuterRef("pk"))
    return Album.objects.filter(Exists(members) | Exists(invitations) | Exists(links))


def request_shared_checks(*, limit: int) -> None:
    """WeChat is to be asked about what others see and it has not been asked about, each once.

    limit: of photos, and of texts of a kind, a round. Safe to run twice.
    """
    shared = shared_albums()
    for name in WORDS:
        request_text_checks(
            _unchecked_texts(shared, name, author="owner_id")[:limit], scene=TextCheck.Scene.ALBUM
        )
    said = Comment.objects.filter(album__in=shared)
    request_text_checks(
        _unchecked_texts(said, "text", author="author_id")[:limit], scene=TextCheck.Scene.COMMENT
    )
    for photos in _shared_photos(shared):
        unchecked = photos.filter(
            ~Exists(PhotoCheck.objects.filter(photo=OuterRef("pk"))),
            wechat_verdict=Photo.Moderation.PENDING,
        )
        request_checks(unchecked.order_by().values_list("id", flat=True)[:limit])
        described = _unchecked_texts(photos.order_by(), "description", author="owner_id")
        request_text_checks(described[:limit], scene=TextCheck.Scene.ALBUM)


def hidden_words(albums: Iterable[Any], viewer: User | None = None) -> set[str]:
    """The words of these albums that the viewer, or whoever has a link, may not read.

    Whoever may change them sees them. albums: with `role`, if there is a viewer.
    """
    return hidden_texts(
        getattr(album, name)
        for album in albums
        if viewer is None or not Role(album.role).includes(Role.MANAGER)
        for name in WORDS
    )


def _shared_photos(shared: QuerySet[Album]) -> Iterator[QuerySet[Photo]]:
    """What our own moderation has let pass of the albums' photos."""
    entries = AlbumPhoto.objects.filter(photo=OuterRef("pk"), album__in=shared)
    yield Photo.objects.filter(PASSED, Exists(entries))
    for album in shared.filter(rule__isnull=False).select_related("owner").iterator():
        try:
            yield all_photos_in(album).filter(PASSED)
        except RefusedError as error:
            # One rule that is none any more does not keep the others from being checked.
            logger.warning("the rule of album %s cannot be read: %s", album.id, error)


def _unchecked_texts(
    rows: QuerySet[Any], name: str, *, author: str
) -> QuerySet[Any, tuple[UUID, str]]:
    """Author and text of the rows whose text is not empty and not asked about."""
    checks = TextCheck.objects.filter(author=OuterRef(author), digest=OuterRef("text_digest"))
    texts: QuerySet[Any, tuple[UUID, str]] = (
        # Most are empty, which is cheaper to see than that they are blank.
        rows.exclude(**{name: ""})
        .exclude(**{f"{name}__regex": r"^\s*$"})
        .annotate(text_digest=TextDigest(name))
        .filter(~Exists(checks))
        .values_list(author, name)
    )
    return texts
