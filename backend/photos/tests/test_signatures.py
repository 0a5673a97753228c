"""Upload tickets against real object storage: what was signed is all that they open."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import botocore.auth
import botocore.signers
import pytest
import urllib3

from backend.accounts.models import User
from backend.core import storage
from backend.core.storage import SignedUpload
from backend.photos.tests.test_uploads import BYTES, send, ticket
from functions.contract import original_key

OTHER = b"\xff\xd8\xff other bytes of the same length, as an attacker has made "[: len(BYTES)]
ELSEWHERE = "originals/01a1f770-870f-704a-abb5-c258cd85fc48"
REFUSED = (400, 403)
http = urllib3.PoolManager(timeout=20, retries=False)


def checksum_of(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def holds_nothing(*keys: str) -> bool:
    return not any(storage.head(key) for key in keys)


@pytest.fixture
def form(user: User) -> SignedUpload:
    """A ticket to be sent by POST."""
    upload = ticket(user, upload_method="POST").upload
    assert upload is not None
    return upload


@pytest.fixture
def put(user: User) -> SignedUpload:
    """A ticket to be sent by PUT."""
    upload = ticket(user, upload_method="PUT").upload
    assert upload is not None
    return upload


def key_of(upload: SignedUpload) -> str:
    if upload.fields:
        return upload.fields["key"]
    return urlsplit(upload.url).path.split("/", 2)[2]


# --- forms


def with_fields(form: SignedUpload, **fields: str) -> SignedUpload:
    return replace(form, fields={**(form.fields or {}), **fields})


def with_policy(form: SignedUpload, change: Callable[[dict[str, Any]], None]) -> SignedUpload:
    """The form with a policy of the attacker's own, and the signature of the old one."""
    policy = json.loads(base64.b64decode((form.fields or {})["policy"]))
    change(policy)
    return with_fields(form, policy=base64.b64encode(json.dumps(policy).encode()).decode())


def widen(policy: dict[str, Any]) -> None:
    """Any key, any size."""
    kept = [each for each in policy["conditions"] if isinstance(each, dict) and "key" not in each]
    policy["conditions"] = [*kept, ["starts-with", "$key", ""]]


def prolong(policy: dict[str, Any]) -> None:
    policy["expiration"] = "2099-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda form: with_policy(form, widen),
        lambda form: with_policy(form, prolong),
        lambda form: with_fields(form, **{"x-amz-signature": "0" * 64}),
        lambda form: with_fields(form, **{"x-amz-date": "20300101T000000Z"}),
        lambda form: with_fields(form, key=ELSEWHERE),
        lambda form: with_fields(form, key=f"{key_of(form)}/more"),
        lambda form: with_fields(form, **{"Content-Type": "text/html"}),
        lambda form: with_fields(form, **{"x-amz-checksum-sha256": checksum_of(OTHER)}),
    ],
    ids=["policy", "expiry", "signature", "date", "key", "longer key", "type", "checksum"],
)
def test_a_form_that_was_tampered_with_is_refused(
    form: SignedUpload, tamper: Callable[[SignedUpload], SignedUpload]
) -> None:
    assert send(tamper(form)) in REFUSED
    assert holds_nothing(key_of(form), ELSEWHERE, f"{key_of(form)}/more")
    assert send(form) == 204


@pytest.mark.parametrize("name", ["policy", "x-amz-signature", "x-amz-credential", "x-amz-date"])
def test_a_form_without_a_part_of_its_proof_is_refused(form: SignedUpload, name: str) -> None:
    fields = {key: value for key, value in (form.fields or {}).items() if key != name}
    assert send(replace(form, fields=fields)) in REFUSED
    assert holds_nothing(key_of(form))


@pytest.mark.parametrize("data", [OTHER, BYTES + b"x", BYTES[:-1], b""])
def test_a_form_takes_no_other_bytes(form: SignedUpload, data: bytes) -> None:
    assert send(form, data) in REFUSED
    assert holds_nothing(key_of(form))


def test_other_bytes_with_their_own_checksum_are_not_what_was_signed(form: SignedUpload) -> None:
    changed = with_fields(form, **{"x-amz-checksum-sha256": checksum_of(OTHER)})
    assert send(changed, OTHER) in REFUSED
    assert holds_nothing(key_of(form))


def test_the_proof_of_one_form_is_none_for_another(user: User, form: SignedUpload) -> None:
    other = ticket(user, OTHER, upload_method="POST").upload
    assert other is not None
    proof = {name: value for name, value in (form.fields or {}).items() if name.startswith("x-amz")}
    mixed = replace(other, fields={**(other.fields or {}), **proof})
    assert send(mixed, OTHER) in REFUSED
    assert holds_nothing(key_of(other))


# --- PUT


def with_query(put: SignedUpload, **changes: str) -> SignedUpload:
    address = urlsplit(put.url)
    query = dict(parse_qsl(address.query)) | changes
    return replace(put, url=address._replace(query=urlencode(query)).geturl())


def with_path(put: SignedUpload, key: str) -> SignedUpload:
    address = urlsplit(put.url)
    bucket = address.path.split("/")[1]
    return replace(put, url=address._replace(path=f"/{bucket}/{key}").geturl())


def with_headers(put: SignedUpload, **headers: str) -> SignedUpload:
    return replace(put, headers={**(put.headers or {}), **headers})


