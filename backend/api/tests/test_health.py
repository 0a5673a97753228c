"""healthz, readyz, schema."""

import pytest
from django.test import Client
from openapi_spec_validator import validate

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
