"""Signing in, who one is, and new accounts."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import services
from backend.accounts.models import Token, User
from backend.accounts.throttle import client_address, count_login
from backend.analysis.consent import allow_face_analysis
from backend.api.deletion import (
    AskedDeletionSerializer,
    ProofSerializer,
    delete_own_account,
)
from backend.api.pagination import answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.friends.selectors import FRIENDSHIPS, find_user, friendship_state, friendship_with
from backend.friends.services import count_lookup


class UserSerializer(serializers.ModelSerializer[User]):
    quota_bytes = serializers.SerializerMethodField(
        help_text="How many bytes of originals one may hold; used_bytes of them are in use."
    )

    def get_quota_bytes(self, user: User) -> int:
        return services.quota_of(user)

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "language",
            "face_analysis",
            "is_staff",
            "quota_bytes",
            "used_bytes",
        ]
        read_only_fields = ["id", "username", "is_staff", "quota_bytes", "used_bytes"]


class LoginSerializer(serializers.Serializer[None]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    device = serializers.CharField(
        max_length=200, required=False, help_text="What a list of devices shows."
    )


class SessionSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    user = UserSerializer()


class NewUserSerializer(serializers.Serializer[None]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    language = serializers.ChoiceField(choices=["en", "zh"], default="en")


class LoginView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="login",
        auth=[],
        request=LoginSerializer,
        responses={200: SessionSerializer, **problems(400, 401, 429)},
    )
    def post(self, request: Request) -> Response:
        """Sign in with name and password. The token is shown once."""
        given = LoginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        count_login(address=client_address(request), username=data["username"])
        device = data.get("device") or request.headers.get("User-Agent", "")
        secret, token = services.log_in(
            username=data["username"], password=data["password"], device=device
        )
        session = {"token": secret, "expires_at": token.expires_at, "user": token.user}
        return Response(SessionSerializer(session).data)


class LogoutView(APIView):
    @extend_schema(
        operation_id="logout", request=None, responses={204: OpenApiResponse(), **problems(401)}
    )
    def post(self, request: Request) -> Response:
        """The token that was sent is of no use any more."""
        if isinstance(request.auth, Token):
            services.log_out(request.auth)
        return Response(status=204)


class MeView(APIView):
    @extend_schema(operation_id="me", responses={200: UserSerializer, **problems(401)})
    def get(self, request: Request) -> Response:
        """Who is signed in."""
        return Response(UserSerializer(signed_in(request)).data)

    @extend_schema(
        operation_id="update_me",
        request=UserSerializer,
        responses={200: UserSerializer, **problems(400, 401)},
    )
    def patch(self, request: Request) -> Response:
        """Change one's own settings.

        face_analysis: consent to looking for faces in one's photos. What was found stays until
        it is erased: see DELETE /me/biometrics.
        """
        user = signed_in(request)
        changed = UserSerializer(user, data=request.data, partial=True)
        changed.is_valid(raise_exception=True)
        allowed = changed.validated_data.pop("face_analysis", None)
        changed.save()
        if allowed is not None:
            allow_face_analysis(user, allowed=allowed)
        return Response(changed.data)

    @extend_schema(
        operation_id="delete_me",
        request=ProofSerializer,
        responses={202: AskedDeletionSerializer, **problems(400, 401, 403, 409, 429)},
    )
    def delete(self, request: Request) -> Response:
        """Delete one's account with everything that is in it, for good: there is no way back.

        From this moment nobody can sign in as its user, and its links show nothing. `receipt`
        opens the record of what was erased. GET /me/deletion tells beforehand what goes; POST
        /exports takes everything out first.
        """
        return delete_own_account(request)


class DeviceSerializer(serializers.ModelSerializer[Token]):
    current = serializers.SerializerMethodField(help_text="The one that asks.")

    class Meta:
        model = Token
        fields = ["id", "device", "created_at", "expires_at", "current"]

    def get_current(self, token: Token) -> bool:
        return bool(token == self.context["request"].auth)


class DevicesView(APIView):
    @extend_schema(
        operation_id="list_devices",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(DeviceSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """Where one is signed in, the latest first."""
        return answer_page(request, services.devices_of(signed_in(request)), DeviceSerializer)


class DeviceView(APIView):
    @extend_schema(
        operation_id="revoke_device", responses={204: OpenApiResponse(), **problems(401, 403, 404)}
    )
    def delete(self, request: Request, device_id: UUID) -> Response:
        """Sign one device out; its token is of no use any more."""
        services.log_out(get_object_or_404(services.devices_of(signed_in(request)), id=device_id))
        return Response(status=204)


class FoundUserSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField()
    friendship = serializers.ChoiceField(choices=FRIENDSHIPS, help_text="With the caller.")


class UsersView(APIView):
    @extend_schema(
        operation_id="find_user",
        parameters=[OpenApiParameter("username", str, required=True)],
        responses={200: FoundUserSerializer, **problems(400, 401, 403, 404, 429, 503)},
    )
    def get(self, request: Request) -> Response:
        """Find somebody by their exact user name; there is no list of users.

        Who has blocked the caller is not found.
        """
        user, name = signed_in(request), request.query_params.get("username", "")
        if not name:
            raise ValidationError({"username": "Write a user name."})
        count_lookup(user)
        found = find_user(name, by=user)
        told = friendship_state(user, friendship_with(user, found.id))
        document = {"id": found.id, "username": found.username, "friendship": told}
        return Response(FoundUserSerializer(document).data)

    @extend_schema(
        operation_id="create_user",
        request=NewUserSerializer,
        responses={201: UserSerializer, **problems(400, 401, 403, 409)},
    )
    def post(self, request: Request) -> Response:
        """Make an account (staff only)."""
        given = NewUserSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = services.create_user(**given.validated_data)
        return Response(UserSerializer(user).data, status=201)
