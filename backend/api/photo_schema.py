"""A photo as clients see it: see "A photo" in the API contract."""

import functools
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from backend.analysis.models import Analysis, Label, TextLine
from backend.analysis.services import active_model
from backend.api.objects import object_url, through_membership
from backend.api.requests import origin_of, signed_in
from backend.core.places import wgs84_to_gcj02
from backend.people.models import Face
from backend.photos.models import Photo
from backend.wechat.models import PhotoCheck
from backend.wechat.text_checks import hidden_texts
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


class CameraSerializer(serializers.Serializer[Photo]):
    make = serializers.CharField(source="camera_make")
    model = serializers.CharField(source="camera_model")
    lens = serializers.CharField()
    iso = serializers.IntegerField(allow_null=True)
    f_number = serializers.FloatField(allow_null=True)
    exposure = serializers.CharField()
    focal_length = serializers.FloatField(allow_null=True)


class CoordinatesSerializer(serializers.Serializer[Any]):
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)


class PlaceSerializer(serializers.Serializer[Photo]):
    country = serializers.CharField()
    region = serializers.CharField()
    city = serializers.CharField()


class LocationSerializer(CoordinatesSerializer):
    gcj02 = CoordinatesSerializer()
    place = PlaceSerializer()


def render_location(photo: Photo) -> dict[str, Any] | None:
    if photo.latitude is None or photo.longitude is None:
        return None
    latitude, longitude = wgs84_to_gcj02(photo.latitude, photo.longitude)
    return {
        "latitude": photo.latitude,
        "longitude": photo.longitude,
        "gcj02": {"latitude": latitude, "longitude": longitude},
        "place": PlaceSerializer(photo).data,
    }


class ModerationSerializer(serializers.Serializer[Photo]):
    verdict = serializers.ChoiceField(choices=Photo.Moderation.choices, source="moderation_verdict")
    score = serializers.FloatField(source="moderation_score", allow_null=True)


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


def photo_urls(photo: Photo, request: Request | None) -> dict[str, str | None]:
    """Absolute if the request is known. Others' photos have addresses for the caller alone."""
    through, origin = _through(photo, request), origin_of(request) if request else ""
    return {
        name: path and origin + path
        for name in ("thumbnail", "preview", "original")
        for path in [object_url(photo, name, through=through)]
    }


def _through(photo: Photo, request: Request | None) -> str:
    """How the caller comes to see the photo: "" as its owner."""
    if request is None or signed_in(request).id == photo.owner_id:
        return ""
    return through_membership(signed_in(request).id)


# What others see of a photo that an album shows to them.
_SHOWN_TO_OTHERS = {
    *("id", "owner", "content_type", "size", "width", "height", "status", "taken_at"),
    *("taken_at_source", "created_at", "placeholder", "color", "description", "camera", "urls"),
    "reactions",
}


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
    box = BoxSerializer(source="*")
    score = serializers.FloatField()
    person = PersonNameSerializer(allow_null=True)
    confirmed = serializers.BooleanField()


class TextLineSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    box = BoxSerializer(source="*")
    score = serializers.FloatField()


class TextSerializer(serializers.Serializer[Any]):
    full = serializers.CharField()
    lines = TextLineSerializer(many=True)


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class AnalysisSerializer(serializers.Serializer[Analysis]):
    kind = serializers.ChoiceField(choices=KINDS)
    model = serializers.CharField()
    status = serializers.ChoiceField(choices=ANALYSIS_STATUSES, source="state")
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.FloatField(allow_null=True)
    attempts = serializers.IntegerField()
    error = serializers.SerializerMethodField()

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_error(self, analysis: Analysis) -> dict[str, str] | None:
        return {"code": analysis.code, "detail": analysis.detail} if analysis.code else None


_HIDDEN: dict[str, Any] = {
    **{"filename": "", "sha256": "", "favorite": False, "archived": False},
    **{"moderation": {"verdict": Photo.Moderation.OK, "score": None}, "location": None},
    "sharing_check": None,
    **{"labels": [], "tags": [], "faces": [], "text": {"full": "", "lines": []}, "analyses": []},
}


class PhotoSummarySerializer(serializers.Serializer[Any]):
    """What a grid needs."""

    id = serializers.UUIDField()
    owner = serializers.UUIDField(source="owner_id")
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    status = serializers.SerializerMethodField()
    taken_at = serializers.DateTimeField(allow_null=True)
    taken_at_source = serializers.CharField()
    created_at = serializers.DateTimeField()
    placeholder = serializers.CharField()
    color = serializers.CharField()
    favorite = serializers.BooleanField()
    archived = serializers.BooleanField()
    moderation = ModerationSerializer(source="*")
    urls = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=PHOTO_STATUSES))
    def get_status(self, photo: Photo) -> str:
        return "trashed" if photo.trashed_at is not None else photo.status

    @extend_schema_field(UrlsSerializer)
    def get_urls(self, photo: Photo) -> dict[str, str | None]:
        return photo_urls(photo, self.context.get("request"))

    def to_representation(self, photo: Any) -> dict[str, Any]:
        """For others than its owner: without location, people, words, file name."""
        document = summarise_photo(photo, self.context.get("request"))
        for name, field in self._more.items():
            value = field.get_attribute(photo)
            document[name] = None if value is None else field.to_representation(value)
        if not _through(photo, self.context.get("request")):
            return document
        return {
            name: value if name in _SHOWN_TO_OTHERS else _HIDDEN[name]
            for name, value in document.items()
        }

    @functools.cached_property
    def _more(self) -> dict[str, Any]:
        """The fields that a summary has not."""
        known = PhotoSummarySerializer._declared_fields
        return {name: field for name, field in self.fields.items() if name not in known}


