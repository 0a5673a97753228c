"""What the functions and the storage tell us. Not part of the public API.

Functions sign their messages (functions.contract.sign); the storage shows a bearer token.
"""

import json
import logging
import time
import uuid
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.db import DataError
from django.utils.crypto import constant_time_compare
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.analysis.services import claim_analyses, receive_upload, record_result
from backend.core import storage
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from functions.contract import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    ContractError,
    claim_to_json,
    photo_id_of_original,
    result_from_json,
    verify_signature,
)

logger = logging.getLogger(__name__)
# 200 faces and 500 lines of text are about 400 kB; what is larger is no result.
MAX_MESSAGE_BYTES = 2 * 1024**2


class RawParser(BaseParser):
    """The body as bytes: a signature is over bytes."""

    media_type = "*/*"
    max_bytes = MAX_MESSAGE_BYTES

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body: bytes = stream.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise RefusedError("too_large", status=413, limit=self.max_bytes)
        return body


class InternalView(APIView):
    authentication_classes = []
    parser_classes = [RawParser]


def _body(request: Request) -> bytes:
    # DRF does not ask a parser about an empty body.
    return request.data if isinstance(request.data, bytes) else b""


def _signed_body(request: Request) -> bytes:
    body = _body(request)
    if not verify_signature(
        secret=settings.DELIVERY_SECRET,
        timestamp=request.headers.get(TIMESTAMP_HEADER, ""),
        body=body,
        signature=request.headers.get(SIGNATURE_HEADER, ""),
        now=time.time(),
    ):
        raise RefusedError("bad_signature", status=401)
    return body


@extend_schema(exclude=True)
class ClaimsView(InternalView):
    def post(self, request: Request) -> Response:
        """200 and a claim, or 204 if there is nothing to do for the photo."""
        try:
            photo_id = str(json.loads(_signed_body(request))["photo_id"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise RefusedError("bad_message", reason="expected {photo_id}") from error
        claim = claim_analyses(_parse_uuid(photo_id))
        if claim is None:
            return Response(status=204)
        return Response(json.loads(claim_to_json(claim)))


@extend_schema(exclude=True)
class ResultsView(InternalView):
    def post(self, request: Request) -> Response:
        """200 once the result is on record, or needs no more be: its photo or turn is gone."""
        try:
            result = result_from_json(_signed_body(request))
            _parse_uuid(result.photo_id)
            record_result(result)
        except (ContractError, DataError, ValueError) as error:
            raise RefusedError("bad_message", reason=str(error)) from error
        return Response({})


@extend_schema(exclude=True)
class StorageEventsView(InternalView):
    def post(self, request: Request) -> Response:
        """200 once every photo that the event names is under way; unknown ones are passed over."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not constant_time_compare(token, settings.WEBHOOK_TOKEN):
            raise RefusedError("bad_signature", status=401)
        try:
            event = json.loads(_body(request))
        except (ValueError, RecursionError) as error:
            raise RefusedError("bad_message", reason=str(error)) from error
        for key in object_keys_of(event):
            photo_id = photo_id_of_original(key)
            try:
                photo = Photo.objects.filter(id=uuid.UUID(photo_id or "")).first()
            except ValueError:
                continue
            if photo is not None:
                receive_upload(photo)
            elif photo_id:
                # Sent with the ticket of a photo that was deleted in the meantime.
                storage.delete_objects([key])
        return Response({})


def object_keys_of(event: Any) -> list[str]:
    """The keys of the objects that an event says were created.

    Knows S3's notification (Records), EventBridge's "Object Created" and SeaweedFS's webhook.
    Anything else names no object.
    """
    if not isinstance(event, dict):
        return []
    try:
        if "Records" in event:
            # S3 sends keys URL-encoded here.
            return [unquote_plus(record["s3"]["object"]["key"]) for record in event["Records"]]
        if event.get("detail-type") == "Object Created":
            return [event["detail"]["object"]["key"]]
        if "key" in event:
            path = str(event["key"])
            _, _, key = path.partition(f"/buckets/{settings.S3_BUCKET}/")
            return [key] if key else []
    except (KeyError, TypeError, AttributeError) as error:
        logger.warning("storage event of unknown shape: %r", error)
    return []


def _parse_uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise RefusedError("bad_message", reason="photo_id is not a UUID") from error
