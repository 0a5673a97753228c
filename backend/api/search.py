"""Finding photos by what one remembers."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from backend.accounts.models import ApiKey
from backend.albums.selectors import titles_of
from backend.api.photo_filters import FILTER_PARAMETERS, read_filter
from backend.api.photo_schema import BoxSerializer, PhotoSummarySerializer
from backend.api.policy import has_scope
from backend.api.requests import read_number, signed_in
from backend.api.schema import problems
from backend.photos.models import Photo
from backend.photos.selectors import PhotoFilter
from backend.search.parsing import Kind, Parsed, Piece
from backend.search.questions import answer_question
from backend.search.reasons import explain, with_findings
from backend.search.selectors import MAX_RANKED, Hit, find_photos
from backend.search.suggestions import MAX_SUGGESTIONS, suggest
from backend.search.terms import understand
from backend.search.vocabulary import Sort

QUERY = OpenApiParameter(
    "q", str, description="What one remembers, in Chinese or English: 小明 海边 去年夏天."
)


class ReasonSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(
        help_text="person, label, tag, place, date, favorite, has_text, has_people, description, "
        "filename, camera, text or meaning."
    )
    match = serializers.CharField()
    box = BoxSerializer(allow_null=True)


class HitSerializer(serializers.Serializer[Any]):
    photo = PhotoSummarySerializer()
    score = serializers.FloatField()
    why = ReasonSerializer(many=True)


class PieceSerializer(serializers.Serializer[None]):
    """One thing that the query says. Without its characters the query says everything else."""

    kind = serializers.ChoiceField(choices=[str(kind) for kind in Kind])
    start = serializers.IntegerField(help_text="Its first character in q, from 0.")
    end = serializers.IntegerField(help_text="The character behind its last.")
    text = serializers.CharField(help_text="As it was typed.")
    meant = serializers.ListField(
        child=serializers.CharField(), help_text="What it was taken for, in the reader's language."
    )
    without = serializers.BooleanField(help_text="Photos with it are not wanted.")
    guessed = serializers.BooleanField(help_text="It was mistyped, and this is the nearest.")


class ParsedSerializer(serializers.Serializer[None]):
    people = serializers.ListField(child=serializers.CharField())
    without_people = serializers.ListField(child=serializers.CharField())
    places = serializers.ListField(child=serializers.CharField())
    without_places = serializers.ListField(child=serializers.CharField())
    # `from` is a word of Python's: see get_fields.
    to = serializers.CharField(allow_null=True, help_text="A day or a moment.")
    labels = serializers.ListField(child=serializers.CharField())
    without_labels = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField(help_text="The words that are nothing else.")
    favorite = serializers.BooleanField(allow_null=True)
    has_text = serializers.BooleanField(allow_null=True)
    has_people = serializers.BooleanField(
        allow_null=True, help_text="Photos with, or without any face."
    )
    pieces = PieceSerializer(many=True)

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


def read_query(request: Request) -> str:
    # Postgres stores no NUL, so nothing can match one.
    return request.query_params.get("q", "").replace("\x00", "")


def render_parsed(parsed: Parsed, wanted: PhotoFilter | None = None) -> dict[str, Any]:
    """What was understood, in the query or in the filter's parameters."""
    wanted = wanted or PhotoFilter()
    favorite, has_text = parsed.flag(Kind.FAVORITE), parsed.flag(Kind.HAS_TEXT)
    return {
        "people": parsed.names(Kind.PERSON),
        "without_people": parsed.names(Kind.PERSON, without=True),
        "places": parsed.names(Kind.PLACE),
        "without_places": parsed.names(Kind.PLACE, without=True),
        "from": parsed.first or wanted.from_ or wanted.first_day,
        "to": parsed.last or wanted.to or wanted.last_day,
        "labels": parsed.names(Kind.LABEL),
        "without_labels": parsed.names(Kind.LABEL, without=True),
        "tags": parsed.names(Kind.TAG),
        "text": parsed.text,
        "favorite": wanted.favorite if favorite is None else favorite,
        "has_text": wanted.has_text if has_text is None else has_text,
        "has_people": parsed.flag(Kind.HAS_PEOPLE),
        "pieces": [_render_piece(piece) for piece in parsed.pieces],
    }


def _render_piece(piece: Piece) -> dict[str, Any]:
    is_chinese = (get_language() or "").startswith("zh")
    names = [entry.name_zh or entry.name if is_chinese else entry.name for entry in piece.entries]
    when = piece.when
    if when and (when.first or when.last):
        names = [f"{when.first or ''}/{when.last or ''}"]
    return {
        "kind": piece.kind,
        "start": piece.start,
        "end": piece.end,
        "text": piece.text,
        "meant": list(dict.fromkeys(names)) or [piece.text],
        "without": piece.without,
        "guessed": piece.guessed,
    }


