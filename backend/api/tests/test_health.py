"""healthz, readyz, schema."""

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from openapi_spec_validator import validate
from redis.exceptions import ConnectionError

from backend.accounts.models import User
from backend.accounts.services import log_in
from backend.api.body_limit import MAX_BODY_BYTES, limit_body
from backend.conftest import PASSWORD
from backend.core import storage
from backend.core.errors import StorageError


def test_a_living_process_says_so() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_ready_means_every_server_answers(db: None) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json().values()) == {"ok"}


def test_a_server_that_is_away_is_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise StorageError("away")

    monkeypatch.setattr(storage, "check", away)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["storage"]) == (503, "StorageError")


def test_the_schema_is_openapi_3_1(db: None) -> None:
    answer = Client().get("/api/schema/", headers={"Accept": "application/json"})
    document = answer.json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/search" in document["paths"]


def test_an_unknown_address_is_a_problem_document(db: None) -> None:
    answer = Client().get("/api/v1/nothing-here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/objects/x"])
def test_pages_that_are_only_read_say_so(db: None, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.head(path).status_code in (200, 404)
    answer = strict.post(path, "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_foreign_host_is_a_problem_document(db: None) -> None:
    answer = Client().get("/api/v1/me", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_broker_that_is_away_is_no_error_of_ours(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr(cache, "add", away)
    given = {"username": "a", "password": "b"}
    answer = Client().post("/api/v1/auth/login", given, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_a_long_body_is_refused_before_it_is_read() -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.append("reached")

    async def send(message: Any) -> None:
        sent.append(message)

    async def call(length: int) -> None:
        scope = {"type": "http", "headers": [(b"content-length", str(length).encode())]}
        await limit_body(app)(scope, lambda: None, send)  # type: ignore[arg-type, return-value]

    asyncio.run(call(MAX_BODY_BYTES + 1))
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["code"] == "too_large"
    sent.clear()
    asyncio.run(call(MAX_BODY_BYTES))
    assert sent == ["reached"]


@pytest.mark.django_db(transaction=True)
def test_only_who_is_known_may_send_a_picture_that_is_longer_than_that() -> None:
    user = User.objects.create_user("alice", password=PASSWORD)
    secret, _ = log_in(username=user.username, password=PASSWORD, device="test")
    reached: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])

    async def call(path: str, authorization: str, length: int = MAX_BODY_BYTES + 1) -> None:
        headers = [
            (b"content-length", str(length).encode()),
            (b"authorization", authorization.encode()),
        ]
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "path": path, "headers": headers}
        await limit_body(app)(scope, lambda: None, send)  # type: ignore[arg-type, return-value]

    async def call_all() -> None:
        await call("/api/v1/predict/faces", "")
        await call("/api/v1/predict/faces", "Bearer made-up")
        await call("/api/v1/photos", f"Bearer {secret}")
        await call("/api/v1/predict/faces", f"Bearer {secret}", settings.PREDICT_BYTES * 2)
        assert reached == []
        await call("/api/v1/predict/faces", f"Bearer {secret}")

    asyncio.run(call_all())
    assert reached == ["/api/v1/predict/faces"]


def test_a_long_body_whose_length_nobody_told_is_refused_too() -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            sent.append(len(message["body"]))

    async def receive() -> Any:
        return {"type": "http.request", "body": bytes(MAX_BODY_BYTES // 2), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    async def call() -> None:
        await limit_body(app)({"type": "http", "headers": []}, receive, send)

    asyncio.run(call())
    assert sent[:2] == [MAX_BODY_BYTES // 2] * 2
    assert sent[2]["status"] == 413
    assert json.loads(sent[3]["body"])["code"] == "too_large"
