"""One action on many photos."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.analysis.services import allowed_kinds, reanalyze
from backend.api.photo_filters import read_filter
from backend.api.photo_schema import KINDS
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.core.errors import RefusedError
from backend.photos import services
from backend.photos.filters import query_of
from backend.photos.models import Photo
from backend.photos.selectors import photos_of
from backend.search.selectors import filter_visible, search_photos
from functions.contract import Kind

MAX_PHOTOS = 500  # a call

_ACTIONS: dict[str, Callable[[Photo, Any], object]] = {
    "favorite": lambda photo, _: services.update_photo(photo, {"favorite": True}),
    "unfavorite": lambda photo, _: services.update_photo(photo, {"favorite": False}),
    "archive": lambda photo, _: services.update_photo(photo, {"archived": True}),
    "unarchive": lambda photo, _: services.update_photo(photo, {"archived": False}),
    "trash": lambda photo, _: services.trash_photo(photo),
    "restore": lambda photo, _: services.restore_photo(photo),
    "delete": lambda photo, _: services.delete_photo(photo),
    "tag": lambda photo, given: services.add_tag(photo, given["name"]),
    "untag": lambda photo, given: services.remove_tag(photo, given["name"]),
    "reanalyze": lambda photo, given: reanalyze(
        photo, [Kind(kind) for kind in given.get("kinds") or allowed_kinds(photo)]
    ),
}


class BulkSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_PHOTOS
    )
    filter = serializers.DictField(
        required=False, help_text="What a list of photos takes in its query, and `q`."
    )
    after = serializers.UUIDField(
        required=False, help_text="With a filter: `next` of the call before."
    )
    action = serializers.ChoiceField(choices=list(_ACTIONS))
    name = serializers.CharField(max_length=100, required=False, help_text="For tag and untag.")
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS),
        required=False,
        allow_empty=False,
        help_text="For reanalyze.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("filter" in attrs):
            raise ValidationError({"ids": "Send either ids or a filter."})
        if attrs["action"] in ("tag", "untag") and "name" not in attrs:
            raise ValidationError({"name": "Which word?"})
        return attrs


class RefusedPhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()


class BulkAnswerSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()
    refused = RefusedPhotoSerializer(many=True)
    next = serializers.UUIDField(
        allow_null=True, help_text="With a filter: more photos fit; send this as `after`."
    )


class BulkView(APIView):
    @extend_schema(
        operation_id="change_photos",
        request=BulkSerializer,
        responses={200: BulkAnswerSerializer, **problems(400, 401, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        """Do one thing to many of one's own photos, each by itself; at most 500 a call."""
        given = BulkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        photos, refused, following = _choose(request, data)
        act, changed = _ACTIONS[data["action"]], 0
        for photo in photos:
            try:
                act(photo, data)
            except RefusedError as error:
                refused.append({"id": photo.id, "code": error.code})
            else:
                changed += 1
        return Response({"changed": changed, "refused": refused, "next": following})


def _choose(
    request: Request, data: dict[str, Any]
) -> tuple[list[Photo], list[dict[str, Any]], UUID | None]:
    """The caller's photos that are meant, which ids are none of theirs, and where to go on."""
    user = signed_in(request)
    if "ids" in data:
        ids = list(dict.fromkeys(data["ids"]))
        own = photos_of(user).in_bulk(ids)
        missing = [{"id": id, "code": "not_found"} for id in ids if id not in own]
        return [own[id] for id in ids if id in own], missing, None
    query = query_of(data["filter"], field="filter")
    wanted, words = read_filter(request, query), query.get("q", "")
    found = search_photos(user, words, wanted) if words else filter_visible(user, wanted)
    # An album shows others' photos too.
    found = found.filter(owner=user)
    if "after" in data:
        found = found.filter(id__gt=data["after"])
    photos = list(found.order_by("id")[: MAX_PHOTOS + 1])
    is_more = len(photos) > MAX_PHOTOS
    return photos[:MAX_PHOTOS], [], photos[MAX_PHOTOS - 1].id if is_more else None
