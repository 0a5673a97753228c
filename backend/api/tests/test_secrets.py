"""What opens something to whoever has it cannot be guessed, and is kept as a digest."""

import random
import re
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.utils import timezone

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import User
from backend.accounts.services import log_in
from backend.albums.invitations import make_invitation
from backend.albums.links import make_link
from backend.albums.models import Role
from backend.albums.services import create_album
from backend.api.tests.belongings import own_models
from backend.conftest import PASSWORD
from backend.events.webhooks import make_webhook
from backend.leaving.closing import close_account


def device(user: User) -> str:
    return log_in(username=user.username, password=PASSWORD, device="x")[0]


def key(user: User) -> str:
    return make_api_key(user=user, name="x", scopes=["photos:read"])[0]


def link(user: User) -> str:
    return make_link(create_album(user, {"title": "x"}), user)[0]


def invitation(user: User) -> str:
    album = create_album(user, {"title": "x"})
    return make_invitation(album, user, Role.VIEWER, expires_at=None)[0]


def receipt(user: User) -> str:
    leaver = User.objects.create_user(f"leaver {User.objects.count()}", password=PASSWORD)
    return close_account(leaver)[0]


def webhook(user: User) -> str:
    return make_webhook(user=user, url="https://example.com/", kinds=["photo.ready"]).secret


KEPT_AS_DIGESTS = [device, key, link, invitation, receipt]
MAKERS = [*KEPT_AS_DIGESTS, webhook]


@pytest.mark.parametrize("make", MAKERS)
def test_a_secret_comes_from_neither_the_clock_nor_a_seed(
    user: User, make: Callable[[User], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    monkeypatch.setattr(time, "time", moment.timestamp)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=1))
    made = set()
    for _ in range(3):
        random.seed(1)
        made.add(make(user))
    assert len(made) == 3
    first, second, _ = made
    # They share no beginning but the one that tells what they are.
    shared = next(place for place, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    assert shared < len("sgt_") + 5
    # 128 bits, six a character.
    assert all(len(re.sub(r"\Asg[tkr]_", "", secret)) >= 22 for secret in made)


@pytest.mark.parametrize("make", KEPT_AS_DIGESTS)
def test_no_table_holds_what_opens_something(user: User, make: Callable[[User], str]) -> None:
    secret = make(user)
    with connection.cursor() as cursor:
        for model in own_models():
            # The whole row, whatever its columns are.
            cursor.execute(
                f'select count(*) from "{model._meta.db_table}" t where t::text like %s',
                [f"%{secret}%"],
            )
            assert cursor.fetchone() == (0,), model
