"""Photos: uploading, listing, changing, trashing."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import ApiKey, User
from backend.albums.models import Album, Role
from backend.albums.selectors import find_album, find_photo
from backend.albums.services import add_photos
from backend.analysis.services import allowed_kinds, judge_label, reanalyze, receive_upload
from backend.api.conditional import IF_MATCH, as_it_was_read
from backend.api.pagination import PhotoPages
from backend.api.photo_documents import (
    describe_photos,
    photo_urls,
    summarise_photo,
    summary_rows,
)
from backend.api.photo_filters import FILTER_PARAMETERS, read_filter
from backend.api.photo_schema import (
    KINDS,
    CoordinatesSerializer,
    PhotoSerializer,
    PhotoSummarySerializer,
)
from backend.api.policy import require_scope
from backend.api.problems import field_errors
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.core.errors import RefusedError
from backend.photos import services
from backend.photos.filters import read_bool
from backend.photos.models import Photo
from backend.photos.selectors import find_own_photo
from backend.search.selectors import filter_visible, search_photos
from functions.contract import Kind


def own_photo(request: Request, photo_id: UUID) -> Photo:
    # Somebody else's photo is not found, rather than forbidden.
    photo = find_own_photo(signed_in(request), photo_id)
    if photo is None:
        raise Http404
    return photo


def seen_photo(request: Request, photo_id: UUID) -> Photo:
    """One's own, or one that an album shows."""
    photo = find_photo(signed_in(request), photo_id)
    if photo is None:
        raise Http404
    return photo


def render_photo(request: Request, photo_id: UUID) -> dict[str, Any]:
    """As its serializer shows it to the caller, who was found to see it; read anew."""
    return describe_photos(request, [Photo.objects.get(id=photo_id)])[0]


def _as_it_was_read(request: Request, photo: Photo) -> AbstractContextManager[None]:
    held = User.objects.filter(id=photo.owner_id), Photo.objects.filter(id=photo.id)
    return as_it_was_read(request, *held, read=lambda: render_photo(request, photo.id))


class MomentField(serializers.DateTimeField):
    """A moment that keeps its offset; without one it is of this server's time zone."""

    def enforce_timezone(self, value: datetime) -> datetime:
        return value if value.tzinfo else super().enforce_timezone(value)


class NewPhotoSerializer(serializers.Serializer[None]):
    filename = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=0, max_value=2**53)
    content_type = serializers.CharField(max_length=100)
    sha256 = serializers.RegexField(r"\A[0-9a-fA-F]{64}\Z", help_text="Of the bytes, in hex.")
    taken_at = MomentField(required=False)
    album_id = serializers.UUIDField(required=False, help_text="An album to put it into.")
    upload_method = serializers.ChoiceField(choices=services.UPLOAD_METHODS, default="POST")


def issue_ticket(user: User, data: Any) -> services.UploadTicket:
    """A ticket for what a client sent. Raises RefusedError, `invalid` with fields, StorageError."""
    given = NewPhotoSerializer(data=data)
    try:
        given.is_valid(raise_exception=True)
    except ValidationError as error:
        raise RefusedError("invalid", errors=field_errors(error)) from error
    values = dict(given.validated_data)
    album = _album_for_upload(user, values.pop("album_id", None))
    values["sha256"] = values["sha256"].lower()
    ticket = services.issue_upload_ticket(owner=user, **values)
    if album is not None:
        add_photos(album, user, [ticket.photo.id])
    return ticket


def _album_for_upload(user: User, album_id: UUID | None) -> Album | None:
    """Raises RefusedError: unknown_album, forbidden for viewers, album_has_rule."""
    if album_id is None:
        return None
    album = find_album(user, album_id)
    if album is None:
        raise RefusedError("unknown_album", status=404)
    if not Role(album.role).includes(Role.CONTRIBUTOR):
        raise RefusedError("forbidden", status=403)
    if album.rule is not None:
        raise RefusedError("album_has_rule", status=409)
    return cast(Album, album)


class PartSerializer(serializers.Serializer[None]):
    number = serializers.IntegerField()
    url = serializers.CharField()
    offset = serializers.IntegerField()
    size = serializers.IntegerField()


