"""Which model of each kind is for what, at this moment."""

import functools
import time

from django.conf import settings

from backend.registry.models import ModelVersion
from functions.contract import MODELS, Kind

State = ModelVersion.State


def versions() -> list[ModelVersion]:
    """Every model, those of a kind together, the active one first.

    Of a kind about which nobody has decided, the default is active. Every other model that nobody
    has decided about is a candidate that looks at nothing.
    """
    decided = list(ModelVersion.objects.select_related("changed_by"))
    known = {version.name for version in decided}
    led = {version.kind for version in decided if version.state == State.ACTIVE}
    undecided = [
        _undecided(kind, name, is_active=kind not in led and name == _default_model(kind))
        for kind, names in MODELS.items()
        for name in names
        if name not in known
    ]
    return sorted(decided + undecided, key=_place)


def find_version(name: str) -> ModelVersion | None:
    return next((version for version in versions() if version.name == name), None)


def active_model(kind: Kind) -> str:
    """The model whose findings are shown, as of a few seconds ago (ROLLOUT_SECONDS)."""
    return _remembered(int(time.monotonic() // settings.ROLLOUT_SECONDS))[kind]


def shown_models() -> dict[str, str]:
    """The model of each kind whose findings are shown, as of now."""
    return {
        version.kind: version.replaces or version.name
        for version in versions()
        if version.state == State.ACTIVE
    }


@functools.lru_cache(maxsize=1)
def _remembered(_turn: int) -> dict[str, str]:
    return shown_models()


def wait_until_known() -> None:
    """What was decided a moment ago every process knows now."""
    time.sleep(settings.ROLLOUT_SECONDS)


def is_retired(name: str) -> bool:
    return ModelVersion.objects.filter(name=name, state=State.RETIRED).exists()


def forget_active_models() -> None:
    """This process asks the database again."""
    _remembered.cache_clear()


def _undecided(kind: Kind, name: str, *, is_active: bool) -> ModelVersion:
    state = State.ACTIVE if is_active else State.CANDIDATE
    return ModelVersion(name=name, kind=kind, state=state, share=float(is_active))


def _default_model(kind: Kind) -> str:
    return str(settings.FACE_MODEL) if kind == Kind.FACES else MODELS[kind][0]


def _place(version: ModelVersion) -> tuple[int, bool, str]:
    return list(Kind).index(Kind(version.kind)), version.state != State.ACTIVE, version.name
