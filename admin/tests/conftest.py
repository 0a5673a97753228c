"""Two staff members with a photo each, a superuser, and browsers for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from admin.tests.albums import analysed_photo
from backend.accounts.models import User
from backend.conftest import PASSWORD
from backend.core.storage import prepare_bucket
from backend.photos.models import Photo


@pytest.fixture(autouse=True)
def quick_settings(settings: Any) -> None:
    """Static files have a folder, and hashing a password does not take a tenth of a second."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password=PASSWORD, is_staff=True)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD, is_staff=True)


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def browser() -> Callable[[User | None], Client]:
    """A browser in which the user is signed in; None: nobody is."""

    def open_browser(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return open_browser


@pytest.fixture
def photo(alice: User) -> Photo:
    return analysed_photo(alice, "beach.jpg")


@pytest.fixture
def foreign_photo(bob: User) -> Photo:
    return analysed_photo(bob, "secret.jpg")


@pytest.fixture
def bucket() -> None:
    prepare_bucket()