def summarise_photo(photo: Photo, request: Request | None) -> dict[str, Any]:
    """What PhotoSummarySerializer's fields say, without asking each of them: five times as fast,
    and lists hold five hundred. A test compares the two."""
    return {
        "id": str(photo.id),
        "owner": str(photo.owner_id),
        "filename": photo.filename,
        "content_type": photo.content_type,
        "size": photo.size,
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "status": "trashed" if photo.trashed_at is not None else photo.status,
        "taken_at": photo.taken_at and _write_moment(photo.taken_at),
        "taken_at_source": photo.taken_at_source,
        "created_at": _write_moment(photo.created_at),
        "placeholder": photo.placeholder,
        "color": photo.color,
        "favorite": photo.favorite,
        "archived": photo.archived,
        "moderation": {"verdict": photo.moderation_verdict, "score": photo.moderation_score},
        "urls": photo_urls(photo, request),
    }


def _write_moment(moment: datetime) -> str:
    """As rest_framework's DateTimeField writes it."""
    text = moment.astimezone(timezone.get_default_timezone()).isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


class PhotoSerializer(PhotoSummarySerializer):
    """Everything that is known about a photo."""

    description = serializers.CharField()
    sharing_check = serializers.SerializerMethodField(
        help_text="What WeChat says; null where it is not asked."
    )
    camera = CameraSerializer(source="*")
    location = serializers.SerializerMethodField()
    labels = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    faces = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    analyses = AnalysisSerializer(many=True)

    def to_representation(self, photo: Any) -> dict[str, Any]:
        """For others, words that may not be shown are empty. Needs `hidden` in its context."""
        document = super().to_representation(photo)
        is_others = bool(_through(photo, self.context.get("request")))
        if is_others and document["description"] in self.context["hidden"]:
            document["description"] = ""
        return document

    @extend_schema_field(SharingCheckSerializer(allow_null=True))
    def get_sharing_check(self, photo: Photo) -> dict[str, str | None] | None:
        if not settings.WECHAT_CHECKS:
            return None
        check: PhotoCheck | None = getattr(photo, "wechat_check", None)
        state, code = (check.state, check.code) if check else (None, "")
        return {"verdict": photo.wechat_verdict, "state": state, "code": code}

    @extend_schema_field(LocationSerializer(allow_null=True))
    def get_location(self, photo: Photo) -> dict[str, Any] | None:
        return render_location(photo)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_tags(self, photo: Photo) -> list[str]:
        return [tag.name for tag in photo.tags.all()]

    @extend_schema_field(LabelSerializer(many=True))
    def get_labels(self, photo: Photo) -> list[dict[str, Any]]:
        verdicts = {verdict.name: verdict.correct for verdict in photo.label_verdicts.all()}
        return [
            {
                "name": label.name,
                "name_zh": label.name_zh,
                "score": label.score,
                "source": "model",
                "model": label.analysis.model,
                "verdict": verdicts.get(label.name),
            }
            for label in photo.labels.all()
        ]

    @extend_schema_field(FaceSerializer(many=True))
    def get_faces(self, photo: Photo) -> Any:
        return FaceSerializer(photo.faces.all(), many=True).data

    @extend_schema_field(TextSerializer)
    def get_text(self, photo: Photo) -> dict[str, Any]:
        lines = list(photo.text_lines.all())
        return {
            "full": "\n".join(line.text for line in lines),
            "lines": TextLineSerializer(lines, many=True).data,
        }


def photo_context(request: Request, photos: Iterable[Photo]) -> dict[str, Any]:
    """What PhotoSerializer needs to know besides the photos, in one query at most."""
    user = signed_in(request)
    others = [photo.description for photo in photos if photo.owner_id != user.id]
    return {"request": request, "hidden": hidden_texts(others)}


def with_details(photos: QuerySet[Photo]) -> QuerySet[Photo]:
    """Everything PhotoSerializer reads, in a number of queries that does not grow with the page."""
    return photos.prefetch_related(*details())


def details() -> list[Any]:
    """What PhotoSerializer reads besides the photo's row: findings of active models only."""
    return [
        # Read only where it is shown.
        *(["wechat_check"] if settings.WECHAT_CHECKS else []),
        "tags",
        "analyses",
        "label_verdicts",
        Prefetch(
            "labels",
            Label.objects.filter(analysis__model=active_model(Kind.LABELS)).select_related(
                "analysis"
            ),
        ),
        Prefetch(
            "faces",
            Face.objects.filter(model=active_model(Kind.FACES))
            .select_related("person")
            .defer("embedding"),
        ),
        Prefetch(
            "text_lines",
            TextLine.objects.filter(analysis__model=active_model(Kind.TEXT)),
        ),
    ]
