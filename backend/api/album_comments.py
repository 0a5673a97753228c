"""What an album's members say of its photos, and which they like."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums import comments
from backend.albums.models import Album, Comment
from backend.albums.selectors import photos_in
from backend.api.albums import PersonOfAlbumSerializer, asked_album
from backend.api.pagination import EarliestPages, LatestPages, answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.photos.models import Photo


def photo_of_album(request: Request, album_id: UUID, photo_id: UUID) -> tuple[Album, Photo]:
    """What the address names. Raises Http404 for a photo that the caller does not see there."""
    album, _ = asked_album(request, album_id)
    photo = photos_in(album, signed_in(request)).filter(id=photo_id).first()
    if photo is None:
        raise Http404
    return album, photo


class CommentSerializer(serializers.Serializer[Any]):
    """Needs `hidden` in its context."""

    id = serializers.UUIDField()
    photo = serializers.UUIDField(source="photo_id")
    author = PersonOfAlbumSerializer()
    text = serializers.SerializerMethodField(
        help_text="Empty while it may not be shown to others than its author."
    )
    created_at = serializers.DateTimeField()

    def get_text(self, comment: Comment) -> str:
        return "" if comment.text in self.context["hidden"] else comment.text


class NewCommentSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=comments.MAX_LETTERS)


class LikeSerializer(serializers.Serializer[Any]):
    user = PersonOfAlbumSerializer()
    created_at = serializers.DateTimeField()


class CommentsView(APIView):
    @extend_schema(
        operation_id="list_photo_comments",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(CommentSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request, album_id: UUID, photo_id: UUID) -> Response:
        """List what this album's members say of a photo, the latest first."""
        album, photo = photo_of_album(request, album_id, photo_id)
        user, pages = signed_in(request), LatestPages()
        found = comments.comments_on(album, photo, user)
        page: list[Any] = pages.paginate_queryset(found, request, view=self) or []
        context = {"hidden": comments.hidden_comments(page, user)}
        return pages.get_paginated_response(
            CommentSerializer(page, many=True, context=context).data
        )

    @extend_schema(
        operation_id="create_photo_comment",
        request=NewCommentSerializer,
        responses={201: CommentSerializer, **problems(400, 401, 403, 404, 409, 429, 503)},
    )
    def post(self, request: Request, album_id: UUID, photo_id: UUID) -> Response:
        """Say something of a photo, to the members of this album."""
        album, photo = photo_of_album(request, album_id, photo_id)
        given = NewCommentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        text = given.validated_data["text"]
        comment = comments.write_comment(album, photo, signed_in(request), text)
        return Response(CommentSerializer(comment, context={"hidden": set()}).data, status=201)


class CommentView(APIView):
    @extend_schema(
        operation_id="delete_comment",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, album_id: UUID, comment_id: UUID) -> Response:
        """Delete a comment: one's own, or as the album's manager any."""
        album, role = asked_album(request, album_id)
        comments.delete_comment(album, comment_id, signed_in(request), role=role)
        return Response(status=204)


class LikesView(APIView):
    @extend_schema(
        operation_id="list_photo_likes",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(LikeSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request, album_id: UUID, photo_id: UUID) -> Response:
        """List who likes a photo in this album, in the order in which they said so."""
        album, photo = photo_of_album(request, album_id, photo_id)
        likes = comments.likes_of(album, photo, signed_in(request))
        return answer_page(request, likes, LikeSerializer, pages=EarliestPages)

    @extend_schema(
        operation_id="like_photo",
        request=None,
        responses={204: OpenApiResponse(), **problems(401, 403, 404, 429, 503)},
    )
    def post(self, request: Request, album_id: UUID, photo_id: UUID) -> Response:
        """Like a photo in this album. Safe to repeat."""
        album, photo = photo_of_album(request, album_id, photo_id)
        comments.like_photo(album, photo, signed_in(request))
        return Response(status=204)

    @extend_schema(
        operation_id="unlike_photo",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, album_id: UUID, photo_id: UUID) -> Response:
        """Do not like a photo any more. Safe to repeat."""
        album, photo = photo_of_album(request, album_id, photo_id)
        comments.unlike_photo(album, photo, signed_in(request))
        return Response(status=204)
