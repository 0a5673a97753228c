"""schemathesis calls every operation in every way that it knows, with all its checks.

`make fuzz` does more of the same.
"""

import functools
import os
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection

from backend.api import openapi, predict, rate_limit
from backend.api.tests import test_policy
from backend.api.tests.test_policy import undone
from backend.conftest import make_run
from functions.contract import Failure, Kind, Result, result_to_json


def as_meant(schema: Any) -> Any:
    """The same in words that schemathesis takes as they are meant.

    It follows no reference to an example, and takes "" for a UUID that may be null. A parameter
    that is empty is one that is not there.
    """
    if isinstance(schema, list):
        return [as_meant(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref", "").startswith("#/components/examples/"):
        return DOCUMENT["components"]["examples"][schema["$ref"].rpartition("/")[2]]
    meant = {name: as_meant(each) for name, each in schema.items()}
    kinds = schema.get("type")
    if "format" in schema and isinstance(kinds, list):
        return {"anyOf": [meant | {"type": kind} for kind in kinds if kind != "null"] + [_NULL]}
    if schema.get("in") == "query" and not schema.get("required"):
        # One string is a list of one, and schemathesis would take it for neither a list nor "".
        takes_any = meant["schema"].get("items") == {"type": "string"}
        return meant | {"allowEmptyValue": not takes_any}
    return meant


DOCUMENT = openapi.make_document()
_NULL = {"type": "null"}
CONFIG = SchemathesisConfig.from_dict(
    {
        # The tests say who calls.
        "generation": {"with-security-parameters": False},
        "checks": {
            "positive_data_acceptance": {
                # Not every rule can be told by a schema: a day that is over, one of two fields, a
                # type of photo, what was read last.
                "expected-statuses": [
                    *("2xx", "3xx", 400, 401, 403, 404, 409, 410, 412, 413, 415, 416),
                ]
            }
        },
    }
)
SCHEMA = schemathesis.openapi.from_dict(as_meant(DOCUMENT), config=CONFIG)
# So many calls of each operation, on top of its examples and of what covers its schema.
CALLS = int(os.environ.get("FUZZ_CALLS", "10"))


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """Every operation meets one of its own: no keys of calls, and no counts, of another's."""
    return test_policy.make_world()


def find_no_picture(function: str, event: dict[str, Any]) -> bytes:
    """What the functions answer to what is no picture: no worker listens here."""
    failure = Failure(stage="decode", code="not_an_image", detail="No picture.", permanent=True)
    result = Result(
        photo_id="", kind=Kind(function), model=event["model"], run=make_run(), failure=failure
    )
    return result_to_json(result)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Nobody is sent away for calling too often, nor made to wait for events."""
    monkeypatch.setattr(rate_limit, "count_attempt", lambda limits: None)
    monkeypatch.setattr(predict, "count_attempt", lambda limits: None)
    monkeypatch.setattr(predict, "invoke", find_no_picture)
    settings.EVENTS_WAIT_SECONDS = 0


@functools.cache
def _handler() -> WSGIHandler:
    return WSGIHandler()


def serve(environ: Any, start_response: Any) -> Any:
    """The album, in the test's transaction: it leaves connections as Django's test client does."""
    request_signals = (request_started, request_finished)
    for signal in request_signals:
        signal.disconnect(close_old_connections)
    try:
        answer = _handler()(environ, start_response)
        answer.close()
        return answer
    finally:
        for signal in request_signals:
            signal.connect(close_old_connections)


SCHEMA.app = serve


def aim(case: Case[Any], world: dict[str, Any]) -> None:
    """Every second id in the path is that of something of alice's."""
    for name, value in case.path_parameters.items():
        own = world.get(name.removesuffix("_id"))
        if name == "name":
            own = "cat"
        try:
            chosen = UUID(str(value)).int % 2 if name.endswith("_id") else len(str(value)) % 2
        except ValueError:
            continue
        if own is not None and chosen:
            case.path_parameters[name] = str(own)


def lenient_checks(case: Case[Any]) -> list[CheckFunction]:
    """Those that need not hold: 1 and "true" are taken for true, as a form would send them."""
    meta = case.meta
    data = meta.phase.data if meta else None
    is_type = meta and meta.generation.mode.is_negative and "type" in str(data).lower()
    return [negative_data_rejection] if is_type and "body" in str(data).lower() else []


def call(case: Case[Any], headers: dict[str, str]) -> None:
    """Every check holds."""
    # The next call finds the world as it was: what earlier calls counted is in the cache.
    cache.clear()
    with undone():
        case.call_and_validate(headers=headers, excluded_checks=lenient_checks(case))


@SCHEMA.parametrize()
@settings(
    max_examples=CALLS,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_documented(case: Case[Any], world: dict[str, Any]) -> None:
    aim(case, world)
    call(case, world["headers"]["owner"])


@SCHEMA.parametrize()
@settings(
    max_examples=CALLS,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_nobody_as_documented(
    case: Case[Any], world: dict[str, Any]
) -> None:
    aim(case, world)
    call(case, {})
