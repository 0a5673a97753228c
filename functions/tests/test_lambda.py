"""Every handler under Lambda's own runtime client: results, failures, and how they end."""

import base64
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from celery import Celery
from moto import mock_aws

from deploy.package import BUILD, PACKAGES, Builder, running_python
from deploy.state_machine import FUNCTIONS, render_state_machine
from functions import batch, courier
from functions.contract import (
    ANALYSIS_QUEUE,
    ANALYSIS_TASK,
    FacesFindings,
    Kind,
    original_key,
    result_from_json,
)
from functions.events import EventError, photo_id_of_message
from functions.tests.asl_interpreter import StepError, execute
from functions.tests.lambda_runtime import ROOT, LambdaFunction
from functions.tests.lambda_world import LambdaWorld

TESTS = Path(__file__).parent
PHOTO = (TESTS / "photos" / "astronaut.png").read_bytes()
PHOTO_ID = "01a1f770-870f-704a-abb5-c258cd85fc48"
TEST_BUILD = BUILD.with_name("lambda-tests")
BRANCHES = (Kind.MODERATION, Kind.LABELS, Kind.FACES, Kind.TEXT)


def read_event(name: str) -> Any:
    return json.loads((TESTS / "events" / f"{name}.json").read_text())


def upload_event(photo_id: str) -> Any:
    event = read_event("s3_object_created_eventbridge")
    event["detail"]["object"]["key"] = original_key(photo_id)
    return event


@pytest.fixture
def world() -> Iterator[LambdaWorld]:
    with LambdaWorld() as world:
        yield world


def claimed(world: LambdaWorld, photo_id: str) -> dict[str, Any]:
    """The state that the claim function hands to the others."""
    return courier.state_of(world.claims.pop(photo_id))


def test_an_uploads_event_becomes_a_claim_once(world: LambdaWorld) -> None:
    photo_id = world.add_photo(PHOTO)
    with LambdaFunction("functions.courier.claim", environment=world.environment) as claim:
        first, second = (claim.invoke(upload_event(photo_id)) for _ in range(2))
    assert first.error is None
    assert first.payload["claim"]["photo_id"] == photo_id
    assert set(first.payload["claim"]["models"]) == set(Kind)
    assert second.payload == {"claim": None}


def test_events_about_no_photo_are_left_alone(world: LambdaWorld) -> None:
    events: list[Any] = [{}, [], None, "x", 5, {"detail-type": "Object Created"}]
    events += [
        {"photo_id": "../../etc"},
        {"detail-type": "Object Created", "detail": {"object": 1}},
    ]
    with LambdaFunction("functions.courier.claim", environment=world.environment) as claim:
        assert [claim.invoke(event).payload for event in events] == [{"claim": None}] * len(events)
        assert claim.starts == 1


def test_a_backend_that_refuses_is_an_error_of_the_claim(world: LambdaWorld) -> None:
    photo_id = world.add_photo(PHOTO)
    world.is_away = True
    with LambdaFunction("functions.courier.claim", environment=world.environment) as claim:
        outcome = claim.invoke(upload_event(photo_id))
    assert outcome.error == "MessageRefusedError"


def test_a_missing_setting_is_told_by_name(world: LambdaWorld) -> None:
    environment = world.environment
    del environment["DELIVERY_SECRET"]
    with LambdaFunction("functions.courier.claim", environment=environment) as claim:
        outcome = claim.invoke(upload_event(world.add_photo(PHOTO)))
    assert outcome.error == "ConfigError"
    assert "DELIVERY_SECRET" in outcome.detail


