"""Friends, those who ask and are asked, and who is blocked."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.albums.blocking import block_user
from backend.api.albums import PersonOfAlbumSerializer
from backend.api.pagination import answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.core.errors import bad_field
from backend.friends.models import Friendship
from backend.friends.selectors import (
    FRIENDSHIPS,
    blocks_of,
    find_user_to_block,
    friendship_state,
    friendships_of,
)
from backend.friends.services import accept_friend, ask_friend, count_lookup, end_friendship

STATES = [state for state in FRIENDSHIPS if state != "none"]


class NamedUserSerializer(serializers.Serializer[Any]):
    user = serializers.CharField(max_length=150, help_text="A user name, or a user's id.")


class FriendSerializer(serializers.Serializer[Any]):
    user = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField(
        help_text="friends; asked: by the caller; asks: the caller."
    )
    created_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(PersonOfAlbumSerializer)
    def get_user(self, friendship: Friendship) -> Any:
        own = friendship.asker_id == signed_in(self.context["request"]).id
        return PersonOfAlbumSerializer(friendship.asked if own else friendship.asker).data

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, friendship: Friendship) -> str:
        return friendship_state(signed_in(self.context["request"]), friendship)


class FriendsView(APIView):
    @extend_schema(
        operation_id="list_friends",
        parameters=[OpenApiParameter("state", str, enum=STATES), *PAGE_PARAMETERS],
        responses={200: page_of(FriendSerializer), **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """List one's friends, whom one has asked and who asks one; the latest first."""
        return answer_page(request, _narrow(request), FriendSerializer)

    @extend_schema(
        operation_id="ask_friend",
        request=NamedUserSerializer,
        responses={200: FriendSerializer, **problems(400, 401, 403, 404, 409, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Ask somebody to be a friend; who has asked the caller before is one at once."""
        user = signed_in(request)
        friendship = ask_friend(user, _read_name(request))
        return Response(FriendSerializer(friendship, context={"request": request}).data)


def _narrow(request: Request) -> QuerySet[Friendship]:
    user, state = signed_in(request), request.query_params.get("state", "")
    if state and state not in STATES:
        raise bad_field("state", "Write one of {states}.", states=", ".join(STATES))
    friendships = friendships_of(user)
    if state == "friends":
        return friendships.filter(accepted_at__isnull=False)
    if state:
        own = Q(asker=user) if state == "asked" else Q(asked=user)
        return friendships.filter(own, accepted_at__isnull=True)
    return friendships


def _read_name(request: Request) -> str:
    """A name that is looked up, which is counted. Raises RefusedError too_many_requests."""
    given = NamedUserSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    count_lookup(signed_in(request))
    return str(given.validated_data["user"])


class FriendView(APIView):
    @extend_schema(
        operation_id="end_friendship",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, user_id: UUID) -> Response:
        """End a friendship, decline what somebody asks, or take back what one has asked."""
        if not end_friendship(signed_in(request), user_id):
            raise Http404
        return Response(status=204)


class AcceptView(APIView):
    @extend_schema(
        operation_id="accept_friend",
        request=None,
        responses={200: FriendSerializer, **problems(401, 403, 404, 409)},
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        """Become the friend of somebody who asks."""
        friendship = accept_friend(signed_in(request), user_id)
        return Response(FriendSerializer(friendship, context={"request": request}).data)


class BlockSerializer(serializers.Serializer[Any]):
    user = PersonOfAlbumSerializer(source="blocked")
    created_at = serializers.DateTimeField()


class BlocksView(APIView):
    @extend_schema(
        operation_id="list_blocks",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(BlockSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """List whom one has blocked, the latest first."""
        return answer_page(request, blocks_of(signed_in(request)), BlockSerializer)

    @extend_schema(
        operation_id="block_user",
        request=NamedUserSerializer,
        responses={200: BlockSerializer, **problems(400, 401, 403, 404, 409, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Block somebody: neither finds, asks, invites or sees the other any more.

        They are no friends then, and leave each other's albums with what is theirs. In albums of
        others, neither sees the other's photos, comments, likes and activity. They are not told.
        """
        user = signed_in(request)
        other = find_user_to_block(_read_name(request), by=user)
        return Response(BlockSerializer(block_user(user, other)).data)


class BlockView(APIView):
    @extend_schema(
        operation_id="unblock_user",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Unblock somebody. They are a stranger then: what was ended stays so."""
        get_object_or_404(blocks_of(signed_in(request)), blocked=user_id).delete()
        return Response(status=204)
