"""The state machine's paths, run by a real interpreter of its language."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.state_machine import FUNCTION_OF, FUNCTIONS, render_state_machine
from functions import workflow
from functions.contract import MODELS, Claim, Kind
from functions.courier import explain, failed_kinds
from functions.tests.asl_interpreter import Execution, Function, StepError, execute
from functions.tests.serverless import ROOT, read_serverless

EVENT = json.loads(
    (Path(__file__).parent / "events" / "s3_object_created_eventbridge.json").read_text()
)
CLAIM: dict[str, Any] = {
    "photo_id": "01a1f770-870f-704a-abb5-c258cd85fc48",
    "request_id": "r1",
    "sha256": "00",
    "size": 5,
    "models": {str(kind): MODELS[kind][0] for kind in Kind},
}
STATE = {"claim": CLAIM}
BRANCHES = {FUNCTION_OF[kind] for kind in workflow.THEN}


def run(**changes: Function) -> Execution:
    """A photo through functions that all do well, but for those given."""
    well: dict[str, Function] = {name: lambda event: None for name in FUNCTIONS}
    well |= {"claim": lambda event: STATE, "inspect": lambda event: event}
    return execute(well | changes, EVENT)


def failing(name: str, *, times: int = 100) -> Function:
    left = iter(range(times))

    def fail(event: Any) -> Any:
        if next(left, None) is not None:
            raise StepError(name, "because")
        return None

    return fail


def test_a_photo_is_claimed_then_inspected_then_looked_at() -> None:
    execution = run()
    assert execution.status == "SUCCEEDED"
    names = [name for name, _ in execution.calls]
    assert names[:2] == ["claim", "inspect"]
    assert set(names[2:]) == BRANCHES
    assert len(names) == 6
    assert execution.events_of("claim") == [EVENT]
    assert all(event == STATE for name, event in execution.calls if name != "claim")


def test_a_photo_with_nothing_to_do_ends_well_at_once() -> None:
    execution = run(claim=lambda event: {"claim": None})
    assert (execution.status, len(execution.calls)) == ("SUCCEEDED", 1)


def test_a_photo_that_could_not_be_inspected_is_not_looked_at() -> None:
    execution = run(inspect=lambda event: {"claim": None})
    assert execution.status == "SUCCEEDED"
    assert [name for name, _ in execution.calls] == ["claim", "inspect"]


def test_only_what_is_claimed_is_started() -> None:
    partly = {"claim": CLAIM | {"models": {"labels": "efficientnet-lite2-1"}}}
    execution = run(claim=lambda event: partly)
    assert [name for name, _ in execution.calls] == ["claim", "labels"]


@pytest.mark.parametrize("function", sorted(BRANCHES))
def test_a_branch_that_died_is_reported_and_the_others_go_on(function: str) -> None:
    execution = run(**{function: failing("Runtime.ExitError")})
    assert execution.status == "SUCCEEDED"
    assert {name for name, _ in execution.calls} >= BRANCHES
    (report,) = execution.events_of("reportFailure")
    assert FUNCTION_OF[Kind(report["kind"])] == function
    assert report["claim"] == CLAIM
    assert report["error"]["Error"] == "Runtime.ExitError"
    # Once more, in case it was bad luck.
    assert len(execution.events_of(function)) == 2


def test_an_inspection_that_died_is_reported_and_nothing_is_looked_at() -> None:
    execution = run(inspect=failing("Runtime.ExitError"))
    assert execution.status == "SUCCEEDED"
    (report,) = execution.events_of("reportFailure")
    assert report["kind"] == "inspection"
    assert not {name for name, _ in execution.calls} & BRANCHES


@pytest.mark.parametrize("error", ["Sandbox.Timedout", "States.Timeout", "Runtime.OutOfMemory"])
def test_what_ran_out_of_time_or_memory_is_not_run_again_under_the_same_claim(error: str) -> None:
    execution = run(text=failing(error))
    assert len(execution.events_of("text")) == 1
    assert execution.pauses == []
    assert len(execution.events_of("reportFailure")) == 1


def test_a_throttled_step_waits_until_there_is_room() -> None:
    execution = run(faces=failing("Lambda.TooManyRequestsException", times=5))
    assert len(execution.events_of("faces")) == 6
    assert len(execution.pauses) == 5
    assert execution.events_of("reportFailure") == []


def test_a_failure_that_cannot_be_reported_stops_nothing_either() -> None:
    execution = run(labels=failing("Runtime.ExitError"), reportFailure=failing("DeliveryError"))
    assert execution.status == "SUCCEEDED"
    assert {name for name, _ in execution.calls} >= BRANCHES
    assert len(execution.events_of("reportFailure")) == 2


def test_a_backend_that_does_not_answer_fails_the_run_visibly() -> None:
    execution = run(claim=failing("DeliveryError"))
    assert execution.status == "FAILED"
    assert [name for name, _ in execution.calls] == ["claim", "claim"]


def test_all_pauses_of_a_step_are_within_half_the_lease() -> None:
    lease = 300  # ANALYSIS_LEASE_SECONDS in serverless.yml
    for retry in workflow.RETRIES:
        pauses = [
            min(retry.first_pause * 2**attempt, retry.longest_pause)
            for attempt in range(retry.attempts)
        ]
        assert sum(pauses) <= lease / 2


@pytest.fixture
def serverless() -> dict[str, Any]:
    return read_serverless()


def test_serverless_yml_has_every_function_of_the_state_machine(serverless: Any) -> None:
    assert set(FUNCTIONS) <= set(serverless["functions"])
    resources = (ROOT / "deploy" / "resources.yml").read_text()
    assert "DefinitionString: ${file(${param:build}/state_machine.asl)}" in resources
    for name in FUNCTIONS:
        logical = name[0].upper() + name[1:]
        assert f"        {name}: !GetAtt {logical}LambdaFunction.Arn" in resources


def test_every_function_has_limits_a_role_and_dead_letters_of_its_own(serverless: Any) -> None:
    roles = (ROOT / "deploy" / "roles.yml").read_text()
    resources = (ROOT / "deploy" / "resources.yml").read_text()
    for name, function in serverless["functions"].items():
        logical = name[0].upper() + name[1:]
        assert {"memorySize", "timeout", "reservedConcurrency"} <= function.keys()
        assert function["role"] == f"!GetAtt {logical}Role.Arn"
        assert function["onError"] == f"!GetAtt {logical}DeadLetters.Arn"
        assert f"  {logical}Role:\n" in roles
        assert f"  {logical}DeadLetters: " in resources


def test_a_claim_outlives_a_run_of_the_state_machine(serverless: Any) -> None:
    lease = serverless["functions"]["web"]["environment"]["ANALYSIS_LEASE_SECONDS"]
    for name in FUNCTIONS:
        assert serverless["functions"][name]["timeout"] < lease


def test_the_same_workflow_renders_the_same_state_machine() -> None:
    assert json.dumps(render_state_machine()) == json.dumps(render_state_machine())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"Error": "Sandbox.Timedout", "Cause": "{}"}, "timed_out"),
        ({"Error": "States.Timeout"}, "timed_out"),
        ({"Error": "Runtime.OutOfMemory", "Cause": "signal: killed"}, "out_of_memory"),
        ({"Error": "Runtime.ExitError", "Cause": "x" * 10_000}, "worker_lost"),
        ({}, "worker_lost"),
    ],
)
def test_why_a_step_died_is_told_in_words_and_may_be_tried_again(
    error: dict[str, str], code: str
) -> None:
    failure = explain(error)
    assert (failure.code, failure.permanent) == (code, False)
    assert len(failure.detail) <= 500


def test_a_dead_inspection_fails_every_claimed_kind() -> None:
    claim = Claim(**CLAIM)
    assert set(failed_kinds(Kind.INSPECTION, claim)) == set(Kind)
    assert failed_kinds(Kind.TEXT, claim) == [Kind.TEXT]


def test_wechat_is_off_unless_a_deployment_asks_for_it(serverless: Any) -> None:
    given, secrets = serverless["params"]["default"], serverless["custom"]["wechatSecret"]
    assert (given["wechatAppId"], secrets[given["wechat"]]) == ("", "")
    assert "WECHAT_APP_SECRET" in secrets["on"]
    environment = serverless["functions"]["web"]["environment"]
    assert environment["WECHAT_APP_ID"] == "${param:wechatAppId}"
    assert environment["WECHAT_APP_SECRET"] == "${self:custom.wechatSecret.${param:wechat}}"
