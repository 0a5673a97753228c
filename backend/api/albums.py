"""Albums: made, listed, changed, deleted."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.albums import services
from backend.albums.checking import WORDS, hidden_words
from backend.albums.models import Album, Role
from backend.albums.selectors import (
    Summary,
    albums_of,
    find_album,
    parents_seen,
    summarise,
    summarise_album,
    top_albums_of,
)
from backend.api.conditional import IF_MATCH, as_it_was_read
from backend.api.pagination import PhotoPages
from backend.api.photo_documents import photo_urls
from backend.api.photo_schema import UrlsSerializer
from backend.api.policy import rule_of
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.core.errors import RefusedError

ROLES = [str(role) for role in Role]


def asked_album(request: Request, album_id: UUID) -> tuple[Any, Role]:
    """The album, and the caller's `role` in it, which the policy takes for enough.

    Raises Http404 for those who have none, and RefusedError forbidden for too low a one.
    """
    rule = rule_of(request)
    album = find_album(signed_in(request), album_id)
    if album is None:
        raise Http404
    role = Role(album.role)
    if rule is None or rule.role is None or not role.includes(rule.role):
        raise RefusedError("forbidden", status=403)
    return album, role


class CoverSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    placeholder = serializers.CharField()
    color = serializers.CharField()
    urls = serializers.SerializerMethodField()

    @extend_schema_field(UrlsSerializer)
    def get_urls(self, photo: Any) -> dict[str, str | None]:
        return photo_urls(photo, self.context["request"])


class PersonOfAlbumSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField()


class AlbumSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    owner = PersonOfAlbumSerializer()
    role = serializers.ChoiceField(choices=ROLES, help_text="The caller's.")
    title = serializers.CharField()
    description = serializers.CharField()
    place = serializers.CharField()
    parent = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="The album that it stands in, if the caller has a role there."
    )
    position = serializers.IntegerField(help_text="Among the albums beside it.")
    smart = serializers.SerializerMethodField(help_text="It holds what fits a rule.")
    rule = serializers.SerializerMethodField(
        help_text="Of a smart album, for its maker: it names their people, places and words."
    )
    face_analysis = serializers.BooleanField(
        help_text="False: the owner's photos in it have no faces."
    )
    photo_count = serializers.SerializerMethodField(
        help_text="As many as the caller sees; null for a smart album in a list."
    )
    cover = serializers.SerializerMethodField(
        help_text="The chosen photo, else the first; null if empty, or a smart album in a list."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, album: Any) -> dict[str, Any]:
        """Words that may not be shown are empty for those who cannot change them."""
        document: dict[str, Any] = super().to_representation(album)
        if not Role(album.role).includes(Role.MANAGER):
            for name in WORDS:
                if document[name] in self.context["hidden"]:
                    document[name] = ""
        return document

    def _summary(self, album: Album) -> Summary:
        summaries: dict[UUID, Summary] = self.context["summaries"]
        return summaries.get(album.id, Summary())

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_parent(self, album: Album) -> str | None:
        return str(album.parent_id) if album.parent_id in self.context["parents"] else None

    def get_smart(self, album: Album) -> bool:
        return album.rule is not None

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_rule(self, album: Album) -> dict[str, Any] | None:
        own = album.owner_id == signed_in(self.context["request"]).id
        return album.rule if own else None

    def get_photo_count(self, album: Album) -> int | None:
        return self._summary(album).photo_count

    @extend_schema_field(CoverSerializer(allow_null=True))
    def get_cover(self, album: Album) -> Any:
        cover = self._summary(album).cover
        return CoverSerializer(cover, context=self.context).data if cover else None


class AlbumChangesSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    place = serializers.CharField(max_length=200, allow_blank=True, required=False)
    position = serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1, required=False)
    parent = serializers.UUIDField(allow_null=True, required=False)  # type: ignore[assignment]
    cover = serializers.UUIDField(allow_null=True, required=False)
    rule = serializers.DictField(
        allow_null=True,
        required=False,
        help_text="What a list of photos takes in its query: the album holds whatever fits.",
    )
    face_analysis = serializers.BooleanField(
        required=False,
        help_text="False: nobody looks for faces in the owner's photos in it, whatever other "
        "albums they are in, and faces found before are erased. The owner's to say; no smart "
        "album's.",
    )


class NewAlbumSerializer(AlbumChangesSerializer):
    title = serializers.CharField(max_length=200)


class AlbumPages(PhotoPages):
    """As their owners ordered them."""

    ordering = ("position", "id")


def render_album(request: Request, album: Any) -> dict[str, Any]:
    """One that was read with the caller's `role`."""
    user = signed_in(request)
    context = _context(request, [album], {album.id: summarise_album(album, user)})
    return dict(AlbumSerializer(album, context=context).data)