class UploadSerializer(serializers.Serializer[Any]):
    """How to send the bytes: POST `fields` and then `file`; PUT with `headers`; or each part."""

    method = serializers.ChoiceField(choices=services.UPLOAD_METHODS)
    url = serializers.CharField(required=False)
    fields = serializers.DictField(child=serializers.CharField(), required=False)  # type: ignore[assignment]
    headers = serializers.DictField(child=serializers.CharField(), required=False)
    parts = PartSerializer(many=True, required=False)
    expires_at = serializers.DateTimeField()


class TicketSerializer(serializers.Serializer[None]):
    photo = PhotoSerializer()
    upload = UploadSerializer()


class DuplicateSerializer(serializers.Serializer[None]):
    photo = PhotoSerializer()
    duplicate = serializers.BooleanField()


class PhotoPageSerializer(serializers.Serializer[None]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = PhotoSummarySerializer(many=True)


class PhotosView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="create_photo",
        request=NewPhotoSerializer,
        responses={
            201: TicketSerializer,
            200: DuplicateSerializer,
            **problems(400, 401, 403, 404, 409, 413, 415, 503),
        },
    )
    def post(self, request: Request) -> Response:
        """Ask for a ticket to upload one photo straight to object storage.

        200 and `duplicate` if the same bytes are there already: nothing is to be sent.
        """
        if isinstance(request.data, dict) and request.data.get("album_id") is not None:
            require_scope(request, ApiKey.Scope.ALBUMS_WRITE)
        ticket = issue_ticket(signed_in(request), request.data)
        photo = describe_photos(request, [ticket.photo], are_new=ticket.is_new)[0]
        if ticket.upload is None:
            return Response({"photo": photo, "duplicate": True})
        upload = {
            name: value for name, value in vars(ticket.upload).items() if value not in (None, "")
        }
        return Response(
            {"photo": photo, "upload": upload | {"expires_at": ticket.expires_at}}, status=201
        )

    @extend_schema(
        operation_id="list_photos",
        parameters=[
            *FILTER_PARAMETERS,
            OpenApiParameter("q", str, description="Words; see /search."),
            OpenApiParameter("fields", str, description="`all`: each photo in full."),
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int, description="At most 500."),
        ],
        responses={200: PhotoPageSerializer, **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """List one's photos, newest first."""
        wanted, query = read_filter(request), request.query_params.get("q", "")
        user = signed_in(request)
        photos = search_photos(user, query, wanted) if query else filter_visible(user, wanted)
        pages = PhotoPages()
        if request.query_params.get("fields"):
            page = pages.paginate_queryset(photos, request, view=self) or []
            return pages.get_paginated_response(describe_photos(request, page))
        page = pages.paginate_queryset(summary_rows(photos), request, view=self) or []
        return pages.get_paginated_response([summarise_photo(row, request) for row in page])


class ChangesSerializer(serializers.Serializer[None]):
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    taken_at = MomentField(allow_null=True, required=False)
    location = CoordinatesSerializer(allow_null=True, required=False)
    favorite = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False)


class PhotoView(APIView):
    @extend_schema(operation_id="get_photo", responses={200: PhotoSerializer, **problems(401, 404)})
    def get(self, request: Request, photo_id: UUID) -> Response:
        """Everything about one photo; less about one that somebody shares in an album."""
        return Response(describe_photos(request, [seen_photo(request, photo_id)])[0])

    @extend_schema(
        operation_id="update_photo",
        parameters=[IF_MATCH],
        request=ChangesSerializer,
        responses={200: PhotoSerializer, **problems(400, 401, 404, 412)},
    )
    def patch(self, request: Request, photo_id: UUID) -> Response:
        """Change what one says of a photo."""
        photo = own_photo(request, photo_id)
        changes = ChangesSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        with _as_it_was_read(request, photo):
            services.update_photo(photo, changes.validated_data)
        return Response(render_photo(request, photo.id))

    @extend_schema(
        operation_id="delete_photo",
        parameters=[
            OpenApiParameter("permanent", bool, description="Past the trash, for good."),
            IF_MATCH,
        ],
        responses={204: OpenApiResponse(), **problems(400, 401, 404, 412, 503)},
    )
    def delete(self, request: Request, photo_id: UUID) -> Response:
        """Move a photo to the trash, or delete it with every object, vector and row."""
        photo = own_photo(request, photo_id)
        is_permanent = read_bool(request.query_params, "permanent")
        with _as_it_was_read(request, photo):
            if is_permanent:
                services.delete_photo(photo)
            else:
                services.trash_photo(photo)
        return Response(status=204)


