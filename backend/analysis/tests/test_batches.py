"""Batches: exact progress, a budget that holds, an end, and nobody's death that matters."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis import batch_progress
from backend.analysis.batches import (
    Progress,
    Wanted,
    cancel_batch,
    choose_photos,
    forget_batches,
    open_batches,
    progress_of,
    start_batch,
)
from backend.analysis.feeding import feed_batch
from backend.analysis.models import Analysis, Batch, BatchItem, Use
from backend.analysis.object_import import own_prefix
from backend.analysis.services import (
    claim_analyses,
    find_keys,
    reanalyze,
    record_result,
    start_analysis,
    sweep,
)
from backend.analysis.usage import cost_of
from backend.conftest import inspection, labels, make_photo, make_result, make_run
from backend.core import storage
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.services import delete_photo
from functions.contract import MODELS, Failure, Findings, Kind

MODEL = {Kind.LABELS: MODELS[Kind.LABELS][0]}
CPU_MS = 11.0  # of conftest.make_run


def make_photos(owner: User, count: int) -> list[Photo]:
    """Photos that were looked at before, so that there is something to estimate from."""
    photos = [make_photo(owner) for _ in range(count)]
    for photo in photos:
        start_analysis(photo)
        Analysis.objects.filter(photo=photo).exclude(kind__in=["inspection", "labels"]).delete()
        claim = claim_analyses(photo.id)
        assert claim is not None
        run = make_run(claim.request_id)
        record_result(make_result(photo, inspection(), run=run))
        record_result(make_result(photo, labels(("cat", "猫")), run=run))
    return photos


def start(owner: User, photos: list[Photo], **options: Any) -> Batch:
    """A batch that has been fed once, as the message that it sends would do."""
    wanted = Wanted(models=MODEL, photo_ids=[photo.id for photo in photos])
    batch = start_batch(owner, wanted, **options)
    feed_batch(batch.id)
    return batch


def work(photo_id: Any, found: Findings | Failure | None = None, *, cpu_ms: float = CPU_MS) -> bool:
    """What a functions worker does. False if there is nothing to do for the photo."""
    claim = claim_analyses(photo_id)
    if claim is None:
        return False
    photo = Photo.objects.get(id=photo_id)
    for kind in claim.models:
        answer = found if isinstance(found, Failure) else _finding(kind)
        run = make_run(claim.request_id, started_at=timezone.now().isoformat())
        values = {**vars(run), "cpu_ms": cpu_ms}
        record_result(make_result(photo, answer, kind=Kind(kind), run=type(run)(**values)))
    return True


def _finding(kind: str) -> Findings:
    return inspection() if kind == Kind.INSPECTION else labels(("dog", "狗"))


def progress(batch: Batch) -> Progress:
    batch.refresh_from_db()
    return progress_of([batch])[batch.id]


def counts(batch: Batch) -> dict[str, int]:
    return {state: count for state, count in progress(batch).counts.items() if count}


def test_a_batch_queues_every_photo_anew_and_ends_when_all_have(user: User) -> None:
    photos = make_photos(user, 3)
    batch = start(user, photos)
    assert counts(batch) == {"started": 3}
    assert work(photos[0].id)
    assert counts(batch) == {"started": 2, "done": 1}
    assert progress(batch).eta is not None
    assert [work(photo.id) for photo in photos[1:]] == [True, True]
    assert (counts(batch), progress(batch).state) == ({"done": 3}, "done")
    assert progress(batch).cost == pytest.approx(cost_of(3 * CPU_MS))
    feed_batch(batch.id)
    batch.refresh_from_db()
    assert (batch.state, batch.ended_at is not None) == (Batch.State.DONE, True)
    assert (counts(batch), progress(batch).state) == ({"done": 3}, "done")
    assert progress(batch).cost == progress(batch).estimated_cost
    assert batch.id not in open_batches()


def test_only_a_window_of_a_batch_is_under_way(user: User, settings: Any) -> None:
    settings.BATCH_WINDOW = 2
    photos = make_photos(user, 5)
    batch = start(user, photos)
    assert counts(batch) == {"started": 2, "waiting": 3}
    feed_batch(batch.id)
    assert counts(batch) == {"started": 2, "waiting": 3}
    work(photos[0].id)
    feed_batch(batch.id)
    assert counts(batch) == {"done": 1, "started": 2, "waiting": 2}


def test_what_ends_makes_room_for_the_next(
    user: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.BATCH_WINDOW = 2
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(batch_progress, "enqueue", lambda *what: asked.append(what))
    photos = make_photos(user, 3)
    batch = start(user, photos)
    with django_capture_on_commit_callbacks(execute=True):
        work(photos[0].id)
    assert asked == [("analysis.feed_batch", str(batch.id))]


def test_a_failure_is_counted_once_with_its_code_and_all_its_attempts_cost(user: User) -> None:
    (photo,) = make_photos(user, 1)
    batch = start(user, [photo])
    broken = Failure(stage="embed", code="internal_error", detail="x", permanent=False)
    for attempt in range(settings.ANALYSIS_MAX_ATTEMPTS):
        assert counts(batch) == {"started": 1}
        Analysis.objects.filter(photo=photo).update(due_at=timezone.now())
        assert work(photo.id, broken), attempt
    assert counts(batch) == {"failed": 1}
    assert batch.items.get().code == "internal_error"
    spent = settings.ANALYSIS_MAX_ATTEMPTS * CPU_MS
    assert progress(batch).cost == pytest.approx(cost_of(spent))


def test_a_worker_that_dies_three_times_fails_its_item(user: User) -> None:
    (photo,) = make_photos(user, 1)
    batch = start(user, [photo])
    for _ in range(settings.ANALYSIS_MAX_ATTEMPTS):
        assert claim_analyses(photo.id) is not None
        Analysis.objects.filter(photo=photo, state="running").update(
            lease_expires_at=timezone.now() - timedelta(seconds=1)
        )
        sweep()
    assert counts(batch) == {"failed": 1}
    assert batch.items.get().code == "worker_lost"


def test_who_feeds_a_batch_and_dies_is_followed_by_another(user: User, settings: Any) -> None:
    photos = make_photos(user, 2)
    wanted = Wanted(models=MODEL, photo_ids=[photo.id for photo in photos])
    batch = start_batch(user, wanted)
    Batch.objects.filter(id=batch.id).update(feeding_until=timezone.now() + timedelta(seconds=90))
    feed_batch(batch.id)
    assert counts(batch) == {"waiting": 2}  # somebody else is at it
    Batch.objects.filter(id=batch.id).update(feeding_until=timezone.now() - timedelta(seconds=1))
    feed_batch(batch.id)
    assert counts(batch) == {"started": 2}


def test_the_same_batch_fed_twice_starts_nothing_twice(user: User) -> None:
    photos = make_photos(user, 2)
    batch = start(user, photos)
    work(photos[0].id)
    feed_batch(batch.id)
    assert counts(batch) == {"started": 1, "done": 1}
    assert not work(photos[0].id)


def test_a_budget_stops_a_batch_before_it_is_exceeded(user: User) -> None:
    photos = make_photos(user, 5)
    budget = cost_of(3.5 * CPU_MS)
    batch = start(user, photos, budget=budget)
    assert counts(batch) == {"started": 3, "waiting": 2}
    for photo in photos[:3]:
        assert work(photo.id)
    feed_batch(batch.id)
    told = progress(batch)
    assert told.state == "stopped_by_budget"
    assert counts(batch) == {"done": 3, "cancelled": 2}
    assert told.cost <= budget
    assert not any(work(photo.id) for photo in photos[3:])


def test_what_was_set_aside_and_not_needed_is_spent_on_others(user: User) -> None:
    photos = make_photos(user, 5)
    batch = start(user, photos, budget=cost_of(3.6 * CPU_MS))
    for photo in photos[:3]:
        assert work(photo.id, cpu_ms=CPU_MS / 2)
    feed_batch(batch.id)
    assert counts(batch) == {"done": 3, "started": 2}


def test_where_nothing_was_run_before_one_goes_first(user: User) -> None:
    photos = make_photos(user, 3)
    Analysis.objects.filter(kind="labels").update(cpu_ms=None)
    batch = start(user, photos, budget=1.0)
    assert counts(batch) == {"started": 1, "waiting": 2}
    assert progress(batch).estimated_cost is None
    feed_batch(batch.id)
    assert counts(batch) == {"started": 1, "waiting": 2}
    work(photos[0].id)
    feed_batch(batch.id)
    assert counts(batch) == {"done": 1, "started": 2}


def test_an_estimate_is_the_median_of_what_such_analyses_took(user: User) -> None:
    photos = make_photos(user, 3)
    wanted = Wanted(models=MODEL, photo_ids=[photo.id for photo in photos])
    rows = Analysis.objects.filter(kind="labels").order_by("id").values_list("id", flat=True)
    for row, cpu_ms in zip(rows, (10.0, 20.0, 900.0), strict=True):
        Analysis.objects.filter(id=row).update(cpu_ms=cpu_ms)
    assert wanted.estimated_cost() == pytest.approx(cost_of(3 * 20))
    assert progress(start_batch(user, wanted)).estimated_cost == pytest.approx(cost_of(3 * 20))


def test_cancelling_stops_what_is_not_started_and_gives_back_what_was(
    user: User, settings: Any
) -> None:
    settings.BATCH_WINDOW = 3
    photos = make_photos(user, 4)
    batch = start(user, photos)
    assert claim_analyses(photos[0].id) is not None
    cancel_batch(batch)
    assert progress(batch).state == "cancelled"
    assert counts(batch) == {"started": 1, "cancelled": 3}
    assert not any(work(photo.id) for photo in photos[1:])
    # As before: what the model had found is still there.
    for photo in photos[1:]:
        photo.refresh_from_db()
        assert photo.status == Photo.Status.READY
        assert photo.analyses.get(kind="labels").state == Analysis.State.DONE
        assert photo.labels.get().name == "cat"
    cancel_batch(batch)
    assert counts(batch) == {"started": 1, "cancelled": 3}


def test_what_runs_at_a_cancelling_is_counted_when_it_ends(user: User) -> None:
    photos = make_photos(user, 1)
    batch = start(user, photos)
    claim = claim_analyses(photos[0].id)
    assert claim is not None
    cancel_batch(batch)
    run = make_run(claim.request_id, started_at=timezone.now().isoformat())
    feed_batch(batch.id)
    batch.refresh_from_db()
    assert batch.summary is None  # it may yet end in two ways
    record_result(make_result(photos[0], labels(("dog", "狗")), run=run))
    assert counts(batch) == {"done": 1}
    feed_batch(batch.id)
    assert (progress(batch).state, counts(batch)) == ("cancelled", {"done": 1})


def test_a_batch_that_is_over_cannot_be_cancelled(user: User) -> None:
    photos = make_photos(user, 1)
    batch = start(user, photos)
    work(photos[0].id)
    cancel_batch(batch)
    assert (progress(batch).state, counts(batch)) == ("done", {"done": 1})


def test_a_cancelled_batch_takes_nothing_from_another(user: User) -> None:
    photos = make_photos(user, 1)
    first, second = start(user, photos), start(user, photos)
    cancel_batch(first)
    feed_batch(first.id)
    assert (counts(first), counts(second)) == ({"cancelled": 1}, {"started": 1})
    assert work(photos[0].id)
    assert counts(second) == {"done": 1}


def test_a_photo_that_is_deleted_meanwhile_is_told(user: User) -> None:
    photos = make_photos(user, 3)
    wanted = Wanted(models=MODEL, photo_ids=[photo.id for photo in photos])
    batch = start_batch(user, wanted)
    delete_photo(photos[0])
    feed_batch(batch.id)
    delete_photo(photos[1])
    feed_batch(batch.id)
    assert counts(batch) == {"failed": 2, "started": 1}
    assert set(batch.items.filter(state="failed").values_list("code", flat=True)) == {"photo_gone"}


def test_only_what_is_missing_is_done_if_one_likes(user: User) -> None:
    photos = make_photos(user, 2)
    photos[1].analyses.filter(kind="labels").delete()
    own = Photo.objects.filter(owner=user)
    assert choose_photos(own, MODEL, missing_only=True) == [photos[1].id]
    assert choose_photos(own, MODEL, missing_only=False) == [photo.id for photo in photos]


def test_photos_without_a_picture_to_look_at_are_left_out(user: User) -> None:
    photo = make_photo(user)
    make_photo(user, status=Photo.Status.AWAITING_UPLOAD)
    own = Photo.objects.filter(owner=user)
    assert choose_photos(own, MODEL, missing_only=False) == []
    everything = {Kind.INSPECTION: MODELS[Kind.INSPECTION][0]} | MODEL
    assert choose_photos(own, everything, missing_only=False) == [photo.id]


def test_batches_have_bounds(user: User, settings: Any) -> None:
    photos = make_photos(user, 2)
    settings.MAX_OPEN_BATCHES = 1
    with pytest.raises(RefusedError, match="nothing_to_do"):
        start_batch(user, Wanted(models=MODEL))
    start(user, photos)
    with pytest.raises(RefusedError, match="too_many_batches"):
        start(user, photos)
    for photo in photos:
        work(photo.id)
    start(user, photos)  # the first is over
    settings.MAX_BATCH_PHOTOS = 1
    with pytest.raises(RefusedError, match="batch_too_large"):
        choose_photos(Photo.objects.filter(owner=user), MODEL, missing_only=False)


def test_batches_that_ended_long_ago_are_forgotten(user: User) -> None:
    photos = make_photos(user, 1)
    batch, other = start(user, photos), start(user, photos)
    cancel_batch(batch)
    long_ago = timezone.now() - timedelta(days=settings.BATCH_DAYS + 1)
    Batch.objects.filter(id=batch.id).update(ended_at=long_ago)
    assert forget_batches() == 1
    assert list(Batch.objects.all()) == [other]


# --- objects that are in the bucket already ---------------------------------------------------


@pytest.fixture
def put(user: User) -> Iterator[Callable[[str, bytes], str]]:
    """Puts an object into the user's folder, as their own program would."""
    keys = []

    def put_object(name: str, data: bytes) -> str:
        key = f"{own_prefix(user)}{name}"
        storage._client().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=data)
        keys.append(key)
        return key

    yield put_object
    storage.delete_objects(keys)


