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
from django.conf import settings

from functions.tests.lambda_runtime import LambdaFunction, Outcome
from functions.tests.serverless import read_serverless

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


def test_what_repeats_a_call_meets_another_process_that_remembers(prepared: dict[str, str]) -> None:
    account = {"username": "root", "password": PASSWORD, "device": "test"}
    answers: list[Outcome] = []
    for _ in range(2):
        with LambdaFunction("deploy.backend.web", environment=prepared) as web:
            if not answers:
                signed_in = web.invoke(request("POST", "/api/v1/auth/login", account))
                who = {"authorization": f"Bearer {content(signed_in)['token']}"}
            keyed = who | {"idempotency-key": "one"}
            answers.append(
                web.invoke(request("POST", "/api/v1/albums", {"title": "Summer"}, **keyed))
            )
            albums = content(web.invoke(request("GET", "/api/v1/albums", **who)))
    assert [status(answer) for answer in answers] == [201, 201]
    assert "idempotency-replayed" in answers[1].payload["headers"]
    assert len(albums["results"]) == 1


def schedules() -> list[dict[str, str]]:
    """What serverless.yml sends to the function of the schedules."""
    events = read_serverless()["functions"]["schedule"]["events"]
    return [event["schedule"]["input"] for event in events]


def test_aws_has_every_schedule_of_the_backend() -> None:
    tasks = sorted(event["task"] for event in schedules())
    assert tasks == sorted(str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values())


def test_what_a_schedule_asks_for_is_done(prepared: dict[str, str]) -> None:
    with LambdaFunction("deploy.backend.run_scheduled", environment=prepared) as schedule:
        assert [schedule.invoke(event).error for event in schedules()] == [None] * len(schedules())
        assert schedule.invoke({"task": "os.system"}).error == "EventError"


@pytest.mark.parametrize("handler", ["web", "run_tasks", "run_scheduled"])
def test_a_function_of_the_backend_that_runs_out_of_time_or_memory_is_stopped(
    prepared: dict[str, str], handler: str
) -> None:
    with LambdaFunction(
        f"deploy.backend.{handler}", environment=prepared, seconds=0.05
    ) as function:
        late = function.invoke(request("GET", "/healthz"))
        function.seconds, function.memory_mb = 60, 40
        starved = function.invoke(request("GET", "/healthz"))
    assert (late.error, starved.error) == ("Sandbox.Timedout", "Runtime.OutOfMemory")


def test_tasks_of_the_queue_are_done_and_strange_ones_named(prepared: dict[str, str]) -> None:
    event = json.loads((EVENTS / "sqs_celery.json").read_text())
    with LambdaFunction("deploy.backend.run_tasks", environment=prepared) as tasks:
        outcome = tasks.invoke(event)
    # 2 has expired, 4 is people.assign; 1 is for the functions, 3 is no message.
    failed = [item["itemIdentifier"][-1] for item in outcome.payload["batchItemFailures"]]
    assert failed == ["1", "3"]
