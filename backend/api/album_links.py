"""The links of an album: made, listed, revoked."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums.links import links_of, make_link
from backend.albums.models import Link
from backend.api.albums import PersonOfAlbumSerializer, asked_album
from backend.api.pagination import answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems


class NewLinkSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(
        max_length=200, allow_blank=True, trim_whitespace=False, required=False
    )
    expires_at = serializers.DateTimeField(allow_null=True, required=False)
    max_views = serializers.IntegerField(
        min_value=1, max_value=1_000_000, allow_null=True, required=False
    )
    allow_download = serializers.BooleanField(
        default=False, help_text="Originals and the archive too; else renditions only."
    )
    show_location = serializers.BooleanField(
        default=False, help_text="Of the photos of whoever makes the link."
    )


class LinkSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    made_by = PersonOfAlbumSerializer()
    has_password = serializers.SerializerMethodField()
    expires_at = serializers.DateTimeField(allow_null=True)
    max_views = serializers.IntegerField(allow_null=True)
    views = serializers.IntegerField(help_text="Each viewer once.")
    allow_download = serializers.BooleanField()
    show_location = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    def get_has_password(self, link: Link) -> bool:
        return bool(link.password)


class LinkSecretSerializer(LinkSerializer):
    token = serializers.CharField(help_text="Shown this once.")
    url = serializers.CharField(help_text="Shown this once.")


class AlbumLinksView(APIView):
    @extend_schema(
        operation_id="list_album_links",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(LinkSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request, album_id: UUID) -> Response:
        """List an album's links, the latest first, without their tokens (managers)."""
        album, _ = asked_album(request, album_id)
        return answer_page(request, links_of(album), LinkSerializer)

    @extend_schema(
        operation_id="create_album_link",
        request=NewLinkSerializer,
        responses={201: LinkSecretSerializer, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, album_id: UUID) -> Response:
        """Make a link by which anybody sees the album (managers). Its token is shown this once."""
        album, _ = asked_album(request, album_id)
        given = NewLinkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        token, link = make_link(album, signed_in(request), **given.validated_data)
        url = request.build_absolute_uri(reverse("link", args=[token]))
        document = {**LinkSerializer(link).data, "token": token, "url": url}
        return Response(document, status=201, headers={"Cache-Control": "no-store"})


class AlbumLinkView(APIView):
    @extend_schema(
        operation_id="revoke_album_link",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, album_id: UUID, link_id: UUID) -> Response:
        """The link, and every address made from it, are of no use any more (managers)."""
        album, _ = asked_album(request, album_id)
        get_object_or_404(links_of(album), id=link_id).delete()
        return Response(status=204)
