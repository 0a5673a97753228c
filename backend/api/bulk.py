"""One action on many photos."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.analysis.services import allowed_kinds, reanalyze
from backend.api.photo_filters import read_query
from backend.api.photo_schema import KINDS
from backend.api.requests import signed_in
from backend.api.schema import problems
from backend.core.errors import RefusedError
from backend.photos import services
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
        photos, refused, following = _choose(signed_in(request), data)
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
    user: User, data: dict[str, Any]
) -> tuple[list[Photo], list[dict[str, Any]], UUID | None]:
    """The user's photos that are meant, which ids are none of theirs, and where to go on."""
    if "ids" in data:
        ids = list(dict.fromkeys(data["ids"]))
        own = photos_of(user).in_bulk(ids)
        missing = [{"id": id, "code": "not_found"} for id in ids if id not in own]
        return [own[id] for id in ids if id in own], missing, None
    query = _as_query(data["filter"])
    wanted, words = read_query(query), query.get("q", "")
    found = search_photos(user, words, wanted) if words else filter_visible(user, wanted)
    if "after" in data:
        found = found.filter(id__gt=data["after"])
    photos = list(found.order_by("id")[: MAX_PHOTOS + 1])
    is_more = len(photos) > MAX_PHOTOS
    return photos[:MAX_PHOTOS], [], photos[MAX_PHOTOS - 1].id if is_more else None


def _as_query(names: dict[str, Any]) -> QueryDict:
    """A JSON object as the query string that means the same. Raises ValidationError."""
    query = QueryDict(mutable=True)
    for name, value in names.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str | int | float | bool) for each in values):
            raise ValidationError({f"filter.{name}": "Write text, a number, true or false."})
        words = [each if isinstance(each, str) else json.dumps(each) for each in values]
        query.setlist(name, words)
    return query
