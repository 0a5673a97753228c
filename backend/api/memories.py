"""What to remember on a day."""

from datetime import date
from typing import Any

from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api.photo_schema import PersonNameSerializer, PhotoSummarySerializer
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.core.errors import bad_field
from backend.core.gazetteer import name_place
from backend.core.places import Place
from backend.memories.memories import Memory, MemoryKind, memories_of

MEMORY_KINDS = [str(kind) for kind in MemoryKind]
# Nobody remembers further back, and dates of every calendar can be reckoned with.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class MemorySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=MEMORY_KINDS)
    title = serializers.SerializerMethodField()
    first_day = serializers.DateField(help_text="By the clock of the place.")
    last_day = serializers.DateField()
    city = serializers.CharField(help_text="Of most of a trip's photos; else empty.")
    country = serializers.CharField()
    person = PersonNameSerializer(allow_null=True)
    count = serializers.IntegerField(help_text="All photos of the memory; those shown are chosen.")
    photos = PhotoSummarySerializer(many=True, help_text="In the order in which they were taken.")

    @extend_schema_field(serializers.CharField())
    def get_title(self, memory: Memory) -> str:
        """In the language that the request asked for."""
        chinese = (translation.get_language() or "").startswith("zh")
        day = memory.first_day
        place = name_place(
            Place(country=memory.country, region="", city=memory.city), chinese=chinese
        )
        if memory.person is not None:
            name = memory.person.name
            return f"{name}的这些年" if chinese else f"{name} through the years"
        if memory.kind == MemoryKind.TRIP:
            when = f"{day.year}年{day.month}月" if chinese else f"{day:%B %Y}"
            place = place or ("旅行" if chinese else "A trip")
            return f"{when} · {place}" if chinese else f"{place}, {when}"
        years = self.context["day"].year - day.year
        if chinese:
            return f"{years} 年前的今天"
        return f"{years} year{'s' if years > 1 else ''} ago today"


class MemoriesSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    results = MemorySerializer(many=True)


class MemoriesView(APIView):
    @extend_schema(
        operation_id="memories",
        parameters=[OpenApiParameter("date", str, description="YYYY-MM-DD; today without it.")],
        responses={200: MemoriesSerializer, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """This day of earlier years, trips of that time, and somebody through the years."""
        day = _read_day(request)
        memories = memories_of(signed_in(request), day)
        context = {"request": request, "day": day}
        return Response(
            MemoriesSerializer({"date": day, "results": memories}, context=context).data
        )


def _read_day(request: Request) -> date:
    text = request.query_params.get("date", "")
    if not text:
        return timezone.localdate()
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise bad_field(
            "date", "Write a date from {first} to {last}.", first=FIRST_DAY, last=LAST_DAY
        )
    return day
