"""The failed inbox: every failed analysis of one's photos, and once more."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.analysis.models import Analysis
from backend.analysis.services import FailureFilter, failures_of, retry
from backend.api.field_sentences import say_failure
from backend.api.pagination import CursorPages, answer_page
from backend.api.photo_schema import KINDS
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.core.errors import RefusedError
from backend.photos.models import Photo

MAX_FAILURES = 500  # a call


class FailureFilterSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    model = serializers.CharField(max_length=50, required=False)
    stage = serializers.CharField(max_length=30, required=False)
    code = serializers.CharField(max_length=50, required=False)
    photo = serializers.UUIDField(required=False)


class FailedPhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    filename = serializers.CharField()


class FailedAnalysisSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    photo = FailedPhotoSerializer()
    kind = serializers.ChoiceField(choices=KINDS)
    model = serializers.CharField()
    stage = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.SerializerMethodField(help_text="In the reader's language.")
    technical = serializers.CharField(source="detail", help_text="As it was reported, in English.")
    attempts = serializers.IntegerField()
    started_at = serializers.DateTimeField(allow_null=True)
    failed_at = serializers.DateTimeField(source="finished_at", allow_null=True)

    def get_detail(self, analysis: Analysis) -> str:
        return say_failure(analysis.code, analysis.detail)


class FailurePages(CursorPages):
    """The latest first."""

    ordering = ("-finished_at", "-id")


class RetrySerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_FAILURES
    )
    filter = FailureFilterSerializer(required=False)
    after = serializers.UUIDField(
        required=False, help_text="With a filter: `next` of the call before."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("filter" in attrs):
            raise ValidationError({"ids": "Send either ids or a filter."})
        return attrs


class RefusedFailureSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()


class RetriedSerializer(serializers.Serializer[Any]):
    retried = serializers.IntegerField()
    refused = RefusedFailureSerializer(many=True)
    next = serializers.UUIDField(
        allow_null=True, help_text="With a filter: more failures fit; send this as `after`."
    )


class FailuresView(APIView):
    @extend_schema(
        operation_id="list_failures",
        parameters=[
            FailureFilterSerializer,
            *PAGE_PARAMETERS,
        ],
        responses={200: page_of(FailedAnalysisSerializer), **problems(400, 401, 403, 404, 429)},
    )
    def get(self, request: Request) -> Response:
        """What could not be found out about one's photos, and why; the latest first."""
        given = FailureFilterSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        failures = failures_of(signed_in(request), FailureFilter(**given.validated_data))
        return answer_page(request, failures, FailedAnalysisSerializer, pages=FailurePages)


class RetryView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="retry_failures",
        request=RetrySerializer,
        responses={200: RetriedSerializer, **problems(400, 401, 403, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Try failed analyses again, each by itself; at most 500 a call."""
        given = RetrySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        failures, refused, following = _choose(request, given.validated_data)
        retried = 0
        for failure in failures:
            try:
                retry(failure)
            except RefusedError as error:
                refused.append({"id": failure.id, "code": error.code})
            except Photo.DoesNotExist:  # deleted this very moment
                refused.append({"id": failure.id, "code": "not_found"})
            else:
                retried += 1
        return Response({"retried": retried, "refused": refused, "next": following})


def _choose(
    request: Request, data: dict[str, Any]
) -> tuple[list[Analysis], list[dict[str, Any]], UUID | None]:
    """The caller's failures that are meant, which ids are none of theirs, and where to go on."""
    user = signed_in(request)
    if "ids" in data:
        ids = list(dict.fromkeys(data["ids"]))
        own = failures_of(user).in_bulk(ids)
        missing = [{"id": id, "code": "not_found"} for id in ids if id not in own]
        return [own[id] for id in ids if id in own], missing, None
    found = failures_of(user, FailureFilter(**data["filter"])).order_by("id")
    if "after" in data:
        found = found.filter(id__gt=data["after"])
    failures = list(found[: MAX_FAILURES + 1])
    is_more = len(failures) > MAX_FAILURES
    return failures[:MAX_FAILURES], [], failures[MAX_FAILURES - 1].id if is_more else None
