"""Telling the backend: the only thing a function can do besides looking at photos."""

import dataclasses
import functools
import json
import time

import urllib3

from functions.config import config
from functions.contract import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Claim,
    ContractError,
    Failure,
    Result,
    claim_from_json,
    result_to_json,
    sign,
)

# The backend may be restarting: five tries over about half a minute. After that the work's lease
# runs out and it is done anew.
_ATTEMPTS = 5
_FIRST_PAUSE = 1.0  # seconds, doubled each time


class DeliveryError(Exception):
    """The backend did not take a message; its lease and the sweeper see to the rest."""


class MessageRefusedError(DeliveryError):
    """The backend will never take this message as it is."""


def claim(photo_id: str) -> Claim | None:
    """Ask for the work on a photo. None if there is none to do, or somebody else has it."""
    body = json.dumps({"photo_id": photo_id}).encode()
    answer = _post("/internal/claims", body)
    return claim_from_json(answer) if answer else None


def send(result: Result) -> None:
    """The backend has the result on record. Safe to run twice.

    Findings that cannot be sent, or that the backend refuses as they are, become a failure that
    says so: one kind's mistake must not hold the photo's others up. Raises DeliveryError if
    nobody takes it.
    """
    try:
        _post("/internal/results", result_to_json(result))
    except (ContractError, MessageRefusedError) as error:
        if result.failure is not None:
            raise DeliveryError(f"a failure was refused: {error}") from error
        failure = Failure(
            stage="deliver", code="invalid_result", detail=str(error)[:500], permanent=True
        )
        refused = dataclasses.replace(result, findings=None, failure=failure)
        _post("/internal/results", result_to_json(refused))


def _post(path: str, body: bytes) -> bytes:
    pause = _FIRST_PAUSE
    for attempt in range(1, _ATTEMPTS + 1):
        timestamp = str(time.time())
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: sign(config().delivery_secret, timestamp, body),
        }
        try:
            answer = _pool().request(
                "POST", config().backend_url + path, body=body, headers=headers
            )
        except urllib3.exceptions.HTTPError as error:
            problem = f"{type(error).__name__}: {error}"
        else:
            if answer.status in (200, 204):
                return answer.data
            problem = f"{answer.status}: {answer.data[:500].decode(errors='replace')}"
            if answer.status in (400, 413):
                raise MessageRefusedError(f"{path} was refused: {problem}")
            if answer.status < 500 and answer.status != 429:
                break  # it will say the same again
        if attempt < _ATTEMPTS:
            time.sleep(pause)
            pause *= 2
    raise DeliveryError(f"{path} was not taken: {problem}")


@functools.cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        maxsize=8, timeout=urllib3.Timeout(connect=3, read=30), retries=False
    )
