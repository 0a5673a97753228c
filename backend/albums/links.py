"""Links by which people without an account see an album."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.services import digest_secret
from backend.albums.models import Album, Link, Member, Role
from backend.albums.selectors import all_photos_in
from backend.albums.services import hold_album
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.selectors import shareable

MAX_LINKS = 100  # an album

_signer = signing.TimestampSigner(salt="backend.albums.links")


def make_link(
    album: Album,
    made_by: User,
    *,
    password: str = "",
    expires_at: datetime | None = None,
    **allowed: Any,
) -> tuple[str, Link]:
    """The link is there. Returns its secret, which is kept nowhere, and its row.

    made_by: a manager. allowed: max_views, allow_download, show_location.
    Raises RefusedError: not_found, forbidden, already_over, too_many_links.
    """
    if expires_at is not None and expires_at <= timezone.now():
        raise RefusedError("already_over")
    secret = secrets.token_urlsafe(16)  # 128 bits
    with transaction.atomic():
        hold_album(album, made_by, Role.MANAGER)
        if links_of(album).count() >= MAX_LINKS:
            raise RefusedError("too_many_links", status=409, limit=MAX_LINKS)
        link = Link.objects.create(
            album=album,
            made_by=made_by,
            digest=digest_secret(secret),
            password=make_password(password) if password else "",
            expires_at=expires_at,
            **allowed,
        )
    return secret, link


def links_of(album: Album) -> QuerySet[Link]:
    return Link.objects.filter(album=album).select_related("made_by")


def living_links() -> QuerySet[Link]:
    """Links that have not ended, of people who still may share the album, whose owner is there."""
    may_share = Member.objects.filter(
        album=OuterRef("album"), user=OuterRef("made_by"), role__in=[Role.MANAGER, Role.OWNER]
    )
    return (
        Link.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
        .filter(Q(made_by=F("album__owner")) | Exists(may_share))
        .filter(made_by__is_active=True, album__owner__is_active=True)
        .select_related("album", "album__owner")
    )


def find_link(secret: str) -> Link | None:
    """The living link that the secret belongs to."""
    return living_links().filter(digest=digest_secret(secret)).first()


def photos_shown_by(link: Link) -> QuerySet[Photo]:
    return all_photos_in(link.album).filter(shareable())


def tells_location(link: Link, photo: Photo) -> bool:
    """Of photos that others put in, their owner never said that the world may know."""
    return link.show_location and photo.owner_id == link.made_by_id


def enter(link: Link, access: str, *, password: str | None = None, counts: bool = True) -> str:
    """The viewer is in: their access, for some time. A new one counts as a view.

    access: what an earlier call answered, or "". Whoever had one is no new viewer, even if it has
    ended. password: None if none was given. counts: False for who asks without looking; then
    nobody is counted, and a new viewer gets no access.
    Raises RefusedError: link_locked, wrong_password, link_used_up.
    """
    if opens(link, access):
        return access
    if link.password:
        if password is None:
            raise RefusedError("link_locked", status=401)
        if not check_password(password, link.password):
            raise RefusedError("wrong_password", status=401)
    if not _was_given(link, access):
        free = Q(max_views__isnull=True) | Q(views__lt=F("max_views"))
        # One statement, so that two who come together do not pass the limit.
        room = Link.objects.filter(free, id=link.id)
        if not (room.update(views=F("views") + 1) if counts else room.exists()):
            raise RefusedError("link_used_up", status=410)
    return _signer.sign(str(link.id)) if counts else ""


def opens(link: Link, access: str) -> bool:
    """True for an access to this link that has not ended."""
    return _was_given(link, access, within=settings.LINK_ACCESS_SECONDS)


def _was_given(link: Link, access: str, *, within: int | None = None) -> bool:
    """True for an access to this link, given so many seconds ago at most."""
    try:
        return _signer.unsign(access, max_age=within) == str(link.id)
    except signing.BadSignature:
        return False
