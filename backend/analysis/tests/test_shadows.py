"""What a model looks at in the shadow, and that nobody is told."""

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis import rolling_out
from backend.analysis.consent import allow_face_analysis, forbid_faces, look_for_faces_again
from backend.analysis.failures import failures_of
from backend.analysis.models import Analysis
from backend.analysis.rolling_out import (
    follow_rollouts,
    look_after_rollouts,
)
from backend.analysis.services import (
    claim_analyses,
    reanalyze,
    record_result,
)
from backend.analysis.shadowing import coverage_of
from backend.analysis.starting import start_analysis
from backend.analysis.sweeping import sweep
from backend.analysis.tests.rollouts import (
    NEW,
    OLD,
    PERMANENT,
    State,
    decide,
    in_the_shadow,
    look,
    looked_at,
    person_in_two_models,
    promote,
    second_models,
    waiting,
)
from backend.archive.documents import photos_to_export
from backend.conftest import face, faces, inspection, labels, make_photo, make_result, make_run
from backend.core.errors import RefusedError
from backend.events.models import Event
from backend.people.services import name_face
from backend.photos.models import Photo
from backend.registry.selectors import find_version
from backend.search.selectors import search_photos
from backend.search.services import index_stale_photos
from functions.contract import (
    Kind,
)

__all__ = ["person_in_two_models", "second_models"]  # fixtures


