"""What happened in an album, and in all of one's albums."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums.activity import activity_for, activity_in, names_photo
from backend.albums.checking import hidden_words
from backend.albums.comments import hidden_comments
from backend.albums.models import Activity, Album
from backend.api.albums import CoverSerializer, PersonOfAlbumSerializer, asked_album
from backend.api.pagination import LatestPages
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.photos.models import Photo

ACTIVITY_KINDS = list(Activity.Kind.values)


class AlbumTitleSerializer(serializers.Serializer[Any]):
    """Needs `hidden` in its context."""

    id = serializers.UUIDField()
    title = serializers.SerializerMethodField()

    def get_title(self, album: Album) -> str:
        return "" if album.title in self.context["hidden"] else album.title


class ActivitySerializer(serializers.Serializer[Any]):
    """Needs in its context: hidden, photos (those added first), album_id (of one album's list)."""

    id = serializers.UUIDField()
    album = AlbumTitleSerializer()
    actor = PersonOfAlbumSerializer()
    kind = serializers.ChoiceField(choices=ACTIVITY_KINDS)
    photo = serializers.SerializerMethodField(
        help_text="What was commented or liked, or the first that was added; "
        "of a smart album only in its own activity."
    )
    photo_count = serializers.IntegerField(help_text="Added, and still there to be seen.")
    comment = serializers.SerializerMethodField(help_text="What was said, where `photo` is.")
    created_at = serializers.DateTimeField()

    @extend_schema_field(CoverSerializer(allow_null=True))
    def get_photo(self, activity: Any) -> Any:
        photos: dict[UUID, Photo] = self.context["photos"]
        photo = photos.get(activity.first_photo)
        if activity.photo is not None and self._names_photo(activity):
            photo = activity.photo
        return CoverSerializer(photo, context=self.context).data if photo else None

    def get_comment(self, activity: Activity) -> str | None:
        if activity.comment is None or not self._names_photo(activity):
            return None
        text = activity.comment.text
        return "" if text in self.context["hidden"] else text

    def _names_photo(self, activity: Activity) -> bool:
        return names_photo(activity, within=self.context["album_id"])


def _answer(request: Request, found: QuerySet[Activity], album_id: UUID | None) -> Response:
    pages = LatestPages()
    page: list[Any] = pages.paginate_queryset(found, request) or []
    photos = Photo.objects.in_bulk({row.first_photo for row in page if row.first_photo})
    said = [row.comment for row in page if row.comment]
    hidden = hidden_comments(said, signed_in(request)) | hidden_words(row.album for row in page)
    context = {"request": request, "album_id": album_id, "photos": photos, "hidden": hidden}
    return pages.get_paginated_response(ActivitySerializer(page, many=True, context=context).data)


class AlbumActivityView(APIView):
    @extend_schema(
        operation_id="list_album_activity",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ActivitySerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request, album_id: UUID) -> Response:
        """What happened in an album, the latest first, as far as the caller sees it there."""
        album, _ = asked_album(request, album_id)
        return _answer(request, activity_in(album, signed_in(request)), album.id)


class ActivityView(APIView):
    @extend_schema(
        operation_id="list_activity",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ActivitySerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """What others did in all of one's albums in the last 30 days, the latest first."""
        return _answer(request, activity_for(signed_in(request)), None)
