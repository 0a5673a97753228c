"""Invitations, by which whoever has one becomes a member."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.services import digest_secret
from backend.albums.members import become_member
from backend.albums.models import Acceptance, Album, Invitation, Member, Role
from backend.albums.selectors import role_in
from backend.albums.services import hold_album, lock_album
from backend.core.errors import RefusedError
from backend.friends.selectors import is_apart
from backend.friends.services import lock_ties

MAX_INVITATIONS = 100  # an album
# Unless another end is asked for: a code that hangs on a wall is forgotten there.
LIFETIME = timedelta(days=7)


def make_invitation(
    album: Album,
    made_by: User,
    role: Role,
    *,
    expires_at: datetime | None,
    max_uses: int | None = None,
) -> tuple[str, Invitation]:
    """The invitation is there. Returns its secret, which is kept nowhere, and its row.

    made_by: a manager; nobody invites to a role above their own.
    Raises RefusedError: not_found, forbidden, already_over, too_many_invitations.
    """
    if expires_at is not None and expires_at <= timezone.now():
        raise RefusedError("already_over")
    secret = secrets.token_urlsafe(16)  # 128 bits
    with transaction.atomic():
        if not hold_album(album, made_by, Role.MANAGER).includes(role):
            raise RefusedError("forbidden", status=403)
        if invitations_to(album).count() >= MAX_INVITATIONS:
            raise RefusedError("too_many_invitations", status=409, limit=MAX_INVITATIONS)
        invitation = Invitation.objects.create(
            album=album,
            made_by=made_by,
            digest=digest_secret(secret),
            role=role,
            expires_at=expires_at,
            max_uses=max_uses,
        )
    return secret, invitation


def invitations_to(album: Album) -> QuerySet[Invitation]:
    return Invitation.objects.filter(album=album).select_related("made_by")


def find_invitation(secret: str) -> Invitation | None:
    """The invitation that the secret belongs to, unless it has ended.

    It has as well when its maker could not give its role any more.
    """
    invitation = (
        Invitation.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
        .filter(digest=digest_secret(secret), made_by__is_active=True)
        .select_related("album__owner", "made_by")
        .first()
    )
    if invitation is None:
        return None
    own = role_in(invitation.album, invitation.made_by)
    if own is None or not (own.includes(Role.MANAGER) and own.includes(Role(invitation.role))):
        return None
    return invitation


def find_invitation_for(user: User, secret: str) -> Invitation | None:
    """The same; None between people of whom one has blocked the other."""
    invitation = find_invitation(secret)
    if invitation is None:
        return None
    hosts = (invitation.made_by, invitation.album.owner)
    return None if any(is_apart(user, host) for host in hosts) else invitation


def accept_invitation(user: User, secret: str) -> Album:
    """The user is a member of the album, with the invitation's role if they had none above it.

    Safe to run twice. Raises RefusedError: not_found, invitation_used (by the user, who was a
    member then), invitation_used_up.
    """
    with transaction.atomic():
        lock_ties(user.id)
        found = find_invitation_for(user, secret)
        if found is None:
            raise RefusedError("not_found", status=404)
        lock_album(found.album)
        invitation = invitations_to(found.album).filter(id=found.id).first()
        if invitation is None:  # revoked this very moment
            raise RefusedError("not_found", status=404)
        if not _has(user, found.album, Role(invitation.role)):
            _use(invitation, user)
            become_member(found.album, user, Role(invitation.role))
    return found.album


def _has(user: User, album: Album, role: Role) -> bool:
    """True if the user has this role already, or one above it."""
    member = Member.objects.filter(album=album, user=user).first()
    return album.owner_id == user.id or (member is not None and Role(member.role).includes(role))


def _use(invitation: Invitation, user: User) -> None:
    _, is_new = Acceptance.objects.get_or_create(invitation=invitation, user=user)
    if not is_new:
        raise RefusedError("invitation_used", status=410)
    free = Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses"))
    if not Invitation.objects.filter(free, id=invitation.id).update(uses=F("uses") + 1):
        raise RefusedError("invitation_used_up", status=410)
