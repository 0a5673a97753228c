"""Blocking somebody, with what the two share."""

from django.db import transaction
from django.db.models import Q

from backend.accounts.models import User
from backend.albums.members import leave
from backend.albums.models import Member
from backend.friends import services
from backend.friends.models import Block


def block_user(user: User, other: User) -> Block:
    """For each of the two the other is not there any more; neither is in an album of the other's.

    In albums of others, where both are members, each does not see the other and what is theirs.
    Safe to run twice. Raises RefusedError: oneself, too_many_blocks.
    """
    with transaction.atomic():
        services.lock_ties(user.id, other.id)
        block = services.block_user(user, other)
        shared = Member.objects.filter(
            Q(album__owner=user, user=other) | Q(album__owner=other, user=user)
        )
        for member in shared.select_related("album", "user").order_by("album"):
            leave(member)
    return block
