"""The work is handed out once, held by a lease, and found again when it is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis import starting, sweeping
from backend.analysis.models import Analysis
from backend.analysis.services import claim_analyses, dispatch, reanalyze, start_analysis, sweep
from backend.conftest import make_photo
from backend.core import jobs
from backend.core.errors import RefusedError
from backend.core.uuids import uuid7
from backend.photos.models import Photo
from functions.contract import ANALYSIS_QUEUE, Kind


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The photos a worker was told of."""
    told: list[str] = []

    def tell(name: str, *args: Any, **options: Any) -> bool:
        if options.get("queue") == ANALYSIS_QUEUE:
            told.append(str(args[0]))
        return True

    monkeypatch.setattr(starting, "enqueue", tell)
    monkeypatch.setattr(sweeping, "waiting_messages", lambda queue: 1)
    return told


def age(photo: Photo, **columns: Any) -> None:
    Analysis.objects.filter(photo=photo).update(**columns)


def test_a_claim_hands_out_every_kind_with_its_model(photo: Photo) -> None:
    start_analysis(photo)
    claim = claim_analyses(photo.id)
    assert claim is not None
    assert set(claim.models) == {str(kind) for kind in Kind}
    assert (claim.sha256, claim.size) == (photo.sha256, photo.size)
    assert set(photo.analyses.values_list("state", "attempts")) == {("running", 1)}


def test_a_second_claim_gets_nothing(photo: Photo) -> None:
    start_analysis(photo)
    claim_analyses(photo.id)
    assert claim_analyses(photo.id) is None


def test_a_claim_for_an_unknown_photo_gets_nothing(db: None) -> None:
    assert claim_analyses(uuid7()) is None


def test_starting_twice_makes_one_row_a_kind(photo: Photo) -> None:
    start_analysis(photo)
    start_analysis(photo)
    assert photo.analyses.count() == len(Kind)


def test_event_complete_and_sweeper_together_send_one_message(
    photo: Photo, messages: list[str]
) -> None:
    start_analysis(photo)
    for _ in range(3):
        dispatch(photo.id)
    sweep()
    assert messages == [str(photo.id)]


def test_an_expired_lease_is_taken_back_and_dispatched(photo: Photo, messages: list[str]) -> None:
    start_analysis(photo)
    claim_analyses(photo.id)
    age(photo, lease_expires_at=timezone.now() - timedelta(seconds=1))
    found = sweep()
    assert found["leases"] == len(Kind)
    assert messages == [str(photo.id)]
    assert claim_analyses(photo.id) is not None


def test_a_living_lease_is_left_alone(photo: Photo, messages: list[str]) -> None:
    start_analysis(photo)
    claim_analyses(photo.id)
    assert sweep() == {"uploads": 0, "leases": 0, "dispatched": 0}
    assert messages == []


def test_a_photo_that_takes_its_workers_with_it_is_given_up(
    photo: Photo, messages: list[str]
) -> None:
    start_analysis(photo)
    for _ in range(settings.ANALYSIS_MAX_ATTEMPTS):
        assert claim_analyses(photo.id) is not None
        age(photo, lease_expires_at=timezone.now() - timedelta(seconds=1))
        sweep()
    assert claim_analyses(photo.id) is None
    photo.refresh_from_db()
    assert photo.status == Photo.Status.FAILED
    assert set(photo.analyses.values_list("state", "code")) == {("failed", "worker_lost")}


def test_a_lost_message_is_sent_again_once_the_queue_is_empty(
    photo: Photo, messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start_analysis(photo)
    dispatch(photo.id)
    age(photo, dispatched_at=timezone.now() - timedelta(seconds=20))
    sweep()
    assert len(messages) == 1  # it may still be in the queue
    monkeypatch.setattr(sweeping, "waiting_messages", lambda queue: 0)
    sweep()
    assert len(messages) == 2


def test_a_message_older_than_its_time_to_live_is_sent_again(
    photo: Photo, messages: list[str]
) -> None:
    start_analysis(photo)
    dispatch(photo.id)
    late = timezone.now() - timedelta(seconds=settings.ANALYSIS_DISPATCH_SECONDS + 1)
    age(photo, dispatched_at=late)
    sweep()
    assert len(messages) == 2


def test_a_broker_that_is_away_loses_nothing(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    start_analysis(photo)
    monkeypatch.setattr(starting, "enqueue", lambda *args, **options: False)
    dispatch(photo.id)
    assert not photo.analyses.filter(dispatched_at__isnull=False).exists()


def test_a_crash_between_upload_and_start_is_mended_by_the_sweeper(
    user: User, messages: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    photo = make_photo(user, uploaded_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep()["uploads"] == 1
    assert messages == [str(photo.id)]


def test_others_wait_while_inspection_runs_elsewhere(photo: Photo) -> None:
    start_analysis(photo)
    later = timezone.now() + timedelta(minutes=1)
    photo.analyses.filter(kind=Kind.INSPECTION).update(state="running", lease_expires_at=later)
    assert claim_analyses(photo.id) is None


def test_reanalysis_queues_only_the_kinds_asked_for(photo: Photo) -> None:
    start_analysis(photo)
    photo.analyses.update(state="done")
    reanalyze(photo, [Kind.TEXT])
    claim = claim_analyses(photo.id)
    assert claim is not None
    assert list(claim.models) == ["text"]


def test_reanalysis_by_another_model_keeps_the_first_models_row(photo: Photo) -> None:
    start_analysis(photo)
    photo.analyses.update(state="done")
    reanalyze(photo, [Kind.FACES], model="face-recognition-1")
    assert photo.analyses.filter(kind=Kind.FACES).count() == 2


def test_an_unknown_model_is_refused(photo: Photo) -> None:
    with pytest.raises(RefusedError, match="unknown_model"):
        reanalyze(photo, [Kind.FACES], model="nonsense")


def test_messages_reach_the_real_broker(db: None) -> None:
    before = jobs.waiting_messages("test-queue")
    assert jobs.enqueue("test.nothing", queue="test-queue", expires=60)
    assert jobs.waiting_messages("test-queue") == before + 1