@pytest.mark.parametrize(
    "tamper",
    [
        lambda put: with_path(put, ELSEWHERE),
        lambda put: with_path(put, f"{key_of(put)}/more"),
        lambda put: with_query(put, **{"X-Amz-Expires": "604800"}),
        lambda put: with_query(put, **{"X-Amz-Date": "20300101T000000Z"}),
        lambda put: with_query(put, **{"X-Amz-Signature": "0" * 64}),
        lambda put: with_query(put, **{"X-Amz-SignedHeaders": "host"}),
        lambda put: with_query(put, acl=""),
        lambda put: with_headers(put, **{"Content-Type": "text/html"}),
        lambda put: with_headers(put, **{"x-amz-checksum-sha256": checksum_of(OTHER)}),
    ],
    ids=[
        *("key", "longer key", "expiry", "date", "signature", "signed headers", "what is done"),
        *("type", "checksum"),
    ],
)
def test_an_address_that_was_tampered_with_is_refused(
    put: SignedUpload, tamper: Callable[[SignedUpload], SignedUpload]
) -> None:
    assert send(tamper(put)) in REFUSED
    assert holds_nothing(key_of(put), ELSEWHERE, f"{key_of(put)}/more")
    assert send(put) == 200


@pytest.mark.parametrize("name", ["Content-Type", "x-amz-checksum-sha256"])
def test_an_address_wants_every_header_that_was_signed(put: SignedUpload, name: str) -> None:
    headers = {key: value for key, value in (put.headers or {}).items() if key != name}
    assert send(replace(put, headers=headers)) in REFUSED
    assert holds_nothing(key_of(put))


@pytest.mark.parametrize("data", [OTHER, BYTES + b"x", BYTES[:-1], b""])
def test_an_address_takes_no_other_bytes(put: SignedUpload, data: bytes) -> None:
    assert send(with_headers(put, **{"Content-Length": str(len(data))}), data) in REFUSED
    own = {"Content-Length": str(len(data)), "x-amz-checksum-sha256": checksum_of(data)}
    assert send(with_headers(put, **own), data) in REFUSED
    assert holds_nothing(key_of(put))


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST"])
def test_an_address_is_for_one_method_only(put: SignedUpload, method: str) -> None:
    assert send(put) == 200
    answer = http.request(method, put.url, body=BYTES, headers=put.headers)
    assert answer.status in (*REFUSED, 405)
    assert BYTES not in answer.data
    assert not holds_nothing(key_of(put))


def test_the_proof_of_one_address_is_none_for_another(user: User, put: SignedUpload) -> None:
    other = ticket(user, OTHER, upload_method="PUT").upload
    assert other is not None
    query = dict(parse_qsl(urlsplit(put.url).query))
    assert send(with_query(other, **query), OTHER) in REFUSED
    assert holds_nothing(key_of(other))


# --- parts


def test_a_part_is_signed_for_its_number_upload_and_key(user: User, settings: Any) -> None:
    settings.MULTIPART_BYTES = 5 * 1024**2
    data = bytes(range(256)) * (6 * 4096)
    given = ticket(user, data, upload_method="multipart")
    other = ticket(user, data[1:] + b"x", upload_method="multipart")
    assert given.upload is not None
    assert other.upload is not None
    first, second = given.upload.parts or []
    signed = SignedUpload(method="PUT", url=first["url"])
    upload_id = dict(parse_qsl(urlsplit((other.upload.parts or [])[0]["url"]).query))["uploadId"]
    for tampered in (
        with_query(signed, partNumber="2"),
        with_query(signed, uploadId=upload_id),
        with_path(signed, original_key(str(other.photo.id))),
        with_query(signed, **{"X-Amz-Signature": "0" * 64}),
    ):
        body = data[: first["size"]]
        assert http.request("PUT", tampered.url, body=body).status in (400, 403, 404)
    # A part of another size is none of the announced ones.
    short = data[second["offset"] :][:-1]
    assert http.request("PUT", second["url"], body=short).status in REFUSED


# --- time


def signed_an_hour_ago(user: User, monkeypatch: pytest.MonkeyPatch, *, method: str) -> SignedUpload:
    """A ticket as the storage's client would have signed it then."""
    with monkeypatch.context() as patch:
        for module in (botocore.auth, botocore.signers):
            now: Callable[[], datetime] = module.get_current_datetime
            patch.setattr(
                module, "get_current_datetime", lambda now=now: now() - timedelta(hours=1)
            )
        upload = ticket(user, upload_method=method).upload
    assert upload is not None
    return upload


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_ticket_that_is_over_is_refused(
    user: User, monkeypatch: pytest.MonkeyPatch, settings: Any, method: str
) -> None:
    settings.UPLOAD_TICKET_SECONDS = 3600 - 100
    upload = signed_an_hour_ago(user, monkeypatch, method=method)
    assert send(upload) in REFUSED
    assert holds_nothing(key_of(upload))


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_ticket_that_is_not_over_yet_is_taken(
    user: User, monkeypatch: pytest.MonkeyPatch, settings: Any, method: str
) -> None:
    """Or else the one that is over might be refused for something else."""
    settings.UPLOAD_TICKET_SECONDS = 3600 + 600
    assert send(signed_an_hour_ago(user, monkeypatch, method=method)) in (200, 204)
