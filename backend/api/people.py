"""People: listing, naming, merging, splitting, asking, erasing; and whose face is whose."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api.pagination import PeoplePages, answer_page
from backend.api.people_schema import (
    ErasureSerializer,
    PersonFaceSerializer,
    PersonSerializer,
    ProposalSerializer,
    RegroupingSerializer,
    SuggestionSerializer,
    SuggestionsSerializer,
    people_context,
    render_people,
    render_person,
)
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.core.errors import RefusedError
from backend.people import services
from backend.people.groups import find_two_groups
from backend.people.models import Erasure, Face, Person
from backend.people.proposing import Suggestion, proposals_of, suggest
from backend.people.selectors import (
    faces_of,
    find_person,
    people_seen,
    regroupings_of,
    waiting_faces,
)
from backend.photos.filters import read_bool
from backend.registry.selectors import active_model
from functions.contract import Kind

MOST_FACES = 10_000  # of one split, chosen by hand
_SHOWN_OF_GROUP = 12
_MOST_PROPOSALS = 100
_FACE_PAGE = page_of(PersonFaceSerializer)


def own_person(request: Request, person_id: UUID) -> Person:
    """Who the person is now, if they were merged into another. Raises Http404."""
    # Somebody else's person is not found, rather than forbidden.
    if person := find_person(signed_in(request), person_id):
        return person
    raise Http404


def own_person_to_change(request: Request, person_id: UUID) -> Person:
    """Raises Http404, and RefusedError person_merged: it may be meant for one of the two."""
    return _as_named(own_person(request, person_id), person_id)


def named_person(request: Request, person_id: UUID) -> Person:
    """A person whom the request's body names. Raises unknown_person, person_merged."""
    person = find_person(signed_in(request), person_id)
    if person is None:
        raise RefusedError("unknown_person", status=404)
    return _as_named(person, person_id)


def _as_named(person: Person, person_id: UUID) -> Person:
    if person.id != person_id:
        raise RefusedError("person_merged", status=409, person=person.id)
    return person


def own_face(request: Request, face_id: UUID) -> Face:
    return get_object_or_404(faces_of(signed_in(request)), id=face_id)


def render_face(request: Request, face: Face) -> Any:
    face = faces_of(signed_in(request)).get(id=face.id)
    return PersonFaceSerializer(face, context={"request": request}).data


