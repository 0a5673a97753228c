"""A model is tried beside another, compared with it, takes its place, and gives it back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis import rolling_out
from backend.analysis.comparing import compare_models
from backend.analysis.failures import failures_of
from backend.analysis.models import Analysis
from backend.analysis.rolling_out import (
    follow_rollouts,
    look_after_rollouts,
    renew_photos,
    roll_out,
)
from backend.analysis.services import (
    claim_analyses,
    judge_label,
    judge_moderation,
    reanalyze,
    record_result,
    undo_moderation,
)
from backend.analysis.shadowing import coverage_of
from backend.analysis.starting import start_analysis
from backend.conftest import face, faces, inspection, labels, make_photo, make_result, make_run
from backend.conftest import text as text_of
from backend.core.errors import RefusedError
from backend.events.models import Event
from backend.people.services import assign_people, assign_stale_photos, name_face, reject_face
from backend.people.tests.scenes import person_of
from backend.photos.models import Photo
from backend.registry.models import ModelVersion
from backend.registry.selectors import active_model, find_version
from backend.search.selectors import search_photos
from backend.search.services import index_stale_photos
from functions.contract import (
    MODELS,
    FaceFinding,
    Failure,
    Findings,
    Kind,
    ModerationFindings,
)

State = ModelVersion.State
OLD, NEW = "yunet-sface-1", "face-recognition-1"
PERMANENT = Failure(stage="run", code="internal_error", detail="It broke.", permanent=True)


@pytest.fixture(autouse=True)
def second_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second model of each kind that has findings, as a later release may bring one."""
    for kind in (Kind.LABELS, Kind.TEXT, Kind.MODERATION):
        monkeypatch.setitem(MODELS, kind, (MODELS[kind][0], f"{kind}-2"))


def looked_at(user: User, found: Findings, **fields: Any) -> Photo:
    """A photo at which the default model of the findings' kind has looked."""
    photo = make_photo(user, uploaded_at=timezone.now(), **fields)
    record_result(make_result(photo, inspection()))
    record_result(make_result(photo, found))
    photo.refresh_from_db()
    return photo


def decide(model: str, state: State, user: User, share: float | None = None) -> ModelVersion:
    return roll_out(model, state=state, share=share, by=user)


def look(photo: Photo, found: Findings | Failure, *, kind: Kind, model: str) -> None:
    """A worker takes what is queued for the model and delivers."""
    claim = claim_analyses(photo.id)
    assert claim is not None
    assert claim.models[kind] == model
    run = make_run(claim.request_id, started_at=timezone.now().isoformat())
    record_result(make_result(photo, found, kind=kind, model=model, run=run))


def in_the_shadow(photo: Photo, found: Findings | Failure, *, kind: Kind, user: User) -> str:
    """The second model of the kind has looked at the photo. Returns its name."""
    model = MODELS[kind][1]
    decide(model, State.SHADOW, user)
    follow_rollouts()
    look(photo, found, kind=kind, model=model)
    return model


def promote(model: str, user: User) -> None:
    decide(model, State.ACTIVE, user)
    follow_rollouts()


def waiting(model: str) -> int:
    """For how many photos the model is queued, after another look at what it has to do."""
    follow_rollouts()
    return Analysis.objects.filter(model=model, state=Analysis.State.QUEUED).count()


def test_nobody_has_decided_and_the_defaults_are_active(user: User) -> None:
    assert {kind: active_model(kind) for kind in Kind} == {
        kind: models[0] for kind, models in MODELS.items()
    }
    version = find_version(NEW)
    assert version is not None
    assert (version.state, version.share) == (State.CANDIDATE, 0)
    looked_at(user, faces(face()))
    assert waiting(NEW) == 0


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


@pytest.fixture
def person_in_two_models(user: User) -> Callable[..., list[Photo]]:
    """Photos of one person, named once, that another face model has looked at as well."""

    def make(*found: FaceFinding) -> list[Photo]:
        photos = [looked_at(user, faces(face(), face(20, left=0.6))) for _ in range(3)]
        assign_stale_photos(model=OLD)
        named = photos[0].faces.order_by("left").first()
        assert named is not None
        name_face(named, "小明")
        decide(NEW, State.SHADOW, user)
        follow_rollouts()
        for photo in photos:
            look(photo, faces(*found), kind=Kind.FACES, model=NEW)
        return photos

    return make


