"""Finding photos by what one remembers."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from backend.api.photo_filters import FILTER_PARAMETERS, read_filter
from backend.api.photo_schema import BoxSerializer, PhotoSummarySerializer, with_details
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.photos.selectors import PhotoFilter
from backend.search.selectors import explain, search_photos, understood

MAX_OFFSET = 10_000  # nobody pages further; a bound keeps a bad cursor cheap


class ReasonSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    match = serializers.CharField()
    box = BoxSerializer(allow_null=True)


class HitSerializer(serializers.Serializer[Any]):
    photo = PhotoSummarySerializer()
    score = serializers.FloatField()
    why = ReasonSerializer(many=True)


class ParsedSerializer(serializers.Serializer[None]):
    people = serializers.ListField(child=serializers.CharField())
    places = serializers.ListField(child=serializers.CharField())
    # `from` is a word of Python's: see get_fields.
    to = serializers.CharField(allow_null=True, help_text="A day or a moment.")
    labels = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField()
    favorite = serializers.BooleanField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {
            **super().get_fields(),
            "from": serializers.CharField(allow_null=True, help_text="A day or a moment."),
        }


class SearchSerializer(serializers.Serializer[None]):
    parsed = ParsedSerializer()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = HitSerializer(many=True)


class SearchView(APIView):
    @extend_schema(
        operation_id="search",
        parameters=[
            OpenApiParameter("q", str, description="Words, in Chinese or English."),
            *FILTER_PARAMETERS,
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int, description="At most 500."),
        ],
        responses={200: SearchSerializer, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """The photos that answer every word of the query, best first, each with the reasons."""
        user, wanted = signed_in(request), read_filter(request)
        query = request.query_params.get("q", "").replace("\x00", "")
        start = _read_number(request, "cursor", default=0, most=MAX_OFFSET)
        size = max(1, _read_number(request, "page_size", default=50, most=500))
        photos = with_details(search_photos(user, query, wanted))
        page = list(photos[start : start + size + 1])
        hits, more = page[:size], len(page) > size
        reasons = explain(hits, query)
        results = [
            {"photo": photo, "score": photo.rank, "why": reasons[photo.id]}  # type: ignore[attr-defined]
            for photo in hits
        ]
        url = request.build_absolute_uri()
        answer = {
            "parsed": _parsed(understood(hits, query), wanted, query),
            "next": replace_query_param(url, "cursor", start + size)
            if more and start + size <= MAX_OFFSET
            else None,
            "previous": replace_query_param(url, "cursor", max(0, start - size)) if start else None,
            "results": HitSerializer(results, many=True, context={"request": request}).data,
        }
        return Response(answer)


def _parsed(named: dict[str, list[str]], wanted: PhotoFilter, query: str) -> dict[str, Any]:
    return {
        **named,
        "from": wanted.from_ or wanted.first_day,
        "to": wanted.to or wanted.last_day,
        "text": query.strip(),
        "favorite": wanted.favorite,
    }


def _read_number(request: Request, name: str, *, default: int, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise ValidationError({name: "Write a whole number."})
    return min(int(text[:9]), most)
