"""Messages to the backend: signed, repeated while it is away, given up when it says no."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from functions import delivery
from functions.config import config
from functions.contract import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Box,
    Claim,
    Kind,
    Result,
    Run,
    TextFindings,
    TextLine,
    claim_to_json,
    result_from_json,
    verify_signature,
)

CLAIM = Claim(photo_id="p", request_id="r", sha256="00", size=1, models={"text": "m"})


class Backend:
    """A web server on loopback that gives the prepared answers, one a request."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                backend.requests.append((self.path, dict(self.headers), body))
                status, answer = backend.answers.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    backend = Backend()
    monkeypatch.setenv("BACKEND_URL", backend.url)
    monkeypatch.setenv("DELIVERY_SECRET", "secret")
    monkeypatch.setenv("S3_BUCKET", "photos")
    monkeypatch.setattr(delivery, "_FIRST_PAUSE", 0.001)
    config.cache_clear()
    yield backend
    config.cache_clear()
    backend.server.shutdown()
    backend.server.server_close()
    delivery._pool().clear()


def test_a_claim_is_asked_for_with_a_signature(backend: Backend) -> None:
    backend.answers = [(200, claim_to_json(CLAIM))]
    assert delivery.claim("p") == CLAIM
    ((path, headers, body),) = backend.requests
    timestamp = headers[TIMESTAMP_HEADER]
    assert path == "/internal/claims"
    assert verify_signature(
        secret="secret",
        timestamp=timestamp,
        body=body,
        signature=headers[SIGNATURE_HEADER],
        now=float(timestamp),
    )


def test_nothing_to_do_is_no_claim(backend: Backend) -> None:
    backend.answers = [(204, b"")]
    assert delivery.claim("p") is None


def test_a_backend_that_comes_back_is_told(backend: Backend) -> None:
    backend.answers = [(503, b"away"), (500, b"oops"), (429, b"slow"), (204, b"")]
    assert delivery.claim("p") is None
    assert len(backend.requests) == 4


def test_a_backend_that_says_no_is_not_asked_again(backend: Backend) -> None:
    backend.answers = [(401, b"bad signature")]
    with pytest.raises(delivery.DeliveryError, match="401: bad signature"):
        delivery.claim("p")
    assert len(backend.requests) == 1


def test_a_backend_that_stays_away_is_given_up(backend: Backend) -> None:
    backend.answers = [(503, b"away")] * 5
    with pytest.raises(delivery.DeliveryError, match="503"):
        delivery.claim("p")
    assert len(backend.requests) == 5


def test_nobody_at_the_address_is_an_error_and_no_crash(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKEND_URL", "http://127.0.0.1:9")
    config.cache_clear()
    with pytest.raises(delivery.DeliveryError):
        delivery.claim("p")


def text_result(score: float) -> Result:
    box = Box(left=0, top=0, width=1, height=1)
    return Result(
        photo_id="p",
        kind=Kind.TEXT,
        model="m",
        run=Run(
            request_id="r",
            started_at="2026-01-01T00:00:00+00:00",
            duration_ms=1,
            cpu_ms=1,
            memory_mb=1,
            cold_start=False,
            runtime="x",
            weights_sha256="",
            input_sha256="",
        ),
        findings=TextFindings(lines=[TextLine(text="a", box=box, score=score)]),
    )


def test_findings_that_cannot_be_sent_become_a_failure(backend: Backend) -> None:
    backend.answers = [(200, b"{}")]
    delivery.send(text_result(float("nan")))
    failure = result_from_json(backend.requests[0][2]).failure
    assert failure is not None
    assert (failure.code, failure.permanent) == ("invalid_result", True)


def test_findings_that_are_refused_become_a_failure(backend: Backend) -> None:
    backend.answers = [(400, b"bad_message"), (200, b"{}")]
    delivery.send(text_result(0.5))
    failure = result_from_json(backend.requests[1][2]).failure
    assert failure is not None
    assert "bad_message" in failure.detail


def test_a_refused_failure_is_an_error(backend: Backend) -> None:
    backend.answers = [(400, b"bad_message")] * 2
    with pytest.raises(delivery.DeliveryError):
        delivery.send(text_result(0.5))
