"""Who may see and change an album besides its maker."""

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.albums.activity import Kind, note, tell_shared
from backend.albums.models import Activity, Album, AlbumPhoto, Comment, Like, Member, Role
from backend.albums.services import hold_album, lock_album, take_out
from backend.core.errors import RefusedError
from backend.friends.selectors import blocks_of, is_apart, not_blocking
from backend.friends.services import lock_ties

MAX_MEMBERS = 500  # an album


def members_of(album: Album) -> QuerySet[Member]:
    """Besides the album's maker, in the order they came."""
    return Member.objects.filter(album=album).select_related("user").order_by("id")


def members_seen(album: Album, viewer: User) -> QuerySet[Member]:
    """The same without those who have blocked the viewer."""
    return members_of(album).filter(not_blocking(viewer, "user"))


def set_role(album: Album, user: User, role: Role, *, giver: User) -> Member:
    """The user is a member with this role, and told so. Safe to run twice.

    giver: a manager; nobody gives or changes a role above their own. Raises RefusedError:
    not_found, forbidden, already_owner, too_many_members, blocked_by_you, unknown_user for somebody
    who has blocked the giver, or whom the album's maker and they keep apart.
    """
    if user.id == album.owner_id:
        raise RefusedError("already_owner", status=409)
    with transaction.atomic():
        lock_ties(user.id)
        if blocks_of(giver).filter(blocked=user).exists():
            raise RefusedError("blocked_by_you", status=409)
        if is_apart(giver, user) or is_apart(album.owner, user):
            raise RefusedError("unknown_user", status=404)
        own = hold_album(album, giver, Role.MANAGER)
        member = Member.objects.filter(album=album, user=user).first()
        changed = {role} if member is None else {role, Role(member.role)}
        if not all(own.includes(each) for each in changed):
            raise RefusedError("forbidden", status=403)
        if member is None or member.role != role:
            member = become_member(album, user, role)
            tell_shared(album, user, role=role)
    return member


def become_member(album: Album, user: User, role: Role) -> Member:
    """The user is a member with this role. The caller holds the album's lock and has asked whether.

    Raises RefusedError too_many_members.
    """
    members = Member.objects.filter(album=album)
    member = members.filter(user=user).first()
    if member is not None:
        member.role = role
        member.save(update_fields=["role"])
        return member
    if members.count() >= MAX_MEMBERS:
        raise RefusedError("too_many_members", status=409, limit=MAX_MEMBERS)
    member = Member.objects.create(album=album, user=user, role=role)
    note(album, user, Kind.JOINED)
    return member


@transaction.atomic
def remove_member(member: Member, *, by: User) -> None:
    """They have no role any more, and what is theirs leaves the album with them.

    by: a manager whose role is not below theirs, or they themselves.
    Raises RefusedError: not_found, forbidden.
    """
    own = hold_album(member.album, by, Role.VIEWER)
    now = Member.objects.filter(id=member.id).select_related("album", "user").first()
    if now is None:
        raise RefusedError("not_found", status=404)
    if now.user_id != by.id and not (own.includes(Role.MANAGER) and own.includes(Role(now.role))):
        raise RefusedError("forbidden", status=403)
    leave(now)


@transaction.atomic
def leave(member: Member) -> None:
    """The member, their photos, comments and likes are not in the album any more."""
    album, user = member.album, member.user
    lock_album(album)
    take_out(album, AlbumPhoto.objects.filter(album=album, photo__owner=user))
    Comment.objects.filter(album=album, author=user).delete()
    Like.objects.filter(album=album, user=user).delete()
    Activity.objects.filter(album=album, actor=user).delete()
    if Member.objects.filter(id=member.id).delete()[0]:
        note(album, user, Kind.LEFT)
        tell_shared(album, user, role="")
