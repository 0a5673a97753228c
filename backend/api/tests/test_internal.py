"""internal/claims, internal/results, internal/storage-events."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from backend.analysis.services import start_analysis
from backend.api.internal import object_keys_of
from backend.conftest import labels, make_photo, make_result, make_run
from backend.core import storage
from backend.photos.models import Photo
from functions.contract import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    claim_from_json,
    original_key,
    result_to_json,
    sign,
)


def post(path: str, body: bytes, *, secret: str = "", timestamp: float = 0, **headers: str) -> Any:
    stamp = str(timestamp or time.time())
    signature = sign(secret or settings.DELIVERY_SECRET, stamp, body)
    return Client().post(
        f"/internal/{path}",
        body,
        content_type="application/json",
        headers={TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: signature, **headers},
    )


def test_a_claim_and_its_result(photo: Photo) -> None:
    start_analysis(photo)
    answer = post("claims", json.dumps({"photo_id": str(photo.id)}).encode())
    claim = claim_from_json(answer.content)
    assert claim.photo_id == str(photo.id)
    assert post("claims", json.dumps({"photo_id": str(photo.id)}).encode()).status_code == 204
    run = make_run(claim.request_id, "2026-11-20T00:00:00+00:00")
    body = result_to_json(make_result(photo, labels(("dog", "狗")), run=run))
    assert post("results", body).status_code == 200
    assert photo.labels.get().name == "dog"


@pytest.mark.parametrize("path", ["claims", "results"])
def test_unsigned_and_old_messages_are_refused(photo: Photo, path: str) -> None:
    body = result_to_json(make_result(photo, labels(("dog", "狗"))))
    wrong = [
        post(path, body, secret="guess"),
        post(path, body, timestamp=time.time() - 3600),
        post(path, body, timestamp=time.time() + 3600),
        post(path, body, timestamp=float("nan")),
        Client().post(f"/internal/{path}", body, content_type="application/json"),
        Client().post(f"/internal/{path}"),
    ]
    assert [answer.status_code for answer in wrong] == [401] * len(wrong)
    assert not photo.labels.exists()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"photo_id": 1}', b'{"photo_id": "x"}', b"[" * 99_999]
)
def test_messages_of_another_shape_are_refused(db: None, body: bytes) -> None:
    assert post("claims", body).status_code == 400
    assert post("results", body).status_code == 400


def test_a_message_too_large_is_refused(db: None) -> None:
    assert post("results", b" " * (2 * 1024**2 + 1)).status_code == 413


EVENTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "seaweed": lambda key: {"key": f"/buckets/photos/{key}", "event_type": "create"},
    "s3": lambda key: {"Records": [{"s3": {"object": {"key": key.replace("/", "%2F")}}}]},
    "eventbridge": lambda key: {
        "detail-type": "Object Created",
        "detail": {"object": {"key": key}},
    },
}


@pytest.mark.parametrize("shape", EVENTS)
def test_the_storages_event_starts_the_analysis(user: Any, shape: str) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    photo = make_photo(user, status=Photo.Status.AWAITING_UPLOAD, size=1, sha256=digest)
    key = original_key(str(photo.id))
    storage._client().put_object(Bucket="photos", Key=key, Body=b"x")
    for _ in range(2):
        answer = Client().post(
            "/internal/storage-events",
            json.dumps(EVENTS[shape](key)),
            content_type="application/json",
            headers={"Authorization": f"Bearer {settings.WEBHOOK_TOKEN}"},
        )
        assert answer.status_code == 200
    photo.refresh_from_db()
    assert photo.status == Photo.Status.PROCESSING
    assert photo.analyses.count() == 5


def test_an_upload_for_a_deleted_photo_is_removed(db: None) -> None:
    key = original_key("01a1f770-870f-704a-abb5-c258cd85fc48")
    storage._client().put_object(Bucket="photos", Key=key, Body=b"x")
    answer = Client().post(
        "/internal/storage-events",
        json.dumps(EVENTS["seaweed"](key)),
        content_type="application/json",
        headers={"Authorization": f"Bearer {settings.WEBHOOK_TOKEN}"},
    )
    assert answer.status_code == 200
    assert storage.head(key) is None


def test_an_event_before_its_bytes_changes_nothing(user: Any) -> None:
    photo = make_photo(user, status=Photo.Status.AWAITING_UPLOAD)
    Client().post(
        "/internal/storage-events",
        json.dumps(EVENTS["seaweed"](original_key(str(photo.id)))),
        content_type="application/json",
        headers={"Authorization": f"Bearer {settings.WEBHOOK_TOKEN}"},
    )
    photo.refresh_from_db()
    assert photo.status == Photo.Status.AWAITING_UPLOAD


def test_a_storage_without_the_token_is_not_believed(db: None) -> None:
    for headers in ({}, {"Authorization": "Bearer guess"}, {"Authorization": "Bearer é"}):
        answer = Client().post(
            "/internal/storage-events", "{}", content_type="application/json", headers=headers
        )
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "event", [None, [], "x", {}, {"Records": 1}, {"Records": [{}]}, {"key": 1}, {"key": "/else/x"}]
)
def test_events_of_unknown_shape_name_no_object(event: Any) -> None:
    assert object_keys_of(event) == []
