"""Taking out everything that one has: asking for an archive, and fetching it."""

import time
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.api.pagination import answer_page
from backend.api.problems import plain_problem, read_only
from backend.api.ranges import asked_range, stream, until
from backend.api.requests import signed_in
from backend.api.schema import PAGE_PARAMETERS, page_of, problems
from backend.archive.exporting import ask_export, exports_of
from backend.archive.models import Export, State
from backend.archive.sending import stream_export
from backend.core.errors import RefusedError
from backend.core.grants import Grants

_grants = Grants(salt="backend.api.exports")
EXPORT_STATES = [State.QUEUED, State.RUNNING, State.READY, State.FAILED]


class ExportSerializer(serializers.ModelSerializer[Export]):
    status = serializers.ChoiceField(source="state", choices=EXPORT_STATES)
    left_out = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField()),
        help_text="Photos whose bytes are not in storage, or are not theirs any more.",
    )
    size = serializers.IntegerField(help_text="Bytes of the archive, once it is ready.")
    url = serializers.SerializerMethodField(
        help_text="Redirects to the archive, once it is ready; goes on by Range."
    )

    class Meta:
        model = Export
        fields = [
            "id",
            "status",
            "total",
            "done",
            "left_out",
            "size",
            "created_at",
            "ready_at",
            "expires_at",
            "url",
        ]

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_url(self, export: Export) -> str | None:
        if export.state != State.READY:
            return None
        path = reverse("export-archive", args=[export.id])
        return str(self.context["request"].build_absolute_uri(path))


def _render(request: Request, export: Export, *, status: int = 200) -> Response:
    return Response(ExportSerializer(export, context={"request": request}).data, status=status)


def _own_export(request: Request, export_id: UUID) -> Export:
    # Somebody else's export is not found, rather than forbidden.
    return get_object_or_404(exports_of(signed_in(request)), id=export_id)


class ExportsView(APIView):
    @extend_schema(
        operation_id="list_exports",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(ExportSerializer), **problems(401, 403, 404)},
    )
    def get(self, request: Request) -> Response:
        """List one's exports, the latest first. They are kept for a week."""
        return answer_page(request, exports_of(signed_in(request)), ExportSerializer)

    @extend_schema(
        operation_id="create_export",
        request=None,
        responses={202: ExportSerializer, **problems(401, 403, 409)},
    )
    def post(self, request: Request) -> Response:
        """Ask for an archive of everything one has; docs/archive.md says what is in it.

        It is prepared in the background: GET /exports/{id} tells how far it is. One that is under
        way already is answered again.
        """
        return _render(request, ask_export(signed_in(request)), status=202)


class ExportView(APIView):
    @extend_schema(
        operation_id="get_export", responses={200: ExportSerializer, **problems(401, 403, 404)}
    )
    def get(self, request: Request, export_id: UUID) -> Response:
        """How far an export is: `done` of `total` photos."""
        return _render(request, _own_export(request, export_id))

    @extend_schema(
        operation_id="delete_export",
        responses={204: OpenApiResponse(), **problems(401, 403, 404)},
    )
    def delete(self, request: Request, export_id: UUID) -> Response:
        """The export is gone, and what was prepared of it."""
        _own_export(request, export_id).delete()
        return Response(status=204)


class ExportArchiveView(APIView):
    @extend_schema(
        operation_id="get_export_archive",
        responses={
            302: OpenApiResponse(description="To the ZIP file, for an hour; it knows Range."),
            **problems(401, 403, 404, 409),
        },
    )
    def get(self, request: Request, export_id: UUID) -> HttpResponseBase:
        """Fetch the archive. A broken download goes on by Range, with the same ETag, for days."""
        export = _own_export(request, export_id)
        if export.state != State.READY:
            raise RefusedError("not_ready", status=409)
        grant = [str(export.id), int(time.time()) + settings.OBJECT_URL_SECONDS]
        return redirect(reverse("export-file", args=[_grants.sign_object(grant)]))


@read_only
async def serve_export(request: HttpRequest, grant: str) -> HttpResponseBase:
    """Stream the archive that a signed address grants. 404 for a bad or expired one."""
    return await sync_to_async(_serve)(request, grant)


def _serve(request: HttpRequest, grant: str) -> HttpResponseBase:
    export = _granted(grant)
    if export is None:
        return plain_problem("not_found", 404)
    # The bytes never change, so the id names them.
    etag = f'"{export.id.hex}"'
    headers: dict[str, Any] = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="shiguang-{export.created_at:%Y-%m-%d}.zip"',
    }
    try:
        part = asked_range(request, etag=etag, size=export.size)
    except RefusedError as error:
        past = {"Content-Range": f"bytes */{export.size}"}
        return plain_problem(error.code, error.status, headers=past)
    start, end = part or (0, export.size)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{export.size}"
    kind = {"status": 206 if part else 200, "content_type": "application/zip"}
    if request.method == "HEAD":
        return HttpResponse(headers=headers, **kind)
    pieces = until(stream_export(export, start=start), left=end - start)
    return StreamingHttpResponse(stream(pieces), headers=headers, **kind)


def _granted(grant: str) -> Export | None:
    try:
        export_id, expires = _grants.unsign_object(grant)
    except signing.BadSignature:
        return None
    owners = User.objects.filter(is_active=True)
    ready = Export.objects.filter(state=State.READY, owner__in=owners)
    return ready.filter(id=export_id).first() if expires >= time.time() else None
