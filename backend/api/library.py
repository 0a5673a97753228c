"""A whole library at a glance: its months, and where on earth it was taken."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api.objects import object_url
from backend.api.photo_schema import CoordinatesSerializer
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.core.errors import bad_field
from backend.core.places import wgs84_to_gcj02
from backend.photos.filters import read_bbox
from backend.photos.map import MAX_ZOOM, Cluster, clusters_of
from backend.photos.timeline import months_of


class MonthSerializer(serializers.Serializer[None]):
    month = serializers.CharField(help_text="YYYY-MM, by the clock of the place.")
    count = serializers.IntegerField()
    aspect_ratios = serializers.CharField(
        help_text="Base64 of a byte a photo, newest first: width / height is "
        "2 ** ((byte - 128) / 32), to the nearest 2.2 %."
    )


class TimelineView(APIView):
    @extend_schema(
        operation_id="timeline", responses={200: MonthSerializer(many=True), **problems(401)}
    )
    def get(self, request: Request) -> HttpResponse:
        """Every month with its photos' shapes: enough to lay the whole grid out.

        Without what is archived, in the trash or not uploaded yet.
        """
        # A megabyte of base64 has nothing to escape, and looking for it costs 4 ms.
        months = ",".join(
            f'{{"month":"{one["month"]}","count":{one["count"]},'
            f'"aspect_ratios":"{one["aspect_ratios"]}"}}'
            for one in months_of(signed_in(request))
        )
        return HttpResponse(f"[{months}]", content_type="application/json")


class ClusterPhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    thumbnail = serializers.CharField(allow_null=True, help_text="A signed address.")


class ClusterSerializer(CoordinatesSerializer):
    count = serializers.IntegerField()
    gcj02 = serializers.SerializerMethodField()
    bbox = serializers.ListField(
        child=serializers.FloatField(),
        min_length=4,
        max_length=4,
        help_text="west, south, east, north: the photos are those of /photos?bbox=...",
    )
    photo = serializers.SerializerMethodField()

    @extend_schema_field(CoordinatesSerializer)
    def get_gcj02(self, cluster: Cluster) -> dict[str, float]:
        latitude, longitude = wgs84_to_gcj02(cluster.latitude, cluster.longitude)
        return {"latitude": latitude, "longitude": longitude}

    @extend_schema_field(ClusterPhotoSerializer)
    def get_photo(self, cluster: Cluster) -> dict[str, Any]:
        path = object_url(cluster.photo, "thumbnail")
        return {
            "id": cluster.photo.id,
            "thumbnail": path and self.context["request"].build_absolute_uri(path),
        }


class MapView(APIView):
    @extend_schema(
        operation_id="map",
        parameters=[
            OpenApiParameter(
                "bbox",
                str,
                required=True,
                description="west,south,east,north in degrees (WGS 84); west > east crosses the "
                "date line.",
            ),
            OpenApiParameter("zoom", int, required=True, description=f"0 to {MAX_ZOOM}."),
        ],
        responses={200: ClusterSerializer(many=True), **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        """The photos in a part of the map, gathered where they are close together at a zoom."""
        query = request.query_params
        bbox, zoom = read_bbox(query), query.get("zoom", "")
        if bbox is None:
            raise ValidationError({"bbox": "Write west,south,east,north in degrees."})
        if not (zoom.isascii() and zoom.isdigit() and len(zoom) < 3 and int(zoom) <= MAX_ZOOM):
            raise bad_field("zoom", "Write a whole number from 0 to {most}.", most=MAX_ZOOM)
        clusters = clusters_of(signed_in(request), bbox=bbox, zoom=int(zoom))
        return Response(ClusterSerializer(clusters, many=True, context={"request": request}).data)
