"""A picture in, what is in it out: by the real worker and networks, and nothing is kept."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import User
from backend.analysis.models import Analysis, Use
from backend.api.predict import PREDICTED
from backend.conftest import ApiClient
from backend.core import invocation, storage
from backend.photos.models import Photo
from functions.contract import MODELS, Kind

ROOT = Path(__file__).resolve().parents[3]
PHOTOS = ROOT / "functions" / "tests" / "photos"


@pytest.fixture(scope="module")
def worker() -> Iterator[None]:
    """A functions worker, as `manage.py up` starts it, that takes invocations and no messages."""
    address = urlsplit(os.environ["FUNCTIONS_URL"])
    command = [sys.executable, "-m", "celery", "-A", "functions.worker", "worker"]
    command += ["--pool", "threads", "--concurrency", "1", "--queues", "nobody"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            end = time.monotonic() + 120
            while process.poll() is None and time.monotonic() < end:
                try:
                    with socket.create_connection((address.hostname or "", address.port or 0), 1):
                        break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Every test has its own settings of the client, and a count of its own."""
    cache.clear()
    invocation._client.cache_clear()
    yield
    invocation._client.cache_clear()


def predict(
    user: User | None, kind: str, data: bytes | None, *, headers: Any = None, **fields: str
) -> Any:
    form: dict[str, Any] = dict(fields)
    if data is not None:
        form["image"] = SimpleUploadedFile("photo.jpg", data, "image/jpeg")
    return Client().post(
        f"/api/v1/predict/{kind}", form, headers=headers or ApiClient(user).headers
    )


def read(name: str) -> bytes:
    return (PHOTOS / name).read_bytes()


def everything_kept() -> list[Any]:
    keys = [key for key, _ in storage.list_objects("")]
    return [keys, Photo.objects.count(), Analysis.objects.count()]


def test_each_kind_says_what_it_finds_and_nothing_is_stored(worker: None, user: User) -> None:
    before = everything_kept()
    answers = {}
    for kind, name in zip(
        PREDICTED, ("astronaut.png", "chelsea.png", "vertical_zh.png", "rocket.jpg"), strict=True
    ):
        answer = predict(user, kind, read(name))
        assert answer.status_code == 200, answer.content
        answers[kind] = answer.json()
        assert (answers[kind]["kind"], answers[kind]["model"]) == (kind, MODELS[Kind(kind)][0])
        assert answers[kind]["duration_ms"] > 0
        assert answers[kind]["cost"] > 0
        assert answer["Cache-Control"] == "no-store"
    assert [sorted(face) for face in answers["faces"]["faces"]] == [["box", "quality", "score"]]
    assert "cat" in [label["name"] for label in answers["labels"]["labels"]]
    assert len(answers["text"]["text"]["lines"]) == len(answers["text"]["text"]["full"].split("\n"))
    assert "床前明月光" in answers["text"]["text"]["full"]
    assert answers["moderation"]["moderation"]["verdict"] == "ok"
    assert everything_kept() == before


def test_predictions_are_in_the_usage(worker: None, user: User) -> None:
    predict(user, "labels", read("rocket.jpg"))
    predict(user, "labels", b"no picture")
    use = Use.objects.get(owner=user)
    assert (use.kind, use.analyses, use.predictions) == ("labels", 0, 2)
    assert use.cpu_ms > 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html>", "not_an_image"),
        (b"<svg></svg>", "unsupported_format"),
        (b"\xff\xd8\xff\xe0 no more of it", "truncated"),
    ],
)
def test_what_cannot_be_looked_at_is_told_by_the_code_of_a_failed_analysis(
    worker: None, user: User, data: bytes, code: str
) -> None:
    answer = predict(user, "faces", data)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [("image", code)]


