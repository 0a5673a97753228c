"""What somebody does who has an invitation: looks at it, shows it as a QR code, accepts it."""

import io
from typing import Any

import segno
from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums.checking import hidden_words
from backend.albums.invitations import accept_invitation, find_invitation, find_invitation_for
from backend.albums.models import Invitation
from backend.albums.selectors import find_album
from backend.api.albums import ROLES, AlbumSerializer, PersonOfAlbumSerializer, render_album
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.api.shared import PRIVATE

_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
# A hand's breadth on a screen; an SVG has any size.
_PIXELS = 8


class ReceivedInvitationSerializer(serializers.Serializer[Any]):
    """Needs `hidden` in its context: words that may not be shown are empty."""

    title = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    made_by = PersonOfAlbumSerializer()
    role = serializers.ChoiceField(choices=ROLES)
    expires_at = serializers.DateTimeField(allow_null=True)

    def get_title(self, invitation: Invitation) -> str:
        return self._shown(invitation.album.title)

    def get_description(self, invitation: Invitation) -> str:
        return self._shown(invitation.album.description)

    def _shown(self, words: str) -> str:
        return "" if words in self.context["hidden"] else words


class InvitationView(APIView):
    @extend_schema(
        operation_id="get_invitation",
        responses={200: ReceivedInvitationSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, token: str) -> Response:
        """Who invites the caller to which album, as what."""
        invitation = find_invitation_for(signed_in(request), token)
        if invitation is None:
            raise Http404
        context = {"hidden": hidden_words([invitation.album])}
        document = ReceivedInvitationSerializer(invitation, context=context).data
        return Response(document, headers=PRIVATE)


class AcceptView(APIView):
    @extend_schema(
        operation_id="accept_invitation",
        request=None,
        responses={200: AlbumSerializer, **problems(401, 403, 404, 409, 410)},
    )
    def post(self, request: Request, token: str) -> Response:
        """Become a member. Who is one already keeps their role, unless the invitation's is above.

        Each user can use an invitation once: who leaves or is removed needs another one.
        """
        album = accept_invitation(signed_in(request), token)
        return Response(render_album(request, find_album(signed_in(request), album.id)))


class QrView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="get_invitation_qr",
        auth=[],
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(_TYPES))],
        responses={
            (200, "image/svg+xml"): OpenApiTypes.BINARY,
            (200, "image/png"): OpenApiTypes.BINARY,
            **problems(404, 429),
        },
    )
    def get(self, request: Request, token: str, kind: str) -> HttpResponse:
        """The invitation's address as a QR code, to show on a screen (PNG) or to print (SVG)."""
        if kind not in _TYPES or find_invitation(token) is None:
            raise Http404
        url = request.build_absolute_uri(reverse("invitation", args=[token]))
        out = io.BytesIO()
        segno.make_qr(url, error="m").save(out, kind=kind, scale=_PIXELS)
        return HttpResponse(out.getvalue(), content_type=_TYPES[kind], headers=PRIVATE)
