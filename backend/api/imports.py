"""Bringing an archive in that an export gave: sending it, and watching it being taken in."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api.pagination import answer_page
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.archive.importing import (
    ImportTicket,
    begin_import,
    cancel_import,
    complete_import,
    imports_of,
    issue_ticket,
)
from backend.archive.models import Import, State

IMPORT_STATES = list(State)


class ImportPartSerializer(serializers.Serializer[Any]):
    """A PUT of `size` bytes from `offset` on to `url`."""

    number = serializers.IntegerField()
    url = serializers.CharField()
    offset = serializers.IntegerField()
    size = serializers.IntegerField()


class ImportUploadSerializer(serializers.Serializer[Any]):
    method = serializers.CharField()
    parts = ImportPartSerializer(many=True, help_text="Those that have not come yet.")


class ImportFailureSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="In the archive.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportSerializer(serializers.ModelSerializer[Import]):
    status = serializers.ChoiceField(source="state", choices=IMPORT_STATES)
    total = serializers.IntegerField(help_text="Photos and albums in the archive.")
    failures = ImportFailureSerializer(many=True, help_text="The first hundred.")

    class Meta:
        model = Import
        fields = [
            "id",
            "status",
            "size",
            "total",
            "done",
            "imported",
            "already_there",
            "failed",
            "failures",
            "code",
            "created_at",
            "finished_at",
        ]


class ImportTicketSerializer(ImportSerializer):
    upload = ImportUploadSerializer(
        allow_null=True, help_text="How to send what is missing; null once all has come."
    )

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "upload"]


class NewImportSerializer(serializers.Serializer[None]):
    size = serializers.IntegerField(min_value=1, max_value=2**62, help_text="Bytes of the archive.")


def _render(ticket: ImportTicket, *, status: int = 200) -> Response:
    document = ImportSerializer(ticket.run).data | {"upload": None}
    if ticket.upload is not None:
        upload = {"method": ticket.upload.method, "parts": ticket.upload.parts}
        document["upload"] = upload
    # The addresses let whoever has them send.
    return Response(document, status=status, headers={"Cache-Control": "no-store"})


def _own_import(request: Request, import_id: UUID) -> Import:
    return get_object_or_404(imports_of(signed_in(request)), id=import_id)


class ImportsView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="list_imports",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ImportSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """List one's imports, the latest first."""
        return answer_page(request, imports_of(signed_in(request)), ImportSerializer)

    @extend_schema(
        operation_id="create_import",
        request=NewImportSerializer,
        responses={201: ImportTicketSerializer, **problems(400, 401, 403, 409, 413, 503)},
    )
    def post(self, request: Request) -> Response:
        """Ask for leave to send an archive, in parts that can each be repeated.

        Asked for again before all parts have come, it answers with those that are missing.
        """
        given = NewImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return _render(begin_import(signed_in(request), **given.validated_data), status=201)


class ImportView(APIView):
    @extend_schema(
        operation_id="get_import",
        responses={200: ImportTicketSerializer, **problems(401, 403, 404, 503)},
    )
    def get(self, request: Request, import_id: UUID) -> Response:
        """How far an import is; while the archive is being sent, which parts are missing."""
        return _render(issue_ticket(_own_import(request, import_id)))

    @extend_schema(
        operation_id="cancel_import",
        responses={204: OpenApiResponse(), **problems(401, 403, 404, 503)},
    )
    def delete(self, request: Request, import_id: UUID) -> Response:
        """The import goes no further. Photos that are in the library by now stay."""
        cancel_import(_own_import(request, import_id))
        return Response(status=204)


class CompleteImportView(APIView):
    repeats_safely = True

    @extend_schema(
        operation_id="complete_import",
        request=None,
        responses={202: ImportSerializer, **problems(401, 403, 404, 409, 503)},
    )
    def post(self, request: Request, import_id: UUID) -> Response:
        """All parts are there: take the archive in, in the background."""
        run = complete_import(_own_import(request, import_id))
        return Response(ImportSerializer(run).data, status=202)
