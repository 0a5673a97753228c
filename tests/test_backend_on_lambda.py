"""The backend as Lambda functions: pages, tasks and set-up, on a database of its own."""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from functions.tests.lambda_runtime import LambdaFunction, Outcome

EVENTS = Path(__file__).resolve().parents[1] / "functions" / "tests" / "events"
PASSWORD = secrets.token_urlsafe(12)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What serverless.yml sets, for the servers of this test run and an empty database."""
    server = os.environ["DATABASE_URL"]
    name = f"lambda_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    needed = ("S3_ENDPOINT_URL", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
    yield {
        **{key: os.environ[key] for key in needed},
        "DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl(),
        "DATABASE_POOL": "2",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "DELIVERY_SECRET": secrets.token_urlsafe(32),
        "WEBHOOK_TOKEN": secrets.token_urlsafe(32),
        "BROKER_URL": "memory://",
        "ALLOWED_HOSTS": "abc123.execute-api.us-east-1.amazonaws.com",
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "ADMIN_USERNAME": "root",
        "ADMIN_PASSWORD": PASSWORD,
    }
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def prepared(environment: dict[str, str]) -> dict[str, str]:
    with LambdaFunction("deploy.backend.prepare", environment=environment) as prepare:
        first, second = prepare.invoke({}), prepare.invoke({})
    assert (first.error, second.error) == (None, None)
    return environment


def request(method: str, path: str, body: Any = None, **headers: str) -> Any:
    """API Gateway's event for a request (HTTP API, payload version 2.0)."""
    event = json.loads((EVENTS / "http_api_v2.json").read_text())
    event["rawPath"] = path
    event["requestContext"]["http"] |= {"method": method, "path": path}
    event["headers"] |= headers
    if body is not None:
        event["body"] = json.dumps(body)
        event["headers"] |= {
            "content-type": "application/json",
            "content-length": str(len(event["body"])),
        }
    return event


def status(outcome: Outcome) -> int:
    assert outcome.error is None, outcome.payload
    return int(outcome.payload["statusCode"])


def content(outcome: Outcome) -> Any:
    """The answer's JSON; types that the adapter does not know as text are base64."""
    body = outcome.payload["body"]
    return json.loads(base64.b64decode(body) if outcome.payload["isBase64Encoded"] else body)


def test_pages_and_api_answer_the_gateways_events(prepared: dict[str, str]) -> None:
    with LambdaFunction("deploy.backend.web", environment=prepared) as web:
        assert status(web.invoke(request("GET", "/healthz"))) == 200
        assert status(web.invoke(request("GET", "/admin/login/"))) == 200
        assert status(web.invoke(request("GET", "/healthz", host="elsewhere.example"))) == 400
        assert status(web.invoke(request("POST", "/internal/claims", {"photo_id": "x"}))) == 401
        account = {"username": "root", "password": PASSWORD, "device": "test"}
        signed_in = web.invoke(request("POST", "/api/v1/auth/login", account))
        assert status(signed_in) in (200, 201)
        token = content(signed_in)["token"]
        photos = web.invoke(request("GET", "/api/v1/photos", authorization=f"Bearer {token}"))
        assert status(photos) == 200
        assert content(photos)["results"] == []
        assert web.starts == 1


def test_what_a_schedule_asks_for_is_done(prepared: dict[str, str]) -> None:
    with LambdaFunction("deploy.backend.run_scheduled", environment=prepared) as schedule:
        assert schedule.invoke({"task": "analysis.sweep"}).error is None
        assert schedule.invoke({"task": "analysis.purge"}).error is None
        assert schedule.invoke({"task": "os.system"}).error == "EventError"


def test_tasks_of_the_queue_are_done_and_strange_ones_named(prepared: dict[str, str]) -> None:
    event = json.loads((EVENTS / "sqs_celery.json").read_text())
    with LambdaFunction("deploy.backend.run_tasks", environment=prepared) as tasks:
        outcome = tasks.invoke(event)
    # 2 has expired, 4 is people.assign; 1 is for the functions, 3 is no message.
    failed = [item["itemIdentifier"][-1] for item in outcome.payload["batchItemFailures"]]
    assert failed == ["1", "3"]