def test_a_photo_goes_through_every_function(world: LambdaWorld) -> None:
    photo_id = world.add_photo(PHOTO)
    state = claimed(world, photo_id)
    for name in ("inspect", *BRANCHES):
        with LambdaFunction(
            f"functions.handlers.{name}", environment=world.environment
        ) as function:
            assert function.invoke(state).error is None
    results = world.results_of(photo_id)
    assert set(results) == set(Kind)
    assert all(result.failure is None for result in results.values())
    faces = results[Kind.FACES].findings
    assert isinstance(faces, FacesFindings)
    assert len(faces.faces) == 1
    assert all(result.run.cold_start for result in results.values())


def test_a_picture_that_somebody_waits_for_is_answered_and_delivered_to_nobody(
    world: LambdaWorld,
) -> None:
    picture = base64.b64encode(PHOTO).decode()
    event = {"image": picture, "model": "yunet-sface-1", "request_id": "r1"}
    with LambdaFunction("functions.handlers.faces", environment=world.environment) as faces:
        outcome = faces.invoke(event)
    assert outcome.error is None
    result = result_from_json(json.dumps(outcome.payload).encode())
    assert isinstance(result.findings, FacesFindings)
    assert len(result.findings.faces) == 1
    assert (world.results, world.objects) == ([], {})


def test_a_file_that_is_no_photo_is_delivered_as_a_failure_and_ends_the_run(
    world: LambdaWorld,
) -> None:
    photo_id = world.add_photo(b"<html>")
    state = claimed(world, photo_id)
    with LambdaFunction("functions.handlers.inspect", environment=world.environment) as inspect:
        outcome = inspect.invoke(state)
    assert outcome.payload == {"claim": None}
    failures = {kind: result.failure for kind, result in world.results_of(photo_id).items()}
    assert set(failures) == set(Kind)
    inspected = failures[Kind.INSPECTION]
    assert inspected is not None
    assert inspected.code == "not_an_image"


@pytest.mark.parametrize("kind", BRANCHES)
def test_a_missing_preview_is_delivered_as_a_failure(world: LambdaWorld, kind: Kind) -> None:
    photo_id = world.add_photo(PHOTO)
    state = claimed(world, photo_id)
    with LambdaFunction(f"functions.handlers.{kind}", environment=world.environment) as function:
        outcome = function.invoke(state)
        # What is no event of ours is an error, and the process lives on.
        assert function.invoke({"claim": {"photo_id": "x"}}).error == "TypeError"
        assert function.invoke({}).error == "KeyError"
        assert function.starts == 1
    assert outcome.error is None
    failure = world.results_of(photo_id)[kind].failure
    assert failure is not None
    assert (failure.code, failure.permanent) == ("object_missing", True)


def test_a_function_out_of_time_or_memory_is_replaced_and_reported(world: LambdaWorld) -> None:
    photo_id = world.add_photo(PHOTO)
    state = claimed(world, photo_id)
    with LambdaFunction("functions.handlers.inspect", environment=world.environment) as inspect:
        state = inspect.invoke(state).payload
    with LambdaFunction(
        "functions.handlers.text", environment=world.environment, memory_mb=60
    ) as text:
        starved = text.invoke(state)
        text.memory_mb = 1769
        fed = text.invoke(state)
        starts = text.starts
    with LambdaFunction(
        "functions.handlers.faces", environment=world.environment, seconds=0.05
    ) as faces:
        late = faces.invoke(state)
    assert (starved.error, late.error) == ("Runtime.OutOfMemory", "Sandbox.Timedout")
    assert (fed.error, starts) == (None, 2)
    with LambdaFunction(
        "functions.courier.report_failure", environment=world.environment
    ) as report:
        error = {"Error": late.error, "Cause": json.dumps(late.payload)}
        assert report.invoke(state | {"kind": "faces", "error": error}).error is None
    failure = world.results_of(photo_id)[Kind.FACES].failure
    assert failure is not None
    assert (failure.code, failure.permanent) == ("timed_out", False)


