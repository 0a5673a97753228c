"""Functions invoked by boto3 as Lambda's are: real networks, a real socket, and callers who lie."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.contract import (
    MAX_INVOCATION_BYTES,
    MODELS,
    FacesFindings,
    Kind,
    invocation_context,
    result_from_json,
)
from functions.handlers import predict
from functions.inspection import inspect
from functions.invocation import InvocationServer

PHOTO = (Path(__file__).parent / "photos" / "astronaut.png").read_bytes()
SECRET = "the secret of the tests"


def add_one(event: dict[str, Any]) -> dict[str, Any]:
    return {"answer": event["number"] + 1}


class Served:
    """A server with a few functions, and boto3 as its client."""

    def __init__(self) -> None:
        self.gate, self.entered = threading.Event(), threading.Event()
        functions = {
            "add-one": add_one,
            "wait": self._wait,
            "faces": lambda event: predict(Kind.FACES, event, inspect),
        }
        self.server = InvocationServer(("127.0.0.1", 0), functions, secret=SECRET, at_once=1)
        self.server.serve_in_background()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.client = boto3.client(
            "lambda",
            endpoint_url=self.url,
            region_name="us-east-1",
            config=Config(signature_version=botocore.UNSIGNED, retries={"max_attempts": 0}),
        )

    def _wait(self, event: dict[str, Any]) -> dict[str, Any]:
        self.entered.set()
        self.gate.wait(60)
        return {}

    def invoke(self, function: str, event: Any, *, secret: str = SECRET, **context: str) -> Any:
        payload = json.dumps(event).encode()
        given = {"function": function, "payload": payload, "timestamp": str(time.time())} | context
        return self.client.invoke(
            FunctionName=function,
            Payload=payload,
            ClientContext=invocation_context(secret=secret, **given),  # type: ignore[arg-type]
        )


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.gate.set()
    served.server.shutdown()
    served.server.server_close()
    served.client.close()


def code_of(error: ClientError) -> tuple[int, str]:
    answer = error.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_an_event_goes_in_and_the_answer_comes_out(served: Served) -> None:
    answer = served.invoke("add-one", {"number": 41})
    assert json.load(answer["Payload"]) == {"answer": 42}
    assert "FunctionError" not in answer


def test_a_function_that_fails_says_so_as_lambda_does(served: Served) -> None:
    answer = served.invoke("add-one", {})
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "KeyError"


@pytest.mark.parametrize(
    "lie",
    [
        {"secret": "guessed"},
        {"timestamp": str(time.time() - 3600)},
        {"timestamp": "nan"},
        {"function": "wait"},  # signed for another function
        {"payload": b'{"number": 1}'},  # signed for another event
    ],
)
def test_who_does_not_know_the_secret_gets_nothing_done(
    served: Served, lie: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        served.client.invoke(
            FunctionName="add-one",
            Payload=b'{"number": 41}',
            ClientContext=invocation_context(
                **{
                    "secret": SECRET,
                    "function": "add-one",
                    "payload": b'{"number": 41}',
                    "timestamp": str(time.time()),
                    **lie,
                }
            ),
        )
    assert code_of(refused.value) == (403, "AccessDeniedException")


@pytest.mark.parametrize("context", ["", "%", "e30=", base64.b64encode(b"[1]").decode()])
def test_a_call_without_any_signature_is_refused(served: Served, context: str) -> None:
    with pytest.raises(ClientError) as refused:
        served.client.invoke(FunctionName="add-one", Payload=b"{}", ClientContext=context)
    assert code_of(refused.value) == (403, "AccessDeniedException")


def test_an_unknown_function_is_not_there(served: Served) -> None:
    with pytest.raises(ClientError) as refused:
        served.invoke("inspection", {})
    assert code_of(refused.value) == (404, "ResourceNotFoundException")


def test_an_event_that_is_too_long_is_refused_unread(served: Served) -> None:
    context = invocation_context(
        secret=SECRET, function="add-one", payload=b"", timestamp=str(time.time())
    )
    with urllib3.PoolManager(retries=False) as http:
        answer = http.request(
            "POST",
            f"{served.url}/2015-03-31/functions/add-one/invocations",
            headers={
                "X-Amz-Client-Context": context,
                "Content-Length": str(MAX_INVOCATION_BYTES + 1),
            },
        )
    assert answer.status == 413


def test_who_comes_while_all_are_busy_is_told_so(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.invocation._PATIENCE_SECONDS", 0.01)
    first = threading.Thread(target=served.invoke, args=("wait", {}))
    first.start()
    assert served.entered.wait(60)
    with pytest.raises(ClientError) as refused:
        served.invoke("add-one", {"number": 1})
    assert code_of(refused.value) == (429, "TooManyRequestsException")
    served.gate.set()
    first.join()
    assert json.load(served.invoke("add-one", {"number": 1})["Payload"]) == {"answer": 2}


def event_of(data: bytes) -> dict[str, Any]:
    return {
        "image": base64.b64encode(data).decode(),
        "model": MODELS[Kind.FACES][0],
        "request_id": "r1",
    }


def test_a_picture_is_looked_at_with_what_it_took_and_by_which_weights(served: Served) -> None:
    result = result_from_json(served.invoke("faces", event_of(PHOTO))["Payload"].read())
    assert isinstance(result.findings, FacesFindings)
    assert len(result.findings.faces) == 1
    assert result.model == MODELS[Kind.FACES][0]
    assert result.run.cpu_ms > 0
    assert len(result.run.weights_sha256) > 60


def test_what_is_no_picture_is_a_failure_with_its_reason(served: Served) -> None:
    result = result_from_json(served.invoke("faces", event_of(b"<html>"))["Payload"].read())
    assert result.failure is not None
    assert (result.failure.code, result.failure.permanent) == ("not_an_image", True)
