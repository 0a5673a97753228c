"""A model is tried beside another, compared with it, takes its place, and gives it back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis import rolling_out
from backend.analysis.failures import failures_of, retry
from backend.analysis.models import Analysis
from backend.analysis.rolling_out import (
    follow_rollouts,
    renew_photos,
    roll_out,
)
from backend.analysis.services import (
    claim_analyses,
    judge_moderation,
    reanalyze,
    record_result,
    undo_moderation,
)
from backend.analysis.starting import start_analysis
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
    version_of,
    waiting,
)
from backend.conftest import face, faces, inspection, labels, make_photo, make_result, make_run
from backend.conftest import text as text_of
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.registry import selectors
from backend.registry.models import ModelVersion
from backend.registry.selectors import active_model, find_version, shown_models
from backend.search.selectors import search_photos
from backend.search.services import index_stale_photos
from functions.contract import (
    MODELS,
    Kind,
    ModerationFindings,
)

__all__ = ["person_in_two_models", "second_models"]  # fixtures


def test_nobody_has_decided_and_the_defaults_are_active(user: User) -> None:
    assert {kind: active_model(kind) for kind in Kind} == {
        kind: models[0] for kind, models in MODELS.items()
    }
    version = find_version(NEW)
    assert version is not None
    assert (version.state, version.share) == (State.CANDIDATE, 0)
    looked_at(user, faces(face()))
    assert waiting(NEW) == 0


def test_a_model_that_has_not_been_everywhere_does_not_become_active(user: User) -> None:
    looked_at(user, labels(("dog", "狗")))
    with pytest.raises(RefusedError, match="model_not_everywhere"):
        decide("labels-2", State.ACTIVE, user)
    assert active_model(Kind.LABELS) == MODELS[Kind.LABELS][0]


def test_the_only_active_model_stays(user: User) -> None:
    for state in (State.SHADOW, State.RETIRED, State.CANDIDATE):
        with pytest.raises(RefusedError, match="only_active_model"):
            decide("pillow-1", state, user)


def test_a_retired_model_cannot_be_asked_for(photo: Photo, user: User) -> None:
    decide("labels-2", State.RETIRED, user)
    with pytest.raises(RefusedError, match="model_retired"):
        reanalyze(photo, [Kind.LABELS], model="labels-2")
    decide("labels-2", State.CANDIDATE, user)
    reanalyze(photo, [Kind.LABELS], model="labels-2")


def test_promoted_and_back_again(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    index_stale_photos(limit=10)
    model = in_the_shadow(photo, labels(("wolf", "狼")), kind=Kind.LABELS, user=user)
    for active, seen, unseen in ((model, "wolf", "dog"), (MODELS[Kind.LABELS][0], "dog", "wolf")):
        promote(active, user)
        assert active_model(Kind.LABELS) == active
        index_stale_photos(limit=10)
        assert search_photos(user, seen).count() == 1
        assert not search_photos(user, unseen).exists()
    version = find_version(model)
    assert version is not None
    assert (version.state, version.share, version.changed_by) == (State.SHADOW, 1, user)


def test_the_photo_itself_says_what_the_new_model_found(user: User) -> None:
    photo = looked_at(user, text_of("RECEIPT"))
    record_result(make_result(photo, ModerationFindings(score=0.01)))
    texts = in_the_shadow(photo, text_of(), kind=Kind.TEXT, user=user)
    moderation = in_the_shadow(
        photo, ModerationFindings(score=0.99), kind=Kind.MODERATION, user=user
    )
    photo.refresh_from_db()
    assert (photo.has_text, photo.moderation_verdict) == (True, Photo.Moderation.OK)
    promote(texts, user)
    promote(moderation, user)
    photo.refresh_from_db()
    assert (photo.has_text, photo.moderation_verdict) == (False, Photo.Moderation.BLOCKED)
    promote(MODELS[Kind.MODERATION][0], user)
    photo.refresh_from_db()
    assert photo.moderation_verdict == Photo.Moderation.OK


def test_another_model_of_moderation_does_not_change_what_a_person_has_decided(user: User) -> None:
    photo = looked_at(user, text_of("RECEIPT"))
    record_result(make_result(photo, ModerationFindings(score=0.01)))
    judge_moderation(photo, blocked=False, user=user)
    found = ModerationFindings(score=0.99)
    promote(in_the_shadow(photo, found, kind=Kind.MODERATION, user=user), user)
    photo.refresh_from_db()
    assert (photo.moderation_verdict, photo.moderation_score) == (Photo.Moderation.OK, 0.99)
    undo_moderation(photo)
    photo.refresh_from_db()
    assert photo.moderation_verdict == Photo.Moderation.BLOCKED


def test_one_model_of_a_kind_is_active(user: User) -> None:
    fields = {"kind": Kind.FACES, "state": State.ACTIVE, "share": 1, "changed_at": timezone.now()}
    ModelVersion.objects.create(name=OLD, **fields)
    with pytest.raises(IntegrityError, match="one_active_model_a_kind"), transaction.atomic():
        ModelVersion.objects.create(name=NEW, **fields)


def test_a_photo_that_came_while_one_took_the_others_place_is_looked_at(user: User) -> None:
    decide("labels-2", State.ACTIVE, user)
    follow_rollouts()
    photo = looked_at(user, labels(("dog", "狗")))  # by a process that knew it a moment later
    assert waiting("labels-2") == 1
    look(photo, labels(("wolf", "狼")), kind=Kind.LABELS, model="labels-2")
    index_stale_photos(limit=10)
    assert search_photos(user, "wolf").count() == 1


def test_what_a_worker_read_before_the_way_back_is_not_written(user: User) -> None:
    photo = looked_at(user, ModerationFindings(score=0.01))
    model = in_the_shadow(photo, ModerationFindings(score=0.99), kind=Kind.MODERATION, user=user)
    decide(model, State.ACTIVE, user)
    held = version_of(model)
    promote(MODELS[Kind.MODERATION][0], user)
    renew_photos(held)
    photo.refresh_from_db()
    assert photo.moderation_verdict == Photo.Moderation.OK


def test_a_process_that_remembers_the_former_model_does_not_show_its_findings(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = looked_at(user, ModerationFindings(score=0.01))
    model = in_the_shadow(photo, ModerationFindings(score=0.99), kind=Kind.MODERATION, user=user)
    reanalyze(photo, [Kind.MODERATION])
    former = shown_models()
    promote(model, user)
    with monkeypatch.context() as patched:
        patched.setattr(selectors, "_remembered", lambda _turn: former)
        found = ModerationFindings(score=0.01)
        look(photo, found, kind=Kind.MODERATION, model=MODELS[Kind.MODERATION][0])
    photo.refresh_from_db()
    assert photo.moderation_verdict == Photo.Moderation.BLOCKED


def test_another_default_changes_nothing_once_somebody_has_decided(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(NEW, State.SHADOW, user)
    monkeypatch.setattr(settings, "FACE_MODEL", NEW)
    selectors.forget_active_models()
    assert active_model(Kind.FACES) == OLD


def test_a_model_that_fails_where_the_other_does_not_is_promoted_only_in_spite_of_it(
    user: User,
) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    model = in_the_shadow(photo, PERMANENT, kind=Kind.LABELS, user=user)
    with pytest.raises(RefusedError, match="model_fails"):
        decide(model, State.ACTIVE, user)
    roll_out(model, state=State.ACTIVE, despite_failures=True, by=user)
    follow_rollouts()
    assert failures_of(user).get().model == model


def test_what_the_active_model_fails_at_is_its_owners_to_see(user: User) -> None:
    promote("labels-2", user)
    photo = looked_at(user, labels(("dog", "狗")))  # by a process that knew it a moment later
    follow_rollouts()
    look(photo, PERMANENT, kind=Kind.LABELS, model="labels-2")
    assert failures_of(user).get().model == "labels-2"


def test_where_the_former_model_failed_the_active_one_looks_too(user: User) -> None:
    photo = make_photo(user, uploaded_at=timezone.now())
    start_analysis(photo)
    claim = claim_analyses(photo.id)
    assert claim is not None
    promote("labels-2", user)
    for kind, found in ((Kind.INSPECTION, inspection()), (Kind.LABELS, PERMANENT)):
        run = make_run(claim.request_id, started_at=timezone.now().isoformat())
        record_result(make_result(photo, found, kind=kind, run=run))
    assert waiting("labels-2") == 1


def test_what_a_retired_model_failed_at_is_tried_again_by_the_active_one(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    old, new = MODELS[Kind.LABELS]
    reanalyze(photo, [Kind.LABELS])
    look(photo, PERMANENT, kind=Kind.LABELS, model=old)
    in_the_shadow(photo, labels(("dog", "")), kind=Kind.LABELS, user=user)
    promote(new, user)
    decide(old, State.RETIRED, user)
    retry(failures_of(user).get())
    queued = Analysis.objects.get(photo=photo, state=Analysis.State.QUEUED)
    assert queued.model == new


def test_a_backlog_is_looked_at_by_the_active_model_however_late_it_ends(user: User) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    of_labels = Analysis.objects.filter(photo=photo, kind=Kind.LABELS)
    of_labels.update(state=Analysis.State.QUEUED)
    promote("labels-2", user)
    ModelVersion.objects.update(changed_at=timezone.now() - timedelta(days=2))
    of_labels.update(state=Analysis.State.DONE)
    assert waiting("labels-2") == 1


def test_other_processes_know_before_photos_are_marked(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = looked_at(user, labels(("dog", "狗")))
    model = in_the_shadow(photo, labels(("wolf", "狼")), kind=Kind.LABELS, user=user)
    former = shown_models()

    def index_as_before() -> None:
        with monkeypatch.context() as patched:
            patched.setattr(selectors, "_remembered", lambda _turn: former)
            index_stale_photos(limit=10)

    monkeypatch.setattr(rolling_out, "wait_until_known", index_as_before)
    promote(model, user)
    index_stale_photos(limit=10)
    assert search_photos(user, "wolf").count() == 1
