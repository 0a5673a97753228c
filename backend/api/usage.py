"""What one has used in a month, or all have: photos, bytes, and what their analyses took."""

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.analysis.models import Use
from backend.analysis.services import cost_of, usage_of
from backend.api.photo_schema import KINDS
from backend.api.requests import signed_in
from backend.api.schema import problems

MONTH = OpenApiParameter("month", str, description="Such as 2026-11 (UTC); else now.")


class UseSerializer(serializers.Serializer[Any]):
    analyses = serializers.IntegerField(help_text="Every attempt.")
    predictions = serializers.IntegerField()
    compute_seconds = serializers.FloatField(help_text="Of one core, as measured.")
    cost = serializers.FloatField(help_text="Dollars.")


class ModelUseSerializer(UseSerializer):
    kind = serializers.ChoiceField(choices=KINDS)
    model = serializers.CharField()


class UsageSerializer(UseSerializer):
    month = serializers.CharField()
    photos = serializers.IntegerField(help_text="That came in the month and are still there.")
    bytes = serializers.IntegerField(help_text="Of their originals.")
    price = serializers.FloatField(help_text="Dollars a compute second.")
    by_model = ModelUseSerializer(many=True)


class UsageView(APIView):
    @extend_schema(
        operation_id="get_usage",
        parameters=[MONTH],
        responses={200: UsageSerializer, **problems(400, 401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        """What one's photos, batches and predictions have taken in a month."""
        return _render(request, signed_in(request))


class CostsView(APIView):
    @extend_schema(
        operation_id="get_costs",
        parameters=[MONTH],
        responses={200: UsageSerializer, **problems(400, 401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        """What everybody's photos, batches and predictions together have taken (staff only)."""
        return _render(request, None)


def _render(request: Request, user: User | None) -> Response:
    usage = usage_of(user, _read_month(request.query_params.get("month", "")))
    return Response(
        {
            "month": f"{usage.month:%Y-%m}",
            "photos": usage.photos,
            "bytes": usage.bytes,
            **_sum(usage.uses),
            "price": settings.COMPUTE_PRICE,
            "by_model": [
                {"kind": use.kind, "model": use.model, **_sum([use])} for use in usage.uses
            ],
        }
    )


def _sum(uses: list[Use]) -> dict[str, float]:
    cpu_ms = sum(use.cpu_ms for use in uses)
    return {
        "analyses": sum(use.analyses for use in uses),
        "predictions": sum(use.predictions for use in uses),
        "compute_seconds": round(cpu_ms / 1000, 6),
        "cost": cost_of(cpu_ms),
    }


def _read_month(text: str) -> date:
    """Raises ValidationError."""
    if not text:
        return timezone.now().astimezone(UTC).date().replace(day=1)
    try:
        month = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        month = date.min
    if not date(2000, 1, 1) <= month < date(9999, 1, 1):
        raise ValidationError({"month": "Write a month such as 2026-11."})
    return month