@pytest.mark.parametrize(
    "handler",
    [
        "courier.claim",
        "courier.report_failure",
        "batch.run_batch",
        *(f"handlers.{name}" for name in ("inspect", *BRANCHES)),
    ],
)
def test_whatever_function_runs_out_of_time_or_memory_is_stopped_and_bad_events_are_errors(
    world: LambdaWorld, handler: str
) -> None:
    state = claimed(world, world.add_photo(PHOTO))
    with LambdaFunction(
        f"functions.{handler}", environment=world.environment, seconds=0.02
    ) as function:
        late = function.invoke(state)
        function.seconds, function.memory_mb = 60, 12
        starved = function.invoke(state)
        function.memory_mb = 1769
        odd = function.invoke({"no": "event of ours"})
        starts = function.starts
    assert (late.error, starved.error) == ("Sandbox.Timedout", "Runtime.OutOfMemory")
    # No photo is no work; everything else names what it misses.
    assert odd.error == (None if handler == "courier.claim" else "KeyError")
    assert starts == 3


def test_the_state_machine_carries_a_photo_through_although_one_function_dies(
    world: LambdaWorld,
) -> None:
    photo_id = world.add_photo(PHOTO)
    handlers = {
        "claim": "functions.courier.claim",
        "reportFailure": "functions.courier.report_failure",
        **{name: f"functions.handlers.{name}" for name in ("inspect", *BRANCHES)},
    }

    def on_lambda(name: str) -> Any:
        def run(event: Any) -> Any:
            memory = 60 if name == "text" else 1769
            with LambdaFunction(
                handlers[name], environment=world.environment, memory_mb=memory
            ) as function:
                outcome = function.invoke(event)
            if outcome.error:
                raise StepError(outcome.error, json.dumps(outcome.payload))
            return outcome.payload

        return run

    execution = execute({name: on_lambda(name) for name in handlers}, upload_event(photo_id))
    assert execution.status == "SUCCEEDED"
    results = world.results_of(photo_id)
    assert set(results) == set(Kind)
    codes = {kind: result.failure and result.failure.code for kind, result in results.items()}
    assert codes.pop(Kind.TEXT) == "out_of_memory"
    assert set(codes.values()) == {None}


# --- the batch path -------------------------------------------------------------------------------


class Starter:
    """Step Functions, as far as a batch asks for it."""

    def __init__(self, statuses: dict[str, str]) -> None:
        self.statuses = statuses
        self.started: list[str] = []

    def start_sync_execution(self, **arguments: Any) -> dict[str, str]:
        photo_id = json.loads(arguments["input"])["photo_id"]
        self.started.append(photo_id)
        return {"status": self.statuses.get(photo_id, "SUCCEEDED")}


@pytest.fixture
def starter(monkeypatch: pytest.MonkeyPatch) -> Starter:
    starter = Starter({})
    monkeypatch.setenv("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:1:stateMachine:analyse")
    monkeypatch.setattr(batch, "_client", lambda: starter)
    batch._state_machine.cache_clear()
    return starter


def failures_of(answer: dict[str, Any]) -> list[str]:
    """The last digits of the failed messages."""
    return [item["itemIdentifier"][-1] for item in answer["batchItemFailures"]]


def test_a_batch_names_the_messages_that_must_come_again(starter: Starter) -> None:
    answer = batch.run_batch(read_event("sqs_celery"))
    # 1 is done, 2 has expired, 3 is no message, 4 is of another queue.
    assert failures_of(answer) == ["3", "4"]
    assert starter.started == [PHOTO_ID]


def test_a_photo_whose_run_failed_comes_again(starter: Starter) -> None:
    starter.statuses[PHOTO_ID] = "FAILED"
    assert failures_of(batch.run_batch(read_event("sqs_celery"))) == ["1", "3", "4"]


def test_a_batch_runs_under_lambda_and_survives_that_aws_is_not_there(world: LambdaWorld) -> None:
    nowhere = {
        "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:1:stateMachine:analyse",
        "AWS_ENDPOINT_URL_SFN": "http://localhost:9",
    }
    with LambdaFunction("functions.batch.run_batch", environment=nowhere) as function:
        outcome = function.invoke(read_event("sqs_celery"))
    assert failures_of(outcome.payload) == ["1", "3", "4"]


