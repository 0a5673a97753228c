"""Queues of what a person has to decide about: may others see it?

A network and WeChat have doubts; staff look and say. Whose rows one sees: policy.visible_to.
"""

import logging
from typing import Any
from uuid import UUID

from django.db.models import Count, Min
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.analysis.moderating import network_verdict
from backend.api.albums import PersonOfAlbumSerializer
from backend.api.objects import object_url, through_review
from backend.api.pagination import EarliestPages, answer_page
from backend.api.policy import require_judge
from backend.api.requests import origin_of, signed_in
from backend.api.review_queues import NAMES, QUEUES, Queue, queue_named, queue_of
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.photos.models import Photo
from backend.wechat.checks import own_word
from backend.wechat.models import PhotoCheck, TextCheck

logger = logging.getLogger(__name__)
DECISIONS = ["pass", "block"]
ANSWERS = [*DECISIONS, "undo"]
MAX_NOTE = 500
QUEUE = OpenApiParameter("queue", str, OpenApiParameter.PATH, enum=NAMES)


class ReviewQueueSerializer(serializers.Serializer[Any]):
    queue = serializers.ChoiceField(choices=NAMES)
    waiting = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True, help_text="null: nothing waits.")


class ReviewUrlsSerializer(serializers.Serializer[Any]):
    """Signed addresses; those of somebody else's photo end once its review is over."""

    thumbnail = serializers.CharField(allow_null=True)
    preview = serializers.CharField(allow_null=True)


class ReviewPhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    placeholder = serializers.CharField()
    urls = ReviewUrlsSerializer()


class OpinionSerializer(serializers.Serializer[Any]):
    """What the network, or WeChat, says, whatever a person has decided."""

    verdict = serializers.ChoiceField(choices=Photo.Moderation.choices)
    model = serializers.CharField(help_text="The network; empty for WeChat.")
    score = serializers.FloatField(allow_null=True, help_text="The network's.")
    label = serializers.IntegerField(  # type: ignore[assignment]
        allow_null=True, help_text="WeChat's; 100 is nothing."
    )
    code = serializers.CharField(help_text="Why WeChat has not answered; else empty.")


class ReviewDecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=DECISIONS)
    by = serializers.CharField(allow_null=True, help_text="null: they have left.")
    at = serializers.DateTimeField()
    note = serializers.CharField()


class ReviewItemSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    queue = serializers.ChoiceField(choices=NAMES)
    since = serializers.DateTimeField(help_text="When the photo or text came.")
    owner = PersonOfAlbumSerializer()
    photo = ReviewPhotoSerializer(allow_null=True)
    text = serializers.CharField(allow_null=True)
    opinion = OpinionSerializer()
    decided = ReviewDecisionSerializer(allow_null=True)

    def to_representation(self, row: Any) -> dict[str, Any]:
        document: dict[str, Any] = super().to_representation(
            _describe(row, self.context["request"])
        )
        return document


class DecisionSerializer(serializers.Serializer[None]):
    decision = serializers.ChoiceField(
        choices=ANSWERS,
        help_text="undo: nobody has decided; the network's or WeChat's own word stands again.",
    )
    note = serializers.CharField(max_length=MAX_NOTE, required=False, allow_blank=True, default="")


