"""Batches: thousands of analyses at once, with their cost, their progress and an end."""

from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import ApiKey
from backend.analysis.models import Batch, BatchItem
from backend.analysis.object_import import own_prefix
from backend.analysis.services import (
    Wanted,
    cancel_batch,
    choose_models,
    choose_photos,
    find_keys,
    progress_of,
    start_batch,
)
from backend.api.pagination import LatestPages
from backend.api.photo_filters import read_filter
from backend.api.photo_schema import KINDS
from backend.api.policy import may_use_prefix, require_scope
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.core.errors import bad_field
from backend.photos.filters import query_of
from backend.search.selectors import filter_visible, search_photos
from functions.contract import Kind

BATCH_STATES = list(Batch.State.values)
MAX_TOLD_FAILURES = 100


class NewBatchSerializer(serializers.Serializer[Any]):
    filter = serializers.DictField(
        required=False, help_text="One's own photos: what a list takes in its query, and `q`."
    )
    prefix = serializers.CharField(
        max_length=500,
        required=False,
        help_text="Objects in the bucket below imports/<one's own id>/; they become photos.",
    )
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=KINDS), allow_empty=False)
    model = serializers.CharField(
        max_length=50, required=False, help_text="Another model than the active one; one kind only."
    )
    budget = serializers.FloatField(
        required=False, help_text="Dollars. What would cost more is not started."
    )
    missing_only = serializers.BooleanField(
        default=False, help_text="With a filter: without what these models have looked at before."
    )

    def validate_budget(self, budget: float) -> float:
        # NaN is no number to compare with, either.
        if not 0 < budget < float("inf"):
            raise ValidationError("Write a number of dollars above zero.")
        return budget

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("filter" in attrs) == ("prefix" in attrs):
            raise ValidationError({"filter": "Send either a filter or a prefix."})
        return attrs


class BatchFailureSerializer(serializers.Serializer[BatchItem]):
    photo = serializers.UUIDField(source="photo_id", allow_null=True)
    key = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=KINDS)
    model = serializers.CharField()
    code = serializers.CharField()


class BatchSerializer(serializers.Serializer[Any]):
    """total = waiting + running + done + failed + cancelled, in analyses."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=BATCH_STATES)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=KINDS))
    prefix = serializers.CharField(allow_blank=True)
    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    running = serializers.IntegerField(help_text="Told to a worker, and not ended yet.")
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    budget = serializers.FloatField(allow_null=True)
    cost = serializers.FloatField(help_text="Dollars so far.")
    estimated_cost = serializers.FloatField(
        allow_null=True,
        help_text="Dollars in the end, if the rest takes what such analyses mostly took lately; "
        "null if there were none.",
    )
    eta = serializers.DateTimeField(allow_null=True, help_text="An estimate, too.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class BatchDetailsSerializer(BatchSerializer):
    failures = BatchFailureSerializer(many=True, help_text="The first hundred.")


class EstimateSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    estimated_cost = serializers.FloatField(allow_null=True)


class BatchesView(APIView):
    @extend_schema(
        operation_id="start_batch",
        request=NewBatchSerializer,
        responses={202: BatchDetailsSerializer, **problems(400, 401, 403, 404, 409, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Analyse many photos anew, or objects that lie in the bucket already."""
        wanted, budget = _read(request)
        batch = start_batch(signed_in(request), wanted, budget=budget)
        return Response(_render_details(batch), status=202)

    @extend_schema(
        operation_id="list_batches",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(BatchSerializer), **problems(401, 403, 404, 429)},
    )
    def get(self, request: Request) -> Response:
        """One's batches of the last months, the latest first."""
        pages = LatestPages()
        batches = Batch.objects.filter(owner=signed_in(request))
        page = pages.paginate_queryset(batches, request, view=self) or []
        return pages.get_paginated_response(_render(page))


class BatchEstimateView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="estimate_batch",
        request=NewBatchSerializer,
        responses={200: EstimateSerializer, **problems(400, 401, 403, 404, 409, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Say how much a batch would do and cost, without starting it."""
        wanted, _ = _read(request)
        return Response({"total": wanted.total, "estimated_cost": wanted.estimated_cost()})


class BatchView(APIView):
    @extend_schema(
        operation_id="get_batch",
        responses={200: BatchDetailsSerializer, **problems(401, 403, 404, 429)},
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """How far a batch is."""
        return Response(_render_details(_own_batch(request, batch_id)))


class BatchCancelView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="cancel_batch",
        request=None,
        responses={200: BatchDetailsSerializer, **problems(401, 403, 404, 429)},
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Start nothing more of a batch; what a worker has taken already comes to its end."""
        cancel_batch(_own_batch(request, batch_id))
        return Response(_render_details(_own_batch(request, batch_id)))


def _own_batch(request: Request, batch_id: UUID) -> Batch:
    return get_object_or_404(Batch.objects.filter(owner=signed_in(request)), id=batch_id)


def _read(request: Request) -> tuple[Wanted, float | None]:
    """What a batch is asked to do, and for how much at most."""
    # It does to photos what photo-reanalyze and photos do, whose scope this is.
    require_scope(request, ApiKey.Scope.PHOTOS_WRITE)
    given = NewBatchSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    data, user = given.validated_data, signed_in(request)
    kinds = [Kind(kind) for kind in dict.fromkeys(data["kinds"])]
    models = choose_models(user, kinds, data.get("model"))
    if "prefix" in data:
        prefix = data["prefix"]
        if not may_use_prefix(user, prefix):
            raise bad_field(
                "prefix",
                "Write a prefix that begins with {prefix}",
                code="not_yours",
                prefix=own_prefix(user),
            )
        wanted = Wanted(models=models, prefix=prefix, keys=find_keys(prefix))
    else:
        query = query_of(data["filter"], field="filter")
        photo_ids = _choose(request, query, models, missing_only=data["missing_only"])
        wanted = Wanted(models=models, photo_ids=photo_ids)
    return wanted, data.get("budget")


def _choose(
    request: Request, query: QueryDict, models: dict[Kind, str], *, missing_only: bool
) -> list[UUID]:
    user, words = signed_in(request), query.get("q", "")
    among = read_filter(request, query)
    found = search_photos(user, words, among) if words else filter_visible(user, among)
    # An album shows others' photos too.
    return choose_photos(found.filter(owner=user), models, missing_only=missing_only)


def _render(batches: list[Batch]) -> list[dict[str, Any]]:
    progress = progress_of(batches)
    return [BatchSerializer(_document(batch, progress[batch.id])).data for batch in batches]


def _render_details(batch: Batch) -> Any:
    failed = batch.items.filter(state=BatchItem.State.FAILED).order_by("id")
    document = _document(batch, progress_of([batch])[batch.id])
    return BatchDetailsSerializer(document | {"failures": failed[:MAX_TOLD_FAILURES]}).data


def _document(batch: Batch, progress: Any) -> dict[str, Any]:
    counts = dict(progress.counts)
    # To a worker it is started; to whoever waits for it, it is running.
    counts["running"] = counts.pop(BatchItem.State.STARTED)
    told = ("id", "kinds", "prefix", "total", "budget", "created_at", "ended_at")
    return {
        **{name: getattr(batch, name) for name in told},
        **counts,
        "state": progress.state,
        "cost": progress.cost,
        "estimated_cost": progress.estimated_cost,
        "eta": progress.eta,
    }
