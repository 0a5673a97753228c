"""Adding photos: the page, and what its script asks for.

The bytes go straight from the browser to object storage; the script only fetches the signed form
here, tells when it has been sent, and asks what was found.
"""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from admin.ownership import ModelAdmin
from admin.photo_page import signed_in
from admin.templatetags.backoffice import label_words
from admin.words import say, say_value
from backend.analysis.models import Analysis, Label, TextLine
from backend.analysis.services import receive_upload
from backend.api import photos
from backend.api.field_sentences import say_failure
from backend.api.objects import object_url
from backend.api.policy import visible_to
from backend.api.problems import problem
from backend.core.errors import RefusedError, StorageError
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from functions.contract import UPLOAD_CONTENT_TYPES, Kind

_MAX_STATES = 100  # photos asked about at once; the script asks in turns
_MAX_BODY = 10_000  # characters of a ticket's request
_SHOWN_LABELS = 4
_SHOWN_LINES = 3

# What a browser's script says; {0} and {1} are filled in there.
_SENTENCES = {
    "waiting": "Waiting",
    "reading": "Reading the file",
    "sending": "Sending",
    "stored": "Stored, looking at it",
    "ready": "Ready",
    "duplicate": "Already in the library, not saved twice",
    "failed": "Failed",
    "too_large": "The file is larger than {0}.",
    "empty": "The file is empty.",
    "unsupported": "This is no photo of a kind that can be added.",
    "unreadable": "The browser could not read the file. Choose it again.",
    "signed_out": "You are signed out. Reload the page and sign in again.",
    "server_away": "The server does not answer. Try again.",
    "storage_away": "Object storage cannot be reached from this browser. Try again.",
    "storage_refused": "Object storage refused the file ({0}).",
    "not_arrived": "The file has not arrived in storage. Try again.",
    "try_again": "Try again",
    "steps": "{0} of {1} analyses done",
    "summary": "{0} of {1} ready",
    "summary_failed": "{0} of {1} ready, {2} failed",
    "slow": "Still waiting for the functions worker. The photo is safe.",
}


def render_page(model_admin: ModelAdmin[Photo], request: HttpRequest) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": say("Add photos"),
        "opts": model_admin.opts,
        "settings": {
            "ticket_url": reverse("admin:photos_photo_ticket"),
            "states_url": reverse("admin:photos_photo_states"),
            "max_bytes": settings.MAX_UPLOAD_BYTES,
            "types": UPLOAD_CONTENT_TYPES,
            "max_states": _MAX_STATES,
            "sentences": {name: str(say(english)) for name, english in _SENTENCES.items()},
        },
    }
    return TemplateResponse(request, "backoffice/add_photos.html", context)


@require_POST
def issue_ticket(request: HttpRequest) -> JsonResponse:
    """Leave to upload one photo as the signed-in user; what is wrong, in words, otherwise."""
    try:
        ticket = photos.issue_ticket(signed_in(request), _read_json(request))
    except RefusedError as error:
        values = {name: value for name, value in error.values.items() if name != "errors"}
        return _refuse(error.code, error.status, values)
    except StorageError:
        return _refuse("unavailable", 503)
    answer: dict[str, Any] = {"id": str(ticket.photo.id), "duplicate": ticket.upload is None}
    if ticket.upload is not None:
        answer["upload"] = {"url": ticket.upload.url, "fields": ticket.upload.fields}
        answer["complete_url"] = reverse("admin:photos_photo_complete", args=[ticket.photo.id])
    return JsonResponse(answer)


@require_POST
def complete(request: HttpRequest, photo_id: UUID) -> JsonResponse:
    """The photo's bytes are said to be in storage: if they are, the work on them begins."""
    photo = _photos(request).filter(id=photo_id).first()
    if photo is None:
        raise Http404
    try:
        arrived = receive_upload(photo)
    except StorageError:
        return _refuse("unavailable", 503)
    return JsonResponse({"id": str(photo_id)}) if arrived else _refuse("not_uploaded", 409)


@require_GET
def tell_states(request: HttpRequest) -> JsonResponse:
    """What has become of the photos `ids`, and what was found in them."""
    ids = [_read_uuid(text) for text in request.GET.get("ids", "").split(",")[:_MAX_STATES]]
    photos = _with_findings(_photos(request).filter(id__in=[each for each in ids if each]))
    return JsonResponse({"photos": [_describe(photo) for photo in photos]})


def _photos(request: HttpRequest) -> QuerySet[Photo]:
    return visible_to(request.user, Photo.objects.all(), owner="owner")


def _with_findings(photos: QuerySet[Photo]) -> QuerySet[Photo]:
    labels = Label.objects.filter(analysis__model=active_model(Kind.LABELS))
    lines = TextLine.objects.filter(analysis__model=active_model(Kind.TEXT))
    return photos.annotate(
        face_count=Count("faces", filter=Q(faces__model=active_model(Kind.FACES)), distinct=True)
    ).prefetch_related(
        Prefetch("analyses", Analysis.objects.filter(shadow=False)),
        *(Prefetch("labels", labels), Prefetch("text_lines", lines)),
    )


def _describe(photo: Any) -> dict[str, Any]:
    analyses = list(photo.analyses.all())
    failed = [each for each in analyses if each.state == Analysis.State.FAILED]
    # Where inspection failed the others failed for that alone.
    reasons = [each for each in failed if each.kind == Kind.INSPECTION] or failed
    done = [each for each in analyses if each.state == Analysis.State.DONE]
    lines = list(photo.text_lines.all())
    found = [
        (
            say("Labels"),
            ", ".join(label_words(each)[0] for each in photo.labels.all()[:_SHOWN_LABELS]),
        ),
        (say("Text"), " / ".join(line.text for line in lines[:_SHOWN_LINES])),
        (say("Faces"), str(photo.face_count) if photo.face_count else ""),
        (say("Place"), ", ".join(part for part in (photo.city, photo.country) if part)),
    ]
    return {
        "id": str(photo.id),
        "status": photo.status,
        "state": str(say_value(photo.status)),
        "done": len(done) + len(failed),
        "all": len(analyses),
        "thumbnail": object_url(photo, "thumbnail"),
        "page": reverse("admin:photos_photo_change", args=[photo.id]),
        "found": [[str(name), text] for name, text in found if text],
        "failures": [
            f"{say_value(each.kind)}: {say_failure(each.code, each.detail)} ({each.code})"
            for each in reasons
        ],
    }


def _read_json(request: HttpRequest) -> object:
    try:
        return json.loads(request.body[:_MAX_BODY])
    except (ValueError, RecursionError) as error:
        raise RefusedError("bad_json") from error


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _refuse(code: str, status: int, values: dict[str, object] | None = None) -> JsonResponse:
    return JsonResponse(problem(code, status, values=values), status=status)