class PeopleView(APIView):
    @extend_schema(
        operation_id="list_people",
        parameters=[
            OpenApiParameter("named", bool, description="Only those with, or without a name."),
            OpenApiParameter("hidden", bool, description="The hidden ones instead."),
            *PAGE_PARAMETERS,
        ],
        responses={200: page_of(PersonSerializer), **problems(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        """List the people in one's photos, those with most faces first.

        Two photos of a face make a person. Faces that were seen once wait (GET /faces) until
        somebody says who they are: POST /faces/{id}/assign {name}.
        """
        people = people_seen(signed_in(request), model=active_model(Kind.FACES)).filter(
            hidden=bool(read_bool(request.query_params, "hidden"))
        )
        named = read_bool(request.query_params, "named")
        if named is not None:
            people = people.exclude(name="") if named else people.filter(name="")
        pages = PeoplePages()
        page = pages.paginate_queryset(people, request, view=self) or []
        return pages.get_paginated_response(render_people(page, request))


class WaitingFacesView(APIView):
    @extend_schema(
        operation_id="list_waiting_faces",
        parameters=PAGE_PARAMETERS,
        responses={200: _FACE_PAGE, **problems(401, 404)},
    )
    def get(self, request: Request) -> Response:
        """List the faces in one's photos that are nobody's yet, those found last first.

        POST /faces/{id}/assign {name} says who one is; faces like it may follow.
        """
        faces = waiting_faces(model=active_model(Kind.FACES)).filter(owner=signed_in(request))
        return answer_page(request, faces, PersonFaceSerializer)


class PersonChangesSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    hidden = serializers.BooleanField(required=False)
    cover_face = serializers.UUIDField(
        allow_null=True, required=False, help_text="A face of theirs; null: the album chooses."
    )


class PersonView(APIView):
    @extend_schema(
        operation_id="get_person", responses={200: PersonSerializer, **problems(401, 404)}
    )
    def get(self, request: Request, person_id: UUID) -> Response:
        """One person. Who was merged into another is found as that one, until it is undone.

        The same holds wherever one reads (`person=` of photos, search, albums); what would change
        somebody who was merged is refused (person_merged).
        """
        return Response(render_person(own_person(request, person_id), request))

    @extend_schema(
        operation_id="update_person",
        request=PersonChangesSerializer,
        responses={200: PersonSerializer, **problems(400, 401, 404, 409)},
    )
    def patch(self, request: Request, person_id: UUID) -> Response:
        """Name or hide a person, or choose the face that stands for them."""
        person = own_person_to_change(request, person_id)
        given = PersonChangesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changes = given.validated_data
        if "cover_face" in changes:
            services.choose_cover(person, changes["cover_face"])
        if "name" in changes:
            services.name_person(person, changes["name"])
        if "hidden" in changes:
            services.hide_person(person, hidden=changes["hidden"])
        return Response(render_person(person, request))


class FacesView(APIView):
    @extend_schema(
        operation_id="list_person_faces",
        parameters=PAGE_PARAMETERS,
        responses={200: _FACE_PAGE, **problems(401, 404)},
    )
    def get(self, request: Request, person_id: UUID) -> Response:
        """List a person's faces, those found last first."""
        person = own_person(request, person_id)
        faces = faces_of(signed_in(request)).filter(
            person=person, model=active_model(Kind.FACES), photo__trashed_at__isnull=True
        )
        return answer_page(request, faces, PersonFaceSerializer)


class IntoSerializer(serializers.Serializer[None]):
    into = serializers.UUIDField(help_text="The person who stays.")


class MergedSerializer(serializers.Serializer[None]):
    merge_id = serializers.UUIDField()
    person = PersonSerializer()


class MergeView(APIView):
    @extend_schema(
        operation_id="merge_people",
        request=IntoSerializer,
        responses={200: MergedSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, person_id: UUID) -> Response:
        """Make two people one. POST /merges/{merge_id}/undo takes it back."""
        person = own_person_to_change(request, person_id)
        given = IntoSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        into = named_person(request, given.validated_data["into"])
        made = services.merge_people(person, into, made_by=signed_in(request))
        into = own_person(request, into.id)
        return Response({"merge_id": made.id, "person": render_person(into, request)})


class FacesToSplitSerializer(serializers.Serializer[None]):
    faces = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=MOST_FACES,
        help_text="Those who are somebody else; without it, the smaller of the suggested groups.",
    )
    name = serializers.CharField(max_length=100, allow_blank=True, default="")


class SplitSerializer(serializers.Serializer[None]):
    split_id = serializers.UUIDField()
    person = PersonSerializer(help_text="The new one.")


class SplitView(APIView):
    @extend_schema(
        operation_id="split_person",
        request=FacesToSplitSerializer,
        responses={201: SplitSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, person_id: UUID) -> Response:
        """Make one person two. POST /splits/{split_id}/undo takes it back."""
        person = own_person_to_change(request, person_id)
        given = FacesToSplitSerializer(data=request.data or {})
        given.is_valid(raise_exception=True)
        faces = given.validated_data.get("faces")
        if faces is None:
            groups = find_two_groups(person, model=active_model(Kind.FACES), every=True)
            faces = groups.second if groups else []
        made = services.split_person(
            person, faces, made_by=signed_in(request), name=given.validated_data["name"]
        )
        person = own_person(request, made.target_id)
        return Response({"split_id": made.id, "person": render_person(person, request)}, status=201)


class SuggestionsView(APIView):
    @extend_schema(
        operation_id="suggest_for_person",
        responses={200: SuggestionsSerializer, **problems(401, 404)},
    )
    def get(self, request: Request, person_id: UUID) -> Response:
        """Questions about a person, those first whose answers put most faces in their place."""
        found = suggest(own_person(request, person_id), model=active_model(Kind.FACES))
        context = people_context([one.person for one in found if one.person], request)
        rows = _rows_of(request, found)
        return Response({"results": SuggestionSerializer(rows, many=True, context=context).data})


def _rows_of(request: Request, found: list[Suggestion]) -> list[dict[str, Any]]:
    """The suggestions with their faces, read in one query."""
    wanted = {one.face_id for one in found if one.face_id}
    for one in found:
        if one.groups:
            wanted |= {*one.groups.first[:_SHOWN_OF_GROUP], *one.groups.second[:_SHOWN_OF_GROUP]}
    faces = faces_of(signed_in(request)).in_bulk(wanted)

    def group(ids: list[UUID]) -> dict[str, Any]:
        shown = [faces[id_] for id_ in ids[:_SHOWN_OF_GROUP] if id_ in faces]
        return {"count": len(ids), "faces": shown}

    return [
        {
            "kind": one.kind,
            "settles": one.settles,
            "distance": one.distance,
            "person": one.person,
            "face": faces.get(one.face_id) if one.face_id else None,
            "groups": [group(one.groups.first), group(one.groups.second)] if one.groups else None,
        }
        for one in found
        if one.face_id is None or one.face_id in faces
    ]


class DeclineSerializer(serializers.Serializer[None]):
    person_id = serializers.UUIDField(required=False, help_text="They are not this one.")
    split = serializers.BooleanField(default=False, help_text="They are one, not two.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("person_id" in attrs) == attrs["split"]:
            raise serializers.ValidationError("Write person_id, or split: true.")
        return attrs


class DeclineView(APIView):
    @extend_schema(
        operation_id="decline_suggestion",
        request=DeclineSerializer,
        responses={200: PersonSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, person_id: UUID) -> Response:
        """Answer a suggestion with no: it is not made again."""
        person = own_person_to_change(request, person_id)
        given = DeclineSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if given.validated_data["split"]:
            services.decline_split(person)
        else:
            other = named_person(request, given.validated_data["person_id"])
            services.tell_apart(person, other)
        return Response(render_person(person, request))


class ProposalsSerializer(serializers.Serializer[None]):
    results = ProposalSerializer(many=True)


class ProposalsView(APIView):
    @extend_schema(
        operation_id="list_proposals", responses={200: ProposalsSerializer, **problems(401)}
    )
    def get(self, request: Request) -> Response:
        """What the nightly pass would ask about all one's people, what settles most first."""
        proposals = list(proposals_of(signed_in(request).id)[:_MOST_PROPOSALS])
        people = [one.person for one in proposals] + [one.other for one in proposals if one.other]
        context = people_context(people, request)
        return Response({"results": ProposalSerializer(proposals, many=True, context=context).data})


class BiometricsView(APIView):
    @extend_schema(
        operation_id="erase_biometrics",
        responses={200: ErasureSerializer, **problems(401, 404, 409)},
    )
    def delete(self, request: Request, person_id: UUID) -> Response:
        """Erase every vector and box of a person's faces, for good. The name stays.

        The answer is a record of what was removed; it is kept, and asked again it is the same.
        The faces do not come back when their photos are analysed again.
        """
        person = own_person_to_change(request, person_id)
        record = services.erase_person(person, erased_by=signed_in(request))
        return Response(ErasureSerializer(record).data)


class OwnBiometricsView(APIView):
    @extend_schema(
        operation_id="erase_own_biometrics", responses={200: ErasureSerializer, **problems(401)}
    )
    def delete(self, request: Request) -> Response:
        """Erase every vector and box of every face in one's photos, for good.

        To keep them from being looked for again, PATCH /me {"face_analysis": false} first.
        """
        user = signed_in(request)
        return Response(ErasureSerializer(services.erase_owner(user, erased_by=user)).data)


class ErasuresView(APIView):
    @extend_schema(
        operation_id="list_erasures",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ErasureSerializer), **problems(401, 404)},
    )
    def get(self, request: Request) -> Response:
        """List what was erased, the latest first."""
        records = Erasure.objects.filter(owner=signed_in(request))
        return answer_page(request, records, ErasureSerializer)


class AssignSerializer(serializers.Serializer[None]):
    """Who it is: a person, or a name (of somebody known or new); person_id null: nobody."""

    person_id = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(max_length=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Write person_id or name.")
        return attrs


class AssignView(APIView):
    @extend_schema(
        operation_id="assign_face",
        request=AssignSerializer,
        responses={200: PersonFaceSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, face_id: UUID) -> Response:
        """Say whose face this is. It stays when the photo is analysed again."""
        face = own_face(request, face_id)
        given = AssignSerializer(data={"person_id": None} if request.data is None else request.data)
        given.is_valid(raise_exception=True)
        answer = given.validated_data
        if "name" in answer:
            services.assign_face_to_name(face, answer["name"])
        elif answer["person_id"] is None:
            services.move_face(face, None)
        else:
            services.assign_face(face, named_person(request, answer["person_id"]))
        return Response(render_face(request, face))


class RejectSerializer(serializers.Serializer[None]):
    person_id = serializers.UUIDField(
        required=False, help_text="Who it is not; without it, the one it is with."
    )


class RejectView(APIView):
    @extend_schema(
        operation_id="reject_face",
        request=RejectSerializer,
        responses={200: PersonFaceSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request, face_id: UUID) -> Response:
        """Say that this face is not this person. It never goes back there by itself."""
        face = own_face(request, face_id)
        given = RejectSerializer(data=request.data or {})
        given.is_valid(raise_exception=True)
        person_id = given.validated_data.get("person_id")
        services.reject_face(face, named_person(request, person_id) if person_id else None)
        return Response(render_face(request, face))


class MergesView(APIView):
    @extend_schema(
        operation_id="list_merges",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(RegroupingSerializer), **problems(401, 404)},
    )
    def get(self, request: Request) -> Response:
        """List merges and splits, the latest first."""
        made = regroupings_of(signed_in(request)).select_related("source", "target")
        return answer_page(request, made, RegroupingSerializer)


class UndoView(APIView):
    @extend_schema(request=None, responses={200: RegroupingSerializer, **problems(401, 404, 409)})
    def post(self, request: Request, merge_id: UUID) -> Response:
        """Take a merge or a split back: everything is as it was, but for what was said since."""
        made = get_object_or_404(regroupings_of(signed_in(request)), id=merge_id)
        services.undo_regrouping(made, undone_by=signed_in(request))
        made = regroupings_of(signed_in(request)).get(id=merge_id)
        return Response(RegroupingSerializer(made).data)
