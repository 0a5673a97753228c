"""Batches in the back-office."""

from collections.abc import Callable

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.analysis.models import Batch
from backend.analysis.services import Wanted, start_batch
from backend.photos.models import Photo
from functions.contract import MODELS, Kind

Browser = Callable[[User | None], Client]
ADDRESS = "/admin/analysis/batch/"


@pytest.fixture
def batch(photo: Photo, alice: User) -> Batch:
    models = {Kind.LABELS: MODELS[Kind.LABELS][0]}
    return start_batch(alice, Wanted(models=models, photo_ids=[photo.id]), budget=2.5)


def test_the_list_tells_how_far_a_batch_is(batch: Batch, alice: User, browser: Browser) -> None:
    page = browser(alice).get(ADDRESS).content.decode()
    assert "0 of 1, 0 failed" in page
    assert "$0.000000" in page
    assert "2.5" in page


def test_a_batch_is_cancelled(batch: Batch, alice: User, browser: Browser) -> None:
    data = {"action": "cancel", "_selected_action": [str(batch.id)]}
    answer = browser(alice).post(ADDRESS, data, follow=True)
    assert "Batches cancelled: 1." in answer.content.decode()
    batch.refresh_from_db()
    assert batch.state == Batch.State.CANCELLED


def test_nobody_cancels_a_batch_of_somebody_else(batch: Batch, bob: User, browser: Browser) -> None:
    browser(bob).post(ADDRESS, {"action": "cancel", "_selected_action": [str(batch.id)]})
    batch.refresh_from_db()
    assert batch.state == Batch.State.RUNNING
