"""Asking for an account's deletion: from that moment on nobody acts as its user."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from backend.accounts.models import ApiKey, Token, User
from backend.accounts.services import digest_secret
from backend.albums.models import Album, AlbumPhoto, Link
from backend.core.errors import RefusedError
from backend.core.jobs import enqueue
from backend.events.models import Webhook
from backend.leaving.models import Deletion
from backend.people.models import Person
from backend.photos.models import Photo

# Whoever has no password proves who they are by having signed in so short a time ago.
FRESH = timedelta(minutes=5)
# A transfer that began with the last ticket's last second is over by then.
_SLOWEST_TRANSFER = timedelta(hours=1)


def prove(user: User, *, password: str, token: Token | None) -> None:
    """It is the user who asks, and not whoever found their phone.

    Raises RefusedError: wrong_password, or sign_in_again for an account without a password.
    """
    if user.has_usable_password():
        if not user.check_password(password):
            raise RefusedError("wrong_password", status=403)
    elif token is None or token.created_at < timezone.now() - FRESH:
        raise RefusedError("sign_in_again", status=403)


def close_account(user: User, *, by_staff: bool = False) -> tuple[str, Deletion]:
    """Nobody can sign in, upload or see a link of the user's, and everything is being erased.

    Returns the receipt, which is kept nowhere and opens the record, and the record. There is no
    way back. Raises RefusedError: last_admin, already_closed.
    """
    receipt = "sgr_" + secrets.token_urlsafe(32)
    with transaction.atomic():
        # All of them in one order, so that the last two administrators cannot leave together.
        admins = User.objects.filter(is_superuser=True, is_active=True).order_by("id")
        others = set(admins.select_for_update(no_key=True).values_list("id", flat=True)) - {user.id}
        user = User.objects.select_for_update(no_key=True).get(id=user.id)
        if user.is_superuser and not others:
            raise RefusedError("last_admin", status=409)
        if Deletion.objects.filter(account_id=user.id).exists():
            raise RefusedError("already_closed", status=409)
        user.is_active = False
        # Ends every session of the back-office too.
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        removed = [
            model.objects.filter(**{name: user}).delete()[1]
            for model, name in ((Token, "user"), (ApiKey, "user"), (Webhook, "owner"))
        ]
        removed.append(Link.objects.filter(Q(made_by=user) | Q(album__owner=user)).delete()[1])
        deletion = Deletion.objects.create(
            account_id=user.id,
            digest=digest_secret(receipt),
            by_staff=by_staff,
            removed={label: count for counts in removed for label, count in counts.items()},
            watched_until=timezone.now()
            + timedelta(seconds=settings.UPLOAD_TICKET_SECONDS)
            + _SLOWEST_TRANSFER,
        )
        # If the message is lost, the timer finds the record.
        transaction.on_commit(lambda: enqueue("leaving.delete_accounts"))
    return receipt, deletion


def find_deletion(receipt: str) -> Deletion | None:
    """The record that the receipt belongs to."""
    return Deletion.objects.filter(digest=digest_secret(receipt)).first()


@dataclass(frozen=True, kw_only=True)
class SharedAlbum:
    """An album that its members lose with its maker; photos_of_others stay with their owners."""

    album: Album
    member_count: int
    photos_of_others: int


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What goes with an account."""

    photo_count: int
    used_bytes: int
    person_count: int
    album_count: int
    shared_albums: list[SharedAlbum]
    # How often a photo of theirs stands in somebody else's album, which it leaves.
    photos_in_albums_of_others: int


def foresee_loss(user: User) -> Loss:
    """What the deletion of the account would erase, and whom else it concerns."""
    albums = Album.objects.filter(owner=user)
    foreign = ~Q(entries__photo__owner=F("owner")) & Q(entries__isnull=False)
    shared = albums.annotate(
        member_count=Count("members", distinct=True),
        foreign_count=Count("entries", filter=foreign, distinct=True),
    ).filter(member_count__gt=0)
    account = User.objects.get(id=user.id)
    return Loss(
        photo_count=Photo.objects.filter(owner=user).count(),
        used_bytes=account.used_bytes,
        person_count=Person.objects.filter(owner=user).count(),
        album_count=albums.count(),
        shared_albums=[
            SharedAlbum(
                album=album,
                member_count=album.member_count,
                photos_of_others=album.foreign_count,
            )
            for album in shared.order_by("position", "id")
        ],
        photos_in_albums_of_others=AlbumPhoto.objects.filter(photo__owner=user)
        .exclude(album__owner=user)
        .count(),
    )