def import_batch(user: User, **options: Any) -> Batch:
    prefix = own_prefix(user)
    batch = start_batch(
        user, Wanted(models=MODEL, prefix=prefix, keys=find_keys(prefix)), **options
    )
    feed_batch(batch.id)
    return batch


JPEG = b"\xff\xd8\xff\xe0 more or less a photo "


def test_objects_become_photos_without_being_sent_again(
    user: User, put: Callable[[str, bytes], str]
) -> None:
    put("2023/beach.jpg", JPEG)
    batch = import_batch(user)
    photo = Photo.objects.get(owner=user)
    assert (photo.filename, photo.size, photo.status) == ("beach.jpg", len(JPEG), "processing")
    stored = storage.open_object(f"originals/{photo.id}")
    assert stored is not None
    assert b"".join(stored.chunks) == JPEG
    user.refresh_from_db()
    assert user.used_bytes == len(JPEG)
    # What was asked for, and the inspection that it needs.
    assert set(photo.analyses.values_list("kind", flat=True)) == {"inspection", "labels"}
    assert counts(batch) == {"started": 1}
    assert work(photo.id)
    assert (counts(batch), progress(batch).state) == ({"done": 1}, "done")
    assert progress(batch).cost == pytest.approx(cost_of(2 * CPU_MS))
    delete_photo(photo)