def _context(request: Request, albums: list[Any], summaries: dict[UUID, Summary]) -> dict[str, Any]:
    """What AlbumSerializer needs to know of all the albums at once."""
    user = signed_in(request)
    return {
        "request": request,
        "summaries": summaries,
        "hidden": hidden_words(albums, user),
        "parents": parents_seen(albums, user),
    }


def _asked_albums(request: Request) -> QuerySet[Album]:
    user, parent = signed_in(request), request.query_params.get("parent")
    if not parent:
        return albums_of(user)
    if parent == "none":
        return top_albums_of(user)
    try:
        above = albums_of(user).filter(id=UUID(parent)).order_by().values("id")
        return albums_of(user).filter(parent__in=above)
    except ValueError as error:
        raise ValidationError({"parent": "Write the id of an album, or none."}) from error


class AlbumsView(APIView):
    @extend_schema(
        operation_id="list_albums",
        parameters=[
            OpenApiParameter(
                "parent", str, description="The albums in this one; none: those in none of one's."
            ),
            *PAGE_PARAMETERS,
        ],
        responses={200: page_of(AlbumSerializer), **problems(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """List one's own albums and those that one is a member of."""
        user, pages = signed_in(request), AlbumPages()
        page = pages.paginate_queryset(_asked_albums(request), request, view=self) or []
        context = _context(request, page, summarise(page, user))
        return pages.get_paginated_response(AlbumSerializer(page, many=True, context=context).data)

    @extend_schema(
        operation_id="create_album",
        request=NewAlbumSerializer,
        responses={201: AlbumSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        """Make an album; with a rule a smart one, which holds whatever of one's photos fits."""
        given = NewAlbumSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        album = services.create_album(signed_in(request), given.validated_data)
        return Response(render_album(request, find_album(album.owner, album.id)), status=201)


def _as_it_was_read(request: Request, album: Album) -> AbstractContextManager[None]:
    held = User.objects.filter(id=album.owner_id), Album.objects.filter(id=album.id)

    def read() -> dict[str, Any]:
        return render_album(request, asked_album(request, album.id)[0])

    return as_it_was_read(request, *held, read=read)


class AlbumView(APIView):
    @extend_schema(operation_id="get_album", responses={200: AlbumSerializer, **problems(401, 404)})
    def get(self, request: Request, album_id: UUID) -> Response:
        """Look at one album; its photos are a list of their own."""
        album, _ = asked_album(request, album_id)
        return Response(render_album(request, album))

    @extend_schema(
        operation_id="update_album",
        parameters=[IF_MATCH],
        request=AlbumChangesSerializer,
        responses={200: AlbumSerializer, **problems(400, 401, 403, 404, 409, 412)},
    )
    def patch(self, request: Request, album_id: UUID) -> Response:
        """Change an album (managers)."""
        album, _ = asked_album(request, album_id)
        given = AlbumChangesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        # What a rule finds, where an album stands, and whose faces are kept, is a matter of its
        # owner's other things.
        owners = {"rule", "parent", "face_analysis"}
        if album.owner_id != signed_in(request).id and values.keys() & owners:
            raise RefusedError("forbidden", status=403)
        with _as_it_was_read(request, album):
            services.update_album(album, values)
        return Response(render_album(request, asked_album(request, album_id)[0]))

    @extend_schema(
        operation_id="delete_album",
        parameters=[IF_MATCH],
        responses={204: OpenApiResponse(), **problems(401, 403, 404, 412)},
    )
    def delete(self, request: Request, album_id: UUID) -> Response:
        """Delete an album (owners). Its photos stay; the albums in it move up."""
        album, _ = asked_album(request, album_id)
        with _as_it_was_read(request, album):
            services.delete_album(album)
        return Response(status=204)
