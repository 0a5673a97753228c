"""What the backend's tests share: a user, photos, results, and a client that speaks the API."""

import hashlib
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F
from django.test import Client

from backend.accounts.models import User
from backend.accounts.services import log_in
from backend.analysis import rolling_out
from backend.core import rate_limit, storage
from backend.photos.models import Photo
from backend.registry.selectors import forget_active_models
from functions.contract import (
    FACE_DIMENSIONS,
    FEATURE_DIMENSIONS,
    MEANING_DIMENSIONS,
    MODELS,
    Box,
    Camera,
    FaceFinding,
    FacesFindings,
    Failure,
    Findings,
    InspectionFindings,
    Kind,
    LabelFinding,
    LabelsFindings,
    Location,
    ModerationFindings,
    RenditionInfo,
    Result,
    Run,
    TextFindings,
    TextLine,
    encode_vector,
)

PASSWORD = "a good long pass phrase"


@pytest.fixture(autouse=True, scope="session")
def test_settings() -> None:
    """Static files have a folder, and hashing a password does not take a tenth of a second."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.ROLLOUT_SECONDS = 10**9  # or how many queries a test makes depends on the clock
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def bucket(test_settings: None) -> None:
    storage.prepare_bucket()


@pytest.fixture(autouse=True)
def default_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Which models a test made active is forgotten with its rows; nobody else has to learn it."""
    monkeypatch.setattr(rolling_out, "wait_until_known", lambda: None)
    yield
    forget_active_models()


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts are counted as of one minute: no test runs over its end."""
    now = time.time()
    monkeypatch.setattr(rate_limit, "time", SimpleNamespace(time=lambda: now))


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("alice", password=PASSWORD)


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("mallory", password=PASSWORD)


def make_photo(owner: User, **fields: Any) -> Photo:
    """A photo whose bytes have arrived, unless the fields say otherwise."""
    identity = uuid.uuid4().hex
    values: dict[str, Any] = {
        "filename": "IMG_0001.jpg",
        "content_type": "image/jpeg",
        "size": 1000,
        "sha256": hashlib.sha256(identity.encode()).hexdigest(),
        "status": Photo.Status.PROCESSING,
    }
    photo = Photo.objects.create(owner=owner, **(values | fields))
    User.objects.filter(id=owner.id).update(used_bytes=F("used_bytes") + photo.size)
    return photo


@pytest.fixture
def photo(user: User) -> Photo:
    return make_photo(user)


class ApiClient:
    """Speaks JSON to the API as one user."""

    def __init__(self, user: User | None) -> None:
        self._client = Client(raise_request_exception=True)
        self.headers: dict[str, str] = {}
        if user is not None:
            secret, _ = log_in(username=user.username, password=PASSWORD, device="test")
            self.headers["Authorization"] = f"Bearer {secret}"

    def __call__(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        return self._client.generic(
            method,
            f"/api/v1{path}",
            data=b"" if data is None else _json(data),
            content_type="application/json",
            headers=self.headers | headers,
        )


def _json(data: Any) -> bytes:
    return json.dumps(data).encode()


@pytest.fixture
def api(user: User) -> ApiClient:
    return ApiClient(user)


@pytest.fixture
def as_user() -> Callable[[User | None], ApiClient]:
    return ApiClient


def make_run(request_id: str = "", started_at: str = "2026-01-01T00:00:00+00:00") -> Run:
    return Run(
        request_id=request_id or str(uuid.uuid4()),
        started_at=started_at,
        duration_ms=12.5,
        cpu_ms=11.0,
        memory_mb=300.0,
        cold_start=False,
        runtime="python 3.11 x86_64",
        weights_sha256="ab" * 32,
        input_sha256="cd" * 32,
    )


def make_result(
    photo: Photo,
    found: Findings | Failure,
    *,
    kind: Kind | None = None,
    model: str = "",
    run: Run | None = None,
) -> Result:
    """A result as a function would deliver it; kind and model follow from the findings."""
    kinds: dict[type, Kind] = {
        InspectionFindings: Kind.INSPECTION,
        FacesFindings: Kind.FACES,
        LabelsFindings: Kind.LABELS,
        TextFindings: Kind.TEXT,
        ModerationFindings: Kind.MODERATION,
    }
    kind = kind or kinds[type(found)]
    failed = isinstance(found, Failure)
    return Result(
        photo_id=str(photo.id),
        kind=kind,
        model=model or MODELS[kind][0],
        run=run or make_run(),
        findings=None if failed else found,  # type: ignore[arg-type]
        failure=found if failed else None,  # type: ignore[arg-type]
    )


def inspection(**fields: Any) -> InspectionFindings:
    values: dict[str, Any] = {
        "content_type": "image/jpeg",
        "width": 4000,
        "height": 3000,
        "frames": 1,
        "taken_at": "2023-05-01T18:30:00+02:00",
        "taken_at_source": "exif_offset",
        "camera": Camera(make="FUJIFILM", model="X-T4", iso=200),
        "location": Location(latitude=43.468, longitude=11.881),
        "placeholder": "1QcSHQRnh493V4dIh4eXh1h4kJUI",
        "color": "#aabbcc",
        "perceptual_hash": "f0f0f0f0f0f0f0f0",
        "renditions": [RenditionInfo(name="preview", width=2048, height=1536, size=500_000)],
    }
    return InspectionFindings(**(values | fields))


_chance = random.Random(0)


def face_noise() -> list[float]:
    """What no two faces share, .01 of distance: an index of equal vectors is no index."""
    return [_chance.gauss(0, 0.02) if axis >= 100 else 0.0 for axis in range(FACE_DIMENSIONS)]


def face(
    direction: int = 0, *, left: float = 0.1, quality: float = 0.9, lean: float = 0.0
) -> FaceFinding:
    """A face whose embedding points along one axis; `lean` tilts it towards the next one."""
    vector = face_noise()
    vector[direction] = (1 - lean**2) ** 0.5
    vector[direction + 1] = lean
    return FaceFinding(
        box=Box(left=left, top=0.1, width=0.2, height=0.2),
        score=0.95,
        quality=quality,
        embedding=encode_vector(vector),
    )


def faces(*found: FaceFinding) -> FacesFindings:
    return FacesFindings(faces=list(found))


def labels(*names: tuple[str, str], meaning: Sequence[float] | None = None) -> LabelsFindings:
    features = [1.0] + [0.0] * (FEATURE_DIMENSIONS - 1)
    nowhere = [1.0] + [0.0] * (MEANING_DIMENSIONS - 1)
    return LabelsFindings(
        labels=[LabelFinding(name=name, name_zh=zh, score=0.9) for name, zh in names],
        features=encode_vector(features),
        meaning=encode_vector(nowhere if meaning is None else meaning),
    )


def text(*lines: str) -> TextFindings:
    return TextFindings(
        lines=[
            TextLine(
                text=line,
                box=Box(left=0.1, top=0.9 * position / len(lines), width=0.5, height=0.05),
                score=0.98,
            )
            for position, line in enumerate(lines)
        ]
    )
