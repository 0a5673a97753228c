"""What has happened: by long polling, and by WebSocket (see websocket.py)."""

import asyncio
import time
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api.event_stream import LOOK_AGAIN_SECONDS, Listener
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.events.models import Event
from backend.events.selectors import events_after, latest_position, parse_position, position_of
from backend.events.services import as_document

PAGE = 200


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Event.Kind.choices)
    created_at = serializers.DateTimeField()
    data = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]


class EventPageSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)
    next = serializers.CharField(help_text="Send it as `after`.")


class EventsView(APIView):
    @extend_schema(
        operation_id="list_events",
        parameters=[
            OpenApiParameter("after", str, description="`next` of the answer before."),
            OpenApiParameter(
                "wait", int, description="Seconds to wait for the first; a server may wait less."
            ),
        ],
        responses={200: EventPageSerializer, **problems(400, 401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        """What has happened to one's own objects, in order; without `after` only where one is."""
        user, text = signed_in(request), request.query_params.get("after", "")
        _read_wait(request.query_params.get("wait", ""))
        after = parse_position(text) if text else None
        events = events_after(user, after, limit=PAGE) if after else []
        following = position_of(events[-1]) if events else after or latest_position(user)
        document = {"results": [as_document(event) for event in events], "next": str(following)}
        return Response(document, headers={"Cache-Control": "no-store"})


def _read_wait(text: str) -> float:
    """Raises ValidationError."""
    if not text:
        return 0.0
    if not (text.isascii() and text.isdigit()):
        raise ValidationError({"wait": "Write whole seconds."})
    return min(float(text), settings.EVENTS_WAIT_SECONDS)


def waiting(view: Any) -> Any:
    """The same view, whose empty answers are held back until there is something to say."""

    async def wait(request: HttpRequest) -> HttpResponseBase:
        ask = sync_to_async(view)
        response: Any = await ask(request)
        if response.status_code != 200 or response.data["results"] or not request.GET.get("after"):
            return response  # type: ignore[no-any-return]
        owner_id = response.renderer_context["request"].user.id
        wait_seconds = _read_wait(request.GET.get("wait", ""))
        if not wait_seconds:
            return response  # type: ignore[no-any-return]
        end = time.monotonic() + wait_seconds
        async with Listener.here().waiting(owner_id) as arrived:
            patience = wait_seconds
            while (left := end - time.monotonic()) > 0:
                arrived.clear()
                response = await ask(request)
                if response.status_code != 200 or response.data["results"]:
                    break
                try:
                    await asyncio.wait_for(arrived.wait(), min(left, patience))
                    patience = LOOK_AGAIN_SECONDS
                except TimeoutError:
                    pass
        return response  # type: ignore[no-any-return]

    wait.cls = view.cls  # type: ignore[attr-defined]
    wait.initkwargs = view.initkwargs  # type: ignore[attr-defined]
    wait.csrf_exempt = True  # type: ignore[attr-defined]
    return wait
