"""Checks of what people share: superusers decide, their owners only look."""

from collections.abc import Callable

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from admin.tests.test_ownership import address
from backend.accounts.models import User
from backend.photos.models import Photo
from backend.wechat.models import PhotoCheck, TextCheck

Browser = Callable[[User | None], Client]
State = PhotoCheck.State


@pytest.fixture
def check(photo: Photo) -> PhotoCheck:
    return PhotoCheck.objects.create(
        photo=photo, state=State.FAILED, attempts=8, code="busy", detail="45009 daily quota"
    )


def act(client: Client, model: type[Model], action: str) -> None:
    row = model._default_manager.get()
    data = {"action": action, "_selected_action": [str(row.pk)]}
    client.post(address(model, "changelist"), data)


def test_the_queue_says_what_failed_and_why(
    check: PhotoCheck, root: User, browser: Browser
) -> None:
    page = address(PhotoCheck, "changelist") + "?state__exact=failed"
    body = browser(root).get(page).content.decode()
    assert "beach.jpg" in body
    assert "45009 daily quota" in body


@pytest.mark.parametrize(
    ("action", "state", "verdict"),
    [("let_pass", State.PASSED, "ok"), ("block", State.REFUSED, "blocked")],
)
def test_a_superuser_decides(
    action: str, state: str, verdict: str, check: PhotoCheck, root: User, browser: Browser
) -> None:
    act(browser(root), PhotoCheck, action)
    check.refresh_from_db()
    assert (check.state, check.decided_by) == (state, root)
    assert check.photo.wechat_verdict == verdict
    assert check.decided_at is not None


def test_what_failed_is_asked_again(check: PhotoCheck, root: User, browser: Browser) -> None:
    act(browser(root), PhotoCheck, "ask_again")
    check.refresh_from_db()
    assert (check.state, check.attempts, check.code) == (State.WAITING, 0, "")
    assert check.due_at is not None
    assert check.due_at <= timezone.now()


def test_a_text_is_decided_too(alice: User, root: User, browser: Browser) -> None:
    TextCheck.objects.create(author=alice, text="words", scene=4, state=State.REVIEW)
    assert "words" in browser(root).get(address(TextCheck, "changelist")).content.decode()
    act(browser(root), TextCheck, "let_pass")
    assert TextCheck.objects.get().state == State.PASSED


@pytest.mark.parametrize("action", ["let_pass", "block", "ask_again"])
def test_nobody_else_decides_not_even_about_their_own(
    action: str, check: PhotoCheck, alice: User, bob: User, browser: Browser
) -> None:
    before = PhotoCheck.objects.values().get()
    for user in (alice, bob):
        act(browser(user), PhotoCheck, action)
    assert PhotoCheck.objects.values().get() == before
    check.photo.refresh_from_db()
    assert check.photo.wechat_verdict == "pending"