def test_what_celery_sends_through_sqs_names_its_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        url = client.create_queue(QueueName="functions")["QueueUrl"]
        app = Celery("sender", broker="sqs://")
        # As deploy/backend.py sets it.
        app.conf.broker_transport_options = {
            "region": "us-east-1",
            "predefined_queues": {ANALYSIS_QUEUE: {"url": url}},
        }
        app.send_task(ANALYSIS_TASK, args=(PHOTO_ID,), queue=ANALYSIS_QUEUE, expires=600)
        app.send_task(ANALYSIS_TASK, args=(PHOTO_ID,), queue=ANALYSIS_QUEUE, expires=-1)
        bodies = [
            message["Body"]
            for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        ]
    assert sorted(map(str, map(photo_id_of_message, bodies))) == [PHOTO_ID, "None"]


@pytest.mark.parametrize(
    "body", ["", "[]", "5", "{}", '{"headers": 5}', '{"headers": {"task": 1}}']
)
def test_other_messages_are_refused(body: str) -> None:
    with pytest.raises(EventError):
        photo_id_of_message(body)


# --- the zips themselves, and the template that deploys them --------------------------------------

# The first of these tests builds and installs for minutes.


@pytest.fixture(scope="module")
def zips() -> dict[str, Path]:
    """For the Python that runs this, beside those that are deployed."""
    return Builder(python=running_python(), folder=TEST_BUILD).build(PACKAGES)


@pytest.mark.stack
@pytest.mark.timeout(900)
def test_the_zips_hold_all_that_a_photo_needs(
    zips: dict[str, Path], world: LambdaWorld, tmp_path: Path
) -> None:
    handlers = {
        "courier": "functions.courier.claim",
        "inspect": "functions.handlers.inspect",
        **{str(kind): f"functions.handlers.{kind}" for kind in BRANCHES},
    }
    photo_id = world.add_photo(PHOTO)
    state: Any = upload_event(photo_id)
    for name, handler in handlers.items():
        with unpacked(zips[name], handler, tmp_path / name, world.environment) as function:
            outcome = function.invoke(state)
        assert outcome.error is None, f"{name}: {outcome.payload}"
        state = outcome.payload or state
    results = world.results_of(photo_id)
    assert {kind: result.failure for kind, result in results.items()} == dict.fromkeys(Kind)


@pytest.mark.stack
@pytest.mark.timeout(900)
def test_the_other_zips_start(zips: dict[str, Path], tmp_path: Path) -> None:
    nowhere = {
        "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:1:stateMachine:analyse",
        "SECRET_KEY": "secret",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nowhere",
        "BROKER_URL": "sqs://",
        "S3_BUCKET": "photos",
        "DELIVERY_SECRET": "secret",
        "WEBHOOK_TOKEN": "secret",
        "ALLOWED_HOSTS": "abc123.execute-api.us-east-1.amazonaws.com",
    }
    batch_root, backend_root = tmp_path / "batch", tmp_path / "backend"
    with unpacked(zips["batch"], "functions.batch.run_batch", batch_root, nowhere) as function:
        assert function.invoke({"Records": []}).payload == {"batchItemFailures": []}
    nowhere["DATA_DIR"] = str(backend_root / "data")
    with unpacked(zips["backend"], "deploy.backend.web", backend_root, nowhere) as function:
        event = read_event("http_api_v2")
        outcome = function.invoke(event)
        assert outcome.error is None, outcome.payload
        assert outcome.payload["statusCode"] == 200
        # The back-office's own style sheet, as WhiteNoise serves it.
        event["rawPath"] = "/static/backoffice/look.css"
        assert function.invoke(event).payload["statusCode"] == 200


