"""Keys by which programs act for one: made, listed, revoked, always by oneself."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.api_keys import api_keys_of, make_api_key
from backend.accounts.models import ApiKey
from backend.api.pagination import answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems


class NewApiKeySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiKey.Scope.choices),
        allow_empty=False,
        max_length=20,
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    class Meta:
        model = ApiKey
        fields = ["id", "name", "hint", "scopes", "created_at", "expires_at", "used_at"]


class ApiKeySecretSerializer(ApiKeySerializer):
    secret = serializers.CharField(help_text="Shown this once.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "secret"]


class ApiKeysView(APIView):
    @extend_schema(
        operation_id="list_api_keys",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ApiKeySerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """One's keys, the latest first, without their secrets."""
        return answer_page(request, api_keys_of(signed_in(request)), ApiKeySerializer)

    @extend_schema(
        operation_id="create_api_key",
        request=NewApiKeySerializer,
        responses={201: ApiKeySecretSerializer, **problems(400, 401, 403, 409)},
    )
    def post(self, request: Request) -> Response:
        """Make a key. Its secret is shown this once; no key can make another."""
        given = NewApiKeySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        secret, key = make_api_key(user=signed_in(request), **given.validated_data)
        document = {**ApiKeySerializer(key).data, "secret": secret}
        return Response(document, status=201, headers={"Cache-Control": "no-store"})


class ApiKeyView(APIView):
    @extend_schema(
        operation_id="revoke_api_key", responses={204: OpenApiResponse(), **problems(401, 403, 404)}
    )
    def delete(self, request: Request, key_id: UUID) -> Response:
        """The key is of no use any more."""
        get_object_or_404(api_keys_of(signed_in(request)), id=key_id).delete()
        return Response(status=204)
