"""The members of an album."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums.members import members_seen, remove_member, set_role
from backend.albums.models import Album, Role
from backend.api.albums import ROLES, PersonOfAlbumSerializer, asked_album
from backend.api.pagination import EarliestPages
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.friends.selectors import find_user
from backend.friends.services import count_lookup


class MemberSerializer(serializers.Serializer[Any]):
    user = PersonOfAlbumSerializer()
    role = serializers.ChoiceField(choices=ROLES)
    added_at = serializers.DateTimeField()


class NewMemberSerializer(serializers.Serializer[Any]):
    user = serializers.CharField(max_length=150, help_text="A user name, or a user's id.")
    role = serializers.ChoiceField(choices=ROLES)


def _maker(album: Album) -> dict[str, Any]:
    return {"user": album.owner, "role": Role.OWNER, "added_at": album.created_at}


class MembersView(APIView):
    @extend_schema(
        operation_id="list_album_members",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(MemberSerializer), **problems(401, 404)},
    )
    def get(self, request: Request, album_id: UUID) -> Response:
        """List who has which role; before the first page, the album's maker."""
        album, _ = asked_album(request, album_id)
        pages = EarliestPages()
        page: list[Any] = (
            pages.paginate_queryset(members_seen(album, signed_in(request)), request) or []
        )
        if pages.get_previous_link() is None:
            page = [_maker(album), *page]
        return pages.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(
        operation_id="set_album_member",
        request=NewMemberSerializer,
        responses={200: MemberSerializer, **problems(400, 401, 403, 404, 409, 429, 503)},
    )
    def post(self, request: Request, album_id: UUID) -> Response:
        """Give somebody a role, or another one (managers, up to their own)."""
        album, _ = asked_album(request, album_id)
        given = NewMemberSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        giver = signed_in(request)
        count_lookup(giver)
        user = find_user(given.validated_data["user"], by=giver)
        role = Role(given.validated_data["role"])
        member = set_role(album, user, role, giver=giver)
        return Response(MemberSerializer(member).data)


class MemberView(APIView):
    @extend_schema(
        operation_id="remove_album_member",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, album_id: UUID, user_id: UUID) -> Response:
        """Remove a member (managers), or leave. Their photos leave the album with them."""
        album, _ = asked_album(request, album_id)
        member = get_object_or_404(members_seen(album, signed_in(request)), user=user_id)
        remove_member(member, by=signed_in(request))
        return Response(status=204)
