"""What every route's OpenAPI entry shares."""

import functools
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes it."""

    target_class = "backend.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class FilledListField(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A list that may not be empty says so."""

    target_class = "rest_framework.serializers.ListField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer_field(
            self.target, direction, bypass_extensions=True
        )
        return schema if self.target.allow_empty else schema | {"minItems": 1}


MEANINGS = {
    400: "Some fields are not right.",
    401: "Not signed in.",
    403: "Not allowed.",
    404: "Not found, or somebody else's.",
    406: "Answers are JSON only.",
    409: "It cannot be done in the present state.",
    410: "It has been looked at as often as it may be.",
    412: "It is not as it was read any more.",
    413: "Too large.",
    415: "Unsupported type.",
    416: "It does not reach that far.",
    422: "This Idempotency-Key was sent with another request.",
    429: "Too many attempts; see Retry-After.",
    503: "A server behind this one is away; see Retry-After.",
    504: "A server behind this one takes too long; see Retry-After.",
}


class FieldProblemSerializer(serializers.Serializer[None]):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[None]):
    """RFC 9457, with a stable code."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldProblemSerializer(many=True, required=False)  # type: ignore[assignment]


def problems(*statuses: int) -> dict[Any, OpenApiResponse]:
    """Response entries for error statuses, as application/problem+json."""
    return {
        (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, MEANINGS[status])
        for status in statuses
    }


PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str),
    OpenApiParameter("page_size", int, description="At most 500."),
]


@functools.cache
def page_of(row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The serializer of a cursor page of such rows."""
    fields = {
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "results": row(many=True),
    }
    name = row.__name__.removesuffix("Serializer")
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)
