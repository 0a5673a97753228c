"""Lambda entry points that look at no photo: they only talk with the backend.

`claim` is the state machine's first step and asks for the work. `report_failure` is where the
steps that died (a crash, no memory, no time left, never started) are told: whoever could still
speak has delivered its failure itself.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from functions import delivery
from functions.contract import Claim, Failure, Kind, Result, Run
from functions.events import photo_id_of_event

logger = logging.getLogger(__name__)

_OUT_OF_TIME = ("States.Timeout", "Sandbox.Timedout")
_OUT_OF_MEMORY = ("Runtime.OutOfMemory",)


def claim(event: Any, context: object = None) -> dict[str, Any]:
    """Lambda: claim the photo of an "Object Created" event; {"claim": None} if there is no work.

    Raises DeliveryError if the backend does not answer.
    """
    photo_id = photo_id_of_event(event)
    if photo_id is None:
        logger.warning("an event about no photo: %.500s", json.dumps(event))
        return {"claim": None}
    return state_of(delivery.claim(photo_id))


def report_failure(event: dict[str, Any], context: object = None) -> None:
    """Lambda: deliver the failure of a step that could not do so itself. Safe to run twice.

    The event is the state machine's {"claim", "kind", "error": {"Error", "Cause"}}. A photo that
    could not be inspected cannot be looked at either: every kind of the claim fails with it.
    Raises DeliveryError if the backend does not take it.
    """
    claim = Claim(**event["claim"])
    died = Kind(event["kind"])
    failure = explain(event["error"])
    run = Run(
        request_id=claim.request_id,
        started_at=datetime.now(UTC).isoformat(),
        duration_ms=0.0,
        cpu_ms=0.0,
        memory_mb=0.0,
        cold_start=False,
        runtime="",
        weights_sha256="",
        input_sha256=claim.sha256,
    )
    for kind in failed_kinds(died, claim):
        model = claim.models[kind]
        delivery.send(
            Result(photo_id=claim.photo_id, kind=kind, model=model, run=run, failure=failure)
        )


def state_of(claim: Claim | None) -> dict[str, Any]:
    """What the state machine hands from step to step."""
    return {"claim": None if claim is None else vars(claim)}


def failed_kinds(died: Kind, claim: Claim) -> list[Kind]:
    if died == Kind.INSPECTION:
        return [Kind(kind) for kind in claim.models]
    return [died] if died in claim.models else []


def explain(error: dict[str, str]) -> Failure:
    """Why a step has ended without a word. Never permanent: the backend counts the attempts."""
    name, cause = error.get("Error", ""), error.get("Cause", "")
    if name in _OUT_OF_TIME:
        code, detail = "timed_out", "The function ran out of time."
    elif name in _OUT_OF_MEMORY:
        code, detail = "out_of_memory", "The function ran out of memory."
    else:
        code, detail = "worker_lost", f"The function ended without a result ({name}: {cause})."
    return Failure(stage="run", code=code, detail=detail[:500], permanent=False)
