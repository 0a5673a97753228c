"""Signing in to the back-office."""

import pytest
from django.core.cache import cache
from django.test import Client

from backend.accounts.models import User


@pytest.fixture(autouse=True)
def no_earlier_attempts() -> None:
    cache.clear()


def test_guessing_is_as_slow_here_as_at_the_api(db: None) -> None:
    User.objects.create_superuser("boss", password="a good long pass phrase")
    client = Client()
    for _ in range(21):
        page = client.post("/admin/login/", {"username": "boss", "password": "guess"})
    assert "Too many attempts" in page.content.decode()
    right = {"username": "boss", "password": "a good long pass phrase"}
    assert client.post("/admin/login/", right).status_code == 200  # the form again, not a redirect
    cache.clear()
    assert client.post("/admin/login/", right).status_code == 302