def render_hits(request: Request, hits: list[Hit], parsed: Parsed) -> Any:
    """Each photo with the reasons, in the order of the hits."""
    ids = [hit.photo_id for hit in hits]
    photos = with_findings(Photo.objects.filter(id__in=ids)).in_bulk()
    # A photo may have been deleted since it was found.
    found = [(hit, photos[hit.photo_id]) for hit in hits if hit.photo_id in photos]
    meant = {hit.photo_id for hit in hits if hit.is_meant}
    reasons = explain([photo for _, photo in found], parsed, meant=meant)
    results = [
        {"photo": photo, "score": hit.score, "why": reasons[photo.id]} for hit, photo in found
    ]
    return HitSerializer(results, many=True, context={"request": request}).data


class SearchView(APIView):
    @extend_schema(
        operation_id="search",
        parameters=[
            QUERY,
            *FILTER_PARAMETERS,
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int, description="At most 500."),
        ],
        responses={200: SearchSerializer, **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """The photos that answer the query, best first, each with the reasons.

        People, places, dates, things, favourites and text are recognised, and what is not
        wanted (without Bob, 没有猫); `parsed` says as what. Other words must all be found; if no
        photo has them all, some will do. Of more than 500 photos the newest are ranked.
        """
        user, wanted = signed_in(request), read_filter(request)
        parsed = understand(user, read_query(request))
        start = read_number(request, "cursor", default=0, most=MAX_RANKED)
        size = max(1, read_number(request, "page_size", default=50, most=500))
        page = find_photos(user, parsed, wanted, start=start, size=size + 1)
        hits, more = page[:size], len(page) > size
        url = request.build_absolute_uri()
        answer = {
            "parsed": render_parsed(parsed, wanted),
            "next": replace_query_param(url, "cursor", start + size)
            if more and start + size <= MAX_RANKED
            else None,
            "previous": replace_query_param(url, "cursor", max(0, start - size)) if start else None,
            "results": render_hits(request, hits, parsed),
        }
        return Response(answer)


class SuggestedNameSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[str(sort) for sort in Sort])
    name = serializers.CharField()
    name_zh = serializers.CharField(help_text="Empty where there is none.")
    id = serializers.UUIDField(allow_null=True, help_text="A person's or an album's.")
    query = serializers.CharField(
        help_text="The query with the suggestion taken; for an album the rest of it, to be asked "
        "for with album=<id>."
    )


class SuggestedNamesSerializer(serializers.Serializer[None]):
    results = SuggestedNameSerializer(many=True)


class SuggestView(APIView):
    @extend_schema(
        operation_id="suggest",
        parameters=[OpenApiParameter("q", str, description="What has been typed so far.")],
        responses={200: SuggestedNamesSerializer, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        """People, places, tags, labels and albums that the last word may become; at most 10.

        Names are found by either language, pinyin (xiaom) and initials (xm). Albums are one's own
        and those that one is a member of; keys need albums:read for them.
        """
        user = signed_in(request)
        albums = titles_of(user) if has_scope(request, ApiKey.Scope.ALBUMS_READ) else []
        found = suggest(user, read_query(request), limit=MAX_SUGGESTIONS, albums=albums)
        return Response({"results": SuggestedNameSerializer(found, many=True).data})


class AnswerSerializer(serializers.Serializer[None]):
    answer = serializers.CharField(help_text="In the language of the question.")
    understood = serializers.BooleanField()
    question = serializers.CharField(
        help_text="count, first, last, who, where, when; empty if it was not understood."
    )
    count = serializers.IntegerField(allow_null=True, help_text="Photos that answer.")
    parsed = ParsedSerializer()
    photos = PhotoSummarySerializer(many=True)


class AskView(APIView):
    @extend_schema(
        operation_id="ask",
        parameters=[
            OpenApiParameter(
                "q", str, description="我上次去杭州是什么时候; how many photos of Alice in 2023."
            )
        ],
        responses={200: AnswerSerializer, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        """How many, first, last, who with whom, where and when, with the photos that say so.

        Of many photos the first 100 are shown; `count` counts all. A question that is not
        understood is answered by saying so, without photos.
        """
        answer = answer_question(signed_in(request), read_query(request))
        context = {"request": request}
        return Response(
            {
                "answer": answer.text,
                "understood": answer.understood,
                "question": answer.question,
                "count": answer.count,
                "parsed": render_parsed(answer.parsed),
                "photos": PhotoSummarySerializer(answer.photos, many=True, context=context).data,
            }
        )
