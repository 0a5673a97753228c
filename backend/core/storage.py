"""Object storage: the only S3 client of the backend."""

import base64
import contextlib
import functools
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from backend.core.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, PartTypeDef


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    size: int  # bytes
    sha256: str | None  # hex, where the storage knows it


@dataclass(frozen=True, kw_only=True)
class SignedUpload:
    """How to send bytes so that storage takes them: see the API's upload ticket."""

    method: str
    url: str = ""
    fields: dict[str, str] | None = None
    headers: dict[str, str] | None = None
    parts: list[dict[str, Any]] | None = None


def sign_post(*, key: str, content_type: str, size: int, sha256: str) -> SignedUpload:
    """A form that uploads exactly these bytes: size, type and checksum are in the signature.

    sha256 is hex. A browser or phone sends the fields first and the file last.
    """
    checksum = {
        "Content-Type": content_type,
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": _to_base64(sha256),
    }
    post = _public_client().generate_presigned_post(
        settings.S3_BUCKET,
        key,
        Fields=dict(checksum),
        Conditions=[{name: value} for name, value in checksum.items()]
        + [["content-length-range", size, size]],
        ExpiresIn=settings.UPLOAD_TICKET_SECONDS,
    )
    return SignedUpload(method="POST", url=post["url"], fields=post["fields"])


def sign_put(*, key: str, content_type: str, size: int, sha256: str) -> SignedUpload:
    """A PUT of exactly these bytes; the client sends the headers as given."""
    checksum = _to_base64(sha256)
    url = _public_client().generate_presigned_url(
        "put_object",
        Params={
            "Bucket": settings.S3_BUCKET,
            "Key": key,
            "ContentType": content_type,
            "ContentLength": size,
            "ChecksumSHA256": checksum,
        },
        ExpiresIn=settings.UPLOAD_TICKET_SECONDS,
    )
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(size),
        "x-amz-checksum-sha256": checksum,
    }
    return SignedUpload(method="PUT", url=url, headers=headers)


def sign_multipart(*, key: str, content_type: str, size: int) -> tuple[str, SignedUpload]:
    """An upload in parts that can each be repeated. Returns its id and one PUT a part.

    S3 cannot check the whole file's SHA-256 here; inspection does, on the stored bytes.
    """
    upload_id = begin_multipart(key=key, content_type=content_type)
    part_bytes = settings.MULTIPART_BYTES
    return upload_id, sign_parts(key=key, upload_id=upload_id, size=size, part_bytes=part_bytes)


def begin_multipart(*, key: str, content_type: str) -> str:
    """Parts may come. Returns the upload's id."""
    with _storage_errors():
        return _client().create_multipart_upload(
            Bucket=settings.S3_BUCKET, Key=key, ContentType=content_type
        )["UploadId"]


def sign_parts(
    *, key: str, upload_id: str, size: int, part_bytes: int, but: Container[int] = ()
) -> SignedUpload:
    """One PUT for each part of an upload, without those whose numbers are in `but`."""
    client = _public_client()
    parts = []
    for number, start in enumerate(range(0, size, part_bytes), start=1):
        if number in but:
            continue
        length = min(part_bytes, size - start)
        url = client.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": settings.S3_BUCKET,
                "Key": key,
                "UploadId": upload_id,
                "PartNumber": number,
                "ContentLength": length,
            },
            ExpiresIn=settings.UPLOAD_TICKET_SECONDS,
        )
        parts.append({"number": number, "url": url, "offset": start, "size": length})
    return SignedUpload(method="multipart", parts=parts)


def stored_parts(*, key: str, upload_id: str) -> "list[PartTypeDef]":
    """The parts that have come; none if the upload is over."""
    pages = _client().get_paginator("list_parts")
    try:
        return [
            part
            for page in pages.paginate(Bucket=settings.S3_BUCKET, Key=key, UploadId=upload_id)
            for part in page.get("Parts", [])
        ]
    except ClientError as error:
        if _code(error) in ("NoSuchUpload", "NoSuchKey", "404"):
            return []
        raise StorageError(str(error)) from error
    except BotoCoreError as error:
        raise StorageError(str(error)) from error


def sign_get(*, key: str, seconds: int) -> str:
    """An address by which anybody who has it reads the object, for so long."""
    return _public_client().generate_presigned_url(
        "get_object", Params={"Bucket": settings.S3_BUCKET, "Key": key}, ExpiresIn=seconds
    )


