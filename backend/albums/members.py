"""Who may see and change an album besides its maker."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.albums.models import Album, AlbumPhoto, Member, Role
from backend.albums.services import lock_album, take_out
from backend.core.errors import RefusedError

MAX_MEMBERS = 500  # an album


def members_of(album: Album) -> QuerySet[Member]:
    """Besides the album's maker, in the order they came."""
    return Member.objects.filter(album=album).select_related("user").order_by("id")


def find_user(name: str) -> User:
    """By user name or id. Raises RefusedError unknown_user."""
    people = User.objects.filter(is_active=True)
    found = people.filter(username__iexact=name).first()
    if found is None:
        try:
            found = people.filter(id=UUID(name)).first()
        except ValueError:
            found = None
    if found is None:
        raise RefusedError("unknown_user", status=404)
    return found


def set_role(album: Album, user: User, role: Role, *, by: Role) -> Member:
    """The user is a member with this role. Safe to run twice.

    by: the role of whoever says so; nobody gives or changes a role above their own.
    Raises RefusedError: forbidden, already_owner, too_many_members.
    """
    if user.id == album.owner_id:
        raise RefusedError("already_owner", status=409)
    if not by.includes(role):
        raise RefusedError("forbidden", status=403)
    with transaction.atomic():
        lock_album(album)
        members = Member.objects.filter(album=album)
        member = members.filter(user=user).first()
        if member is None:
            if members.count() >= MAX_MEMBERS:
                raise RefusedError("too_many_members", status=409, limit=MAX_MEMBERS)
            return Member.objects.create(album=album, user=user, role=role)
        if not by.includes(Role(member.role)):
            raise RefusedError("forbidden", status=403)
        member.role = role
        member.save(update_fields=["role"])
    return member


def remove_member(album: Album, member: Member, *, by: Role, leaves: bool) -> None:
    """They have no role any more, and their photos leave the album with them.

    leaves: they say so themselves, which anybody may. Raises RefusedError forbidden.
    """
    if not (leaves or (by.includes(Role.MANAGER) and by.includes(Role(member.role)))):
        raise RefusedError("forbidden", status=403)
    with transaction.atomic():
        lock_album(album)
        take_out(album, AlbumPhoto.objects.filter(album=album, photo__owner=member.user_id))
        Member.objects.filter(id=member.id).delete()
