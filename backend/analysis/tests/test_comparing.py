"""Two models side by side."""

from collections.abc import Callable

import pytest
from django.conf import settings

from backend.accounts.models import User
from backend.analysis.comparing import compare_models
from backend.analysis.rolling_out import (
    follow_rollouts,
)
from backend.analysis.services import (
    judge_label,
    judge_moderation,
)
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
    second_models,
    version_of,
)
from backend.conftest import (
    face,
    labels,
)
from backend.conftest import text as text_of
from backend.photos.models import Photo
from backend.registry.selectors import find_version
from functions.contract import (
    MODELS,
    Kind,
    ModerationFindings,
)

__all__ = ["person_in_two_models", "second_models"]  # fixtures


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


def test_moderation_is_right_where_a_person_has_decided_the_same(user: User) -> None:
    photo = looked_at(user, ModerationFindings(score=0.01))
    model = in_the_shadow(photo, ModerationFindings(score=0.99), kind=Kind.MODERATION, user=user)
    judge_moderation(photo, blocked=True, user=user)
    found = compare_models(version_of(MODELS[Kind.MODERATION][0]), version_of(model))
    assert (found.photos, found.agreement) == (1, 0)
    assert (found.a.right, found.a.wrong, found.b.right, found.b.wrong) == (0, 1, 1, 0)


def test_text_is_the_same_whatever_the_blanks(user: User) -> None:
    photo = looked_at(user, text_of("小票 12", "3"))
    model = in_the_shadow(photo, text_of("小 票12 3"), kind=Kind.TEXT, user=user)
    found = compare_models(version_of(MODELS[Kind.TEXT][0]), version_of(model))
    assert found.agreement == 1
    assert (found.a.findings, found.b.findings) == (2, 1)
