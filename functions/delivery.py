"""Telling the backend: the only thing a function can do besides looking at photos."""

import functools
import json
import time

import urllib3

from functions.config import config
from functions.contract import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Claim,
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


def claim(photo_id: str) -> Claim | None:
    """Ask for the work on a photo. None if there is none to do, or somebody else has it."""
    body = json.dumps({"photo_id": photo_id}).encode()
    answer = _post("/internal/claims", body)
    return claim_from_json(answer) if answer else None


def send(result: Result) -> None:
    """The backend has the result on record. Safe to run twice.

    Raises ContractError for a result that holds NaN, DeliveryError if nobody takes it.
    """
    _post("/internal/results", result_to_json(result))


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
            answer = _pool().request("POST", config().backend_url + path, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            problem = f"{type(error).__name__}: {error}"
        else:
            if answer.status in (200, 204):
                return answer.data
            problem = f"{answer.status}: {answer.data[:500].decode(errors='replace')}"
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