class CompleteView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="complete_photo",
        request=None,
        responses={202: PhotoSerializer, **problems(401, 404, 409, 503)},
    )
    def post(self, request: Request, photo_id: UUID) -> Response:
        """Say that the bytes are in storage. Harmless to repeat, or to leave out."""
        photo = own_photo(request, photo_id)
        if not receive_upload(photo):
            raise RefusedError("not_uploaded", status=409)
        return Response(render_photo(request, photo.id), status=202)


class RestoreView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="restore_photo",
        request=None,
        responses={200: PhotoSerializer, **problems(401, 404)},
    )
    def post(self, request: Request, photo_id: UUID) -> Response:
        """Take a photo out of the trash."""
        services.restore_photo(own_photo(request, photo_id))
        return Response(render_photo(request, photo_id))


class RenditionView(APIView):
    @extend_schema(
        responses={
            302: OpenApiResponse(description="A signed address."),
            **problems(401, 404, 409),
        },
    )
    def get(self, request: Request, photo_id: UUID, name: str) -> Response:
        """Redirect to the picture."""
        url = photo_urls(seen_photo(request, photo_id), request)[name]
        if url is None:
            raise RefusedError("not_ready", status=409)
        return Response(status=302, headers={"Location": url})


class TagSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=100)


class TagsView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="add_tag",
        request=TagSerializer,
        responses={201: PhotoSerializer, **problems(400, 401, 404)},
    )
    def post(self, request: Request, photo_id: UUID) -> Response:
        """Write a word on a photo."""
        photo = own_photo(request, photo_id)
        services.add_tag(photo, self._read_name(request))
        return Response(render_photo(request, photo.id), status=201)

    @extend_schema(
        operation_id="remove_tag",
        parameters=[OpenApiParameter("name", str, required=True)],
        responses={204: OpenApiResponse(), **problems(400, 401, 404)},
    )
    def delete(self, request: Request, photo_id: UUID) -> Response:
        """Take a word off a photo; its name comes in the query or in the body."""
        services.remove_tag(own_photo(request, photo_id), self._read_name(request))
        return Response(status=204)

    def _read_name(self, request: Request) -> str:
        name = request.query_params.get("name")
        given = TagSerializer(data=request.data if name is None else {"name": name})
        given.is_valid(raise_exception=True)
        return str(given.validated_data["name"])


class VerdictSerializer(serializers.Serializer[None]):
    correct = serializers.BooleanField()


class LabelVerdictView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="judge_label",
        request=VerdictSerializer,
        responses={200: PhotoSerializer, **problems(400, 401, 404)},
    )
    def post(self, request: Request, photo_id: UUID, name: str) -> Response:
        """Say whether a label is right. The word stays when the photo is analysed again."""
        photo = own_photo(request, photo_id)
        given = VerdictSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        judge_label(
            photo,
            name.replace("\x00", ""),
            correct=given.validated_data["correct"],
            user=signed_in(request),
        )
        return Response(render_photo(request, photo.id))


class ReanalyzeSerializer(serializers.Serializer[None]):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS), required=False, allow_empty=False
    )
    model = serializers.CharField(
        max_length=50, required=False, help_text="Another model than the active one; one kind only."
    )


class ReanalyzeView(APIView):
    @extend_schema(
        operation_id="reanalyze_photo",
        request=ReanalyzeSerializer,
        responses={202: PhotoSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, photo_id: UUID) -> Response:
        """Look at the photo again; all kinds that are allowed unless some are named."""
        photo = own_photo(request, photo_id)
        given = ReanalyzeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked_for = given.validated_data.get("kinds")
        kinds = [Kind(kind) for kind in asked_for] if asked_for else allowed_kinds(photo)
        reanalyze(photo, kinds, model=given.validated_data.get("model"))
        return Response(render_photo(request, photo.id), status=202)
