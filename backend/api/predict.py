"""Predictions: a picture in, what the functions find in it out, and nothing is kept of either."""

import base64
import logging
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import ApiKey
from backend.analysis.moderating import moderation_verdict
from backend.analysis.services import choose_models, cost_of, note_use
from backend.api.field_sentences import say_failure
from backend.api.photo_schema import BoxSerializer
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.core.errors import RefusedError
from backend.core.invocation import invoke
from backend.core.rate_limit import count_attempt
from backend.core.uuids import uuid7
from backend.photos.models import Photo
from functions.contract import (
    ContractError,
    FacesFindings,
    Failure,
    Findings,
    Kind,
    LabelsFindings,
    ModerationFindings,
    Result,
    TextFindings,
    result_from_json,
)

logger = logging.getLogger(__name__)

PREDICTED = ("faces", "labels", "text", "moderation")


class PictureSerializer(serializers.Serializer[Any]):
    image = serializers.FileField(
        max_length=255, help_text="JPEG, PNG, WebP, GIF, HEIC, AVIF, TIFF."
    )
    model = serializers.CharField(
        max_length=50, required=False, help_text="Another model than the active one."
    )


class PredictedFaceSerializer(serializers.Serializer[Any]):
    box = BoxSerializer()
    score = serializers.FloatField()
    quality = serializers.FloatField()


class PredictedLabelSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    name_zh = serializers.CharField()
    score = serializers.FloatField()


class PredictedLineSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True)
    box = BoxSerializer()
    score = serializers.FloatField()


class PredictedTextSerializer(serializers.Serializer[Any]):
    full = serializers.CharField(allow_blank=True)
    lines = PredictedLineSerializer(many=True)


class PredictedModerationSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Photo.Moderation.choices)
    score = serializers.FloatField()


class PredictionSerializer(serializers.Serializer[Any]):
    """What was found is under the name of its kind; the other three are not there."""

    kind = serializers.ChoiceField(choices=PREDICTED)
    model = serializers.CharField()
    weights_sha256 = serializers.CharField()
    duration_ms = serializers.FloatField(help_text="By the clock, without the way there.")
    cpu_ms = serializers.FloatField()
    cost = serializers.FloatField(help_text="Dollars, at the price in the settings.")
    faces = PredictedFaceSerializer(many=True, required=False)
    labels = PredictedLabelSerializer(many=True, required=False)
    text = PredictedTextSerializer(required=False)
    moderation = PredictedModerationSerializer(required=False)


class FormParser(MultiPartParser):
    """A form with a file. Raises RefusedError bad_form."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise RefusedError("bad_form") from error


class PredictView(APIView):
    waits = True  # for a function to look at the picture
    parser_classes = [FormParser]
    # A second picture may be another one, and what was found in the first is not kept.
    keeps_nothing = True

    @extend_schema(
        operation_id="predict",
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=PREDICTED)],
        request={"multipart/form-data": PictureSerializer},
        responses={
            200: PredictionSerializer,
            **problems(400, 401, 403, 404, 409, 413, 415, 429, 503, 504),
        },
    )
    def post(self, request: Request, kind: str) -> Response:
        """Say what is found in a picture, by the same functions as for photos; nothing is stored.

        What cannot be looked at is a 400 whose error of the field `image` has the code that a
        failed analysis would have: not_an_image, too_many_pixels, corrupt and the like.
        """
        if kind not in PREDICTED:
            raise Http404
        _count(request)
        given = PictureSerializer(data=_form(request))
        given.is_valid(raise_exception=True)
        picture = given.validated_data["image"]
        if picture.size > settings.PREDICT_BYTES:
            raise RefusedError("too_large", status=413, limit=settings.PREDICT_BYTES)
        user, asked_for = signed_in(request), Kind(kind)
        model = choose_models(user, [asked_for], given.validated_data.get("model"))[asked_for]
        event = {
            "image": base64.b64encode(picture.read()).decode(),
            "model": model,
            "request_id": str(uuid7()),
        }
        if not connection.in_atomic_block:
            connection.close()  # while the functions work, others may have it
        result = _result(kind, event)
        note_use(owner_id=user.id, kind=kind, model=model, run=result.run, is_prediction=True)
        if result.findings is None:
            raise _refusal(result.failure)
        return Response(
            {
                "kind": kind,
                "model": model,
                "weights_sha256": result.run.weights_sha256,
                "duration_ms": result.run.duration_ms,
                "cpu_ms": result.run.cpu_ms,
                "cost": cost_of(result.run.cpu_ms),
                kind: _render(result.findings),
            },
            headers={"Cache-Control": "no-store"},
        )


def _form(request: Request) -> Any:
    try:
        return request.data
    except UnsupportedMediaType as error:
        raise RefusedError("form_wanted", status=415) from error


def _count(request: Request) -> None:
    """Raises RefusedError too_many_requests."""
    limit = settings.RATE_LIMIT_PREDICT
    limits = {f"predict:user:{signed_in(request).id}": limit}
    if isinstance(request.auth, ApiKey):
        limits = {f"predict:key:{request.auth.id}": limit} | limits
    try:
        count_attempt(limits)
    except RedisError as error:
        logger.warning("predictions are not counted: %s", error)


def _result(kind: str, event: dict[str, Any]) -> Result:
    """Raises RefusedError as invoke does."""
    try:
        return result_from_json(invoke(kind, event))
    except ContractError as error:
        logger.error("%s answered nonsense: %s", kind, error)
        raise RefusedError("functions_away", status=503, wait=5) from error


def _refusal(failure: Failure | None) -> RefusedError:
    """The picture's fault, or ours: then another try may help."""
    if failure is not None and failure.permanent:
        error = {
            "field": "image",
            "code": failure.code,
            "detail": say_failure(failure.code, failure.detail),
        }
        return RefusedError("invalid", errors=[error])
    logger.warning("a prediction failed: %s", failure)
    if failure is not None and failure.code == "decode_timeout":
        return RefusedError("functions_late", status=504, wait=5)
    return RefusedError("functions_away", status=503, wait=5)


def _render(findings: Findings) -> Any:
    """As the photo would show it."""
    match findings:
        case FacesFindings():
            # What could tell somebody again, the embedding, stays here.
            return PredictedFaceSerializer(findings.faces, many=True).data
        case LabelsFindings():
            return PredictedLabelSerializer(findings.labels, many=True).data
        case TextFindings():
            full = "\n".join(line.text for line in findings.lines)
            return PredictedTextSerializer({"full": full, "lines": findings.lines}).data
        case ModerationFindings():
            return {"verdict": moderation_verdict(findings.score), "score": findings.score}
    raise TypeError(f"no prediction: {findings}")