def test_what_is_no_photo_fails_by_itself(user: User, put: Callable[[str, bytes], str]) -> None:
    put("a.txt", b"hello")
    put("b.jpg", b"")
    put("c.jpg", JPEG)
    batch = import_batch(user)
    assert counts(batch) == {"started": 1, "failed": 2}
    failed = batch.items.filter(state="failed").order_by("key")
    assert [item.code for item in failed] == ["unsupported_type", "empty_file"]
    delete_photo(Photo.objects.get(owner=user))


def test_an_object_that_is_a_photo_already_is_not_stored_twice(
    user: User, put: Callable[[str, bytes], str]
) -> None:
    put("a.jpg", JPEG)
    put("b.jpg", JPEG)
    batch = import_batch(user)
    photo = Photo.objects.get(owner=user)
    assert counts(batch) == {"started": 2}
    assert work(photo.id)
    assert counts(batch) == {"done": 2}
    delete_photo(photo)


def test_an_object_beyond_the_quota_is_refused(
    user: User, put: Callable[[str, bytes], str]
) -> None:
    User.objects.filter(id=user.id).update(quota_bytes=5)
    put("a.jpg", JPEG)
    batch = import_batch(user)
    assert counts(batch) == {"failed": 1}
    assert batch.items.get().code == "quota_exceeded"


