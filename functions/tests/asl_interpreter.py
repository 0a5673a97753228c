"""The state machine in a real interpreter of Amazon States Language, with functions of our choice.

moto interprets the definition; where it would call Lambda, it calls a plain function instead.
"""

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import boto3
from moto import mock_aws

from deploy.state_machine import FUNCTIONS, render_state_machine

ARN = "arn:aws:lambda:us-east-1:123456789012:function:{name}"
ROLE = "arn:aws:iam::123456789012:role/analyse"
_INVOKES = (
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils"
    ".boto_client_for"
)
_PAUSES = "moto.stepfunctions.parser.asl.component.common.retry.retrier_decl.time.sleep"


class StepError(Exception):
    """What Lambda says of a function that did not answer: its error's name and cause."""

    def __init__(self, name: str, cause: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.cause = cause


@dataclass
class Execution:
    """calls: (function, event), in the order they were made; branches run side by side."""

    status: str = ""
    output: Any = None
    calls: list[tuple[str, Any]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def events_of(self, function: str) -> list[Any]:
        return [event for name, event in self.calls if name == function]


Function = Callable[[Any], Any]


def execute(functions: Mapping[str, Function], event: Any) -> Execution:
    """One run of the state machine. A function raises StepError to fail."""
    execution = Execution()
    with _interpreter(functions, execution) as client:
        definition = json.dumps(render_state_machine())
        for name in FUNCTIONS:
            definition = definition.replace(f"${{{name}}}", ARN.format(name=name))
        machine = client.create_state_machine(name="analyse", definition=definition, roleArn=ROLE)
        started = client.start_execution(
            stateMachineArn=machine["stateMachineArn"], input=json.dumps(event)
        )
        while True:
            answer = client.describe_execution(executionArn=started["executionArn"])
            if answer["status"] != "RUNNING":
                break
    execution.status = answer["status"]
    execution.output = json.loads(answer.get("output") or "null")
    return execution


@contextmanager
def _interpreter(functions: Mapping[str, Function], execution: Execution) -> Iterator[Any]:
    class Lambda:
        def invoke(self, *, FunctionName: str, Payload: bytes, **_: Any) -> Any:  # noqa: N803
            name = FunctionName.rpartition(":")[2]
            event = json.loads(Payload)
            execution.calls.append((name, event))
            try:
                answer = functions[name](event)
            except StepError as error:
                if error.name == "States.Timeout":
                    raise TimeoutError from error
                body = {"errorType": error.name, "errorMessage": error.cause}
                return {
                    "FunctionError": "Unhandled",
                    "Payload": io.BytesIO(json.dumps(body).encode()),
                }
            return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode())}

    # It tells every step, and every failure that a test is about.
    logging.getLogger("moto").setLevel(logging.CRITICAL)
    config: Any = {"stepfunctions": {"execute_state_machine": True}}
    with (
        mock_aws(config=config),
        mock.patch(_INVOKES, return_value=Lambda()),
        mock.patch(_PAUSES, execution.pauses.append),
    ):
        yield boto3.client(
            "stepfunctions",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
