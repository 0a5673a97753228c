"""Becoming friends and ceasing to be, blocking and unblocking."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.core.locks import lock
from backend.core.rate_limit import count_attempt
from backend.events.models import Event
from backend.events.services import tell
from backend.friends.models import Block, Friendship
from backend.friends.selectors import (
    blocks_of,
    find_user,
    friendship_with,
    friendships_of,
    is_apart,
)

MAX_FRIENDS = 2_000  # a user, with those who were asked
MAX_BLOCKS = 2_000  # a user


def count_lookup(user: User) -> None:
    """Somebody looks for a user by name: so many a minute, or it would tell who has an account.

    Raises RefusedError too_many_requests.
    """
    count_attempt({f"members:{user.id}": settings.MEMBER_ATTEMPTS})


@transaction.atomic
def ask_friend(user: User, name: str) -> Friendship:
    """Whoever has this user name or id is asked; or is a friend now, if they had asked before.

    Safe to run twice. Raises RefusedError: unknown_user, oneself, blocked_by_you,
    too_many_friends.
    """
    other = find_user(name, by=user)
    if other == user:
        raise RefusedError("oneself", status=409)
    lock_ties(user.id, other.id)
    if is_apart(user, other):
        # Looked up again under the lock: a block that came meanwhile counts.
        find_user(name, by=user)
        raise RefusedError("blocked_by_you", status=409)
    friendship = friendship_with(user, other.id)
    if friendship is None:
        _refuse_too_many(user)
        friendship = Friendship.objects.create(asker=user, asked=other)
        tell(other.id, Event.Kind.FRIEND_ASKED, user=str(user.id))
    elif friendship.asked_id == user.id:
        _accept(friendship)
    return friendship


@transaction.atomic
def accept_friend(user: User, other_id: UUID) -> Friendship:
    """The two are friends, as the other has asked. Safe to run twice.

    Raises RefusedError: not_asked, too_many_friends.
    """
    lock_ties(user.id, other_id)
    friendship = friendship_with(user, other_id)
    if friendship is None or (friendship.accepted_at is None and friendship.asker_id == user.id):
        raise RefusedError("not_asked", status=404)
    _accept(friendship)
    return friendship


def _accept(friendship: Friendship) -> None:
    if friendship.accepted_at is None:
        _refuse_too_many(friendship.asked)
        friendship.accepted_at = timezone.now()
        friendship.save(update_fields=["accepted_at"])
        tell(friendship.asker_id, Event.Kind.FRIEND_ACCEPTED, user=str(friendship.asked_id))


def _refuse_too_many(user: User) -> None:
    # What others ask is not the user's to answer for.
    own = friendships_of(user).filter(Q(asker=user) | Q(accepted_at__isnull=False))
    if own.count() >= MAX_FRIENDS:
        raise RefusedError("too_many_friends", status=409, limit=MAX_FRIENDS)


def end_friendship(user: User, other_id: UUID) -> bool:
    """They are no friends, and neither has asked the other. False if there was nothing to end."""
    friendship = friendship_with(user, other_id)
    return friendship is not None and bool(friendship.delete()[0])


def block_user(user: User, other: User) -> Block:
    """For each of the two the other is not there any more. Safe to run twice.

    The caller holds lock_ties, and sees to what the two have together in the rooms above.
    Raises RefusedError: oneself, too_many_blocks.
    """
    if other == user:
        raise RefusedError("oneself", status=409)
    block = blocks_of(user).filter(blocked=other).first()
    if block is None:
        if blocks_of(user).count() >= MAX_BLOCKS:
            raise RefusedError("too_many_blocks", status=409, limit=MAX_BLOCKS)
        block = Block.objects.create(blocker=user, blocked=other)
    end_friendship(user, other.id)
    return block


def lock_ties(*user_ids: UUID) -> None:
    """What these users are to others does not change until the transaction ends.

    Always in the same order, and before any album, so that nobody waits in a circle.
    """
    for user_id in sorted(user_ids):
        lock("ties", user_id)
