"""Signing in by WeChat, linking it, and what WeChat's own server tells us."""

import time
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.throttle import client_address
from backend.api.accounts import SessionSerializer
from backend.api.internal import RawParser
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.core.rate_limit import count_attempt
from backend.wechat.identities import identity_of, link_wechat, log_in_by_wechat, unlink_wechat
from backend.wechat.messages import check_echo, read_message
from backend.wechat.models import Identity
from backend.wechat.photo_checks import record_message

MAX_MESSAGE_BYTES = 64 * 1024


class WechatCodeSerializer(serializers.Serializer[Any]):
    code = serializers.RegexField(
        r"^[\x21-\x7e]+$", max_length=128, help_text="What wx.login has given."
    )


class WechatLoginSerializer(WechatCodeSerializer):
    device = serializers.CharField(
        max_length=200, required=False, help_text="What a list of devices shows."
    )


class WechatLinkSerializer(serializers.Serializer[Any]):
    linked_at = serializers.DateTimeField(allow_null=True, help_text="null: not linked.")


class WechatLoginView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="login_by_wechat",
        auth=[],
        request=WechatLoginSerializer,
        responses={200: SessionSerializer, **problems(400, 401, 403, 409, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Sign in with a code of wx.login. Whoever comes for the first time gets an account."""
        given = WechatLoginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        address = client_address(request)
        count_attempt({f"wechat:{address}": settings.LOGIN_ATTEMPTS_ADDRESS})
        chinese = (translation.get_language() or "").startswith("zh")
        secret, token = log_in_by_wechat(
            code=data["code"],
            device=data.get("device") or request.headers.get("User-Agent", ""),
            language="zh" if chinese else "en",
        )
        session = {"token": secret, "expires_at": token.expires_at, "user": token.user}
        return Response(SessionSerializer(session).data)


class OwnWechatView(APIView):
    @extend_schema(
        operation_id="get_own_wechat",
        responses={200: WechatLinkSerializer, **problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Whether one's account is linked with WeChat."""
        return _render(identity_of(signed_in(request)))

    @extend_schema(
        operation_id="link_wechat",
        request=WechatCodeSerializer,
        responses={200: WechatLinkSerializer, **problems(400, 401, 403, 409, 429, 503)},
    )
    def put(self, request: Request) -> Response:
        """Link one's account with WeChat, by a code of wx.login.

        Again it says that one is in the mini-program: what waits for that is checked then.
        """
        user = signed_in(request)
        given = WechatCodeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        count_attempt({f"wechat:{user.id}": settings.LOGIN_ATTEMPTS})
        return _render(link_wechat(user, code=given.validated_data["code"]))

    @extend_schema(
        operation_id="unlink_wechat",
        responses={204: OpenApiResponse(), **problems(401, 403, 409)},
    )
    def delete(self, request: Request) -> Response:
        """One's account is not linked with WeChat any more."""
        unlink_wechat(signed_in(request))
        return Response(status=204)


def _render(identity: Identity | None) -> Response:
    linked_at = identity.linked_at if identity else None
    return Response(WechatLinkSerializer({"linked_at": linked_at}).data)


class MessageParser(RawParser):
    max_bytes = MAX_MESSAGE_BYTES


@extend_schema(exclude=True)
class MessagesView(APIView):
    """The address to be given to WeChat for pushed messages."""

    authentication_classes = []
    parser_classes = [MessageParser]

    def get(self, request: Request) -> HttpResponse:
        """WeChat asks whether this address is ours."""
        echo = check_echo(request.query_params, now=time.time())
        return HttpResponse(echo, content_type="text/plain")

    def post(self, request: Request) -> HttpResponse:
        """200 once the message is on record, or needs not be."""
        body = request.data if isinstance(request.data, bytes) else b""
        record_message(read_message(request.query_params, body, now=time.time()))
        return HttpResponse("success", content_type="text/plain")