def test_a_copy_that_was_broken_off_is_made_by_who_comes_next(
    user: User, put: Callable[[str, bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a.jpg", JPEG)
    with monkeypatch.context() as patch:
        # As if the process had been killed there.
        patch.setattr("backend.analysis.feeding.bring_bytes", lambda photo, key: None)
        batch = import_batch(user)
    photo = Photo.objects.get(owner=user)
    assert photo.status == Photo.Status.AWAITING_UPLOAD
    feed_batch(batch.id)
    photo.refresh_from_db()
    assert photo.status == Photo.Status.PROCESSING
    assert counts(batch) == {"started": 1}
    delete_photo(photo)


def test_a_batch_that_is_cancelled_in_the_middle_of_a_copy_comes_to_an_end(
    user: User, put: Callable[[str, bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a.jpg", JPEG)
    with monkeypatch.context() as patch:
        patch.setattr("backend.analysis.feeding.bring_bytes", lambda photo, key: None)
        batch = import_batch(user)
    cancel_batch(batch)
    photo = Photo.objects.get(owner=user)
    assert photo.status == Photo.Status.AWAITING_UPLOAD
    # Whoever copied it has died.
    feed_batch(batch.id)
    assert counts(batch) == {"cancelled": 1}
    assert batch.summary is not None


def test_more_objects_than_a_batch_holds_are_refused(
    user: User, put: Callable[[str, bytes], str], settings: Any
) -> None:
    settings.MAX_BATCH_OBJECTS = 1
    put("a.jpg", JPEG)
    put("b.jpg", JPEG)
    with pytest.raises(RefusedError, match="batch_too_large"):
        find_keys(own_prefix(user))


# --- what it took -----------------------------------------------------------------------------


def test_every_attempt_is_in_the_ledger_and_stays_there(user: User) -> None:
    (photo,) = make_photos(user, 1)
    reanalyze(photo, [Kind.LABELS])
    work(photo.id)
    used = Use.objects.get(owner=user, kind="labels")
    assert (used.analyses, used.cpu_ms) == (2, 2 * CPU_MS)
    delete_photo(photo)
    used.refresh_from_db()
    assert used.analyses == 2


def test_a_result_that_comes_twice_is_paid_once(user: User) -> None:
    (photo,) = make_photos(user, 1)
    batch = start(user, [photo])
    claim = claim_analyses(photo.id)
    assert claim is not None
    run = make_run(claim.request_id, started_at=timezone.now().isoformat())
    for _ in range(2):
        record_result(make_result(photo, labels(("dog", "狗")), run=run))
    assert Use.objects.get(owner=user, kind="labels").analyses == 2
    assert BatchItem.objects.get(batch=batch).cpu_ms == CPU_MS