class ReviewView(APIView):
    @extend_schema(
        operation_id="list_review_queues",
        responses={200: page_of(ReviewQueueSerializer), **problems(401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        """List the queues, how much waits in each and since when (staff only)."""
        user = signed_in(request)
        results = [
            {"queue": queue.name}
            | queue.waiting_for(user).aggregate(waiting=Count("pk"), oldest=Min("created_at"))
            for queue in QUEUES
        ]
        page = {"next": None, "previous": None, "results": results}
        return Response(page_of(ReviewQueueSerializer)(page).data)


class ReviewQueueView(APIView):
    @extend_schema(
        operation_id="list_review_items",
        parameters=[QUEUE, *PAGE_PARAMETERS],
        responses={200: page_of(ReviewItemSerializer), **problems(401, 403, 404, 429)},
    )
    def get(self, request: Request, queue: str) -> Response:
        """List what waits in a queue, the oldest first (staff only).

        Superusers see everybody's, other staff their own. Each look at a picture of somebody else's
        is logged.
        """
        waiting = _asked(queue).waiting_for(signed_in(request))
        return answer_page(request, waiting, ReviewItemSerializer, pages=EarliestPages)


class ReviewItemView(APIView):
    @extend_schema(
        operation_id="decide_review_item",
        parameters=[QUEUE],
        request=DecisionSerializer,
        responses={200: ReviewItemSerializer, **problems(400, 401, 403, 404, 409, 429)},
    )
    def post(self, request: Request, queue: str, item_id: UUID) -> Response:
        """Decide whether others may see it (superusers only).

        A later decision replaces an earlier one; it stands whatever a network or WeChat says later.
        """
        user, asked = signed_in(request), _asked(queue)
        row = get_object_or_404(asked.rows_for(user), id=item_id)
        require_judge(user)
        given = DecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        decision, note = given.validated_data["decision"], given.validated_data["note"]
        if decision == "undo":
            asked.undo(row)
        else:
            asked.decide(row, blocked=decision == "block", user=user, note=note)
        decided = get_object_or_404(asked.rows_for(user), id=item_id)
        return Response(ReviewItemSerializer(decided, context={"request": request}).data)


def _asked(name: str) -> Queue:
    """Raises Http404."""
    queue = queue_named(name)
    if queue is None:
        raise Http404
    return queue


def _describe(row: Photo | PhotoCheck | TextCheck, request: Request) -> dict[str, Any]:
    """As ReviewItemSerializer says."""
    queue = queue_of(row).name
    item: dict[str, Any] = {"id": row.id, "queue": queue, "since": row.created_at, "text": None}
    if isinstance(row, TextCheck):
        return item | {"owner": row.author, "photo": None, "text": row.text} | _checked(row)
    photo = row if isinstance(row, Photo) else row.photo
    item |= {"owner": photo.owner, "photo": _show(photo, queue, request)}
    return item | (_moderated(row) if isinstance(row, Photo) else _checked(row))


def _show(photo: Photo, queue: str, request: Request) -> dict[str, Any]:
    user, origin = signed_in(request), origin_of(request)
    through = "" if photo.owner_id == user.id else through_review(queue, user.id)
    urls = {
        name: path and origin + path
        for name in ("thumbnail", "preview")
        for path in [object_url(photo, name, through=through)]
    }
    shown = {name: getattr(photo, name) for name in ("id", "width", "height", "placeholder")}
    return shown | {"urls": urls}


def _moderated(photo: Photo) -> dict[str, Any]:
    score, decision = photo.moderation_score, getattr(photo, "moderation_decision", None)
    opinion = {
        "verdict": network_verdict(photo),
        "model": getattr(photo, "scored_by", None) or "",
        **{"score": score, "label": None, "code": ""},
    }
    if decision is None:
        return {"opinion": opinion, "decided": None}
    decided = _decided(decision.blocked, decision.user, decision.created_at, decision.note)
    return {"opinion": opinion, "decided": decided}


def _checked(check: PhotoCheck | TextCheck) -> dict[str, Any]:
    opinion = {
        **{"verdict": own_word(check), "model": "", "score": None},
        **{"label": check.label, "code": check.code},
    }
    if not check.before:
        return {"opinion": opinion, "decided": None}
    blocked = check.state == check.State.REFUSED
    decided = _decided(blocked, check.decided_by, check.decided_at, check.note)
    return {"opinion": opinion, "decided": decided}


def _decided(blocked: bool, user: User | None, at: Any, note: str) -> dict[str, Any]:
    decision = "block" if blocked else "pass"
    return {"decision": decision, "by": user and user.username, "at": at, "note": note}
