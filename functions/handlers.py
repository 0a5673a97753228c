"""One Lambda entry point a function that looks at photos: inspect, faces, labels, text, moderation.

Each starts from the claim that functions.courier has asked for. Every outcome, a failure too, is
delivered to the backend, which decides about retries; so a handler raises only if delivery fails.
The four that look at pixels also take a picture itself, and answer what they find: see predict.
"""

import base64
import contextlib
import dataclasses
import hashlib
import json
import logging
import platform
import resource
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from functions import delivery, storage
from functions.contract import (
    Claim,
    Failure,
    Findings,
    Kind,
    Rendition,
    Result,
    Run,
    result_to_json,
)
from functions.courier import state_of
from functions.cpu_time import cpu_seconds
from functions.errors import AnalysisError
from functions.inspection import Inspection
from functions.inspection import inspect as inspect_in_process

logger = logging.getLogger(__name__)

Image = NDArray[np.uint8]  # [height, width, 3], RGB, upright
Inspector = Callable[[bytes], Inspection]

_seen_kinds: set[Kind] = set()
# Above this a file is read by one thread at a time: two of the largest would be 400 MB.
LARGE_BYTES = 32_000_000
_large_file = threading.Lock()


def inspect(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Lambda: inspect a claimed photo and hand the claim on; {"claim": None} if there is no photo.

    Lambda itself bounds this process's time and memory: no sandbox within the sandbox.
    """
    claim = Claim(**event["claim"])
    inspected = run_inspection(claim, inspect_in_process) is not None
    return state_of(claim if inspected else None)


def faces(event: dict[str, Any], context: object = None) -> dict[str, Any] | None:
    """Lambda: find the faces of a claimed photo."""
    return _run_branch(Kind.FACES, event)


def labels(event: dict[str, Any], context: object = None) -> dict[str, Any] | None:
    """Lambda: name the things in a claimed photo."""
    return _run_branch(Kind.LABELS, event)


def text(event: dict[str, Any], context: object = None) -> dict[str, Any] | None:
    """Lambda: read what is written in a claimed photo."""
    return _run_branch(Kind.TEXT, event)


def moderation(event: dict[str, Any], context: object = None) -> dict[str, Any] | None:
    """Lambda: tell how explicit a claimed photo is."""
    return _run_branch(Kind.MODERATION, event)


def _run_branch(kind: Kind, event: dict[str, Any]) -> dict[str, Any] | None:
    if "image" in event:
        return predict(kind, event, inspect_in_process)
    claim = Claim(**event["claim"])
    if kind in claim.models:
        run_analysis(kind, claim, lambda: read_preview(claim.photo_id))
    return None


def predict(kind: Kind, event: dict[str, Any], inspector: Inspector) -> dict[str, Any]:
    """What a model finds in a picture of no photo, or why it cannot: a Result as JSON.

    The event is {"image": base64, "model", "request_id"}. Nothing is stored or delivered.
    """
    data = base64.b64decode(event["image"])
    claim = Claim(
        photo_id="",
        request_id=event["request_id"],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        models={kind: event["model"]},
    )
    result = _run(kind, claim, lambda: analyse(kind, event["model"], inspector(data).pixels))
    answer: dict[str, Any] = json.loads(result_to_json(result))
    return answer


def read_preview(photo_id: str) -> Image:
    """The pixels analyzers look at, when they were not handed over by inspection."""
    from functions.images import MAX_SIDE, decode_upright

    preview = storage.read_rendition(photo_id, Rendition.PREVIEW)
    # It has the size that inspection gave it, whatever its shape.
    return decode_upright(preview, longest_side=MAX_SIDE)


def run_inspection(claim: Claim, inspector: Inspector) -> Image | None:
    """Inspect a claimed photo: renditions are stored and the result delivered.

    Returns the pixels for the other steps; None if inspection failed.
    """
    inspection: Inspection | None = None

    def look() -> Findings:
        nonlocal inspection
        with _large_file if claim.size > LARGE_BYTES else contextlib.nullcontext():
            data = storage.read_original(claim.photo_id, size=claim.size)
            if hashlib.sha256(data).hexdigest() != claim.sha256:
                raise AnalysisError(
                    stage="read",
                    code="checksum_mismatch",
                    detail="The stored bytes are not those whose SHA-256 was announced.",
                    permanent=True,
                )
            inspection = inspector(data)
            del data
        for rendition, encoded in inspection.renditions.items():
            storage.write_rendition(claim.photo_id, rendition, encoded)
        return inspection.findings

    result = _run(Kind.INSPECTION, claim, look)
    delivery.send(result)
    if result.failure is not None:
        _fail_the_rest(claim, result, result.failure)
        return None
    return inspection.pixels if inspection else None


def run_analysis(kind: Kind, claim: Claim, read_image: Callable[[], Image]) -> None:
    """Run one analyzer on a claimed photo and deliver what it found, or why it could not."""
    delivery.send(_run(kind, claim, lambda: analyse(kind, claim.models[kind], read_image())))


def analyse(kind: Kind, model: str, image: Image) -> Findings:
    """What a model finds in an image. Raises AnalysisError."""
    return _analyzer(kind, model).analyse(image)


class Analyzer(Protocol):
    """Networks and geometry for one kind."""

    @property
    def weights_sha256(self) -> str: ...

    def analyse(self, image: Image) -> Findings: ...


def _analyzer(kind: Kind, model: str) -> Analyzer:
    # A function that looks for faces does not pay for the import of the others.
    match kind:
        case Kind.FACES:
            from functions.analyzers.faces import faces_analyzer

            return faces_analyzer(model)
        case Kind.LABELS:
            from functions.analyzers.labels import labels_analyzer

            return labels_analyzer()
        case Kind.TEXT:
            from functions.analyzers.text import text_analyzer

            return text_analyzer()
        case Kind.MODERATION:
            from functions.analyzers.moderation import moderation_analyzer

            return moderation_analyzer()
        case Kind.INSPECTION:
            raise ValueError("inspection starts from bytes, not from an image")


def _fail_the_rest(claim: Claim, inspected: Result, cause: Failure) -> None:
    """No preview, no analysis: each kind says so, and shares inspection's chance of a retry."""
    failure = Failure(
        stage="inspection",
        code="not_inspected",
        detail=f"The photo could not be inspected: {cause.detail}",
        permanent=cause.permanent,
    )
    for kind, model in claim.models.items():
        if kind != Kind.INSPECTION:
            delivery.send(
                dataclasses.replace(inspected, kind=Kind(kind), model=model, failure=failure)
            )


def _run(kind: Kind, claim: Claim, work: Callable[[], Findings]) -> Result:
    """Do the work; a failure becomes part of the result. What it cost is measured: see cpu_time."""
    findings: Findings | None = None
    failure: Failure | None = None
    with _measure(kind) as measured:
        try:
            findings = work()
        except AnalysisError as error:
            failure = Failure(
                stage=error.stage, code=error.code, detail=error.detail, permanent=error.permanent
            )
        except Exception as error:  # the edge: whatever it is, the photo's owner is told
            logger.error("%s of %s: %s", kind, claim.photo_id, traceback.format_exc())
            out_of_memory = isinstance(error, MemoryError)
            failure = Failure(
                stage="run",
                code="out_of_memory" if out_of_memory else "internal_error",
                detail=f"{type(error).__name__}: {error}"[:500],
                permanent=False,
            )
    run = Run(
        request_id=claim.request_id,
        started_at=measured.started_at.isoformat(),
        duration_ms=measured.duration_ms,
        cpu_ms=measured.cpu_ms,
        memory_mb=_peak_memory_mb(),
        cold_start=measured.cold_start,
        runtime=_runtime(),
        weights_sha256="" if kind == Kind.INSPECTION or failure else _weights(kind, claim),
        input_sha256=claim.sha256,
    )
    return Result(
        photo_id=claim.photo_id,
        kind=kind,
        model=claim.models[kind],
        run=run,
        findings=findings,
        failure=failure,
    )


@dataclass
class Measured:
    started_at: datetime
    cold_start: bool
    duration_ms: float = 0.0
    cpu_ms: float = 0.0


@contextmanager
def _measure(kind: Kind) -> Iterator[Measured]:
    measured = Measured(started_at=datetime.now(UTC), cold_start=kind not in _seen_kinds)
    _seen_kinds.add(kind)
    wall, cpu = time.perf_counter(), cpu_seconds()
    try:
        yield measured
    finally:
        measured.duration_ms = round((time.perf_counter() - wall) * 1000, 3)
        measured.cpu_ms = round((cpu_seconds() - cpu) * 1000, 3)


def _weights(kind: Kind, claim: Claim) -> str:
    return _analyzer(kind, claim.models[kind]).weights_sha256


def _peak_memory_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _runtime() -> str:
    return f"python {platform.python_version()} {platform.machine()}"