def test_a_picture_of_too_many_pixels_is_refused(worker: None, user: User) -> None:
    width = (60_000).to_bytes(4, "big")
    header = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + width * 2
    answer = predict(user, "faces", header + b"\x08\x02\x00\x00\x00" + bytes(100))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] in ("too_many_pixels", "corrupt")


def test_another_model_can_be_named(worker: None, user: User) -> None:
    answer = predict(user, "faces", read("astronaut.png"), model="face-recognition-1")
    assert (answer.status_code, answer.json()["model"]) == (200, "face-recognition-1")
    refused = predict(user, "labels", read("astronaut.png"), model="face-recognition-1")
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_model")


def test_a_picture_must_be_sent_and_be_small_enough(user: User, settings: Any) -> None:
    missing = predict(user, "faces", None)
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (400, "image")
    assert predict(user, "faces", b"").json()["errors"][0]["code"] == "empty"
    settings.PREDICT_BYTES = 10
    large = predict(user, "faces", b"x" * 11)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


def test_a_body_that_is_no_form_is_refused(user: User) -> None:
    headers = ApiClient(user).headers
    answer = Client().post(
        "/api/v1/predict/faces", b"{}", content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "form_wanted")
    torn = Client().post(
        "/api/v1/predict/faces", b"x", content_type="multipart/form-data", headers=headers
    )
    assert (torn.status_code, torn.json()["code"]) == (400, "bad_form")


def test_kinds_that_are_none_are_not_there(user: User) -> None:
    for kind in ("inspection", "nonsense"):
        assert predict(user, kind, b"x").status_code == 404


def test_no_face_is_looked_for_where_that_is_switched_off(user: User) -> None:
    User.objects.filter(id=user.id).update(face_analysis=False)
    answer = predict(user, "faces", read("astronaut.png"))
    assert (answer.status_code, answer.json()["code"]) == (409, "face_analysis_off")


def test_functions_that_are_away_are_said_to_be(user: User, settings: Any) -> None:
    settings.FUNCTIONS_URL = "http://127.0.0.1:9"
    answer = predict(user, "faces", read("astronaut.png"))
    assert (answer.status_code, answer.json()["code"]) == (503, "functions_away")
    assert answer["Retry-After"] == "5"


class _Slow(BaseHTTPRequestHandler):
    """Functions that never answer."""

    done = threading.Event()

    def do_POST(self) -> None:
        self.done.wait(60)


def test_functions_that_take_too_long_are_not_waited_for(user: User, settings: Any) -> None:
    with HTTPServer(("127.0.0.1", 0), _Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.FUNCTIONS_URL = f"http://127.0.0.1:{server.server_port}"
        settings.PREDICT_SECONDS = 0.2
        answer = predict(user, "faces", read("astronaut.png"))
        assert (answer.status_code, answer.json()["code"]) == (504, "functions_late")
        _Slow.done.set()
        server.shutdown()


def test_a_key_predicts_so_often_a_minute(
    user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    settings.RATE_LIMIT_PREDICT = 2
    settings.FUNCTIONS_URL = "http://127.0.0.1:9"
    secret, _ = make_api_key(user=user, name="script", scopes=["predict"])
    headers = {"Authorization": f"Bearer {secret}"}
    found = [predict(None, "faces", b"x", headers=headers).status_code for _ in range(3)]
    assert found == [503, 503, 429]
    other, _ = make_api_key(user=user, name="another", scopes=["predict"])
    # One user's keys have no more than the user.
    headers = {"Authorization": f"Bearer {other}"}
    assert predict(None, "faces", b"x", headers=headers).status_code == 429


def test_the_same_idempotency_key_is_of_no_consequence(user: User, settings: Any) -> None:
    settings.FUNCTIONS_URL = "http://127.0.0.1:9"
    headers = ApiClient(user).headers | {"Idempotency-Key": "one"}
    large = b"x" * 5_000_000
    assert predict(user, "faces", large, headers=headers).status_code == 503
    assert predict(user, "faces", b"other", headers=headers).status_code == 503
