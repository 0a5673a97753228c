"""The invitations to an album: made, listed, revoked."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums.invitations import LIFETIME, invitations_to, make_invitation
from backend.albums.models import Role
from backend.api.albums import ROLES, PersonOfAlbumSerializer, asked_album
from backend.api.pagination import answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems


class NewInvitationSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES, default=Role.VIEWER)
    expires_at = serializers.DateTimeField(
        allow_null=True,
        required=False,
        help_text=f"Left out: in {LIFETIME.days} days; null: never.",
    )
    max_uses = serializers.IntegerField(
        min_value=1, max_value=1_000_000, allow_null=True, required=False
    )


class InvitationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    made_by = PersonOfAlbumSerializer()
    role = serializers.ChoiceField(choices=ROLES)
    expires_at = serializers.DateTimeField(allow_null=True)
    max_uses = serializers.IntegerField(allow_null=True)
    uses = serializers.IntegerField(help_text="Each user once.")
    created_at = serializers.DateTimeField()


class InvitationQrSerializer(serializers.Serializer[Any]):
    svg = serializers.CharField()
    png = serializers.CharField()


class InvitationSecretSerializer(InvitationSerializer):
    token = serializers.CharField(help_text="Shown this once.")
    url = serializers.CharField(help_text="Shown this once.")
    qr = InvitationQrSerializer(help_text="Addresses of pictures of `url`.")


class AlbumInvitationsView(APIView):
    @extend_schema(
        operation_id="list_album_invitations",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(InvitationSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request, album_id: UUID) -> Response:
        """List the invitations to an album, the latest first, without their tokens (managers)."""
        album, _ = asked_album(request, album_id)
        return answer_page(request, invitations_to(album), InvitationSerializer)

    @extend_schema(
        operation_id="create_album_invitation",
        request=NewInvitationSerializer,
        responses={201: InvitationSecretSerializer, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, album_id: UUID) -> Response:
        """Make an invitation to become a member (managers, up to their own role).

        Its token is shown this once. It ends when its maker could not give its role any more.
        """
        album, _ = asked_album(request, album_id)
        given = NewInvitationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = {"expires_at": timezone.now() + LIFETIME} | given.validated_data
        role = Role(values.pop("role"))
        token, invitation = make_invitation(album, signed_in(request), role, **values)
        document = {**InvitationSerializer(invitation).data, "token": token}
        document["url"] = request.build_absolute_uri(reverse("invitation", args=[token]))
        document["qr"] = {kind: f"{document['url']}/qr.{kind}" for kind in ("svg", "png")}
        return Response(document, status=201, headers={"Cache-Control": "no-store"})


class AlbumInvitationView(APIView):
    @extend_schema(
        operation_id="revoke_album_invitation",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, album_id: UUID, invitation_id: UUID) -> Response:
        """The invitation is of no use any more (managers). Who has come by it stays."""
        album, _ = asked_album(request, album_id)
        get_object_or_404(invitations_to(album), id=invitation_id).delete()
        return Response(status=204)
