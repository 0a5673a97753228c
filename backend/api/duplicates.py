"""Similar photos, and duplicates and bursts to thin out."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.analysis.duplicate_review import best_first, duplicate_groups_of, resolve_group
from backend.analysis.models import DuplicateGroup
from backend.analysis.similar import similar_photos
from backend.api.pagination import LatestPages
from backend.api.photo_schema import PhotoSummarySerializer
from backend.api.photos import own_photo
from backend.api.requests import read_number, signed_in
from backend.api.schema import PAGE_PARAMETERS, problems
from backend.photos.models import Photo

GROUP_KINDS = list(DuplicateGroup.Kind.values)


class SimilarPhotoSerializer(serializers.Serializer[Any]):
    photo = PhotoSummarySerializer()
    distance = serializers.FloatField(help_text="0 to 2; less is more alike.")


class SimilarPhotosSerializer(serializers.Serializer[Any]):
    results = SimilarPhotoSerializer(many=True)


class SimilarView(APIView):
    @extend_schema(
        operation_id="similar_photos",
        parameters=[OpenApiParameter("page_size", int, description="At most 100; 30 else.")],
        responses={200: SimilarPhotosSerializer, **problems(400, 401, 404, 409)},
    )
    def get(self, request: Request, photo_id: UUID) -> Response:
        """The photos of one's library that look most like this one, the nearest first."""
        photo = own_photo(request, photo_id)
        limit = max(1, read_number(request, "page_size", default=30, most=100))
        results = [
            {"photo": other, "distance": distance}
            for other, distance in similar_photos(photo, limit=limit)
        ]
        return Response(
            SimilarPhotosSerializer({"results": results}, context={"request": request}).data
        )


class DuplicateGroupSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(
        choices=GROUP_KINDS,
        help_text="duplicate: the same picture again; burst: the same moment, several times.",
    )
    best = serializers.UUIDField(help_text="The photo that is proposed to be kept.")
    photos = PhotoSummarySerializer(many=True, help_text="The best first.")


class DuplicatePageSerializer(serializers.Serializer[None]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = DuplicateGroupSerializer(many=True)


class DuplicatesView(APIView):
    @extend_schema(
        operation_id="list_duplicates",
        parameters=PAGE_PARAMETERS,
        responses={200: DuplicatePageSerializer, **problems(401, 404)},
    )
    def get(self, request: Request) -> Response:
        """Groups of duplicates and bursts that nobody has reviewed yet."""
        groups = duplicate_groups_of(signed_in(request)).filter(reviewed_at__isnull=True)
        pages = LatestPages()
        page = pages.paginate_queryset(groups, request, view=self) or []
        return pages.get_paginated_response(
            DuplicateGroupSerializer(
                _render_groups(page), many=True, context={"request": request}
            ).data
        )


def _render_groups(groups: list[DuplicateGroup]) -> list[dict[str, Any]]:
    members = [member for group in groups for member in group.members.all()]
    photos: dict[UUID, list[Photo]] = {group.id: [] for group in groups}
    group_of = {member.photo_id: member.group_id for member in members}
    for photo in best_first(member.photo for member in members):
        photos[group_of[photo.id]].append(photo)
    return [
        {"id": group.id, "kind": group.kind, "best": shown[0].id, "photos": shown}
        for group in groups
        if (shown := photos[group.id])
    ]


class ReviewSerializer(serializers.Serializer[None]):
    keep = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=1000,
        help_text="Photos of the group; all of them, if none is one too many.",
    )


class ReviewedSerializer(serializers.Serializer[None]):
    trashed = serializers.IntegerField()


class DuplicateView(APIView):
    @extend_schema(
        operation_id="review_duplicates",
        request=ReviewSerializer,
        responses={200: ReviewedSerializer, **problems(400, 401, 404)},
    )
    def post(self, request: Request, group_id: UUID) -> Response:
        """Say which photos of a group to keep: the others go to the trash."""
        groups = DuplicateGroup.objects.filter(owner=signed_in(request))
        group = get_object_or_404(groups, id=group_id)
        given = ReviewSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response({"trashed": resolve_group(group, keep=given.validated_data["keep"])})
