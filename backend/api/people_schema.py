"""People and faces as clients see them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.api.photo_documents import photo_urls
from backend.api.photo_schema import BoxSerializer, PersonNameSerializer, UrlsSerializer
from backend.people.models import Erasure, Person, Regrouping
from backend.people.selectors import Portrait, portraits_of
from backend.registry.selectors import active_model
from functions.contract import Kind


class PersonFaceSerializer(serializers.Serializer[Any]):
    """A face, and the photo that it is cut from by its box."""

    id = serializers.UUIDField()
    photo = serializers.UUIDField(source="photo_id")
    box = BoxSerializer(source="*")
    score = serializers.FloatField()
    quality = serializers.FloatField()
    person = PersonNameSerializer(allow_null=True)
    confirmed = serializers.BooleanField()
    urls = serializers.SerializerMethodField()

    @extend_schema_field(UrlsSerializer)
    def get_urls(self, face: Any) -> dict[str, str | None]:
        return photo_urls(face.photo, self.context.get("request"))


class PersonSerializer(serializers.Serializer[Any]):
    """Needs `portraits` in its context; see render_people."""

    id = serializers.UUIDField()
    name = serializers.CharField(help_text="Empty while nobody has said it.")
    hidden = serializers.BooleanField()
    face_count = serializers.IntegerField(help_text="By every face model, trash included.")
    photo_count = serializers.SerializerMethodField()
    cover = serializers.SerializerMethodField()
    two_people = serializers.SerializerMethodField(
        help_text="The faces fall into two groups, maybe of two people: see suggestions."
    )
    created_at = serializers.DateTimeField()

    def _portrait(self, person: Person) -> Portrait:
        portraits: dict[UUID, Portrait] = self.context["portraits"]
        return portraits[person.id]

    def get_photo_count(self, person: Person) -> int:
        return self._portrait(person).photo_count

    def get_two_people(self, person: Person) -> bool:
        return self._portrait(person).two_people

    @extend_schema_field(PersonFaceSerializer(allow_null=True))
    def get_cover(self, person: Person) -> Any:
        cover = self._portrait(person).cover
        return PersonFaceSerializer(cover, context=self.context).data if cover else None


class GroupSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    faces = PersonFaceSerializer(many=True, help_text="Some of them.")


class SuggestionSerializer(serializers.Serializer[Any]):
    """A question; `settles` says how many faces its answer puts in their place.

    person: is this one the same? Yes: POST /people/{its id}/merge. No: .../decline {person_id}.
    face: is this face theirs? Yes: POST /faces/{id}/assign. No: .../reject {person_id}.
    split: are these two? Yes: POST /people/{id}/split. No: .../decline {split}.
    """

    kind = serializers.ChoiceField(choices=["person", "face", "split"])
    settles = serializers.IntegerField()
    distance = serializers.FloatField(help_text="Cosine distance; less is surer.")
    person = PersonSerializer(allow_null=True)
    face = PersonFaceSerializer(allow_null=True)
    groups = GroupSerializer(many=True, allow_null=True)


class SuggestionsSerializer(serializers.Serializer[None]):
    results = SuggestionSerializer(many=True)


class ProposalSerializer(serializers.Serializer[Any]):
    """What the nightly pass would ask about a person: is `other` the same, or are they two?"""

    kind = serializers.ChoiceField(choices=["merge", "split"])
    settles = serializers.IntegerField()
    distance = serializers.FloatField()
    person = PersonSerializer()
    other = PersonSerializer(allow_null=True)


class RegroupingSerializer(serializers.Serializer[Any]):
    """A merge or a split. made_by: null for the nightly pass."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Regrouping.Kind.choices)
    made_at = serializers.DateTimeField()
    made_by = serializers.UUIDField(source="made_by_id", allow_null=True)
    source = PersonNameSerializer()  # type: ignore[assignment]
    target = PersonNameSerializer()
    moved_count = serializers.IntegerField(help_text="Faces.")
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.UUIDField(source="undone_by_id", allow_null=True)


class RemovedSerializer(serializers.Serializer[None]):
    faces = serializers.IntegerField()
    vectors = serializers.IntegerField()
    crops = serializers.IntegerField(help_text="None are stored: they are cut by boxes, now gone.")
    rejections = serializers.IntegerField()
    moves = serializers.IntegerField(help_text="Of merges and splits.")
    photos = serializers.IntegerField(help_text="That showed the faces, and stay.")
    models = serializers.ListField(child=serializers.CharField())
    left = serializers.IntegerField(help_text="Found when looked for again.")


ERASURE_SCOPES = [str(scope) for scope in Erasure.Scope]


class ErasureSerializer(serializers.Serializer[Any]):
    """The record of an erasure. digest: SHA-256 over the faces' ids, sorted, a line each."""

    id = serializers.UUIDField()
    scope = serializers.ChoiceField(
        choices=ERASURE_SCOPES,
        help_text="photos: of an album whose face analysis was switched off.",
    )
    person_id = serializers.UUIDField(allow_null=True)
    erased_by = serializers.UUIDField(source="erased_by_id", allow_null=True)
    erased_at = serializers.DateTimeField()
    removed = RemovedSerializer()
    digest = serializers.CharField()


def people_context(people: Collection[Person], request: Any) -> dict[str, Any]:
    """What PersonSerializer needs to show them."""
    portraits = portraits_of(people, model=active_model(Kind.FACES))
    return {"request": request, "portraits": portraits}


def render_people(people: Collection[Person], request: Any) -> Any:
    return PersonSerializer(people, many=True, context=people_context(people, request)).data


def render_person(person: Person, request: Any) -> Any:
    return render_people([person], request)[0]