def test_people_stay_who_they_are_under_another_model(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    # Another model's vectors have nothing to do with the first one's.
    photos = person_in_two_models(face(50), face(70, left=0.6))
    before = [person_of(photo) for photo in photos]
    assert {str(person) for person in before} == {"小明"}
    promote(NEW, user)
    assign_stale_photos(model=active_model(Kind.FACES))
    for photo in photos:
        mine = list(photo.faces.filter(model=NEW).order_by("left"))
        old = list(photo.faces.filter(model=OLD).order_by("left"))
        assert [one.person for one in mine] == [one.person for one in old]
    index_stale_photos(limit=10)
    assert search_photos(user, "小明").count() == 3


def test_what_was_said_of_a_face_meanwhile_is_said_of_it_under_the_new_model(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    photos = person_in_two_models(face(50), face(70, left=0.6))
    wrong, right = (
        photos[1].faces.get(model=OLD, left=0.1),
        photos[2].faces.get(model=OLD, left=0.1),
    )
    reject_face(wrong)
    other = name_face(right, "小红")
    promote(NEW, user)
    assert photos[1].faces.get(model=NEW, left=0.1).person is None
    moved = photos[2].faces.get(model=NEW, left=0.1)
    assert (moved.person, moved.confirmed) == (other, True)
    assign_people(photos[1], model=NEW)
    assert str(photos[1].faces.get(model=NEW, left=0.1).person or "") != "小明"


def test_two_models_side_by_side(user: User) -> None:
    photos = [looked_at(user, labels(("dog", "狗"), ("lawn", "草坪"))) for _ in range(4)]
    a, model = MODELS[Kind.LABELS][0], "labels-2"
    decide(model, State.SHADOW, user)
    follow_rollouts()
    for photo in photos[:3]:
        best = "dog" if photo == photos[0] else "wolf"
        look(photo, labels((best, "")), kind=Kind.LABELS, model=model)
    look(photos[3], PERMANENT, kind=Kind.LABELS, model=model)
    for photo in photos[:3]:
        judge_label(photo, "dog", correct=photo == photos[0], user=user)
    first, second = find_version(a), find_version(model)
    assert first is not None
    assert second is not None
    found = compare_models(first, second)
    assert found.photos == 4
    assert found.agreement == pytest.approx(1 / 3)
    assert (found.a.failed, found.a.findings, found.a.right, found.a.wrong) == (0, 2, 1, 2)
    assert (found.b.failed, found.b.findings, found.b.right, found.b.wrong) == (1, 1, 3, 0)
    assert found.a.cpu_ms == 11.0
    assert found.a.cost == pytest.approx(11 * settings.COMPUTE_PRICE)


def test_models_of_faces_are_right_where_they_find_whom_somebody_named(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    person_in_two_models(face(70, left=0.6))
    first, second = find_version(OLD), find_version(NEW)
    assert first is not None
    assert second is not None
    found = compare_models(first, second)
    assert (found.photos, found.agreement) == (3, 0)
    assert (found.a.right, found.a.wrong) == (1, 0)
    assert (found.b.right, found.b.wrong) == (0, 1)


def test_one_model_of_a_kind_is_active(user: User) -> None:
    fields = {"kind": Kind.FACES, "state": State.ACTIVE, "share": 1, "changed_at": timezone.now()}
    ModelVersion.objects.create(name=OLD, **fields)
    with pytest.raises(IntegrityError, match="one_active_model_a_kind"), transaction.atomic():
        ModelVersion.objects.create(name=NEW, **fields)


def test_the_former_model_is_shown_until_people_have_been_carried_over(
    user: User, person_in_two_models: Callable[..., list[Photo]]
) -> None:
    person_in_two_models(face(50), face(70, left=0.6))
    decide(NEW, State.ACTIVE, user)
    assert active_model(Kind.FACES) == OLD
    version = find_version(NEW)
    assert version is not None
    assert renew_photos(version)
    assert active_model(Kind.FACES) == NEW
    # Whoever remembers how it was changes nothing.
    assert renew_photos(version)
    version = find_version(NEW)
    assert version is not None
    assert (version.replaces, version.renews_from) == ("", UUID(int=0))
    assert renew_photos(version)
    version = find_version(NEW)
    assert version is not None
    assert not renew_photos(version)


def test_a_photo_that_came_while_one_took_the_others_place_is_looked_at(user: User) -> None:
    decide("labels-2", State.ACTIVE, user)
    follow_rollouts()
    photo = looked_at(user, labels(("dog", "狗")))  # by a process that knew it a moment later
    assert waiting("labels-2") == 1
    look(photo, labels(("wolf", "狼")), kind=Kind.LABELS, model="labels-2")
    index_stale_photos(limit=10)
    assert search_photos(user, "wolf").count() == 1


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
