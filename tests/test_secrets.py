"""What the functions, which parse hostile bytes, are able to do: as good as nothing."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.album import Album
from tests.pictures import photo_file
from tests.processes import descendants
from tests.stack import FUNCTIONS_WORKER, Stack

pytestmark = pytest.mark.stack

# What the functions must not know, whatever it is called in their environment.
_NOT_FOR_FUNCTIONS = (
    *("SECRET_KEY", "WEBHOOK_TOKEN", "POSTGRES_PASSWORD", "S3_ACCESS_KEY_ID"),
    *("S3_SECRET_ACCESS_KEY", "STORAGE_SIGNING_KEY", "ADMIN_PASSWORD"),
)


def test_the_functions_worker_holds_no_password_of_the_database_and_no_key_of_the_backend(
    stack: Stack,
) -> None:
    environment, secrets = stack.process(FUNCTIONS_WORKER).environment(), stack.secrets()
    # That they are read right shows in the one secret that it must know.
    assert environment["DELIVERY_SECRET"] == secrets["DELIVERY_SECRET"]
    for name in _NOT_FOR_FUNCTIONS:
        assert name not in environment
        assert not [key for key, value in environment.items() if secrets[name] in value]
    assert "DATABASE_URL" not in environment


def test_what_decodes_uploads_holds_no_secret_at_all(stack: Stack, album: Album) -> None:
    assert album.settle(album.upload(photo_file("rocket.jpg")))["status"] == "ready"
    decoders = [
        process
        for process in descendants(stack.process(FUNCTIONS_WORKER).pid)
        if "sandbox_child" in process.command
    ]
    assert decoders
    for decoder in decoders:
        values = " ".join(decoder.environment().values())
        assert not [name for name, secret in stack.secrets().items() if secret in values]


def test_the_functions_key_reads_originals_and_can_neither_list_nor_change_them(
    stack: Stack, album: Album
) -> None:
    file = photo_file("rocket.jpg")
    photo_id = album.upload(file)
    assert album.settle(photo_id)["status"] == "ready"
    bucket, key = stack.instance()["S3_BUCKET"], f"originals/{photo_id}"
    with contextlib.closing(stack.storage("FUNCTIONS_")) as storage:
        with contextlib.closing(storage.get_object(Bucket=bucket, Key=key)["Body"]) as body:
            assert body.read() == file.data
        assert is_denied(lambda: storage.list_objects_v2(Bucket=bucket))
        assert is_denied(lambda: storage.list_objects_v2(Bucket=bucket, Prefix="originals/"))
        assert is_denied(lambda: storage.put_object(Bucket=bucket, Key=key, Body=b"other"))
        assert is_denied(lambda: storage.delete_object(Bucket=bucket, Key=key))
        assert is_denied(
            lambda: storage.copy_object(
                Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": key}
            )
        )
        assert is_denied(lambda: storage.create_bucket(Bucket="another"))
        assert is_denied(lambda: storage.delete_bucket(Bucket=bucket))
        several = {"Objects": [{"Key": key}]}
        with contextlib.suppress(ClientError):
            answer = storage.delete_objects(Bucket=bucket, Delete=several)  # type: ignore[arg-type]
            assert answer.get("Errors"), "deleting several at once was not refused"
    assert album.fetch(album.photo(photo_id)["urls"]["original"]).data == file.data


def is_denied(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False
