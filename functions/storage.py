"""Object storage as the functions see it: read a photo, write its renditions, nothing else."""

import contextlib
import functools
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from functions.config import config
from functions.contract import Rendition, original_key, rendition_key
from functions.errors import AnalysisError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def read_original(photo_id: str, *, size: int) -> bytes:
    """The uploaded bytes.

    Raises AnalysisError: object_missing, or size_mismatch if there are not `size` of them (checked
    before they are read), both permanent; storage_unavailable, which is not.
    """
    return _read(original_key(photo_id), size=size)


def read_rendition(photo_id: str, rendition: Rendition) -> bytes:
    """A derived size, as inspection wrote it. Raises AnalysisError as read_original does."""
    return _read(rendition_key(photo_id, rendition), size=None)


def write_rendition(photo_id: str, rendition: Rendition, data: bytes) -> None:
    """The rendition is stored, in place of an earlier one. Safe to run twice."""
    try:
        _client().put_object(
            Bucket=config().s3_bucket,
            Key=rendition_key(photo_id, rendition),
            Body=data,
            ContentType="image/jpeg",
        )
    except (BotoCoreError, ClientError) as error:
        raise _unavailable("write", error) from error


def _read(key: str, *, size: int | None) -> bytes:
    try:
        answer = _client().get_object(Bucket=config().s3_bucket, Key=key)
        with contextlib.closing(answer["Body"]) as body:
            if size is not None and answer["ContentLength"] != size:
                raise AnalysisError(
                    stage="read",
                    code="size_mismatch",
                    detail=f"The stored file has {answer['ContentLength']} bytes, not {size}.",
                    permanent=True,
                )
            data: bytes = body.read()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
            raise AnalysisError(
                stage="read",
                code="object_missing",
                detail="The file is not in storage any more.",
                permanent=True,
            ) from error
        raise _unavailable("read", error) from error
    except (BotoCoreError, OSError) as error:
        raise _unavailable("read", error) from error
    return data


def _unavailable(stage: str, error: Exception) -> AnalysisError:
    return AnalysisError(
        stage=stage,
        code="storage_unavailable",
        detail=f"Object storage did not answer as it should: {error}",
        permanent=False,
    )


@functools.cache
def _client() -> "S3Client":
    settings = config()
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        aws_access_key_id=settings.s3_access_key_id,
        aws_secret_access_key=settings.s3_secret_access_key,
        region_name=settings.s3_region,
        config=ClientConfig(
            signature_version="s3v4",
            connect_timeout=3,
            read_timeout=20,
            retries={"max_attempts": 3, "mode": "standard"},
            max_pool_connections=16,
            # The checksum of what we write is TLS's or the loopback's business; of what we read,
            # inspection's own.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if settings.s3_endpoint_url else "auto"},
        ),
    )
