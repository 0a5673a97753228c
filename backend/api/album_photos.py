"""The photos of an album: seen, put in, put in order, taken out."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums import services
from backend.albums.comments import count_reactions
from backend.albums.models import Album
from backend.albums.selectors import order_in, photos_in
from backend.api.albums import asked_album
from backend.api.bulk import MAX_PHOTOS, RefusedPhotoSerializer
from backend.api.pagination import CursorPages
from backend.api.photo_documents import summarise_photo, summary_rows
from backend.api.photo_schema import PhotoSummarySerializer
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems


def pages_of(album: Album) -> CursorPages:
    """Of its photos, in its order."""
    pages = CursorPages()
    pages.ordering = order_in(album)
    return pages


class PhotoIdsSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_PHOTOS)


class PhotoOrderSerializer(PhotoIdsSerializer):
    before = serializers.UUIDField(
        required=False, allow_null=True, help_text="The photo that they stand before; null: last."
    )


class ReactionsSerializer(serializers.Serializer[Any]):
    """Of the album's members, in this album."""

    likes = serializers.IntegerField()
    liked = serializers.BooleanField(help_text="By the caller.")
    comments = serializers.IntegerField()


class AlbumPhotoSerializer(PhotoSummarySerializer):
    reactions = ReactionsSerializer()


class ChangedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()
    refused = RefusedPhotoSerializer(many=True)


class AlbumPhotosView(APIView):
    @extend_schema(
        operation_id="list_album_photos",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(AlbumPhotoSerializer), **problems(401, 404)},
    )
    def get(self, request: Request, album_id: UUID) -> Response:
        """List an album's photos in its order; a smart album's newest first.

        Of others' photos those are shown that moderation has let pass, without location, people
        and file names.
        """
        album, _ = asked_album(request, album_id)
        user = signed_in(request)
        pages, photos = pages_of(album), photos_in(album, user)
        rows = summary_rows(photos, *(["position"] if album.rule is None else []))
        page = pages.paginate_queryset(rows, request, view=self) or []
        reactions = count_reactions(album, [row.id for row in page], user)
        return pages.get_paginated_response(
            [summarise_photo(row, request) | {"reactions": reactions[row.id]} for row in page]
        )

    @extend_schema(
        operation_id="add_album_photos",
        request=PhotoIdsSerializer,
        responses={200: ChangedSerializer, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, album_id: UUID) -> Response:
        """Put photos of one's own into an album (contributors); at most 500 a call."""
        album, _ = asked_album(request, album_id)
        ids = _read(PhotoIdsSerializer, request)["ids"]
        return _answer(ids, services.add_photos(album, signed_in(request), ids))

    @extend_schema(
        operation_id="order_album_photos",
        request=PhotoOrderSerializer,
        responses={200: ChangedSerializer, **problems(400, 401, 403, 404, 409)},
    )
    def patch(self, request: Request, album_id: UUID) -> Response:
        """Let photos stand in this order before another one, or last (managers)."""
        album, _ = asked_album(request, album_id)
        given = _read(PhotoOrderSerializer, request)
        refused = services.order_photos(
            album, signed_in(request), given["ids"], before=given.get("before")
        )
        return _answer(given["ids"], refused)

    @extend_schema(
        operation_id="remove_album_photos",
        extensions={"x-takes": "PhotoIdsRequest"},
        responses={200: ChangedSerializer, **problems(400, 401, 404, 409)},
    )
    def delete(self, request: Request, album_id: UUID) -> Response:
        """Take photos out of an album: managers any, others their own. The photos stay."""
        album, _ = asked_album(request, album_id)
        ids = _read(PhotoIdsSerializer, request)["ids"]
        return _answer(ids, services.remove_photos(album, signed_in(request), ids))


def _read(shape: type[PhotoIdsSerializer], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    values["ids"] = list(dict.fromkeys(values["ids"]))
    return values


def _answer(ids: list[UUID], refused: list[UUID]) -> Response:
    entries = [{"id": photo_id, "code": "not_found"} for photo_id in refused]
    return Response({"changed": len(ids) - len(refused), "refused": entries})
