"""Webhooks: addresses that are told of events, and the log of what was told."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api.pagination import answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.core.jobs import enqueue
from backend.events.models import Delivery, Event, Webhook
from backend.events.replay import replay
from backend.events.webhooks import make_webhook, redeliver, webhooks_of


class NewWebhookSerializer(serializers.Serializer[Any]):
    url = serializers.URLField(max_length=500)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=Event.Kind.choices), allow_empty=False, max_length=50
    )
    secret = serializers.CharField(
        min_length=16, max_length=100, required=False, help_text="Made up if left out."
    )

    def validate_url(self, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise serializers.ValidationError(
                "Write an address that begins with https:// or http://."
            )
        return url


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    events = serializers.ListField(
        source="kinds", child=serializers.ChoiceField(choices=Event.Kind.choices)
    )

    class Meta:
        model = Webhook
        fields = ["id", "url", "events", "created_at"]


class WebhookSecretSerializer(WebhookSerializer):
    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    event = serializers.ChoiceField(source="kind", choices=Event.Kind.choices)

    class Meta:
        model = Delivery
        fields = [
            *("id", "event", "event_id", "created_at", "attempts", "due_at", "delivered_at"),
            *("status", "error"),
        ]


class WebhooksView(APIView):
    @extend_schema(
        operation_id="list_webhooks",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(WebhookSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """One's webhooks, the latest first, without their secrets."""
        return answer_page(request, webhooks_of(signed_in(request)), WebhookSerializer)

    @extend_schema(
        operation_id="create_webhook",
        request=NewWebhookSerializer,
        responses={201: WebhookSecretSerializer, **problems(400, 401, 403, 409)},
    )
    def post(self, request: Request) -> Response:
        """Have an address told of events. Its secret, which signs each message, is shown once."""
        given = NewWebhookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        webhook = make_webhook(
            user=signed_in(request),
            url=data["url"],
            kinds=data["events"],
            secret=data.get("secret", ""),
        )
        return Response(
            WebhookSecretSerializer(webhook).data,
            status=201,
            headers={"Cache-Control": "no-store"},
        )


class WebhookView(APIView):
    @extend_schema(
        operation_id="delete_webhook", responses={204: OpenApiResponse(), **problems(401, 403, 404)}
    )
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """The address is told of nothing any more."""
        own_webhook(request, webhook_id).delete()
        return Response(status=204)


class DeliveriesView(APIView):
    @extend_schema(
        operation_id="list_deliveries",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(DeliverySerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """What the address was told, or was tried to be, the latest first; kept for a month."""
        deliveries = own_webhook(request, webhook_id).deliveries.all()
        return answer_page(request, deliveries, DeliverySerializer)


class RedeliverView(APIView):
    @extend_schema(
        operation_id="redeliver",
        request=None,
        responses={202: DeliverySerializer, **problems(401, 403, 404)},
    )
    def post(self, request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
        """Tell the address the same once more."""
        found = own_webhook(request, webhook_id).deliveries.filter(id=delivery_id)
        delivery = get_object_or_404(found)
        redeliver(delivery)
        enqueue("events.deliver")
        delivery.refresh_from_db()
        return Response(DeliverySerializer(delivery).data, status=202)


class RangeSerializer(serializers.Serializer[Any]):
    """Without anything, all that is kept: a week."""

    after = serializers.DateTimeField(required=False, help_text="Only what happened after it.")
    before = serializers.DateTimeField(required=False, help_text="Only what happened before it.")
    after_event = serializers.UUIDField(
        required=False, help_text="Only what followed this event, such as the last one received."
    )


class ReplayedSerializer(serializers.Serializer[Any]):
    replayed = serializers.IntegerField()
    next = serializers.UUIDField(
        allow_null=True, help_text="More may follow: send this as `after_event`."
    )


class ReplayView(APIView):
    @extend_schema(
        operation_id="replay_webhook",
        request=RangeSerializer,
        responses={202: ReplayedSerializer, **problems(400, 401, 403, 404)},
    )
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Tell the address again what happened, in its order; at most 500 events a call."""
        webhook = own_webhook(request, webhook_id)
        given = RangeSerializer(data=request.data or {})
        given.is_valid(raise_exception=True)
        count, following = replay(webhook, **given.validated_data)
        if count:
            transaction.on_commit(lambda: enqueue("events.deliver"))
        return Response({"replayed": count, "next": following}, status=202)


def own_webhook(request: Request, webhook_id: UUID) -> Webhook:
    return get_object_or_404(webhooks_of(signed_in(request)), id=webhook_id)
