"""A photo as clients see it: see "A photo" in the API contract.

These describe documents, which are made in photo_documents.
"""

from typing import Any

from rest_framework import serializers

from backend.analysis.models import Analysis
from backend.api.photo_documents import summarise_photo
from backend.photos.models import Photo
from backend.wechat.models import PhotoCheck
from functions.contract import Kind

PHOTO_STATUSES = [*Photo.Status.values, "trashed"]
ANALYSIS_STATUSES = list(Analysis.State.values)
KINDS = [str(kind) for kind in Kind]


class BoxSerializer(serializers.Serializer[Any]):
    """Fractions of the upright photo."""

    left = serializers.FloatField()
    top = serializers.FloatField()
    width = serializers.FloatField()
    height = serializers.FloatField()


class CameraSerializer(serializers.Serializer[Any]):
    make = serializers.CharField()
    model = serializers.CharField()
    lens = serializers.CharField()
    iso = serializers.IntegerField(allow_null=True)
    f_number = serializers.FloatField(allow_null=True)
    exposure = serializers.CharField()
    focal_length = serializers.FloatField(allow_null=True)


class CoordinatesSerializer(serializers.Serializer[Any]):
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)


class PlaceSerializer(serializers.Serializer[Any]):
    country = serializers.CharField()
    region = serializers.CharField()
    city = serializers.CharField()


class LocationSerializer(CoordinatesSerializer):
    gcj02 = CoordinatesSerializer()
    place = PlaceSerializer()


class ModerationSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Photo.Moderation.choices)
    score = serializers.FloatField(allow_null=True)


class SharingCheckSerializer(serializers.Serializer[Any]):
    """Others see the photo once the verdict is ok."""

    verdict = serializers.ChoiceField(choices=Photo.Moderation.choices)
    state = serializers.ChoiceField(
        choices=PhotoCheck.State.choices, allow_null=True, help_text="null: not shared so far."
    )
    code = serializers.CharField(
        help_text="Why it waits: not_linked and visit_needed are for the owner to mend."
    )


class UrlsSerializer(serializers.Serializer[Any]):
    """Signed addresses, good for an hour; null while there is nothing to show."""

    thumbnail = serializers.CharField(allow_null=True)
    preview = serializers.CharField(allow_null=True)
    original = serializers.CharField(allow_null=True)


class LabelSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    name_zh = serializers.CharField()
    score = serializers.FloatField()
    source = serializers.ChoiceField(choices=["model", "person"])  # type: ignore[assignment]
    model = serializers.CharField()
    verdict = serializers.BooleanField(allow_null=True)


class PersonNameSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class FaceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    box = BoxSerializer()
    score = serializers.FloatField()
    person = PersonNameSerializer(allow_null=True)
    confirmed = serializers.BooleanField()


class TextLineSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    box = BoxSerializer()
    score = serializers.FloatField()


class TextSerializer(serializers.Serializer[Any]):
    full = serializers.CharField()
    lines = TextLineSerializer(many=True)


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(help_text="In the reader's language.")


class AnalysisSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    model = serializers.CharField()
    status = serializers.ChoiceField(choices=ANALYSIS_STATUSES)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.FloatField(allow_null=True)
    attempts = serializers.IntegerField()
    error = FailureSerializer(allow_null=True)


class PhotoSummarySerializer(serializers.Serializer[Any]):
    """What a grid needs."""

    id = serializers.UUIDField()
    owner = serializers.UUIDField()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=PHOTO_STATUSES)
    taken_at = serializers.DateTimeField(allow_null=True)
    taken_at_source = serializers.CharField()
    created_at = serializers.DateTimeField()
    placeholder = serializers.CharField()
    color = serializers.CharField()
    favorite = serializers.BooleanField()
    archived = serializers.BooleanField()
    moderation = ModerationSerializer()
    urls = UrlsSerializer()

    def to_representation(self, photo: Any) -> dict[str, Any]:
        return summarise_photo(photo, self.context.get("request"))


class PhotoSerializer(PhotoSummarySerializer):
    """Everything that is known about a photo."""

    description = serializers.CharField()
    sharing_check = SharingCheckSerializer(
        allow_null=True, help_text="What WeChat says; null where it is not asked."
    )
    camera = CameraSerializer()
    location = LocationSerializer(allow_null=True)
    labels = LabelSerializer(many=True)
    tags = serializers.ListField(child=serializers.CharField())
    faces = FaceSerializer(many=True)
    text = TextSerializer()
    analyses = AnalysisSerializer(many=True)
