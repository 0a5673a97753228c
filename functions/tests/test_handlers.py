"""One photo through the handlers: real networks, with storage and backend as plain functions."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import pytest

from functions import courier, delivery, handlers, storage
from functions.contract import (
    MODELS,
    Claim,
    FacesFindings,
    InspectionFindings,
    Kind,
    LabelsFindings,
    Rendition,
    Result,
    result_from_json,
    result_to_json,
)
from functions.errors import AnalysisError
from functions.inspection import inspect as inspect_bytes

PHOTOS = Path(__file__).parent / "photos"


class World:
    """What the functions can reach: one stored original, its renditions, and the backend's ear."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.renditions: dict[Rendition, bytes] = {}
        self.results: list[Result] = []
        self.claim: Claim | None = Claim(
            photo_id="p1",
            request_id="r1",
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            models={str(kind): MODELS[kind][0] for kind in Kind},
        )

    def of(self, kind: Kind) -> Result:
        (result,) = [result for result in self.results if result.kind == kind]
        return result


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World((PHOTOS / "astronaut.png").read_bytes())
    monkeypatch.setattr(delivery, "claim", lambda photo_id: world.claim)
    # Through the wire format, as a real delivery goes.
    monkeypatch.setattr(
        delivery,
        "send",
        lambda result: world.results.append(result_from_json(result_to_json(result))),
    )
    monkeypatch.setattr(storage, "read_original", lambda photo_id, size: world.data)
    monkeypatch.setattr(storage, "read_rendition", lambda photo_id, name: world.renditions[name])
    monkeypatch.setattr(
        storage,
        "write_rendition",
        lambda photo_id, name, data: world.renditions.update({name: data}),
    )
    return world


EVENT = {"photo_id": "01a1f770-870f-704a-abb5-c258cd85fc48"}
BRANCHES = {
    Kind.FACES: handlers.faces,
    Kind.LABELS: handlers.labels,
    Kind.TEXT: handlers.text,
    Kind.MODERATION: handlers.moderation,
}


def test_a_photo_goes_through_all_five_handlers(world: World) -> None:
    state = handlers.inspect(courier.claim(EVENT))
    for branch in BRANCHES.values():
        branch(state)
    assert {result.kind for result in world.results} == set(Kind)
    assert all(result.failure is None for result in world.results)
    inspected = world.of(Kind.INSPECTION).findings
    assert isinstance(inspected, InspectionFindings)
    assert (inspected.width, inspected.height) == (512, 512)
    assert set(world.renditions) == set(Rendition)
    faces = world.of(Kind.FACES).findings
    assert isinstance(faces, FacesFindings)
    assert len(faces.faces) == 1
    assert isinstance(world.of(Kind.LABELS).findings, LabelsFindings)


def test_every_result_names_its_run_and_weights(world: World) -> None:
    handlers.labels(handlers.inspect(courier.claim(EVENT)))
    run = world.of(Kind.LABELS).run
    assert world.claim is not None
    assert (run.request_id, run.input_sha256) == ("r1", world.claim.sha256)
    assert len(run.weights_sha256) >= 64
    assert run.duration_ms >= 0
    assert run.memory_mb > 10


def test_a_photo_with_nothing_to_do_is_left_alone(world: World) -> None:
    world.claim = None
    assert courier.claim(EVENT) == {"claim": None}


def test_an_event_about_no_original_starts_nothing(world: World) -> None:
    assert courier.claim({"detail-type": "Object Created", "detail": {}}) == {"claim": None}


def test_only_claimed_kinds_are_run(world: World) -> None:
    assert world.claim is not None
    world.renditions[Rendition.PREVIEW] = (PHOTOS / "china.jpg").read_bytes()
    world.claim = dataclasses.replace(world.claim, models={"labels": MODELS[Kind.LABELS][0]})
    state = courier.claim(EVENT)
    for branch in BRANCHES.values():
        branch(state)
    assert [result.kind for result in world.results] == [Kind.LABELS]


def test_a_file_that_is_no_photo_fails_every_kind_with_the_reason(world: World) -> None:
    world.data = b"<html><script>alert(1)</script>"
    world.claim = dataclasses.replace(
        world.claim, sha256=hashlib.sha256(world.data).hexdigest(), size=len(world.data)
    )  # type: ignore[type-var]
    assert handlers.inspect(courier.claim(EVENT)) == {"claim": None}
    assert {result.kind for result in world.results} == set(Kind)
    inspected = world.of(Kind.INSPECTION).failure
    assert inspected is not None
    assert (inspected.code, inspected.permanent) == ("not_an_image", True)
    other = world.of(Kind.TEXT).failure
    assert other is not None
    assert (other.stage, other.code, other.permanent) == ("inspection", "not_inspected", True)
    assert inspected.detail in other.detail
    assert world.renditions == {}


def test_other_bytes_than_announced_are_refused(world: World) -> None:
    world.data += b"x"
    handlers.inspect(courier.claim(EVENT))
    failure = world.of(Kind.INSPECTION).failure
    assert failure is not None
    assert (failure.code, failure.permanent) == ("checksum_mismatch", True)


def test_storage_that_is_away_is_worth_another_try(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> bytes:
        raise AnalysisError(stage="read", code="storage_unavailable", detail="x", permanent=False)

    monkeypatch.setattr(storage, "read_original", away)
    handlers.inspect(courier.claim(EVENT))
    assert {result.failure.permanent for result in world.results if result.failure} == {False}


def test_a_mistake_of_ours_is_told_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = handlers.inspect(courier.claim(EVENT))

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(handlers, "analyse", broken)
    handlers.faces(state)
    failure = world.of(Kind.FACES).failure
    assert failure is not None
    assert (failure.code, failure.permanent) == ("internal_error", False)
    assert "oops" in failure.detail


def test_the_second_faces_model_runs_when_it_is_claimed(world: World) -> None:
    assert world.claim is not None
    handlers.inspect(courier.claim(EVENT))
    models = {"faces": "face-recognition-1"}
    claim = dataclasses.replace(world.claim, models=models)
    handlers.faces({"claim": dataclasses.asdict(claim)})
    result = world.of(Kind.FACES)
    assert result.model == "face-recognition-1"
    assert isinstance(result.findings, FacesFindings)
    assert len(result.findings.faces) >= 1


def test_pixels_handed_over_and_pixels_read_back_agree(world: World) -> None:
    inspection = inspect_bytes((PHOTOS / "china.jpg").read_bytes())
    world.renditions[Rendition.PREVIEW] = inspection.renditions[Rendition.PREVIEW]
    model = MODELS[Kind.LABELS][0]
    handed = handlers.analyse(Kind.LABELS, model, inspection.pixels)
    read = handlers.analyse(Kind.LABELS, model, handlers.read_preview("p1"))
    assert isinstance(handed, LabelsFindings)
    assert isinstance(read, LabelsFindings)
    assert [label.name for label in handed.labels] == [label.name for label in read.labels]