def test_a_shadow_looks_at_what_is_there_and_nobody_sees_it(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    status, told = photo.status, Event.objects.count()
    model = in_the_shadow(photo, labels(("wolf", "狼")), kind=Kind.LABELS, user=user)
    photo.refresh_from_db()
    assert photo.status == status
    assert Event.objects.count() == told
    index_stale_photos(limit=10)
    assert not search_photos(user, "wolf").exists()
    assert search_photos(user, "dog").count() == 1
    assert photo.labels.get(analysis__model=model).name == "wolf"
    assert waiting(model) == 0


def test_what_fails_in_the_shadow_is_not_the_owners_to_mend(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    model = in_the_shadow(photo, PERMANENT, kind=Kind.LABELS, user=user)
    assert not failures_of(user).exists()
    version = find_version(model)
    assert version is not None
    assert (coverage_of(version).failed, coverage_of(version).missing) == (1, 0)
    # Asked for by name it is theirs.
    reanalyze(photo, [Kind.LABELS], model=model)
    look(photo, PERMANENT, kind=Kind.LABELS, model=model)
    assert failures_of(user).get().model == model


def test_a_candidate_looks_at_photos_that_come_afterwards(user: User) -> None:
    looked_at(user, labels(("dog", "狗")))
    decide("labels-2", State.CANDIDATE, user, 1.0)
    assert waiting("labels-2") == 0
    new = looked_at(user, labels(("cat", "猫")))
    assert waiting("labels-2") == 1
    assert Analysis.objects.get(model="labels-2").photo == new


def test_a_share_is_a_part_of_every_larger_share(user: User) -> None:
    for _ in range(40):
        looked_at(user, labels(("dog", "狗")))
    chosen = set[Any]()
    for share in (0.2, 0.5, 1.0):
        decide("labels-2", State.SHADOW, user, share)
        follow_rollouts()
        now = set(Analysis.objects.filter(model="labels-2").values_list("photo", flat=True))
        assert chosen <= now
        # Ids hold chance: 40 photos fall outside of these once in ten million runs.
        assert abs(len(now) - 40 * share) < 17
        chosen = now
    assert len(chosen) == 40


def test_only_so_many_wait_at_a_time(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SHADOW_WINDOW", 2)
    photos = [looked_at(user, labels(("dog", "狗"))) for _ in range(3)]
    decide("labels-2", State.SHADOW, user)
    assert [waiting("labels-2") for _ in range(2)] == [2, 2]
    look(photos[2], labels(("dog", "狗")), kind=Kind.LABELS, model="labels-2")
    assert [waiting("labels-2") for _ in range(2)] == [2, 2]


def test_faces_are_not_looked_for_in_the_shadow_without_consent(user: User) -> None:
    looked_at(user, faces(face()))
    User.objects.filter(id=user.id).update(face_analysis=False)
    decide(NEW, State.SHADOW, user)
    assert waiting(NEW) == 0
    # Nothing is missing either: it can become active.
    promote(NEW, user)


def test_two_models_of_one_kind_are_claimed_one_after_the_other(user: User) -> None:
    photo = make_photo(user, status=Photo.Status.PROCESSING)
    start_analysis(photo)
    Analysis.objects.create(photo=photo, kind=Kind.FACES, model=NEW, shadow=True)
    first, second = claim_analyses(photo.id), None
    assert first is not None
    assert first.models[Kind.FACES] == OLD
    for kind, found in ((Kind.INSPECTION, inspection()), (Kind.FACES, faces())):
        run = make_run(first.request_id, started_at=timezone.now().isoformat())
        record_result(make_result(photo, found, kind=kind, run=run))
    second = claim_analyses(photo.id)
    assert second is not None
    assert second.models == {Kind.FACES: NEW}


def test_the_sweeper_does_not_ask_again_and_again_for_what_is_done(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(rolling_out, "enqueue", lambda name, **_: sent.append(name))
    cache.clear()
    look_after_rollouts()
    follow_rollouts()
    look_after_rollouts()
    assert sent == ["analysis.follow_rollouts"]
    looked_at(user, labels(("dog", "狗")))
    decide("labels-2", State.SHADOW, user)
    rolling_out._begin()  # as at the end of its transaction
    follow_rollouts()
    look_after_rollouts()
    assert len(sent) == 3


def test_what_is_asked_for_while_it_runs_in_the_shadow_settles_the_photo(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    decide("labels-2", State.SHADOW, user)
    follow_rollouts()
    claim = claim_analyses(photo.id)
    assert claim is not None
    reanalyze(photo, [Kind.LABELS], model="labels-2")
    run = make_run(claim.request_id, started_at=timezone.now().isoformat())
    found = labels(("wolf", ""))
    record_result(make_result(photo, found, model="labels-2", run=run))
    photo.refresh_from_db()
    assert photo.status == Photo.Status.READY


def test_nobody_is_told_of_a_shadow_whose_worker_was_lost(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    decide("labels-2", State.SHADOW, user)
    follow_rollouts()
    told = Event.objects.count()
    shadow = Analysis.objects.filter(model="labels-2")
    claim_analyses(photo.id)
    shadow.update(lease_expires_at=timezone.now())
    sweep()
    assert shadow.get().state == Analysis.State.QUEUED
    shadow.update(attempts=settings.ANALYSIS_MAX_ATTEMPTS)
    claim_analyses(photo.id)
    assert shadow.get().state == Analysis.State.FAILED
    assert Event.objects.count() == told


def test_who_joins_by_a_shadow_is_not_counted(user: User) -> None:
    photo = looked_at(user, faces(face()))
    person = name_face(photo.faces.get(), "小明")
    in_the_shadow(photo, faces(face(50)), kind=Kind.FACES, user=user)
    person.refresh_from_db()
    assert person.face_count == 1


def test_an_archive_tells_nothing_of_shadows(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    record_result(make_result(photo, faces(face())))
    in_the_shadow(photo, labels(("wolf", "狼")), kind=Kind.LABELS, user=user)
    in_the_shadow(photo, faces(face(), face(9, left=0.6)), kind=Kind.FACES, user=user)
    exported = photos_to_export(user).get()
    assert [label.name for label in exported.labels.all()] == ["dog"]
    assert [one.model for one in exported.faces.all()] == [OLD]


def test_faces_erased_and_allowed_again_are_looked_for_by_every_model(user: User) -> None:
    photo = looked_at(user, faces(face()))
    in_the_shadow(photo, faces(face()), kind=Kind.FACES, user=user)
    forbid_faces(user, [photo.id])
    look_for_faces_again([photo.id])
    look(photo, faces(face()), kind=Kind.FACES, model=OLD)
    with pytest.raises(RefusedError, match="model_not_everywhere"):
        decide(NEW, State.ACTIVE, user)
    assert waiting(NEW) == 1


def test_whoever_found_nothing_to_do_before_it_was_decided_holds_nothing_up(user: User) -> None:
    looked_at(user, labels(("dog", "狗")))
    decide("labels-2", State.SHADOW, user)
    cache.set(rolling_out._IDLE, True, timeout=300)
    follow_rollouts()
    assert not cache.get(rolling_out._IDLE)


def test_nobody_is_told_of_a_shadow_that_is_not_waited_for_any_more(user: User) -> None:
    looked_at(user, faces(face()))
    decide(NEW, State.SHADOW, user)
    assert waiting(NEW) == 1
    told = Event.objects.count()
    user.refresh_from_db()
    allow_face_analysis(user, allowed=False)
    assert Event.objects.count() == told
    assert waiting(NEW) == 0


def test_a_retired_model_has_nothing_left_to_do(user: User) -> None:
    looked_at(user, labels(("dog", "狗")))
    decide("labels-2", State.SHADOW, user)
    assert waiting("labels-2") == 1
    decide("labels-2", State.RETIRED, user)
    assert waiting("labels-2") == 0


def test_a_photo_whose_bytes_are_awaited_anew_holds_nothing_up(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    Photo.objects.filter(id=photo.id).update(status=Photo.Status.AWAITING_UPLOAD)
    decide("labels-2", State.SHADOW, user)
    assert waiting("labels-2") == 0
    promote("labels-2", user)


def test_a_worker_that_is_out_of_time_leaves_the_rest_to_the_next(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(rolling_out, "enqueue", lambda name, **_: sent.append(name))
    monkeypatch.setattr(rolling_out, "_TURN_SECONDS", -1)
    monkeypatch.setattr(rolling_out, "_AT_ONCE", 1)
    for _ in range(3):
        looked_at(user, labels(("dog", "狗")))
    Analysis.objects.filter(kind=Kind.LABELS).update(model="labels-2")
    decide("labels-2", State.ACTIVE, user)
    follow_rollouts()
    assert sent == []
    look_after_rollouts()
    assert sent == ["analysis.follow_rollouts"]