def unpacked(
    path: Path, handler: str, task_root: Path, environment: dict[str, str]
) -> LambdaFunction:
    """A function that finds nothing but its zip's content and the runtime client."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(task_root)
    return LambdaFunction(
        handler,
        environment=environment | {"NETWORKS_DIR": str(task_root / "networks")},
        task_root=task_root,
        packages=(),
    )


@pytest.fixture(scope="module")
def template(zips: dict[str, Path]) -> Any:
    """CloudFormation's resources, as osls packages them without an account or a network."""
    osls = ROOT / "node_modules" / ".bin" / "osls"
    if not osls.exists():
        pytest.skip("osls is not installed: npm ci")
    nowhere = "http://127.0.0.1:9"
    environment = {"PATH": os.environ["PATH"], "HTTPS_PROXY": nowhere, "HTTP_PROXY": nowhere}
    package = [str(osls), "package", f"--param=build={TEST_BUILD.relative_to(ROOT)}"]
    subprocess.run(package, cwd=ROOT, env=environment, check=True, timeout=120)
    written = ROOT / ".serverless" / "cloudformation-template-update-stack.json"
    return json.loads(written.read_text())["Resources"]


@pytest.mark.stack
@pytest.mark.timeout(900)
def test_the_template_is_clean(template: Any) -> None:
    subprocess.run(
        [sys.executable, "-c", "import cfnlint.runner as r; r.main()"],
        cwd=ROOT,
        check=True,
        timeout=120,
    )


@pytest.mark.stack
@pytest.mark.timeout(900)
def test_the_template_holds_the_state_machine_of_the_workflow(template: Any) -> None:
    machine = template["AnalysePhoto"]["Properties"]
    assert json.loads(machine["DefinitionString"]) == render_state_machine()
    assert set(machine["DefinitionSubstitutions"]) == set(FUNCTIONS)


@pytest.mark.stack
@pytest.mark.timeout(900)
def test_a_function_may_do_no_more_than_it_does(template: Any) -> None:
    looked_at = {("s3:GetObject", "/renditions/*")}
    expected = {
        "Claim": set(),
        "ReportFailure": set(),
        "Inspect": {("s3:GetObject", "/originals/*"), ("s3:PutObject", "/renditions/*")},
        **dict.fromkeys(("Faces", "Labels", "Text", "Moderation"), looked_at),
    }
    for name, rights in expected.items():
        policy = template[f"{name}Role"]["Properties"]["Policies"][0]["PolicyDocument"]
        log, letters, *others = policy["Statement"]
        assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
        assert letters["Resource"] == {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}
        granted = {
            (each["Action"], each["Resource"]["Fn::Sub"].removeprefix("${Photos.Arn}"))
            for each in others
        }
        assert granted == rights


@pytest.mark.stack
@pytest.mark.timeout(900)
def test_no_role_may_do_everything_or_touch_what_is_not_the_albums(template: Any) -> None:
    # Lambda's ways into a network and log deliveries have no names that could be given.
    nameless = ("ec2:", "logs:")
    policies = [
        policy["PolicyDocument"]
        for resource in template.values()
        if resource["Type"] == "AWS::IAM::Role"
        for policy in resource["Properties"]["Policies"]
    ]
    assert len(policies) >= 14
    for policy in policies:
        for statement in policy["Statement"]:
            actions, resources = (
                value if isinstance(value, list) else [value]
                for value in (statement["Action"], statement["Resource"])
            )
            assert not [action for action in actions if "*" in action]
            if "*" in resources:
                assert all(action.startswith(nameless) for action in actions)


def test_serverless_yml_names_only_zips_that_are_built() -> None:
    named = {
        line.partition("${param:build}/")[2].rstrip("'}")
        for line in (ROOT / "serverless.yml").read_text().splitlines()
        if "artifact:" in line
    }
    assert named == {f"{name}.zip" for name in PACKAGES}
