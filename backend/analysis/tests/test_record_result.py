"""Findings on record: once, in order of their runs, with a person's word above them."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from pgvector.django import CosineDistance

from backend.accounts.models import User
from backend.analysis.models import Analysis, ImageFeatures, LabelVerdict
from backend.analysis.services import (
    claim_analyses,
    reanalyze,
    record_result,
    start_analysis,
)
from backend.conftest import (
    face,
    faces,
    inspection,
    labels,
    make_photo,
    make_result,
    make_run,
    text,
)
from backend.core import storage
from backend.core.meanings import meaning_of
from backend.people.models import Person
from backend.photos.models import Photo
from backend.photos.services import delete_photo
from functions.contract import (
    Failure,
    Kind,
    ModerationFindings,
    Rendition,
    Result,
    original_key,
    rendition_key,
)

PERMANENT = Failure(stage="decode", code="not_an_image", detail="HTML.", permanent=True)
PASSING = Failure(stage="read", code="storage_unavailable", detail="Away.", permanent=False)


def record_all(photo: Photo) -> None:
    for found in (
        inspection(),
        faces(face()),
        labels(("dog", "狗")),
        text("RECEIPT 小票"),
        ModerationFindings(score=0.02),
    ):
        record_result(make_result(photo, found))


def test_the_photo_nearest_to_what_a_query_means_comes_first(user: User) -> None:
    for word in ("mountain", "dog", "birthday cake"):
        found = labels((word, ""), meaning=meaning_of(word))
        record_result(make_result(make_photo(user, filename=f"{word}.jpg"), found))
    # Sorted here: an index scan stops early among what other tests' rollbacks left in it.
    nearest, *_ = sorted(
        ImageFeatures.objects.annotate(
            distance=CosineDistance("meaning", list(meaning_of("小狗")))
        ).select_related("photo"),
        key=lambda features: features.distance,
    )
    assert nearest.photo.filename == "dog.jpg"
    assert nearest.distance < 0.5


def test_the_same_result_twice_changes_nothing(photo: Photo) -> None:
    result = make_result(photo, faces(face(), face(3, left=0.5)))
    record_result(result)
    before = list(photo.faces.order_by("id").values())
    record_result(result)
    assert list(photo.faces.order_by("id").values()) == before
    assert len(before) == 2


def test_a_photo_is_ready_when_all_kinds_are_done(photo: Photo) -> None:
    start_analysis(photo)
    record_all(photo)
    photo.refresh_from_db()
    assert photo.status == Photo.Status.READY
    assert (photo.width, photo.city, photo.has_text) == (4000, "Arezzo", True)
    assert photo.moderation_verdict == "ok"
    assert (photo.search_stale, photo.people_stale) == (True, True)
    assert photo.taken_at is not None
    assert photo.taken_at.isoformat() == "2023-05-01T16:30:00+00:00"
    assert ImageFeatures.objects.filter(photo=photo).count() == 1


def test_an_older_run_never_overwrites_a_newer_one(photo: Photo) -> None:
    newer = make_run(started_at="2026-01-02T00:00:00+00:00")
    older = make_run(started_at="2026-01-01T00:00:00+00:00")
    record_result(make_result(photo, labels(("cat", "猫")), run=newer))
    record_result(make_result(photo, labels(("dog", "狗")), run=older))
    assert [label.name for label in photo.labels.all()] == ["cat"]


def test_a_newer_run_replaces_what_the_older_one_found(photo: Photo) -> None:
    record_result(make_result(photo, text("old line", "second")))
    newer = make_run(started_at="2026-02-01T00:00:00+00:00")
    record_result(make_result(photo, text("new line"), run=newer))
    assert [line.text for line in photo.text_lines.all()] == ["new line"]


def test_a_permanent_failure_of_inspection_fails_the_photo_and_says_why(photo: Photo) -> None:
    start_analysis(photo)
    record_result(make_result(photo, PERMANENT, kind=Kind.INSPECTION))
    photo.refresh_from_db()
    analysis = photo.analyses.get(kind=Kind.INSPECTION)
    assert photo.status == Photo.Status.FAILED
    assert (analysis.state, analysis.stage, analysis.code) == ("failed", "decode", "not_an_image")


def test_a_failed_branch_leaves_the_photo_ready(photo: Photo) -> None:
    start_analysis(photo)
    record_all(photo)
    record_result(
        make_result(
            photo,
            Failure(stage="detect", code="broken", detail="x", permanent=True),
            kind=Kind.FACES,
            run=make_run(started_at="2026-03-01T00:00:00+00:00"),
        )
    )
    photo.refresh_from_db()
    assert photo.status == Photo.Status.READY
    assert photo.analyses.get(kind=Kind.FACES).code == "broken"


def test_a_passing_failure_is_tried_again_later_and_in_the_end_given_up(photo: Photo) -> None:
    start_analysis(photo)
    analysis = photo.analyses.get(kind=Kind.TEXT)
    for attempt in range(1, settings.ANALYSIS_MAX_ATTEMPTS + 1):
        Analysis.objects.filter(photo=photo).update(due_at=timezone.now())
        claim = claim_analyses(photo.id)
        assert claim is not None
        run = make_run(claim.request_id, timezone.now().isoformat())
        record_result(make_result(photo, PASSING, kind=Kind.TEXT, run=run))
        analysis.refresh_from_db()
        assert analysis.attempts == attempt
        if attempt < settings.ANALYSIS_MAX_ATTEMPTS:
            assert analysis.state == Analysis.State.QUEUED
            assert analysis.due_at > timezone.now() + timedelta(seconds=5)
            # The others of the claim are still running: let them wait as well.
            photo.analyses.exclude(kind=Kind.TEXT).update(state="queued", lease_expires_at=None)
            photo.analyses.exclude(kind=Kind.TEXT).update(attempts=0)
    assert analysis.state == Analysis.State.FAILED
    assert analysis.code == "storage_unavailable"


def test_the_same_passing_failure_twice_is_counted_once(photo: Photo) -> None:
    start_analysis(photo)
    claim = claim_analyses(photo.id)
    assert claim is not None
    run = make_run(claim.request_id, timezone.now().isoformat())
    result = make_result(photo, PASSING, kind=Kind.TEXT, run=run)
    record_result(result)
    due_at = photo.analyses.get(kind=Kind.TEXT).due_at
    record_result(result)
    analysis = photo.analyses.get(kind=Kind.TEXT)
    assert (analysis.attempts, analysis.due_at) == (1, due_at)


def test_a_result_for_a_deleted_photo_is_dropped(photo: Photo) -> None:
    result = make_result(photo, labels(("dog", "狗")))
    photo.delete()
    assert record_result(result) is None
    assert not Analysis.objects.exists()


def test_what_was_stored_for_a_deleted_photo_is_removed(photo: Photo) -> None:
    result = make_result(photo, inspection())
    key = rendition_key(str(photo.id), Rendition.PREVIEW)
    storage._client().put_object(Bucket="photos", Key=key, Body=b"x")
    delete_photo(photo)
    storage._client().put_object(Bucket="photos", Key=key, Body=b"x")
    record_result(result)
    assert storage.head(key) is None


def test_a_late_copy_of_a_result_does_not_end_a_reanalysis(photo: Photo) -> None:
    start_analysis(photo)
    claim = claim_analyses(photo.id)
    assert claim is not None
    run = make_run(claim.request_id, timezone.now().isoformat())
    result = make_result(photo, labels(("dog", "狗")), run=run)
    record_result(result)
    reanalyze(photo, [Kind.LABELS])
    record_result(result)
    assert photo.analyses.get(kind=Kind.LABELS).state == "queued"


def test_bytes_that_are_not_the_announced_ones_make_way_for_the_right_ones(
    photo: Photo, django_capture_on_commit_callbacks: Any
) -> None:
    start_analysis(photo)
    key = original_key(str(photo.id))
    storage._client().put_object(Bucket="photos", Key=key, Body=b"x")
    wrong = Failure(stage="read", code="checksum_mismatch", detail="x", permanent=True)
    with django_capture_on_commit_callbacks(execute=True):
        record_result(make_result(photo, wrong, kind=Kind.INSPECTION))
    assert storage.head(key) is None
    photo.refresh_from_db()
    assert photo.status == Photo.Status.FAILED
    # A new ticket has been used: what failed is queued anew.
    start_analysis(photo, anew=True)
    assert photo.analyses.get(kind=Kind.INSPECTION).state == "queued"


def test_what_was_asked_for_during_inspection_is_dispatched_after_it(photo: Photo) -> None:
    start_analysis(photo)
    photo.analyses.update(dispatched_at=timezone.now())
    record_result(make_result(photo, inspection()))
    assert photo.analyses.get(kind=Kind.TEXT).dispatched_at is None


def test_days_are_those_of_the_clock_where_the_photo_was_taken(photo: Photo) -> None:
    record_result(make_result(photo, inspection(taken_at="2023-05-01T02:00:00+08:00")))
    photo.refresh_from_db()
    assert photo.taken_at is not None
    assert photo.taken_at.isoformat() == "2023-04-30T18:00:00+00:00"
    assert photo.taken_at_offset == 480
    assert photo.shown_local.isoformat() == "2023-05-01T02:00:00+00:00"


def test_a_second_models_faces_stand_beside_the_first_ones(photo: Photo) -> None:
    record_result(make_result(photo, faces(face())))
    record_result(make_result(photo, faces(face(5)), model="face-recognition-1"))
    assert sorted(photo.faces.values_list("model", flat=True)) == [
        "face-recognition-1",
        "yunet-sface-1",
    ]


def test_a_confirmed_face_outlives_a_new_analysis(photo: Photo, user: User) -> None:
    record_result(make_result(photo, faces(face(0, left=0.1), face(5, left=0.6))))
    kept, lost = photo.faces.order_by("left")
    person = Person.objects.create(owner=user, name="Bob")
    kept.person, kept.confirmed = person, True
    kept.save()
    newer = make_run(started_at="2026-02-01T00:00:00+00:00")
    record_result(make_result(photo, faces(face(0, left=0.12)), run=newer))
    (still,) = photo.faces.all()
    assert (still.id, still.person, still.confirmed) == (kept.id, person, True)
    newest = make_run(started_at="2026-03-01T00:00:00+00:00")
    record_result(make_result(photo, faces(), run=newest))
    assert photo.faces.get().id == kept.id
    assert not photo.faces.filter(id=lost.id).exists()


def test_a_verdict_outlives_a_new_analysis(photo: Photo, user: User) -> None:
    record_result(make_result(photo, labels(("dog", "狗"))))
    LabelVerdict.objects.create(photo=photo, name="dog", correct=False, user=user, model="m")
    newer = make_run(started_at="2026-02-01T00:00:00+00:00")
    record_result(make_result(photo, labels(("dog", "狗")), run=newer))
    assert photo.label_verdicts.get().correct is False


def test_what_a_person_said_of_time_and_place_stays(user: User) -> None:
    when = timezone.now()
    photo = make_photo(
        user, taken_at=when, taken_at_source="person", latitude=1.0, longitude=2.0,
        location_source="person",
    )  # fmt: skip
    record_result(make_result(photo, inspection()))
    photo.refresh_from_db()
    assert (photo.taken_at, photo.latitude) == (when, 1.0)


@pytest.mark.parametrize(("score", "verdict"), [(0.1, "ok"), (0.6, "review"), (0.95, "blocked")])
def test_moderation_scores_become_verdicts(photo: Photo, score: float, verdict: str) -> None:
    record_result(make_result(photo, ModerationFindings(score=score)))
    photo.refresh_from_db()
    assert photo.moderation_verdict == verdict


def test_every_value_names_what_gave_it(photo: Photo) -> None:
    result: Result = make_result(photo, labels(("dog", "狗")))
    analysis = record_result(result)
    assert analysis is not None
    given: dict[str, Any] = {
        name: getattr(analysis, name)
        for name in ("request_id", "duration_ms", "cpu_ms", "memory_mb", "cold_start", "runtime")
    }
    assert given == {name: getattr(result.run, name) for name in given}
    assert photo.labels.get().analysis == analysis
