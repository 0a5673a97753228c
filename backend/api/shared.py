"""What a link shows to anybody who has it: nothing that it was not given."""

from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from backend.accounts.throttle import client_address
from backend.albums.checking import WORDS, hidden_words
from backend.albums.links import enter, find_link, opens, photos_shown_by, tells_location
from backend.albums.models import Link
from backend.albums.selectors import order_in
from backend.api.album_photos import pages_of
from backend.api.objects import object_url, through_link
from backend.api.photo_documents import locate_photo
from backend.api.photo_schema import LocationSerializer, UrlsSerializer
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.core.rate_limit import count_attempt
from backend.photos.models import Photo

ACCESS_HEADER = "X-Link-Access"
ACCESS_PARAMETERS = [
    OpenApiParameter(ACCESS_HEADER, str, OpenApiParameter.HEADER, description="See `access`."),
    OpenApiParameter("access", str, description="The same, where no header can be sent."),
]
# Neither caches nor search engines keep what may be taken back.
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def living_link(token: str) -> Link:
    """Raises Http404 for one that is no more, or never was."""
    link = find_link(token)
    if link is None:
        raise Http404
    return link


def given_access(request: Request) -> str:
    return request.headers.get(ACCESS_HEADER) or request.query_params.get("access", "")


def entered_link(request: Request, token: str) -> tuple[Link, str]:
    """The link and the caller's access to it. A caller without one is a new viewer.

    Raises Http404, and RefusedError: link_locked, link_used_up.
    """
    link = living_link(token)
    return link, _enter(request, link)


def _enter(request: Request, link: Link) -> str:
    # A HEAD shows nothing, so it is no view: programs that people chat with send it first.
    return enter(link, given_access(request), counts=request.method != "HEAD")


class LinkPhotoSerializer(serializers.Serializer[Any]):
    """A photo as strangers see it. Needs `link` in its context."""

    id = serializers.UUIDField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    placeholder = serializers.CharField()
    color = serializers.CharField()
    location = serializers.SerializerMethodField(help_text="If the link shows it.")
    urls = serializers.SerializerMethodField(help_text="An original if the link allows it.")

    @extend_schema_field(LocationSerializer(allow_null=True))
    def get_location(self, photo: Photo) -> dict[str, Any] | None:
        return locate_photo(photo) if tells_location(self.context["link"], photo) else None

    @extend_schema_field(UrlsSerializer)
    def get_urls(self, photo: Photo) -> dict[str, str | None]:
        link, request = self.context["link"], self.context["request"]
        names = ["thumbnail", "preview", *(["original"] if link.allow_download else [])]
        urls: dict[str, str | None] = {"original": None}
        for name in names:
            path = object_url(
                photo,
                name,
                through=through_link(link.id),
                with_location=tells_location(link, photo),
            )
            urls[name] = request.build_absolute_uri(path) if path else None
        return urls


class SharedAlbumSerializer(serializers.Serializer[Any]):
    """Nothing but `password_required` while that is true."""

    password_required = serializers.BooleanField()
    access = serializers.CharField(
        allow_null=True,
        help_text=f"Send it as {ACCESS_HEADER}, to be the same viewer for an hour.",
    )
    title = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    place = serializers.CharField(allow_null=True, help_text="If the link shows it.")
    photo_count = serializers.IntegerField(allow_null=True)
    cover = LinkPhotoSerializer(allow_null=True)
    allow_download = serializers.BooleanField(allow_null=True)
    archive = serializers.CharField(allow_null=True, help_text="All photos in one file.")
    expires_at = serializers.DateTimeField(allow_null=True)


class LinkView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="get_link",
        auth=[],
        parameters=ACCESS_PARAMETERS,
        responses={200: SharedAlbumSerializer, **problems(404, 410, 429)},
    )
    def get(self, request: Request, token: str) -> Response:
        """What a link shows, unless it wants a password first."""
        link = living_link(token)
        if link.password and not opens(link, given_access(request)):
            nothing = dict.fromkeys(SharedAlbumSerializer().fields)
            return Response(nothing | {"password_required": True}, headers=PRIVATE)
        return _render(request, link, token, _enter(request, link))


def _render(request: Request, link: Link, token: str, access: str) -> Response:
    photos = photos_shown_by(link)
    chosen = photos.filter(id=link.album.cover_id).first() if link.album.cover_id else None
    cover = chosen or photos.order_by(*order_in(link.album)).first()
    archive = request.build_absolute_uri(reverse("link-archive", args=[token]))
    hidden = hidden_words([link.album])
    words = {name: getattr(link.album, name) for name in WORDS}
    shown = {name: "" if text in hidden else text for name, text in words.items()}
    context = {"request": request, "link": link}
    document = {
        "password_required": False,
        "access": access,
        "title": shown["title"],
        "description": shown["description"],
        "place": shown["place"] if link.show_location else None,
        "photo_count": photos.count(),
        "cover": LinkPhotoSerializer(cover, context=context).data if cover else None,
        "allow_download": link.allow_download,
        "archive": replace_query_param(archive, "access", access) if link.allow_download else None,
        "expires_at": link.expires_at,
    }
    return Response(document, headers=PRIVATE)


class PasswordSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class UnlockView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="unlock_link",
        auth=[],
        request=PasswordSerializer,
        responses={200: SharedAlbumSerializer, **problems(400, 401, 404, 410, 429, 503)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Say a link's password; `access` then opens everything it shows, for an hour."""
        link = living_link(token)
        given = PasswordSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        address = client_address(request)
        count_attempt(
            {
                f"unlock:{link.id}:{address}": settings.LINK_ATTEMPTS,
                f"unlock:{address}": settings.LINK_ATTEMPTS_ADDRESS,
                f"unlock:{link.id}": settings.LINK_ATTEMPTS_ALL,
            }
        )
        access = enter(link, given_access(request), password=given.validated_data["password"])
        return _render(request, link, token, access)


class LinkPhotosView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="list_link_photos",
        auth=[],
        parameters=[
            *ACCESS_PARAMETERS,
            *PAGE_PARAMETERS,
        ],
        responses={200: page_of(LinkPhotoSerializer), **problems(401, 404, 410, 429)},
    )
    def get(self, request: Request, token: str) -> Response:
        """List the photos that a link shows, in the album's order."""
        link, access = entered_link(request, token)
        pages = pages_of(link.album)
        page = pages.paginate_queryset(photos_shown_by(link), request, view=self)
        # The next page is for the same viewer.
        pages.base_url = replace_query_param(request.build_absolute_uri(), "access", access)
        context = {"request": request, "link": link}
        response = pages.get_paginated_response(
            LinkPhotoSerializer(page, many=True, context=context).data
        )
        for name, value in (PRIVATE | {ACCESS_HEADER: access}).items():
            response[name] = value
        return response
