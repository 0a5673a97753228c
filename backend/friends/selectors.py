"""Reading who is whose friend, who is blocked, and who can be found at all."""

from uuid import UUID

from django.db.models import Q, QuerySet

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.core.written import Given
from backend.friends.models import Block, Friendship

# What somebody is to a user: nobody, asked by them, asking them, a friend.
FRIENDSHIPS = ["none", "asked", "asks", "friends"]


def friendships_of(user: User) -> QuerySet[Friendship]:
    """The user's friends, and whom they have asked or are asked by."""
    own = Friendship.objects.filter(Q(asker=user) | Q(asked=user))
    return own.select_related("asker", "asked")


def friendship_with(user: User, other_id: UUID) -> Friendship | None:
    between = Q(asker=user, asked=other_id) | Q(asker=other_id, asked=user)
    return friendships_of(user).filter(between).first()


def friendship_state(user: User, friendship: Friendship | None) -> str:
    """One of FRIENDSHIPS."""
    if friendship is None:
        return "none"
    if friendship.accepted_at is not None:
        return "friends"
    return "asked" if friendship.asker_id == user.id else "asks"


def blocks_of(user: User) -> QuerySet[Block]:
    return Block.objects.filter(blocker=user).select_related("blocked")


def is_apart(one: User, other: User) -> bool:
    """True if one of the two has blocked the other."""
    between = Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)
    return Block.objects.filter(between).exists()


def not_apart(viewer: User | Given, field: str) -> Q:
    """Rows whose user, in that field, neither has blocked the viewer nor is blocked by them."""
    return not_blocking(viewer, field) & ~Q(
        **{f"{field}__in": Block.objects.filter(blocker=viewer).values("blocked")}
    )


def not_blocking(viewer: User | Given, field: str) -> Q:
    """Rows whose user, in that field, has not blocked the viewer."""
    return ~Q(**{f"{field}__in": Block.objects.filter(blocked=viewer).values("blocker")})


def find_user(name: str, *, by: User) -> User:
    """Whoever has exactly this user name or id.

    Somebody who has blocked the one who looks is not found, as if there were nobody of that name.
    Raises RefusedError unknown_user.
    """
    return _find(User.objects.filter(not_blocking(by, "pk")), name)


def find_user_to_block(name: str, *, by: User) -> User:
    """As find_user; but who is known by their id can be blocked though they have blocked first.

    Else nobody could keep out somebody who blocks and unblocks them at will. Ids cannot be guessed.
    """
    return _find(User.objects.filter(not_blocking(by, "pk") | Q(id__in=_ids_in(name))), name)


def _find(users: QuerySet[User], name: str) -> User:
    active = users.filter(is_active=True)
    found = active.filter(username__iexact=name.replace("\x00", "")).first()
    found = found or active.filter(id__in=_ids_in(name)).first()
    if found is None:
        raise RefusedError("unknown_user", status=404)
    return found


def _ids_in(text: str) -> list[UUID]:
    """The id that the text is, if it is one."""
    try:
        return [UUID(text)]
    except ValueError:
        return []