def complete_multipart(*, key: str, upload_id: str, size: int) -> bool:
    """Put the parts together once all `size` bytes are there. False until then, and after."""
    parts = stored_parts(key=key, upload_id=upload_id)
    if sum(part["Size"] for part in parts) != size:
        return False
    stored: list[CompletedPartTypeDef] = [
        {"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts
    ]
    try:
        _client().complete_multipart_upload(
            Bucket=settings.S3_BUCKET,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": stored},
        )
    except ClientError as error:
        if _code(error) in ("NoSuchUpload", "NoSuchKey", "404"):
            return False
        raise StorageError(str(error)) from error
    except BotoCoreError as error:
        raise StorageError(str(error)) from error
    return True


def abort_multipart(*, key: str, upload_id: str) -> None:
    """The upload's parts are gone. Safe to run twice, and after it was completed."""
    try:
        _client().abort_multipart_upload(Bucket=settings.S3_BUCKET, Key=key, UploadId=upload_id)
    except ClientError as error:
        if _code(error) not in ("NoSuchUpload", "NoSuchKey", "404"):
            raise StorageError(str(error)) from error
    except BotoCoreError as error:
        raise StorageError(str(error)) from error


def head(key: str) -> StoredObject | None:
    """What is stored under the key; None if nothing is."""
    try:
        answer = _client().head_object(Bucket=settings.S3_BUCKET, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if _code(error) in ("404", "NoSuchKey", "NotFound"):
            return None
        raise StorageError(str(error)) from error
    except BotoCoreError as error:
        raise StorageError(str(error)) from error
    checksum = answer.get("ChecksumSHA256")
    # A multipart object's checksum is one of its parts' checksums, marked by "-N".
    whole = checksum if checksum and "-" not in checksum else None
    return StoredObject(
        size=answer["ContentLength"],
        sha256=base64.b64decode(whole).hex() if whole else None,
    )


@dataclass(frozen=True, kw_only=True)
class OpenObject:
    size: int
    chunks: Iterator[bytes]


def open_object(key: str, *, start: int = 0) -> OpenObject | None:
    """The stored bytes in chunks, from one on; None if there are none from there on."""
    asked = {"Range": f"bytes={start}-"} if start else {}
    try:
        answer = _client().get_object(Bucket=settings.S3_BUCKET, Key=key, **asked)  # type: ignore[arg-type]
    except ClientError as error:
        if _code(error) in ("404", "NoSuchKey", "NotFound", "InvalidRange", "416"):
            return None
        raise StorageError(str(error)) from error
    except BotoCoreError as error:
        raise StorageError(str(error)) from error
    size, chunks = start + answer["ContentLength"], answer["Body"].iter_chunks(256 * 1024)
    return OpenObject(size=size, chunks=chunks)


def read_part(key: str, *, start: int, size: int) -> bytes:
    """So many of the stored bytes, fewer at the end. Raises StorageError, also if there are none.

    start: below the object's size.
    """
    with _storage_errors():
        answer = _client().get_object(
            Bucket=settings.S3_BUCKET, Key=key, Range=f"bytes={start}-{start + size - 1}"
        )
        return answer["Body"].read()


def put(key: str, file: BinaryIO, *, size: int, content_type: str, sha256: str) -> None:
    """Exactly these bytes are stored under the key. sha256 is hex; storage compares."""
    with _storage_errors():
        _client().put_object(
            Bucket=settings.S3_BUCKET,
            Key=key,
            Body=file,
            ContentLength=size,
            ContentType=content_type,
            ChecksumSHA256=_to_base64(sha256),
        )


def delete_objects(keys: list[str]) -> None:
    """The keys hold nothing afterwards; keys that never held anything are fine."""
    with _storage_errors():
        for start in range(0, len(keys), 1000):
            answer = _client().delete_objects(
                Bucket=settings.S3_BUCKET,
                Delete={
                    "Objects": [{"Key": key} for key in keys[start : start + 1000]],
                    "Quiet": True,
                },
            )
            if errors := answer.get("Errors"):
                raise StorageError(
                    f"could not delete {errors[0].get('Key')}: {errors[0].get('Code')}"
                )


def copy_object(source: str, target: str, *, content_type: str) -> None:
    """The target holds the source's bytes, with nothing else of what is known of them."""
    with _storage_errors():
        _client().copy_object(
            Bucket=settings.S3_BUCKET,
            Key=target,
            CopySource={"Bucket": settings.S3_BUCKET, "Key": source},
            ContentType=content_type,
            MetadataDirective="REPLACE",
        )


def list_objects(prefix: str, *, after: str = "") -> Iterator[tuple[str, datetime]]:
    """Every key under the prefix in order, behind `after`, and when it was last written."""
    with _storage_errors():
        pages = (
            _client()
            .get_paginator("list_objects_v2")
            .paginate(Bucket=settings.S3_BUCKET, Prefix=prefix, StartAfter=after)
        )
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"], entry["LastModified"]


def prepare_bucket() -> None:
    """The bucket exists and takes uploads from the pages we allow. Safe to run again."""
    client = _client()
    with _storage_errors():
        try:
            client.head_bucket(Bucket=settings.S3_BUCKET)
        except ClientError as error:
            if _code(error) not in ("404", "NoSuchBucket"):
                raise
            client.create_bucket(Bucket=settings.S3_BUCKET)
        client.put_bucket_cors(
            Bucket=settings.S3_BUCKET,
            CORSConfiguration={
                "CORSRules": [
                    {
                        "AllowedMethods": ["POST", "PUT"],
                        "AllowedOrigins": settings.S3_CORS_ORIGINS,
                        "AllowedHeaders": ["*"],
                        "ExposeHeaders": ["ETag"],
                        "MaxAgeSeconds": 3600,
                    }
                ]
            },
        )


def check() -> None:
    """Raises StorageError if the bucket does not answer."""
    with _storage_errors():
        _client().head_bucket(Bucket=settings.S3_BUCKET)


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise StorageError(str(error)) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _to_base64(hex_digest: str) -> str:
    return base64.b64encode(bytes.fromhex(hex_digest)).decode()


@functools.cache
def _client() -> "S3Client":
    return _make_client(settings.S3_ENDPOINT_URL)


@functools.cache
def _public_client() -> "S3Client":
    return _make_client(settings.S3_PUBLIC_ENDPOINT_URL)


def _make_client(endpoint_url: str | None) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        aws_access_key_id=settings.S3_ACCESS_KEY_ID,
        aws_secret_access_key=settings.S3_SECRET_ACCESS_KEY,
        region_name=settings.S3_REGION,
        config=Config(
            signature_version="s3v4",
            connect_timeout=3,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            max_pool_connections=32,
            # Presigned URLs name the bucket in the path where there is no DNS for it.
            s3={"addressing_style": "path" if endpoint_url else "auto"},
        ),
    )
