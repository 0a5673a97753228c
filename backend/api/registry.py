"""Models over time: what each is for, how two compare, and which one is shown (staff only)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.analysis.comparing import MOST_PHOTOS, compare_models
from backend.analysis.rolling_out import roll_out
from backend.analysis.shadowing import coverage_of
from backend.api.photo_schema import KINDS
from backend.api.requests import signed_in
from backend.api.schema import page_of, problems
from backend.core.errors import bad_field
from backend.registry.models import ModelVersion
from backend.registry.selectors import find_version, versions

ROLLOUT_STATES = list(ModelVersion.State.values)
SHARE = "Of the photos, 0 to 1, chosen by a hash of their ids."


class ModelSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="name")
    kind = serializers.ChoiceField(choices=KINDS)
    state = serializers.ChoiceField(choices=ROLLOUT_STATES)
    share = serializers.FloatField(help_text=SHARE)
    changed_at = serializers.DateTimeField(
        allow_null=True, help_text="null if nobody has decided about it."
    )
    changed_by = serializers.CharField(
        source="changed_by.username", default=None, allow_null=True, help_text="A user's name."
    )


class CoverageSerializer(serializers.Serializer[Any]):
    photos = serializers.IntegerField(help_text="At which the model has looked that is shown.")
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Queued or running.")
    missing = serializers.IntegerField(
        help_text="At which only others of its kind have looked: none, for it to become active."
    )


class ModelDetailsSerializer(ModelSerializer):
    coverage = CoverageSerializer()
    renewing = serializers.BooleanField(
        help_text="It is active since a moment ago: photos and people still follow. Until people "
        "have been carried over, the faces of the model before are shown."
    )


class RolloutSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=ROLLOUT_STATES)
    share = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        help_text=f"{SHARE} Else all for a shadow, none for a candidate; "
        "an active model looks at all and a retired one at none.",
    )
    despite_failures = serializers.BooleanField(
        default=False,
        help_text="It may become active though it has failed where the model before has not.",
    )


class PairSerializer(serializers.Serializer[Any]):
    a = serializers.CharField(max_length=50, help_text="A model.")
    b = serializers.CharField(max_length=50, help_text="Another of its kind.")


class SideSerializer(serializers.Serializer[Any]):
    model = ModelSerializer()
    failed = serializers.IntegerField()
    findings = serializers.FloatField(
        allow_null=True, help_text="Labels, faces or lines of text a photo."
    )
    cpu_ms = serializers.FloatField(allow_null=True, help_text="Of the median analysis.")
    duration_ms = serializers.FloatField(allow_null=True, help_text="Of the median analysis.")
    cost = serializers.FloatField(allow_null=True, help_text="Dollars of 1,000 photos.")
    right = serializers.IntegerField(help_text="Of what people have said of these photos.")
    wrong = serializers.IntegerField()


class ComparisonSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    photos = serializers.IntegerField(
        help_text=f"The latest at which both have looked, {MOST_PHOTOS} at most."
    )
    agreement = serializers.FloatField(
        allow_null=True,
        help_text="Of how many of them both say the same: the best label, how many faces, "
        "the text without blanks, whether to hold it back.",
    )
    a = SideSerializer()
    b = SideSerializer()


class ModelsView(APIView):
    @extend_schema(
        operation_id="list_models",
        responses={200: page_of(ModelSerializer), **problems(401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        """Every model there is and what it is for, those of a kind together (staff only)."""
        models = ModelSerializer(versions(), many=True).data
        return Response({"next": None, "previous": None, "results": models})


class ModelView(APIView):
    @extend_schema(
        operation_id="get_model",
        responses={200: ModelDetailsSerializer, **problems(401, 403, 404, 429)},
    )
    def get(self, request: Request, model_id: str) -> Response:
        """What one model is for, and how far it has come (staff only)."""
        return Response(_render_details(_find(model_id)))


class RolloutView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="roll_model_out",
        request=RolloutSerializer,
        responses={200: ModelDetailsSerializer, **problems(400, 401, 403, 404, 409, 429)},
    )
    def post(self, request: Request, model_id: str) -> Response:
        """Say what a model is for (staff only).

        A `candidate` looks at `share` of the photos that come from now on, a `shadow` at `share` of
        all, and nobody is shown what they find. One that has looked wherever another has can become
        `active`: it is shown then, and the one before is its shadow, so that the way back is as
        short. A `retired` one looks at none, and nobody can ask for it.
        """
        given = RolloutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        roll_out(
            _find(model_id).name,
            state=ModelVersion.State(given.validated_data["state"]),
            share=given.validated_data.get("share"),
            despite_failures=given.validated_data["despite_failures"],
            by=signed_in(request),
        )
        return Response(_render_details(_find(model_id)))


class CompareView(APIView):
    @extend_schema(
        operation_id="compare_models",
        parameters=[PairSerializer],
        responses={200: ComparisonSerializer, **problems(400, 401, 403, 404, 429)},
    )
    def get(self, request: Request) -> Response:
        """What two models of one kind find in the same photos, and what that takes (staff only)."""
        given = PairSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        a, b = (_find(given.validated_data[name]) for name in ("a", "b"))
        if a.kind != b.kind:
            raise bad_field("b", "Write two models of one kind.")
        found = compare_models(a, b)
        document = {
            "kind": a.kind,
            "photos": found.photos,
            "agreement": found.agreement,
            "a": {"model": a, **vars(found.a)},
            "b": {"model": b, **vars(found.b)},
        }
        return Response(ComparisonSerializer(document).data)


def _find(name: str) -> ModelVersion:
    version = find_version(name)
    if version is None:
        raise NotFound
    return version


def _render_details(version: ModelVersion) -> Any:
    document = {
        **{name: getattr(version, name) for name in ("name", "kind", "state", "share")},
        **{name: getattr(version, name) for name in ("changed_at", "changed_by")},
        "coverage": coverage_of(version),
        "renewing": version.renews_from is not None,
    }
    return ModelDetailsSerializer(document).data
