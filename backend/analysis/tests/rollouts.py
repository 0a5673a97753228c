"""A second model of each kind, tried beside the first one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.analysis.rolling_out import (
    follow_rollouts,
    roll_out,
)
from backend.analysis.services import (
    claim_analyses,
    record_result,
)
from backend.conftest import (
    face,
    faces,
    inspection,
    make_photo,
    make_result,
    make_run,
)
from backend.people.models import Face
from backend.people.services import (
    assign_stale_photos,
    name_face,
)
from backend.photos.models import Photo
from backend.registry.models import ModelVersion
from backend.registry.selectors import find_version
from functions.contract import (
    MODELS,
    FaceFinding,
    Failure,
    Findings,
    Kind,
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


def at(photo: Photo, model: str, *, left: float = 0.1) -> Face:
    """The model's face in that place."""
    return photo.faces.get(model=model, left=left)


def version_of(name: str) -> ModelVersion:
    version = find_version(name)
    assert version is not None
    return version
