"""Deleting one's account, what that would mean, and the record that proves it."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Token
from backend.accounts.throttle import client_address, count_login
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.leaving.closing import close_account, find_deletion, foresee_loss, prove
from backend.leaving.models import Deletion

DELETION_STATES = ["erasing", "erased", "confirmed"]


class ProofSerializer(serializers.Serializer[None]):
    password = serializers.CharField(
        max_length=200,
        trim_whitespace=False,
        default="",
        help_text="One's own. Without one (WeChat): sign in again right before.",
    )


class DeletionSerializer(serializers.ModelSerializer[Deletion]):
    """The record of a deletion. It holds nothing of what was deleted."""

    status = serializers.SerializerMethodField(
        help_text="erasing; erased: nothing is left; confirmed: nothing came after that either, "
        "from uploads that were under way."
    )
    removed = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many rows of each kind, and objects."
    )
    remaining = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="What was found when every column that could name the user, and storage, were "
        "looked through afterwards.",
    )

    class Meta:
        model = Deletion
        fields = [
            "account_id",
            "status",
            "asked_at",
            "erased_at",
            "watched_until",
            "confirmed_at",
            "removed",
            "remaining",
            "photos_digest",
        ]

    def get_status(self, deletion: Deletion) -> str:
        if deletion.confirmed_at:
            return DELETION_STATES[2]
        return DELETION_STATES[1] if deletion.erased_at else DELETION_STATES[0]


class AskedDeletionSerializer(DeletionSerializer):
    receipt = serializers.CharField(
        help_text="Shown once. GET /deletions/{receipt} tells how far it is, without signing in."
    )

    class Meta(DeletionSerializer.Meta):
        fields = [*DeletionSerializer.Meta.fields, "receipt"]


class SharedAlbumLossSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="album.id")
    title = serializers.CharField(source="album.title")
    member_count = serializers.IntegerField()
    photos_of_others = serializers.IntegerField()


class LossSerializer(serializers.Serializer[Any]):
    photo_count = serializers.IntegerField()
    used_bytes = serializers.IntegerField()
    person_count = serializers.IntegerField()
    album_count = serializers.IntegerField()
    shared_albums = SharedAlbumLossSerializer(
        many=True,
        help_text="One's albums that have members: they lose the album, and keep their photos.",
    )
    photos_in_albums_of_others = serializers.IntegerField(
        help_text="One's photos that leave somebody else's album."
    )


class OwnDeletionView(APIView):
    @extend_schema(
        operation_id="foresee_deletion", responses={200: LossSerializer, **problems(401, 403)}
    )
    def get(self, request: Request) -> Response:
        """What DELETE /me would erase, and whom else it concerns. Nothing happens yet."""
        return Response(LossSerializer(foresee_loss(signed_in(request))).data)


class DeletionView(APIView):
    authentication_classes = []

    @extend_schema(
        operation_id="get_deletion",
        auth=[],
        responses={200: DeletionSerializer, **problems(404, 429)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """The record of a deletion, for whoever has its receipt."""
        deletion = find_deletion(receipt)
        if deletion is None:
            raise Http404
        return Response(DeletionSerializer(deletion).data, headers={"Cache-Control": "no-store"})


def delete_own_account(request: Request) -> Response:
    """See api.accounts.MeView.delete."""
    user = signed_in(request)
    given = ProofSerializer(data=request.data or {})
    given.is_valid(raise_exception=True)
    count_login(address=client_address(request), username=user.username)
    token = request.auth if isinstance(request.auth, Token) else None
    prove(user, password=given.validated_data["password"], token=token)
    receipt, deletion = close_account(user)
    document = DeletionSerializer(deletion).data | {"receipt": receipt}
    return Response(document, status=202, headers={"Cache-Control": "no-store"})
